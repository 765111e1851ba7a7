#!/usr/bin/env bash
# compilers.sh COMPILER WORK: test_package/, which includes everything and instantiates the main templates, compiled
# without a warning as C++20 and C++23, and as C++20 without exceptions and run-time type information.
set -uo pipefail
compiler=$1 work=$2
command -v "$compiler" >/dev/null || { echo "skipped: $compiler is not installed"; exit 77; }
"$compiler" --version | head -n 1
mkdir -p -- "$work"
failures=0
compile() {
    local name=$1
    shift
    if ! (cd -- "$work" && ${CCACHE:+"$CCACHE"} "$compiler" "$@" \
        -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror \
        -I"$VEILSUM_SOURCE_DIR/include" -c "$VEILSUM_SOURCE_DIR/test_package/test_package.cpp" -o "$work/$name.o"); then
        printf 'FAILED: %s: %s\n' "$name" "$*"
        failures=$((failures + 1))
    fi
}
compile plain -std=c++20
compile newer -std=c++2b
compile bare -std=c++20 -fno-exceptions -fno-rtti
# The flags do what they say: a throw must not compile.
if printf 'void f() { throw 1; }\n' | "$compiler" -x c++ -std=c++20 -fno-exceptions -fsyntax-only - 2>/dev/null; then
    echo 'FAILED: -fno-exceptions lets a throw through'
    failures=$((failures + 1))
fi
[[ $failures -eq 0 ]]
