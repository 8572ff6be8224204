#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes generated/functions.inc from nvml.h: NVML_FUNCTION(name), every symbol a libnvidia-ml.so.1 exports.

    generate_api.py FOLDER-OF-NVML.H            # rewrite it
    generate_api.py FOLDER-OF-NVML.H --verify   # exit 1 if it is not what would be written

Without the macros that turn nvmlInit into nvmlInit_v2, nvml.h declares the old spellings too.
"""
import pathlib
import re
import subprocess
import sys

BANNER = ("// SPDX-License-Identifier: MIT\n"
          "// DO NOT EDIT. Written by softgpu/nvml/generate_api.py from the nvml.h of CUDA {version}.\n")


def main():
    include = sys.argv[1]
    text = subprocess.run(["g++", "-E", "-P", "-x", "c++", "-DNVML_NO_UNVERSIONED_FUNC_DEFS", f"-I{include}",
                           "-include", "nvml.h", "/dev/null"], text=True, check=True, capture_output=True).stdout
    names = sorted(set(re.findall(r"\b(nvml[A-Z]\w*)\s*\(", text)))
    version = re.search(r"#define NVML_API_VERSION\s+(\d+)", pathlib.Path(include, "nvml.h").read_text())[1]
    content = BANNER.format(version=version) + "".join(f"NVML_FUNCTION({n})\n" for n in names)
    path = pathlib.Path(__file__).parent / "generated/functions.inc"
    if "--verify" in sys.argv[2:]:
        sys.exit(f"stale: {path}; run softgpu/nvml/generate_api.py" if path.read_text() != content else 0)
    path.write_text(content)


if __name__ == "__main__":
    main()
