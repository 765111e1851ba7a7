#!/usr/bin/env bash
# audit --html: the page in a real browser, good and tampered with. Exit 77: Chromium or something else is not there.
set -u
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
for program in train audit full_session; do
    [[ -x $VEILSUM_PROGRAM_DIR/$program ]] || { echo "skipped: $program was not built"; exit 77; }
done
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/audit_page.py" "$VEILSUM_PROGRAM_DIR"
