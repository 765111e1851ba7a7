#!/usr/bin/env bash
# audit holds nothing that can sign, encrypt, decrypt, deal or prove: looked up among the symbols of the program, and of
# what it takes from libsodium. Each pattern must be found in `train` or `keys`, which do all that, so that none is stale.
set -uo pipefail

programs=$VEILSUM_PROGRAM_DIR
[[ -x $programs/audit && -x $programs/train && -x $programs/keys ]] || exit 77
command -v nm >/dev/null || { echo 'skipped: nm is not installed'; exit 77; }
failures=0
fail() {
    printf 'FAILED: %s\n' "$*"
    failures=$((failures + 1))
}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
nm -C "$programs/audit" >"$work/audit"
{ nm -C "$programs/train" && nm -C "$programs/keys"; } >"$work/others"
[[ -s $work/audit ]] || fail 'nm shows no symbols of audit'

# --- Ours ---
while read -r pattern; do
    grep -Eq "$pattern" "$work/others" || fail "the pattern '$pattern' is in neither train nor keys"
    if found=$(grep -E -m 1 "$pattern" "$work/audit"); then fail "audit holds $found"; fi
done <<'PATTERNS'
veilsum::sign::signing_key::
veilsum::audit::sign_checkpoint
veilsum::paillier::encryptor<
veilsum::integer::generate_prime_pair<
veilsum::threshold::dealing<
veilsum::threshold::key_share<
veilsum::threshold::partially_decrypt
veilsum::zk::validity_prover<
veilsum::zk::prove_key
veilsum::seal::
veilsum::aggregation::idle_session<
veilsum::aggregation::trustee
PATTERNS

# --- libsodium's: only these, hashes, group operations and verification ---
allowed='^(crypto_hash_sha(256|512)(_(init|update|final|bytes))?|crypto_core_(ed25519|ristretto255)_[a-z0-9_]+'
allowed+='|crypto_scalarmult_(ed25519_noclamp|ristretto255)|crypto_sign_(ed25519_)?verify_detached|randombytes_buf|sodium_[a-z0-9_]+)$'
sodium() { nm -D --undefined-only "$1" | awk '{ print $2 }' | grep -E '^(crypto_|randombytes|sodium_)'; }
sodium "$programs/audit" >"$work/taken"
[[ -s $work/taken ]] || fail 'audit takes nothing from libsodium: the list cannot be right'
if odd=$(grep -Ev "$allowed" "$work/taken"); then fail "audit takes from libsodium: $odd"; fi
if ! sodium "$programs/keys" | grep -Evq "$allowed"; then fail 'the list of allowed functions also fits keys'; fi

[[ $failures -eq 0 ]] || exit 1
echo 'audit holds nothing that can sign, encrypt, decrypt, deal or prove'
