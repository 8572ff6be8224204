#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Holds the software device against the PTX ISA. Every form that tests/conformance/isa/*.txt names, written down from
# the ISA, has a test whose expected bytes are computed in exact arithmetic by tests/conformance/*.py; this generates
# them, runs them through libcuda.so.1, and prints what is implemented, tested and passed. In the last line
#   implemented  forms of the ISA that the device's instruction table has, stages A to C
#   tested       those of them that at least one test exercises
#   passed       those of them whose tests all passed
#
#   ./scripts/conformance.sh [--only REGEX] [--legal]
#
# --legal also compiles every test with ptxas, which decides what is legal PTX (some minutes).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
only=
ptxas=()
while (($#)); do
  case $1 in
    --only) only=${2:?--only needs an expression}; shift 2 ;;
    --legal) ptxas=(--ptxas "$(cmake -L -N build/default 2>/dev/null | sed -n 's/^NONANS_NVCC:[A-Z]*=\(.*\)nvcc$/\1ptxas/p')"); shift ;;
    *) echo "usage: $0 [--only REGEX] [--legal]"; exit 2 ;;
  esac
done
./scripts/build.sh conformance_runner conformance_conversions softgpu_cuda softgpu-forms >build/conformance-build.log 2>&1 ||
  { cat build/conformance-build.log; exit 1; }
out=build/conformance
python3 tests/conformance/generate.py "$out" --only "$only" "${ptxas[@]}"
status=0
build/default/tests/conformance/conformance_runner "$out/triples" --results "$out/results.txt" \
  --driver build/default/lib/nonans/softgpu/libcuda.so.1 || status=1
build/default/tests/conformance/conformance_conversions "$only" || status=1
cut -f3 "$out/forms.txt" | build/default/bin/softgpu-forms --check >"$out/implemented.txt"
build/default/bin/softgpu-forms --check <tests/conformance/data/counted_forms.txt >"$out/counted.txt"
python3 tests/conformance/summary.py "$out" || status=1
exit "$status"
