#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a script with the Python that setup.sh --programs installed; 77, which ctest takes for skipped, if it has not.
set -euo pipefail
programs=$(dirname "${BASH_SOURCE[0]}")/../../build/programs
if [[ ! -f $programs/.setup-done ]]; then
  echo "skipped: the packages are not there; ./scripts/setup.sh --programs fetches them"
  exit 77
fi
exec "$programs/bin/python" "$@"
