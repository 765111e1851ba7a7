#!/bin/sh
# compare_output.sh PROGRAM EXPECTED: the program ends well and prints exactly what the file holds; else the difference.
set -u
out=$(mktemp) || exit 1
trap 'rm -f -- "$out"' EXIT
"$1" >"$out"
status=$?
if ! diff -u -- "$2" "$out"; then
    echo "$1 printed something else than $2"
    exit 1
fi
if [ "$status" -ne 0 ]; then
    echo "$1 ended with status $status"
    exit 1
fi
