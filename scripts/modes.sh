#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the tests of libnonans that use the software device in each of the device's modes: orders of blocks, warps and
# streams drawn from seeds (SOFTGPU_SCHED), stores that stay invisible until something orders them (SOFTGPU_WEAK), and
# both. A result that depends on the order in which a scan and the program's kernels run differs in one of them.
#
#   ./scripts/modes.sh [SEEDS]        number of seeds, 3 by default; after ./scripts/build.sh
#
# Prints a line for each mode. Exit status 0 if all tests passed in all modes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seeds=${1:-3}
if [[ ! $seeds =~ ^[0-9]+$ ]]; then
  echo "usage: ./scripts/modes.sh [SEEDS]" >&2
  exit 2
fi
log=build/default/modes.txt
failed=0

# in_mode NAME=VALUE…
in_mode() {
  local status=0 total
  env "$@" ctest --test-dir build/default --parallel "$(nproc)" -L '^(device|e2e)$' --output-on-failure --no-tests=error \
    >"$log" 2>&1 || status=$?
  total=$(grep -oE '[0-9]+% tests passed, .*' "$log" || echo "ctest did not come to an end")
  echo "$*: $total"
  if ((status != 0)); then
    failed=1
    cat "$log"
  fi
}

in_mode SOFTGPU_WEAK=1
for ((seed = 1; seed <= seeds; ++seed)); do
  in_mode SOFTGPU_SCHED=$seed
  in_mode SOFTGPU_SCHED=$seed SOFTGPU_WEAK=1
done
((failed == 0))
