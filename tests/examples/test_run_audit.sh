#!/usr/bin/env bash
# `./run audit` has the statuses of `audit`, and 2 where there is no program to ask: 1 would be a verdict. A copy of `run`
# with tools that only say what they are told to: nothing is built.
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir -- "$work/tools" "$work/clone"
cp -- "$VEILSUM_SOURCE_DIR/run" "$work/clone/run"
failures=0

tool() {
    printf '#!/bin/sh\n%s\n' "$2" >"$work/tools/$1"
    chmod +x "$work/tools/$1"
}
tool dpkg-query 'printf installed' # every library
for name in apt-get g++ ninja; do tool "$name" 'exit 0'; done
program="$work/clone/build/release/examples/audit"
# ends STATUS: the program that the next build leaves.
ends() {
    mkdir -p "$(dirname "$program")"
    printf '#!/bin/sh\necho "VERDICT of $1"\nexit %d\n' "$1" >"$program"
    chmod +x "$program"
}

# expect WHAT STATUS OUTPUT: `./run audit` must end so and say so on standard output.
expect() {
    local said status=0
    said=$(PATH="$work/tools:$PATH" "$work/clone/run" audit FOLDER 2>"$work/errors") || status=$?
    if [[ $status -ne $2 || $said != "$3" ]]; then
        printf 'FAILED: %s\n  expected exit status %s and "%s"; got %s and "%s":\n' "$1" "$2" "$3" "$status" "$said"
        cat -- "$work/errors"
        failures=$((failures + 1))
    fi
}

version='if [ "$1" = --version ]; then echo "cmake version 3.25.0"; exit 0; fi'
tool cmake "$version; echo configuring; exit 1"
expect 'it cannot be configured' 2 ''
tool cmake "$version; if [ \"\$1\" = --build ]; then echo building; exit 1; fi"
expect 'it cannot be built' 2 ''
tool cmake "$version"
expect 'it was not built' 2 ''
tool cmake 'echo "cmake version 3.13.4"'
expect 'CMake is too old' 2 ''
tool cmake "$version; echo working"
ends 0
chmod -x "$program"
expect 'it cannot be started' 2 ''
for status in 0 1 2; do
    ends "$status"
    expect "the program ends with $status" "$status" 'VERDICT of FOLDER'
done
[[ $failures -eq 0 ]]
