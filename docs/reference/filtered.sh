#!/bin/sh
# Doxygen's input filter: prints what comments.py made of a file, so that Python starts once and not for each file.
exec cat "$VEILSUM_DOCS_OUTPUT/filtered/${1#"$VEILSUM_DOCS_ROOT"/}"
