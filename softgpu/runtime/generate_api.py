#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes generated/*.inc from the public headers of CUDA 12 and of CUDA 13.

    generate_api.py MAJOR FOLDER...                 # rewrite generated/*_MAJOR.inc from the headers in these folders
    generate_api.py MAJOR FOLDER... --verify        # exit 1 if they are not what would be written
    generate_api.py MAJOR FOLDER... --library FILE  # and compare the names with those that a libcudart.so exports

functions_MAJOR.inc  SOFTGPU_FUNCTION(symbol): every symbol that libcudart.so.MAJOR exports.
errors_MAJOR.inc     SOFTGPU_ERROR(name, text): every cudaError, ascending.

cuda_runtime_api.h under __CUDA_API_VERSION_INTERNAL declares each symbol by its own spelling. What nvcc's code calls
is in crt/host_runtime.h, which includes nothing of use and is read as text. Some exported names are declared only in
headers that need those of other interfaces (OpenGL, EGL, VDPAU), or in none: they are listed here.
"""
import pathlib
import re
import subprocess
import sys

BANNER = ("// SPDX-License-Identifier: MIT\n"
          "// DO NOT EDIT. Written by softgpu/runtime/generate_api.py from the CUDA {version} headers.\n")

INTEROP = ["cuda_gl_interop.h", "cuda_egl_interop.h", "cuda_vdpau_interop.h"]

# Emitted by nvcc, exported for old programs, or declared in cuda_profiler_api.h, which comes in a package of its own.
UNDECLARED = ["__cudaGetKernel", "__cudaLaunchKernel", "__cudaLaunchKernel_ptsz", "__cudaPopCallConfiguration",
              "__cudaPushCallConfiguration", "__cudaRegisterHostVar", "__cudaRegisterUnifiedTable",
              "cudaProfilerStart", "cudaProfilerStop"]
UNDECLARED_13 = ["__cudaGetProcAddress"]

# Declared, but not exported: texture and surface references ended with CUDA 12, WGL is another system's.
REMOVED = ["__cudaRegisterTexture", "__cudaRegisterSurface", "cudaWGLGetDevice"]

# What programs are known to match on; the rest is made from the name.
TEXTS = {
    "cudaSuccess": "no error",
    "cudaErrorInvalidValue": "invalid argument",
    "cudaErrorMemoryAllocation": "out of memory",
    "cudaErrorInitializationError": "initialization error",
    "cudaErrorCudartUnloading": "driver shutting down",
    "cudaErrorInvalidConfiguration": "invalid configuration argument",
    "cudaErrorInvalidPitchValue": "invalid pitch argument",
    "cudaErrorInvalidSymbol": "invalid device symbol",
    "cudaErrorInvalidMemcpyDirection": "invalid copy direction for memcpy",
    "cudaErrorInsufficientDriver": "CUDA driver version is insufficient for CUDA runtime version",
    "cudaErrorMissingConfiguration": "__global__ function call is not configured",
    "cudaErrorInvalidDeviceFunction": "invalid device function",
    "cudaErrorNoDevice": "no CUDA-capable device is detected",
    "cudaErrorInvalidDevice": "invalid device ordinal",
    "cudaErrorDeviceUninitialized": "invalid device context",
    "cudaErrorNoKernelImageForDevice": "no kernel image is available for execution on the device",
    "cudaErrorInvalidPtx": "a PTX JIT compilation failed",
    "cudaErrorInvalidResourceHandle": "invalid resource handle",
    "cudaErrorSymbolNotFound": "named symbol not found",
    "cudaErrorNotReady": "device not ready",
    "cudaErrorIllegalAddress": "an illegal memory access was encountered",
    "cudaErrorLaunchOutOfResources": "too many resources requested for launch",
    "cudaErrorLaunchTimeout": "the launch timed out and was terminated",
    "cudaErrorPeerAccessAlreadyEnabled": "peer access is already enabled",
    "cudaErrorPeerAccessNotEnabled": "peer access has not been enabled",
    "cudaErrorAssert": "device-side assert triggered",
    "cudaErrorMisalignedAddress": "misaligned address",
    "cudaErrorLaunchFailure": "unspecified launch failure",
    "cudaErrorCooperativeLaunchTooLarge": "too many blocks in cooperative launch",
    "cudaErrorNotPermitted": "operation not permitted",
    "cudaErrorNotSupported": "operation not supported",
    "cudaErrorStreamCaptureUnsupported": "operation not permitted when stream is capturing",
    "cudaErrorStreamCaptureInvalidated": "operation failed due to a previous error during capture",
    "cudaErrorUnknown": "unknown error",
}


def read(folders, name):
    for folder in folders:
        path = pathlib.Path(folder, name)
        if path.exists():
            return re.sub(r"/\*.*?\*/", "", path.read_text(errors="replace"), flags=re.S)
    sys.exit(f"no {name} in {' '.join(folders)}")


def preprocess(folders, header):
    source = f"#define __CUDA_API_VERSION_INTERNAL\n#include <{header}>\n"
    return subprocess.run(["g++", "-E", "-P", "-x", "c++", *(f"-I{f}" for f in folders), "-"], input=source, text=True,
                          check=True, capture_output=True).stdout


def symbols_of(folders, major):
    # Declarations, not calls: what stands between a type and its parameters, outside of inline bodies.
    api = preprocess(folders, "cuda_runtime_api.h")
    names = set(re.findall(r"(?:cudaError_t|char\s*\*|cudaChannelFormatDesc)\s+(cuda[A-Z]\w*)\s*\(", api))
    for header in INTEROP:
        names |= set(re.findall(r"CUDARTAPI\s+(cuda[A-Z]\w*)\s*\(", read(folders, header)))
    names |= set(re.findall(r"CUDARTAPI\s+(__cuda\w+)\s*\(", read(folders, "crt/host_runtime.h")))
    names |= set(UNDECLARED + (UNDECLARED_13 if major == 13 else []))
    return sorted(names - set(REMOVED))


def words(name):
    """cudaErrorGraphExecUpdateFailure -> graph exec update failure"""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name.removeprefix("cudaError")).lower()


def errors_of(folders):
    body = re.search(r"enum __device_builtin__ cudaError\s*\{(.*?)\};", read(folders, "driver_types.h"), re.S)[1]
    values = [(int(v), n) for n, v in re.findall(r"\b(cuda\w+)\s*=\s*(\d+)", body)]
    return [(n, TEXTS.get(n, words(n))) for _, n in sorted(values)]


def exported(library):
    lines = subprocess.run(["nm", "-D", "--defined-only", library], text=True, check=True,
                           capture_output=True).stdout.splitlines()
    names = (line.split()[-1].split("@")[0] for line in lines if line.split()[-2] in "TW")
    return sorted(name for name in names if re.match(r"(__)?cuda", name))


def compare(symbols, library):
    ours, theirs = set(symbols), set(exported(library))
    for what, names in (("missing", theirs - ours), ("not exported there", ours - theirs)):
        if names:
            print(f"{what}: {' '.join(sorted(names))}")
    return ours == theirs


def main():
    arguments = sys.argv[1:]
    library = None
    if "--library" in arguments:
        at = arguments.index("--library")
        library = arguments[at + 1]
        del arguments[at:at + 2]
    verify = "--verify" in arguments
    major, *folders = (a for a in arguments if a != "--verify")
    major = int(major)
    version = int(re.search(r"#define CUDART_VERSION\s+(\d+)", read(folders, "cuda_runtime_api.h"))[1])
    if version // 1000 != major:
        sys.exit(f"the headers are those of CUDA {version // 1000}, not {major}")
    banner = BANNER.format(version=f"{version // 1000}.{version % 1000 // 10}")
    symbols = symbols_of(folders, major)
    files = {
        f"functions_{major}.inc": "".join(f"SOFTGPU_FUNCTION({s})\n" for s in symbols),
        f"errors_{major}.inc": "".join(f'SOFTGPU_ERROR({n}, "{t}")\n' for n, t in errors_of(folders)),
    }
    folder = pathlib.Path(__file__).parent / "generated"
    stale = [n for n, t in files.items() if not (folder / n).exists() or (folder / n).read_text() != banner + t]
    if verify and stale:
        sys.exit(f"stale: {' '.join(stale)}; run softgpu/runtime/generate_api.py")
    if not verify:
        for name, content in files.items():
            (folder / name).write_text(banner + content)
    if library and not compare(symbols, library):
        sys.exit(1)


if __name__ == "__main__":
    main()
