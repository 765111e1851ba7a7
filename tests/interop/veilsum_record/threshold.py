"""Verification keys, share proofs and combination (spec: threshold)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import factorial

from . import wire
from .failure import Refused
from .paillier import MAX_KEY_BYTES, PublicKey, multi_power
from .transcript import Transcript

MAX_TRUSTEES = 64
MAX_EPOCH = 4095
MAX_COUNT = 1 << 20


def trustee_name(index: int) -> str:
    return f"trustee {index}"


def lagrange(points: list[int], at: int, delta: int) -> list[int]:
    """The integers Delta prod_{j' != j} (at - j')/(j - j')."""
    found: list[int] = []
    for j in points:
        numerator, denominator = delta, 1
        for other in points:
            if other != j:
                numerator *= at - other
                denominator *= j - other
        found.append(numerator // denominator)
    return found


def _signed_power(bases: list[int], exponents: list[int], modulus: int) -> tuple[int, int]:
    """The product of powers as a fraction: positive exponents above, negative ones below."""
    above = multi_power(bases, [max(e, 0) for e in exponents], modulus)
    below = multi_power(bases, [max(-e, 0) for e in exponents], modulus)
    return above, below


@dataclass(frozen=True)
class VerificationKeys:
    key: PublicKey
    quorum: int
    trustees: int
    epoch: int  # 0 as dealt, one more with each refresh
    shares: tuple[int, ...]  # [i - 1] is v_i

    @cached_property
    def v(self) -> int:
        """Step 2: it follows from the key."""
        return pow((1 + self.key.n) * self.key.residue_base, 2, self.key.modulus)

    @cached_property
    def delta(self) -> int:
        return factorial(self.trustees)

    @property
    def exponent_bits(self) -> int:
        """X, bits of x_i: of Delta s_i as dealt (threshold, lengths), later those of refresh, lengths."""
        dealt = (self.key.degree + 1) * self.key.bits - 2 + self.delta.bit_length()
        if self.epoch == 0:
            return dealt
        t, trustees = self.quorum, self.trustees
        coefficient = dealt + (t - 2) * (trustees + 1).bit_length() + (t - 1).bit_length() + 1 + 12 + 128
        sub_share = coefficient + sum(trustees**j for j in range(1, t)).bit_length()
        return sub_share + (self.epoch * trustees).bit_length()

    @property
    def response_bytes(self) -> int:
        return -(-(self.exponent_bits + 256) // 8)

    def partial_bytes(self, count: int) -> int:
        """Length of a partial decryption of `count` ciphertexts."""
        return 6 + (count + 2) * self.key.ciphertext_bytes + self.response_bytes

    @staticmethod
    def parse(key: PublicKey, data: bytes) -> VerificationKeys:
        reader = wire.Reader(wire.unframe(data, wire.VERIFICATION_KEYS, 2, MAX_KEY_BYTES))
        key_id, quorum, trustees, epoch = reader.fixed(32), reader.u16(), reader.u16(), reader.u16()
        if not 1 <= quorum <= trustees <= MAX_TRUSTEES:
            raise Refused("out_of_range", "quorum and trustees")
        if key_id != key.id:
            raise Refused("wrong_key", "verification keys")
        if epoch > MAX_EPOCH or (epoch > 0 and quorum == 1):
            raise Refused("out_of_range", "epoch")
        units = key.parse_units(reader.fixed(reader.remaining), trustees)
        return VerificationKeys(key, quorum, trustees, epoch, tuple(units))

    def check(self) -> None:
        """Step 3, checks 2 and 3; check 1 was made when they were parsed."""
        modulus, first = self.key.modulus, list(range(1, self.quorum + 1))
        bases = list(self.shares[: self.quorum])
        for i in range(self.quorum + 1, self.trustees + 1):
            above, below = _signed_power(bases, lagrange(first, i, self.delta), modulus)
            if pow(self.shares[i - 1], self.delta, modulus) * below % modulus != above:
                raise Refused("mismatch", "verification keys on one polynomial", 2, f"v_{i}")
        above, below = _signed_power(bases, lagrange(first, 0, self.delta), modulus)
        opened = self.key.power_of_one_plus_n(2 * self.delta**2)
        if above != below * opened % modulus:
            raise Refused("mismatch", "shared exponent", 3)


@dataclass(frozen=True)
class Partial:
    index: int
    values: list[int]
    proof: tuple[int, int, int]  # A, B, z


def _parse_proof(keys: VerificationKeys, data: bytes) -> tuple[int, int, int]:
    """Check 5: A and B are units, z is in its window."""
    width = keys.key.ciphertext_bytes
    a, b = keys.key.parse_units(data[: 2 * width], 2)
    z = int.from_bytes(data[2 * width :], "big")
    least = (2**128 - 1) * (2**keys.exponent_bits - 1)
    if not least <= z < 1 << (keys.exponent_bits + 256):
        raise Refused("out_of_range", "response of the share proof", 5)
    return a, b, z


def parse_partial(keys: VerificationKeys, count: int, data: bytes) -> Partial:
    """Checks 1 to 5 of step 7; the index inside is what the message claims."""
    if len(data) != keys.partial_bytes(count):
        raise Refused("malformed", "length of the partial decryption", 1)
    reader = wire.Reader(data)
    index = reader.u16()
    if not 1 <= index <= keys.trustees:
        raise Refused("out_of_range", "trustee index", 2)
    if reader.u32() != count:
        raise Refused("mismatch", "number of partial decryptions", 3, "", trustee_name(index))
    try:
        values = keys.key.parse_units(reader.fixed(count * keys.key.ciphertext_bytes), count)
    except Refused as refused:
        raise refused.within(check=4) from None
    try:
        proof = _parse_proof(keys, reader.fixed(reader.remaining))
    except Refused as refused:
        raise refused.within(check=5) from None
    return Partial(index, values, proof)


def verify_partial(
    keys: VerificationKeys, ciphertexts: list[int], partial: Partial, context: Transcript
) -> None:
    """Steps 6 and 7, checks 6 and 7: the batch is folded, then one proof of equal exponents."""
    key, modulus = keys.key, keys.key.modulus
    v_i = keys.shares[partial.index - 1]
    transcript = context.copy()
    transcript.absorb("proof", b"veilsum.share-batch/1")
    transcript.absorb("share.key", key.id)
    transcript.absorb_u64("share.quorum", keys.quorum)
    transcript.absorb_u64("share.trustees", keys.trustees)
    transcript.absorb_u64("share.index", partial.index)
    transcript.absorb("share.v", key.encode_units([keys.v]))
    transcript.absorb("share.v_i", key.encode_units([v_i]))
    transcript.absorb_u64("share.count", len(ciphertexts))
    transcript.absorb("share.ciphertexts", key.encode_units(ciphertexts))
    transcript.absorb("share.partials", key.encode_units(partial.values))
    rho = transcript.integers("share.rho", len(ciphertexts))
    a = pow(multi_power(ciphertexts, rho, modulus), 4, modulus)
    b = pow(multi_power(partial.values, rho, modulus), 2, modulus)

    announced_a, announced_b, z = partial.proof
    width = key.ciphertext_bytes
    transcript.absorb("proof", b"veilsum.equal-exponent/1")
    transcript.absorb("eqexp.modulus", modulus.to_bytes(width, "big"))
    transcript.absorb_u64("eqexp.bound-bits", keys.exponent_bits)
    for label, value in (
        ("eqexp.a", a),
        ("eqexp.b", b),
        ("eqexp.v", keys.v),
        ("eqexp.w", v_i),
        ("eqexp.A", announced_a),
        ("eqexp.B", announced_b),
    ):
        transcript.absorb(label, value.to_bytes(width, "big"))
    (e,) = transcript.integers("eqexp.e", 1)
    if pow(a, 2 * z, modulus) != announced_a**2 * pow(b, 2 * e, modulus) % modulus:
        raise Refused("bad_proof", "share proof", 6)
    if pow(keys.v, 2 * z, modulus) != announced_b**2 * pow(v_i, 2 * e, modulus) % modulus:
        raise Refused("bad_proof", "share proof", 7)


def combine(keys: VerificationKeys, partials: list[Partial]) -> list[int]:
    """Step 8: signed plaintexts from exactly a quorum of verified partial decryptions of the same
    ciphertexts.
    """
    key, modulus = keys.key, keys.key.modulus
    exponents = [2 * coefficient for coefficient in lagrange([p.index for p in partials], 0, keys.delta)]
    unscale = pow(4 * keys.delta**2, -1, key.n_to_s)
    plaintexts: list[int] = []
    for k in range(len(partials[0].values)):
        above, below = _signed_power([p.values[k] for p in partials], exponents, modulus)
        power = above * pow(below, -1, modulus) % modulus
        if power % key.n != 1:
            raise Refused("mismatch", "combined partial decryptions", 4, f"ciphertext {k}")
        plaintext = key.logarithm(power) * unscale % key.n_to_s
        plaintexts.append(plaintext - key.n_to_s if plaintext > key.n_to_s // 2 else plaintext)
    return plaintexts
