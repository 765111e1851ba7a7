#!/usr/bin/env bash
# One binary, two processors: portable_path.sh PROGRAM EMULATOR [arguments]. The program says which engine it
# chose and a digest of what it computed; where the emulator has no AVX-512 IFMA, the engine must be gmp and the
# digest the same. Exit 77: nothing to compare here, and the reason.
set -euo pipefail

program=$1
shift
skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}
fail() {
    printf 'FAILED: %s\n' "$*"
    exit 1
}

command -v -- "${1:-}" >/dev/null || skip "${1:-no emulator} is not installed"
native=$("$program")
emulated=$("$@" "$program") || fail "the program does not run under $*"
printf -- '--- here\n%s\n--- under %s\n%s\n' "$native" "$*" "$emulated"

[[ $emulated == "engine gmp"$'\n'* ]] || fail "the engine under $1 is not the portable one"
[[ ${native#*$'\n'} == "${emulated#*$'\n'}" ]] || fail "the results differ"
if grep -qw avx512ifma /proc/cpuinfo 2>/dev/null; then
    [[ $native == "engine ifma"$'\n'* ]] || fail "this processor has AVX-512 IFMA, and the engine is not ifma"
else
    [[ $native == "engine gmp"$'\n'* ]] || fail "this processor has no AVX-512 IFMA, and the engine is not gmp"
    skip "this processor has no AVX-512 IFMA: both runs were the portable one (they agree)"
fi
