#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# 16 threads with 4 streams each under ThreadSanitizer: libnonans.so and the program are instrumented, the software device
# (of the preset `default`) is not. Last line: "N runs, M with a race".
#
#   ./scripts/tsan.sh [ROUNDS]        of each thread; 6 by default
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-6}
./scripts/build.sh softgpu_cuda resolve_images
log=build/tsan.log
{ cmake --preset tsan && cmake --build --preset tsan --parallel "$(nproc)" --target nonans many_threads; } >"$log" 2>&1 ||
  { cat "$log"; exit 1; }
image=build/default/tests/e2e/images/plain.ptx
program=build/tsan/tests/hostile/many_threads
library=$PWD/build/tsan/lib/libnonans.so
events=$(mktemp)
trap 'rm -f "$events"' EXIT
export LD_LIBRARY_PATH=$PWD/build/default/lib/nonans/softgpu NONANS_EVENTS=$events
export TSAN_OPTIONS="suppressions=$PWD/tests/hostile/threads/device.supp exitcode=66 second_deadlock_stack=1"

[[ $(nm -D "$library") == *__tsan_* ]] || { echo "$library is not instrumented"; exit 1; }
# A race of the program's own must be seen, or the rest says nothing.
if LD_PRELOAD=$library "$program" "$image" race >"$log" 2>&1 || ! grep -q "WARNING: ThreadSanitizer: data race" "$log"; then
  cat "$log"
  echo "a race that is there was not found"
  exit 1
fi

runs=0 races=0
for mode in resolve observe; do
  status=0
  NONANS_MODE=$mode LD_PRELOAD=$library "$program" "$image" "$rounds" >"$log" 2>&1 || status=$?
  runs=$((runs + 1))
  if ((status != 0)) || ! grep -q ' 0 wrong$' "$log"; then
    races=$((races + 1))
    cat "$log"
  fi
done
echo "$runs runs, $races with a race"
((races == 0))
