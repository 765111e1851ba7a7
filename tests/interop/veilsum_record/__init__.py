"""A second verifier of a session record, written from docs/spec and sharing no code with the library.

Modules, from the bottom up; each names the page of docs/spec that it follows:

    failure                the one exception: what was refused, by which check
    wire                   wire-primitives   integers, var, lists, frames, labelled hashes
    sodium                 wire-primitives 5, encoding 4   Ed25519 and ristretto255, by libsodium
    log                    record 1, 2, 7    records, chain, log file, body folder
    merkle                 record 3          tree, inclusion and consistency proofs
    note                   record 4          signed notes and checkpoints
    witnesses              record 5          cosignatures, witness policies and their files
    transcript             transcript        Fiat-Shamir transcript, context
    paillier               paillier          public key, ciphertexts
    layout                 encoding 1 to 3   fixed point, slots, rows, digits
    commitments            encoding 4, 5     generators, row commitments, opening check
    plaintext_knowledge    plaintext-knowledge
    submission             validity 3, 5     fields of a submission and what each must be
    validity               validity 6 to 9   the proof of suite 2
    key_validity           key-validity, coprime-modulus, no-small-factor, blum-modulus
    residue_root           residue-root
    threshold              threshold         verification keys, share proofs, combination
    messages               wire-format       body of every record, and of what records name
    ceremony               aggregation 2     first record and ceremony
    pool                   wire-format 4     enrolments, removals, rosters and draws
    privacy                privacy 5 to 8    noise plans, accountant, ledger
    rounds                 aggregation 3     pre-flight of a round
    contributions          aggregation 4     its checks
    light_audit            validity 10       rows and opening without the submissions
    partials               aggregation 6     the six checks, opening policy
    session                aggregation 1     the fold over the record
    light_session          aggregation 7     the fold of the light audit
    audit                  aggregation 7     the thirteen steps
    receipts               record 6, wire-format 11   receipts, exclusion receipts, later checkpoints
"""
