#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Holds the sources against .clang-tidy. Slow (seconds a file), so not part of test.sh; needs clang-tidy.
#
#   ./scripts/tidy.sh                      every C++ source of ours
#   ./scripts/tidy.sh src/resolve          one folder
#
# Prints each warning; exit code 1 if there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang-tidy >/dev/null || { echo "tidy: clang-tidy is not installed (apt install clang-tidy)" >&2; exit 2; }
./scripts/build.sh # compile_commands.json, and the generated headers
(($#)) || set -- src softgpu bench
found=$(git ls-files -z -- "${@/%//*.cpp}" ':!*/generated/*' |
  xargs -0 -n 4 -P "$(nproc)" clang-tidy -p build/default --quiet 2>/dev/null | grep -E 'warning:|error:' | sort -u || true)
[[ -z $found ]] || { echo "$found"; exit 1; }
