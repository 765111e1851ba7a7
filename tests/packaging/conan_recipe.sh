#!/usr/bin/env bash
# conan_recipe.sh SCRATCH VERSION: the recipes, without a Conan client. Exit 77: Python is not there.
set -euo pipefail
command -v python3 >/dev/null || { echo 'skipped: python3 is not installed'; exit 77; }
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$(dirname "${BASH_SOURCE[0]}")/test_conan_recipe.py" \
    --source "$VEILSUM_SOURCE_DIR" --scratch "$1" --version "$2"
