#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Everything that needs a CUDA device, on the one that is installed. The output is a log for docs/gpu/.
#
#   ./scripts/gpu-check.sh > docs/gpu/h100-r580.txt
#   ./scripts/gpu-check.sh --soft      the same on the software device, so that this script cannot rot
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
device=gpu
case ${1:-} in
  "") ;;
  --soft) device=soft ;;
  *) echo "usage: $0 [--soft]" >&2; exit 2 ;;
esac

./scripts/setup.sh >&2
./scripts/build.sh >&2
if [[ $device == gpu ]] && [[ $(cd scripts && python3 -c 'import digits; print(digits.choose_device("auto"))') == soft ]]; then
  echo "no GPU: no CUDA driver with a device answers here. --soft runs the same on the software device" >&2
  exit 1
fi

section() { printf '\n== %s\n' "$*"; }
status=0
run() { "$@" || { status=1; echo "FAILED: $*"; }; }

echo "NoNans $(git describe --always --dirty 2>/dev/null || echo "(not a git checkout)"), $(date -u +%Y-%m-%d)"
if [[ $device == soft ]]; then
  echo "device: the software device. This log says nothing about a GPU."
else
  nvidia-smi --query-gpu=name,driver_version,compute_cap,memory.total --format=csv || true
fi
uname -srm
section doctor
run build/default/bin/nonans doctor --device "$device"
section tests
# Tests that talk to a driver carry the label `device`; these variables say to which.
export NONANS_TEST_DEVICE=$device
[[ $device == soft ]] || export TEST_LIBCUDA=libcuda.so.1
run ctest --test-dir build/default -L device --output-on-failure --no-tests=error
section demo
run python3 scripts/demo.py --device "$device"
section result
if ((status == 0)); then echo "everything passed"; else echo "something failed"; fi
exit "$status"
