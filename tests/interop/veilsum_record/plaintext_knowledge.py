"""Proof of plaintext knowledge for a batch of ciphertexts (spec: plaintext-knowledge)."""

from __future__ import annotations

from .failure import Refused
from .paillier import PublicKey, multi_power
from .transcript import Transcript
from .wire import u64

LABEL = "veilsum.plaintext-knowledge/1"
MAX_CIPHERTEXTS = 65535


def response_bits(exponent_bits: int, count: int) -> int:
    """zbits"""
    return exponent_bits + 128 + count.bit_length() + 128


def proof_bytes(key: PublicKey, exponent_bits: int, count: int) -> int:
    return key.ciphertext_bytes + key.plaintext_bytes + -(-response_bits(exponent_bits, count) // 8)


def challenges(
    context: Transcript, key: PublicKey, exponent_bits: int, ciphertexts: list[int], a: int
) -> list[int]:
    """The statement and the announcement, absorbed into a copy of the caller's transcript."""
    transcript = context.copy()
    transcript.absorb("proof", LABEL.encode("ascii"))
    transcript.absorb("popk.key", key.id)
    transcript.absorb("popk.exponent-bits", u64(exponent_bits))
    transcript.absorb("popk.count", u64(len(ciphertexts)))
    transcript.absorb("popk.ciphertexts", key.encode_units(ciphertexts))
    transcript.absorb("popk.A", key.encode_units([a]))
    return transcript.integers("popk.e", len(ciphertexts))


def verify(
    context: Transcript, key: PublicKey, exponent_bits: int, ciphertexts: list[int], proof: bytes
) -> None:
    """Checks 1 to 6. The exponent length is the session's; the ciphertexts are units already."""
    count = len(ciphertexts)
    if not 1 <= count <= MAX_CIPHERTEXTS:
        raise Refused("out_of_range", "number of ciphertexts", 1)
    if len(proof) != proof_bytes(key, exponent_bits, count):
        raise Refused("malformed", "length of the proof", 2)
    z_at = key.ciphertext_bytes
    zeta_at = z_at + key.plaintext_bytes
    try:
        (a,) = key.parse_units(proof[:z_at], 1)
    except Refused as refused:
        raise refused.within(check=3) from None
    z = int.from_bytes(proof[z_at:zeta_at], "big")
    if z >= key.n_to_s:
        raise Refused("out_of_range", "response z", 4)
    zeta = int.from_bytes(proof[zeta_at:], "big")
    least = count * (2**128 - 1) * (2**exponent_bits - 1)
    if not least <= zeta < 1 << response_bits(exponent_bits, count):
        raise Refused("out_of_range", "response zeta", 5)
    e = challenges(context, key, exponent_bits, ciphertexts, a)
    left = a * multi_power(ciphertexts, e, key.modulus) % key.modulus
    right = key.power_of_one_plus_n(z) * pow(key.residue_base, zeta, key.modulus) % key.modulus
    if left not in (right, key.modulus - right):
        raise Refused("bad_proof", "proof of plaintext knowledge", 6)
