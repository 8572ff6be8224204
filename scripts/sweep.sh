#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which learning rates die, which are repaired: runs train_digits at six rates and writes docs/sweep.md.
#
#   ./scripts/sweep.sh [--device auto|gpu|soft]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
./scripts/setup.sh
./scripts/build.sh nonans softgpu_cuda train_digits
exec python3 scripts/sweep.py "$@"
