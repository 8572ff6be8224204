#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How fast the software device executes, on one core and on two: builds and runs bench/softgpu, prints a table.
#
#   ./scripts/bench-softgpu.sh [--rounds 5] [--filter REGEX] [--bench PROGRAM]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ " $* " != *" --bench "* ]]; then
  ./scripts/setup.sh
  ./scripts/build.sh softgpu_bench
fi
exec python3 scripts/bench_softgpu.py "$@"
