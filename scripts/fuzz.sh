#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs every libFuzzer target for a while, with AddressSanitizer and UndefinedBehaviorSanitizer, and prints how many
# inputs each has seen. What a run finds stays in build/fuzz/found/TARGET and is the starting point of the next.
#
#   ./scripts/fuzz.sh [SECONDS]      per target; 60 if not given. Needs clang.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
if [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: $0 [SECONDS]"
  exit 2
fi
if ! command -v clang++ >/dev/null; then
  echo "clang++ is needed and not found; on Debian: apt install clang"
  exit 1
fi
cmake --preset fuzz >build/fuzz-configure.log 2>&1 || { cat build/fuzz-configure.log; exit 1; }
cmake --build --preset fuzz --target fuzz_targets

status=0
for program in build/fuzz/tests/fuzz/fuzz_*; do
  [[ -x $program && -f $program ]] || continue
  target=$(basename "$program")
  subject=${target#fuzz_}
  found=build/fuzz/found/$target
  mkdir -p "$found"
  arguments=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1
    -artifact_prefix="$found/" "$found")
  [[ -d tests/fuzz/corpus/$subject ]] && arguments+=("tests/fuzz/corpus/$subject")
  [[ -f tests/fuzz/$subject.dict ]] && arguments+=("-dict=tests/fuzz/$subject.dict")
  if "$program" "${arguments[@]}" >"$found.log" 2>&1; then
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log")
    echo "$target: $executions inputs in $seconds s, nothing found"
  else
    status=1
    echo "$target: FAILED; the input is in $found, the log is $found.log"
    grep -E 'ERROR|SUMMARY|Test unit written' "$found.log" || tail -5 "$found.log"
  fi
done
exit "$status"
