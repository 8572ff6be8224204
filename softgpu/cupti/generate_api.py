#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes generated/*.inc from CUPTI's headers and the names that NVIDIA's library exports.

    generate_api.py /usr/local/cuda/include [/usr/local/cuda/lib64/libcupti.so.13]

functions.inc         SOFTGPU_FUNCTION(name): every function that libcupti.so.13 of CUDA 13.0 exports. Not all of them
                      are in headers, so the list is read from the library; without one it stays as it is.
driver_callbacks.inc  SOFTGPU_CALLBACK(id, "name"): the driver functions, by callback id.
results.inc           SOFTGPU_RESULT(name, "text"): every CUptiResult.
"""
import pathlib
import re
import subprocess
import sys

BANNER = ("// SPDX-License-Identifier: MIT\n"
          "// DO NOT EDIT. Written by softgpu/cupti/generate_api.py from the CUPTI headers of CUDA 13.0.\n")


def exported_by(library):
    listed = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    return sorted(re.findall(r" T (\w+)@@", listed))


def main():
    include = pathlib.Path(sys.argv[1])
    callbacks = re.findall(r"CUPTI_DRIVER_TRACE_CBID_(cu\w+)\s*=\s*(\d+)", (include / "cupti_driver_cbid.h").read_text())
    results = re.findall(r"^ *(CUPTI_(?:SUCCESS|ERROR_\w+))\s*=\s*\d+,", (include / "cupti_result.h").read_text(), re.M)
    text = {name: name.replace("CUPTI_ERROR_", "").replace("CUPTI_SUCCESS", "no error").lower().replace("_", " ")
            for name in results}
    files = {
        "driver_callbacks.inc": "".join(f'SOFTGPU_CALLBACK({i}, "{name}")\n' for name, i in callbacks),
        "results.inc": "".join(f'SOFTGPU_RESULT({name}, "{text[name]}")\n' for name in results),
    }
    if len(sys.argv) > 2:
        files["functions.inc"] = "".join(f"SOFTGPU_FUNCTION({name})\n" for name in exported_by(sys.argv[2]))
    folder = pathlib.Path(__file__).parent / "generated"
    for name, content in files.items():
        (folder / name).write_text(BANNER + content)


if __name__ == "__main__":
    main()
