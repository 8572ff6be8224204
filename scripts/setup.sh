#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fetches what building and the demo need, and nothing that is already there. Run it as often as you like: when nothing
# is to be done it says nothing and takes a few milliseconds.
#
#   ./scripts/setup.sh            --force: look at everything again; --fuzz: clang too, for scripts/fuzz.sh
#                                 --programs: what the programs of tests/programs and examples/ need
#
# From apt:   compiler, build tools, libraries (needs root or sudo; without either it names what is missing and stops)
# From PyPI:  into build/toolchain, a Python virtual environment:
#               the CUDA 12.4 ptxas and NVRTC, for the device images that older drivers load
#               the CUDA 12.9 runtime headers, for the software device's libcudart.so.12
#               the CUDA 13.0 compiler, headers, CUPTI and NVTX headers, only where no nvcc >= 13 is installed
#               nvml.h, for the software device's libnvidia-ml
#             into build/data: the handwritten digits of the demo, out of the scikit-learn wheel
#             into build/programs, with --programs: the packages of scripts/requirements-programs.txt
# Nothing is installed outside apt and the build folder. NVIDIA's packages come under NVIDIA's licence.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

apt_packages=(g++ cmake ninja-build pkg-config python3 python3-venv libspdlog-dev libfmt-dev catch2 libelf-dev
  libcli11-dev nlohmann-json3-dev libzstd-dev liblz4-dev zlib1g-dev libbenchmark-dev)
cuda12_wheels=(nvidia-cuda-nvcc-cu12==12.4.131 nvidia-cuda-nvrtc-cu12==12.4.127 nvidia-cuda-runtime-cu12==12.9.79
  nvidia-cuda-profiler-api-cu12==12.9.79)
cuda13_wheels=(nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-cccl==13.0.85
  nvidia-cuda-runtime==13.0.96 nvidia-cuda-profiler-api==13.0.85 nvidia-cuda-cupti==13.0.85 nvidia-nvtx==13.0.85)
nvml_wheel=nvidia-nvml-dev==13.0.87
digits_wheel=scikit-learn==1.5.2
digits_sha256=6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8

toolchain=build/toolchain
digits=build/data/digits.csv
stamp=build/data/.setup-done
# clang and its runtime libraries, for scripts/fuzz.sh only (--fuzz).
fuzz_packages=(clang libclang-rt-dev)
# For --programs: tinygrad's CPU device, which results are compared with, compiles by calling clang.
programs_packages=(clang)
programs=build/programs
requirements=scripts/requirements-programs.txt

say() { echo "setup: $*"; }
stop() { echo "setup: $*" >&2; exit 1; }

wheel_nvcc() { compgen -G "$toolchain/lib/python*/site-packages/nvidia/cu13/bin/nvcc" | head -n 1 || true; }

# An nvcc of CUDA 13 or later that was not fetched by us: its path, or nothing.
system_nvcc() {
  local nvcc version
  for nvcc in "$(command -v nvcc || true)" "${CUDA_HOME:-/nonexistent}/bin/nvcc" /usr/local/cuda/bin/nvcc; do
    [[ -x $nvcc ]] || continue
    version=$("$nvcc" --version 2>/dev/null | sed -n 's/.*release \([0-9]*\)\..*/\1/p')
    if ((${version:-0} >= 13)); then
      echo "$nvcc"
      return
    fi
  done
}

# The state in which there is nothing to do: this very script has run to its end, and its results are still there.
fingerprint() {
  sha256sum "${BASH_SOURCE[0]}" | cut -d ' ' -f 1
}
can_fuzz() {
  ! $with_fuzz || { command -v clang++ && compgen -G "$(clang++ -print-resource-dir)/lib/*/libclang_rt.fuzzer*"; } >/dev/null
}
is_done() {
  [[ -f $stamp && $(<"$stamp") == "$(fingerprint)" && -x $toolchain/bin/python && -s $digits ]] || return 1
  compgen -G "$toolchain/lib/python*/site-packages/nvidia/cuda_nvcc/bin/ptxas" >/dev/null || return 1
  compgen -G "$toolchain/lib/python*/site-packages/nvidia/cu13/include/nvml.h" >/dev/null || return 1
  compgen -G "$toolchain/lib/python*/site-packages/nvidia/cuda_runtime/include/cuda_runtime_api.h" >/dev/null || return 1
  [[ -n $(wheel_nvcc) || -x $(command -v nvcc || echo /usr/local/cuda/bin/nvcc) || -n ${CUDA_HOME:-} ]]
}

# Of the programs' packages: which ones were asked for, by which script.
programs_fingerprint() { cat "${BASH_SOURCE[0]}" "$requirements" | sha256sum | cut -d ' ' -f 1; }
has_programs() {
  ! $with_programs || [[ -f $programs/.setup-done && $(<"$programs/.setup-done") == "$(programs_fingerprint)" &&
    -x $programs/bin/python && -x $(command -v clang) ]]
}

install_apt_packages() {
  command -v dpkg-query >/dev/null ||
    stop "this is not Debian or Ubuntu. Install the equivalents of: ${apt_packages[*]}; then run the rest with --no-apt"
  local missing=() package
  for package in "${apt_packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || stop "missing, and neither root nor sudo to install them: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || stop "apt-get update failed; missing: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >/dev/null || stop "apt-get install failed; missing: ${missing[*]}"
}

check_versions() {
  local cmake_version
  cmake_version=$(cmake --version | sed -n '1s/cmake version //p')
  [[ $(printf '%s\n' 3.25 "$cmake_version" | sort -V | head -n 1) == 3.25 ]] ||
    stop "cmake $cmake_version is too old: 3.25 or later is needed (Debian 12, Ubuntu 24.04, or pip install cmake)"
}

pip() { "$toolchain/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }

# Installs those of the given wheels that are not there in exactly that version.
install_wheels() {
  local wanted=() wheel folder
  for wheel in "$@"; do
    folder=${wheel/==/-}
    folder=${folder%-*}
    compgen -G "$toolchain/lib/python*/site-packages/${folder//-/_}-${wheel#*==}.dist-info" >/dev/null ||
      wanted+=("$wheel")
  done
  ((${#wanted[@]})) || return 0
  say "fetching ${wanted[*]}"
  pip install --no-deps "${wanted[@]}" || stop "pip could not fetch ${wanted[*]}"
}

install_toolchain() {
  if [[ ! -x $toolchain/bin/python ]]; then
    mkdir -p build
    python3 -m venv "$toolchain"
  fi
  install_wheels "${cuda12_wheels[@]}" "$nvml_wheel"
  if [[ -z $(system_nvcc) ]]; then
    install_wheels "${cuda13_wheels[@]}"
    check_wheel_nvcc
  fi
}

# The wheels are made for Python programs; that nvcc works from there, alone on PATH, is worth a look.
check_wheel_nvcc() {
  local nvcc scratch
  nvcc=$(wheel_nvcc)
  [[ -n $nvcc ]] || stop "the CUDA 13 wheels hold no nvcc"
  # nvcc looks for its libraries in lib64, the wheels have lib.
  [[ -e ${nvcc%/bin/nvcc}/lib64 ]] || ln -s lib "${nvcc%/bin/nvcc}/lib64"
  chmod a+x "${nvcc%/nvcc}"/* "${nvcc%/bin/nvcc}"/nvvm/bin/*
  scratch=$(mktemp -d)
  echo '__global__ void k(float* p) { *p = 1; }' >"$scratch/k.cu"
  "$nvcc" -fatbin -arch=sm_90 -o "$scratch/k.fatbin" "$scratch/k.cu" >"$scratch/log" 2>&1 ||
    stop "the fetched nvcc does not compile: $(<"$scratch/log")"
  rm -r "$scratch"
}

install_programs() {
  rm -f "$programs/.setup-done"
  [[ -x $programs/bin/python ]] || python3 -m venv "$programs"
  say "fetching $(grep -c == "$requirements") packages for $programs"
  "$programs/bin/python" -m pip --quiet --disable-pip-version-check install --no-deps -r "$requirements" ||
    stop "pip could not fetch the packages of $requirements"
  point_to_nvrtc
  programs_fingerprint >"$programs/.setup-done"
}

# tinygrad looks for NVRTC and its headers in an installed toolkit only; a .pth file runs when Python starts, and says
# where the ones of this environment are, unless the caller has said so.
point_to_nvrtc() {
  local packages
  packages=$("$programs/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  [[ -f $packages/nvidia/cu13/lib/libnvrtc.so.13 && -f $packages/nvidia/cu13/include/cuda_fp16.h ]] ||
    stop "the NVRTC wheels are not laid out as expected: no nvidia/cu13/lib/libnvrtc.so.13 or include/cuda_fp16.h"
  cat >"$packages/nvrtc_of_this_environment.pth" <<'PTH'
import os, sysconfig; cuda = sysconfig.get_path("purelib") + "/nvidia/cu13"; os.environ.setdefault("NVRTC_PATH", cuda + "/lib/libnvrtc.so.13"); os.environ.setdefault("CUDA_PATH", cuda)
PTH
}

# 1,797 images of 8 x 8 pixels. Only data is taken from the wheel; scikit-learn is not installed.
fetch_digits() {
  [[ ! -s $digits ]] || return 0
  say "fetching the UCI handwritten digits ($digits_wheel)"
  mkdir -p build/data
  local scratch
  scratch=$(mktemp -d)
  pip download --no-deps --only-binary :all: --python-version 3.11 --dest "$scratch" "$digits_wheel" ||
    stop "pip could not fetch $digits_wheel"
  "$toolchain/bin/python" - "$scratch"/*.whl "$scratch" <<'PYTHON'
import gzip, pathlib, sys, zipfile
wheel, out = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
(out / "digits.csv").write_bytes(gzip.decompress(wheel.read("sklearn/datasets/data/digits.csv.gz")))
(out / "digits.rst").write_bytes(wheel.read("sklearn/datasets/descr/digits.rst"))
PYTHON
  echo "$digits_sha256  $scratch/digits.csv" | sha256sum --quiet --check ||
    stop "the digits in $digits_wheel are not the ones this was written for"
  cat >build/data/LICENCE.txt <<'LICENCE'
digits.csv: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, 1998, UCI Machine Learning Repository,
https://doi.org/10.24432/C50P49, licensed under Creative Commons Attribution 4.0 International (CC BY 4.0).
This is the repository's test set as scikit-learn distributes it; digits.rst is scikit-learn's description.
LICENCE
  mv "$scratch/digits.rst" build/data/
  mv "$scratch/digits.csv" "$digits"
  rm -r "$scratch"
}

with_apt=true with_fuzz=false with_programs=false
for argument in "$@"; do
  case $argument in
    --force) rm -f "$stamp" "$programs/.setup-done" ;;
    --no-apt) with_apt=false ;;
    --fuzz) with_fuzz=true ;;
    --programs) with_programs=true ;;
    *) stop "unknown argument $argument; known: --force, --no-apt, --fuzz, --programs" ;;
  esac
done

is_done && can_fuzz && has_programs && exit 0
can_fuzz || apt_packages+=("${fuzz_packages[@]}")
! $with_programs || apt_packages+=("${programs_packages[@]}")
! $with_apt || install_apt_packages
check_versions
install_toolchain
fetch_digits
fingerprint >"$stamp"
has_programs || install_programs
