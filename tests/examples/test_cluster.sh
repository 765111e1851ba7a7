#!/usr/bin/env bash
# cluster: whole sessions between processes on this machine, without and with faults. The work is cluster.py's.
set -u
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
for program in cluster audit keys; do
    if [[ ! -x $VEILSUM_PROGRAM_DIR/$program ]]; then
        echo "skipped: the program $program was not built (cluster needs ZeroMQ: libzmq3-dev, cppzmq-dev)"
        exit 77
    fi
done
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
    echo "skipped: python3 of version 3.9 or later is not installed"
    exit 77
fi
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/cluster.py" --programs "$VEILSUM_PROGRAM_DIR"
