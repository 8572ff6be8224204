#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The whole story in one command: a real training run that dies of a NaN, and the same unchanged binary that does not.
#
#   ./scripts/demo.sh [--device auto|gpu|soft] [--lr RATE] [--seed N] [--steps N] [--sources auto|hooks|cupti]
#
# Fetches what is missing, builds, runs, prints a table and writes out/report.md, out/report.json, out/details.json and
# out/logs/. Exit code 0 only if everything it checks holds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
./scripts/setup.sh
echo "building ..."
./scripts/build.sh nonans nonans_cli softgpu_cuda softgpu_cupti train_digits
exec python3 scripts/demo.py "$@"
