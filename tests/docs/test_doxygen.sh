#!/usr/bin/env bash
# `./run docs`: Doxygen warns of nothing, and every public name is explained, in a copy whose path has spaces. Skipped
# where Doxygen is missing.
#
#     test_doxygen.sh PROJECT
set -euo pipefail

if ! command -v doxygen >/dev/null; then
    echo "skipped: doxygen is not installed (./run docs installs it)"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir -- "$work/a copy"
cp -r -- "$1/run" "$1"/*.md "$1/include" "$1/docs" "$1/examples" "$work/a copy"
"$work/a copy/run" docs
