#!/usr/bin/env bash
# The Conan package, created and tested by a Conan 2 client with the default profile. Exit 77: there is no client.
set -euo pipefail
command -v conan >/dev/null || { echo 'skipped: conan is not installed'; exit 77; }
case $(conan --version) in
'Conan version 2.'*) ;;
*) echo "skipped: $(conan --version) is not Conan 2"; exit 77 ;;
esac
[[ -n $(conan profile path default 2>/dev/null) ]] || { echo 'skipped: conan has no default profile'; exit 77; }
cd -- "$VEILSUM_SOURCE_DIR"
created=$(conan create . --build=missing -s compiler.cppstd=20 2>&1) || { printf '%s\n' "$created"; exit 1; }
grep -q '^veilsum: encrypted, proved, added, opened by 2 of 3 and verified: 15 13 -2000$' <<<"$created" ||
    { printf '%s\nFAILED: test_package was not run\n' "$created"; exit 1; }
