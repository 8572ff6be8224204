#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Configures and builds the preset `default`, in silence unless something fails.
#
#   ./scripts/build.sh [-DNAME=VALUE …] [target …]        no target: everything
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

options=() targets=()
for argument in "$@"; do
  if [[ $argument == -D* ]]; then options+=("$argument"); else targets+=("$argument"); fi
done
log=build/build.log
mkdir -p build
if command -v ccache >/dev/null; then
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
fi

quietly() {
  if ! "$@" >"$log" 2>&1; then
    cat "$log"
    echo "failed: $*"
    exit 1
  fi
}
quietly cmake --preset default "${options[@]}"
quietly cmake --build --preset default --parallel "$(nproc)" ${targets:+--target "${targets[@]}"}
