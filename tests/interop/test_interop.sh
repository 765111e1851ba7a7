#!/usr/bin/env bash
# The second verifier: its own tests, then both verifiers on tampered receipts and on the corpus of tampered records. Told where the programs are:
#
#     test_interop.sh primitives
#     test_interop.sh validity
#     test_interop.sh vectors
#     test_interop.sh privacy
#     test_interop.sh receipts AUDIT [TRAIN]
#     test_interop.sh verifiers FORGE_SESSION AUDIT_TOY [TRAIN AUDIT]
#
# Exit 77: skipped, because Python 3.9 or libsodium for it is missing.
set -u
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
    echo "skipped: python3 of version 3.9 or later is not installed"
    exit 77
fi
export PYTHONDONTWRITEBYTECODE=1

case "${1:-}" in
primitives)
    exec python3 "$here/test_primitives.py"
    ;;
validity)
    exec python3 "$here/test_validity.py"
    ;;
vectors)
    exec python3 "$here/test_vectors.py"
    ;;
privacy)
    exec python3 "$here/test_privacy.py"
    ;;
receipts)
    if [ $# -ne 2 ] && [ $# -ne 3 ]; then
        echo "usage: $0 receipts AUDIT [TRAIN]" >&2
        exit 2
    fi
    programs=(--audit "$2")
    [ $# -eq 3 ] && programs+=(--train "$3")
    exec python3 "$here/compare_receipts.py" "${programs[@]}"
    ;;
verifiers)
    if [ $# -ne 3 ] && [ $# -ne 5 ]; then
        echo "usage: $0 verifiers FORGE_SESSION AUDIT_TOY [TRAIN AUDIT]" >&2
        exit 2
    fi
    programs=(--forge "$2" --audit-toy "$3")
    [ $# -eq 5 ] && programs+=(--train "$4" --audit "$5")
    # A third of the corpus, some 680 records, a minute and a half; without --every all of it.
    exec python3 "$here/compare_verifiers.py" --every 3 "${programs[@]}"
    ;;
*)
    echo "usage: $0 primitives | validity | vectors | privacy | receipts ... | verifiers ..." >&2
    exit 2
    ;;
esac
