#!/usr/bin/env bash
# A small stress run: 30 clients, 16 of which cheat, 200 values, 2048 bits. Told where the programs are:
#
#     test_stress.sh STRESS AUDIT
#
# Memory means nothing here, because a sanitiser keeps what is freed. Exit 77: skipped, because Python 3.9 is missing.
set -u
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
    echo "skipped: python3 of version 3.9 or later is not installed"
    exit 77
fi
if [ $# -ne 2 ]; then
    echo "usage: $0 STRESS AUDIT" >&2
    exit 2
fi
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/stress.py" --program "$1" --audit "$2" --clients 30 --dimension 200 --modulus 2048 \
    --any-memory
