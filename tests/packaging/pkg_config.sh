#!/usr/bin/env bash
# pkg_config.sh COMPILER PREFIX WORK VERSION: consumer/ built with what pkg-config says about the veilsum in PREFIX.
set -euo pipefail
compiler=$1 prefix=$2 work=$3 version=$4
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
command -v pkg-config >/dev/null || { echo 'skipped: pkg-config is not installed'; exit 77; }
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }

export PKG_CONFIG_PATH=$prefix/share/pkgconfig
found=$(pkg-config --modversion veilsum) || fail "pkg-config does not find veilsum in $PKG_CONFIG_PATH"
[[ $found == "$version" ]] || fail "pkg-config says version $found, CMake $version"
pkg-config --atleast-version=99 veilsum && fail 'pkg-config accepts version 99'
# The prefix is where the file lies now, not where it was installed first.
[[ $(readlink -f "$(pkg-config --variable=includedir veilsum)") == "$(readlink -f "$prefix/include")" ]] ||
    fail "includedir is $(pkg-config --variable=includedir veilsum)"
# As a shell reads them: pkg-config escapes spaces in a prefix.
eval "cflags=($(pkg-config --cflags veilsum))"
eval "libs=($(pkg-config --libs veilsum))"
for wanted in -lgmp -lsodium; do
    [[ " ${libs[*]} " == *" $wanted "* ]] || fail "no $wanted in: ${libs[*]}"
done

rm -rf -- "$work"
mkdir -p -- "$work"
for name in main other; do
    ${CCACHE:+"$CCACHE"} "$compiler" -std=c++20 "${cflags[@]}" -c "$here/consumer/$name.cpp" -o "$work/$name.o"
done
"$compiler" "$work/main.o" "$work/other.o" "${libs[@]}" -o "$work/consumer"
printed=$("$work/consumer") || fail 'the program ended badly'
[[ $printed == veilsum ]] || fail "the program printed: $printed"
