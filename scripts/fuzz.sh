#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs libFuzzer targets for a while, with AddressSanitizer and UndefinedBehaviorSanitizer, and prints how many inputs
# each has seen, in this run and in all runs of this checkout. What a run finds stays in build/fuzz/found/TARGET and is
# the starting point of the next.
#
#   ./scripts/fuzz.sh [SECONDS] [TARGET …]      seconds per target, 60 if not given; every target if none is named
#
# Needs clang (./scripts/setup.sh --fuzz installs it). Targets: tests/fuzz/CMakeLists.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
if [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: $0 [SECONDS] [TARGET ...]"
  exit 2
fi
shift $(($# > 0 ? 1 : 0))
if ! command -v clang++ >/dev/null; then
  echo "clang++ is needed and not found; ./scripts/setup.sh --fuzz installs it on Debian and Ubuntu"
  exit 1
fi
mkdir -p build
cmake --preset fuzz >build/fuzz-configure.log 2>&1 || { cat build/fuzz-configure.log; exit 1; }
targets=("$@")
((${#targets[@]})) || targets=(fuzz_targets)
cmake --build --preset fuzz --target "${targets[@]}" >build/fuzz-build.log 2>&1 || { cat build/fuzz-build.log; exit 1; }
if [[ ${targets[*]} == fuzz_targets ]]; then
  targets=()
  for program in build/fuzz/tests/fuzz/fuzz_*; do
    [[ ! -x $program || ! -f $program ]] || targets+=("$(basename "$program")")
  done
fi

status=0
for target in "${targets[@]}"; do
  program=build/fuzz/tests/fuzz/$target
  subject=${target#fuzz_}
  # A target that reads PTX starts from the PTX seeds and words.
  seeds=tests/fuzz/corpus/$subject dictionary=tests/fuzz/$subject.dict
  [[ $subject != program && $subject != analyze ]] || seeds=tests/fuzz/corpus/ptx dictionary=tests/fuzz/ptx.dict
  found=build/fuzz/found/$target
  mkdir -p "$found"
  arguments=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1
    -artifact_prefix="$found/" "$found")
  [[ -d $seeds ]] && arguments+=("$seeds")
  [[ -f $dictionary ]] && arguments+=("-dict=$dictionary")
  outcome="nothing found"
  if ! "$program" "${arguments[@]}" >"$found.log" 2>&1; then
    status=1
    outcome="FAILED; the input is in $found, the log is $found.log"
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log")
  total=$(($(cat "$found.total" 2>/dev/null || echo 0) + ${executions:-0}))
  echo "$total" >"$found.total"
  echo "$target: ${executions:-0} inputs in at most $seconds s, $total in all runs, $outcome"
  [[ $outcome == nothing* ]] || grep -E 'ERROR|SUMMARY|Test unit written' "$found.log" || tail -5 "$found.log"
done
exit "$status"
