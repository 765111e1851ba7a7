#!/usr/bin/env bash
# `./run docs`: Doxygen warns of nothing, and every public name is explained. Skipped where Doxygen is missing.
#
#     test_doxygen.sh PROJECT
set -euo pipefail

if ! command -v doxygen >/dev/null; then
    echo "skipped: doxygen is not installed (./run docs installs it)"
    exit 77
fi
exec "$1/run" docs
