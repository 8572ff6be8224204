#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a hook costs the host, in nanoseconds: builds and runs bench/hooks, prints a table and, last,
#   hook-cost: pass_through_ns A lookup_ns B
# A: a hooked call that is only passed on, over the same call made directly. B: what a launch that is looked at has to know:
# its kernel, its context, and the buffers of three pointers among 10,000.
#
#   ./scripts/bench-hooks.sh [--rounds 5] [--bench PROGRAM]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ " $* " != *" --bench "* ]]; then
  ./scripts/setup.sh
  ./scripts/build.sh hooks_bench
fi
exec python3 scripts/bench_hooks.py "$@"
