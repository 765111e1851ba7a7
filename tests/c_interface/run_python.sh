#!/bin/sh
# run_python.sh COMPILER FLAGS PYTHON SCRIPT LIBRARY: runs the script. A library with sanitisers needs their runtime to
# be loaded before Python's own; of Python's leaks nothing is said. 77: skipped.
set -u
compiler=$1 flags=$2 python=$3
shift 3
# Where the first python3 has no NumPy, the system's may have.
if ! "$python" -c 'import numpy' 2>/dev/null && /usr/bin/python3 -c 'import numpy' 2>/dev/null; then
    python=/usr/bin/python3
fi
set -- "$python" "$@"
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
