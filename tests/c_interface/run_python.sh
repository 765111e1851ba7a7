#!/bin/sh
# run_python.sh COMPILER FLAGS PYTHON SCRIPT LIBRARY: runs the script. A library with sanitisers needs their runtime to
# be loaded before Python's own; of Python's leaks nothing is said. 77: skipped.
set -u
compiler=$1 flags=$2
shift 2
case $flags in
*-fsanitize=thread*)
    echo "skipped: Python under the thread sanitiser"
    exit 77
    ;;
*-fsanitize=*)
    runtime=$("$compiler" -print-file-name=libasan.so)
    if [ ! -e "$runtime" ]; then
        echo "skipped: no shared runtime of the sanitisers"
        exit 77
    fi
    # Exceptions are caught by a function of the C++ library, which must be there when the runtime looks for it.
    LD_PRELOAD="$runtime $("$compiler" -print-file-name=libstdc++.so)" ASAN_OPTIONS=detect_leaks=0 exec "$@"
    ;;
esac
exec "$@"
