#!/usr/bin/env bash
# keys: deals, checks and shows; refuses what it must, with the exit status that it promises.
set -uo pipefail

keys=$VEILSUM_PROGRAM_DIR/keys
[[ -x $keys ]] || exit 77
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder" || exit 1
failures=0

# expect STATUS TEXT ARGUMENTS...: runs `keys ARGUMENTS`, which must end so and say so.
expect() {
    local status=$1 text=$2 said code=0
    shift 2
    said=$("$keys" "$@" 2>&1) || code=$?
    if [[ $code -ne $status || $said != *"$text"* ]]; then
        printf 'FAILED: keys %s\n  expected exit status %s and "%s"; got %s and:\n%s\n' "$*" "$status" "$text" "$code" "$said"
        failures=$((failures + 1))
    fi
}
# holds WHAT COMMAND...: the command must succeed.
holds() {
    local what=$1
    shift
    "$@" || { printf 'FAILED: %s\n' "$what"; failures=$((failures + 1)); }
}
modes() { [[ $(cd "$1" && stat -c %a . ceremony trustee-1 trustee-1/* | tr '\n' ' ') == "$2" ]]; }
# flip FILE OFFSET: changes one bit.
flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
# fresh: a copy of the dealt folder to spoil.
fresh() { rm -rf spoilt && cp -a dealt spoilt; }

# Bad usage: nothing is made.
expect 2 'key size must be 2048, 3072 or 4096 bits' deal --bits 1024 --out none
expect 2 'need 1 <= quorum <= trustees <= 64' deal --trustees 3 --quorum 4 --out none
expect 2 'need 1 <= quorum <= trustees <= 64' deal --trustees 65 --out none
expect 2 '--out is required' deal --bits 2048
expect 2 'A subcommand is required'
expect 2 'does not exist' check none
holds 'bad usage leaves nothing behind' test -z "$(ls -A)"

# Deal, check, show.
umask 022
expect 0 'trustee-I/passphrase' deal --bits 2048 --trustees 3 --quorum 2 --out dealt
holds 'secrets are for the owner alone' modes dealt '700 644 700 600 600 600 '
expect 0 'accepted' check dealt
expect 0 '2 of 3 trustees' show dealt
before=$(cat dealt/ceremony dealt/*/* | sha256sum)
expect 1 'nothing in it was touched' deal --bits 2048 --out dealt
holds 'the folder that was in the way is as it was' test "$before" = "$(cat dealt/ceremony dealt/*/* | sha256sum)"

# Each trustee checks its own; the others are named.
fresh && rm -r spoilt/trustee-1 && rm spoilt/trustee-3/passphrase
expect 0 'trustee 1 (no folder trustee-1)' check spoilt
expect 0 'trustee 3 (no passphrase' check spoilt

# What is wrong is named, with its step and its culprit. The file ends in three acknowledgements of 64 bytes, before
# which lie their count and the trustees' signing keys; the verification keys have 512 bytes each.
length=$(stat -c %s dealt/ceremony)
fresh && flip spoilt/ceremony 0
expect 1 'refused at check 1' check spoilt
expect 1 'frame magic' show spoilt
fresh && flip spoilt/ceremony 318 # the last byte of n
expect 1 'refused at check 2' check spoilt
proof=$((12 + 32 + 4 + 12 + 3 + 512 + 4)) # where the proof of the key begins
fresh && flip spoilt/ceremony $((proof + 300)) # a root of the first part
expect 1 'refused at check 3' check spoilt
expect 1 'coprime modulus' check spoilt
fresh && flip spoilt/ceremony $((proof + 2048 + 2600)) # a response of the second part
expect 1 'no small factor' check spoilt
fresh && flip spoilt/ceremony $((proof + 37744 - 1)) # the last byte of the third part
expect 1 'Blum modulus' check spoilt
fresh && flip spoilt/ceremony 12 # the id, which the proof is bound to
expect 1 'refused at check 3' check spoilt
fresh && flip spoilt/ceremony $((proof + 37744 + 4 + 12)) # the key id among the verification keys
expect 1 'refused at check 4' check spoilt
fresh && flip spoilt/ceremony $((length - 3 * 64 - 4 - 3 * 32 - 4 - 1)) # the last byte of v_3
expect 1 'refused at check 5' check spoilt
fresh && flip spoilt/ceremony $((length - 1))
expect 1 'refused at check 6' check spoilt
expect 1 'acknowledgement of the ceremony (check 6) at trustee 3' check spoilt
fresh && flip spoilt/trustee-2/share 300
expect 1 'refused at check 10 (trustee 2: the share opens' check spoilt
fresh && flip spoilt/trustee-2/identity 80
expect 1 'refused at check 12 (trustee 2: the signing key' check spoilt
fresh && cp dealt/trustee-3/share dealt/trustee-3/passphrase spoilt/trustee-2/
expect 1 'index of the share file' check spoilt
fresh && rm spoilt/trustee-2/share
expect 1 'a file could not be read' check spoilt
fresh && rm spoilt/ceremony
expect 1 'cannot open file' check spoilt

# Passphrases of the trustees' own, in files for their owner alone.
umask 077
printf 'one\ntwo\n' >two
printf 'one\n\nthree\n' >empty
printf 'one\ntwo\none\n' >again
expect 1 '2 lines, 3 trustees' deal --bits 2048 --passphrases two --out own
expect 1 'empty, line 2' deal --bits 2048 --passphrases empty --out own
expect 1 'again, line 3' deal --bits 2048 --passphrases again --out own
chmod g+r two
expect 1 'secret in a file that others can open' deal --bits 2048 --trustees 2 --quorum 2 --passphrases two --out own
chmod 600 two
holds 'a refused deal leaves nothing behind' test ! -e own -a ! -e own.incomplete
expect 0 'to trustee I and to nobody else' deal --bits 2048 --trustees 2 --quorum 2 --passphrases two --out own
holds 'given passphrases are not written' test ! -e own/trustee-1/passphrase
expect 0 'no passphrase beside its share' check own
printf 'one' >own/trustee-1/passphrase
printf 'other\r\n' >own/trustee-2/passphrase
expect 1 'refused at check 10 (trustee 2: the share opens' check own
printf 'two\r\n' >own/trustee-2/passphrase
expect 0 'accepted' check own
chmod o+r own/trustee-2/passphrase
expect 1 'secret in a file that others can open' check own

# Refresh: the same key, new shares; the old ones are of no use with the new ceremony.
expect 0 'epoch        1, before 0' refresh dealt --out renewed
expect 0 'the refresh leads here from dealt' check renewed --before dealt
expect 0 'epoch        1' show renewed
expect 0 '(epoch 1: --before FOLDER' check renewed
holds 'the folder that was refreshed is as it was' test "$before" = "$(cat dealt/ceremony dealt/*/* | sha256sum)"
expect 0 'epoch        2, before 1' refresh renewed --out again2
expect 0 'accepted' check again2 --before renewed
expect 1 'refused at check 7 (the refresh leads here from dealt)' check again2 --before dealt
expect 1 'nothing in it was touched' refresh dealt --out renewed
renew() { rm -rf spoilt && cp -a renewed spoilt; }
renew && cp dealt/trustee-2/share spoilt/trustee-2/share
expect 1 'trustee 2: the share fits the verification key v_2' check spoilt
renew && flip spoilt/refresh 3000
expect 1 'refused at check 7 (the refresh leads here' check spoilt --before dealt
renew && rm spoilt/refresh
expect 1 'cannot open file' check spoilt --before dealt
fresh && rm -r spoilt/trustee-1
expect 1 'nothing was refreshed' refresh spoilt --out elsewhere
holds 'a refused refresh leaves nothing behind' test ! -e elsewhere -a ! -e elsewhere.incomplete

# A run that was cut short is not built upon.
mkdir late.incomplete
expect 1 'left by a run that was cut short' deal --bits 2048 --out late

[[ $failures -eq 0 ]] && echo 'all as expected'
exit $((failures != 0))
