#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds everything with warnings as errors and runs every test. Last line: "N passed, M failed", counted over test cases;
# tests that were skipped are neither, and are named above it.
#
#   ./scripts/test.sh [-L LABEL] [-R REGEX]      arguments go to ctest: part of the suite
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
passed=0 failed=0 skipped=0

# check NAME COMMAND…: a test that is not in ctest.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'failed: %s\n%s\n' "$name" "$output"
  fi
}

# Names the files that clang-format would change.
check_format() {
  local file bad=0
  while IFS= read -r -d '' file; do
    clang-format --dry-run --Werror "$file" 2>/dev/null || { echo "clang-format -i $file"; bad=1; }
  done < <(git ls-files -z '*.cpp' '*.hpp' '*.c' '*.h' '*.cu' '*.cuh' ':!*/generated/*')
  return "$bad"
}

./scripts/setup.sh --fuzz
./scripts/setup.sh --programs || echo "no packages from PyPI: the tests of programs that need them are skipped"
echo "building ..."
./scripts/build.sh -DNONANS_WERROR=ON
# Versions of clang-format disagree about details; the sources follow 14, Debian 12's.
if [[ $(clang-format --version 2>/dev/null) == *"version 14."* ]] && git rev-parse --git-dir >/dev/null 2>&1; then
  check "sources are formatted as .clang-format says" check_format
else
  echo "no clang-format 14 or no git: formatting is not checked"
fi

results=build/default/test-results.txt
status=0
ctest --test-dir build/default --parallel "$(nproc)" --output-on-failure --no-tests=error "$@" >"$results" 2>&1 || status=$?
# "98% tests passed, 2 tests failed out of 120"
if [[ $(grep -oE '[0-9]+ tests failed out of [0-9]+' "$results") =~ ^([0-9]+)\ .*\ ([0-9]+)$ ]]; then
  failed=$((failed + BASH_REMATCH[1]))
  skipped=$(grep -c '\*\*\*Skipped' "$results" || true)
  passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1] - skipped))
  ((status == 0)) || cat "$results"
  grep -A 100 'tests did not run:' "$results" || true
else
  cat "$results"
  echo "ctest did not come to an end"
  failed=$((failed + 1))
fi
# What a GPU machine runs must not rot where there is none. Left out when only a part of the suite was asked for.
(($#)) || check "gpu-check on the software device, the demo included" ./scripts/gpu-check.sh --soft
(($#)) || check "the software device conforms to the PTX ISA" ./scripts/conformance.sh
# One seed; scripts/modes.sh by itself takes three.
(($#)) || check "the library's tests pass in every mode of the software device" ./scripts/modes.sh 1
# A minute of coverage-guided input for the PTX parser; scripts/fuzz.sh runs all targets for longer.
(($#)) || check "a minute of fuzzing finds nothing in the PTX parser" ./scripts/fuzz.sh 60 fuzz_ptx
((skipped == 0)) || echo "$skipped skipped: they are named above"
echo "$passed passed, $failed failed"
((failed == 0))
