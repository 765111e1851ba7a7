"""Proof that a modulus is a product of two fit primes (spec: key-validity and the three pages it names)."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from .failure import Refused
from .paillier import PublicKey, multi_power
from .transcript import Transcript, expand

ROOTS_COPRIME = 8
ROOTS_BLUM = 128
SLACK_BITS = 256
AUXILIARY_BITS = 2048
AUXILIARY_BYTES = AUXILIARY_BITS // 8
MASK_BITS = AUXILIARY_BITS + 128  # h of no-small-factor

# RSA-2048 of the RSA Factoring Challenge.
AUXILIARY_MODULUS = int(
    "25195908475657893494027183240048398571429282126204032027777137836043662020707595556264018525"
    "88078440691829064124951508218929855914917618450280848912007284499268739280728777673597141834"
    "72702618963750149718246911650776133798590957000973304597488084284017974291006424586918171951"
    "18746121515172654632282216869987549182422433637259085141865462043576798423387184774447920739"
    "93423658482382428119816381501067481045166037730605620161967625613384414360383390441495263443"
    "21901146575444541784240209246165157233507787077498171257724679629263863563732899121548314381"
    "67899885040445364023527381951378636564391212010397122822120720357"
)


def residues(transcript: Transcript, label: str, count: int, modulus: int) -> list[int]:
    """Residue challenges (key-validity): uniform modulo `modulus` up to 2^-128, integers big-endian."""
    seed = transcript.challenge(label)
    length = (modulus.bit_length() + 7) // 8 + 16
    blocks = -(-length // 64)
    found: list[int] = []
    for i in range(count):
        stream = b"".join(expand(seed, i * blocks + j) for j in range(blocks))
        found.append(int.from_bytes(stream[:length], "big") % modulus)
    return found


def jacobi(a: int, n: int) -> int:
    """(a/n) for odd n > 0."""
    a, sign = a % n, 1
    while a:
        while a % 2 == 0:
            a //= 2
            if n % 8 in (3, 5):
                sign = -sign
        a, n = n, a
        if a % 4 == 3 and n % 4 == 3:
            sign = -sign
        a %= n
    return sign if n == 1 else 0


def proof_bytes(bits: int) -> int:
    """coprime | no small factor | Blum"""
    return sum(part_bytes(bits))


def part_bytes(bits: int) -> tuple[int, int, int]:
    half = bits // 2
    factor = 5 * AUXILIARY_BYTES + 2 * (half + SLACK_BITS) // 8
    factor += 2 * (MASK_BITS + SLACK_BITS) // 8 + (MASK_BITS + half + SLACK_BITS) // 8
    return ROOTS_COPRIME * bits // 8, factor, bits // 8 + 32 + ROOTS_BLUM * bits // 8


def _numbers(data: bytes, width: int) -> list[int]:
    return [int.from_bytes(data[at : at + width], "big") for at in range(0, len(data), width)]


def verify(context: Transcript, key: PublicKey, proof: bytes) -> None:
    """Steps 2 to 4; step 1 made the key. The number of a refusal is the step, its place names the part."""
    if len(proof) != proof_bytes(key.bits):
        raise Refused("malformed", "length of the proof of the key", 1)
    coprime, factor, _ = part_bytes(key.bits)
    parts = (
        (2, "coprime modulus", verify_coprime, proof[:coprime]),
        (3, "no small factor", verify_no_small_factor, proof[coprime : coprime + factor]),
        (4, "Blum modulus", verify_blum, proof[coprime + factor :]),
    )
    for step, name, part, data in parts:
        try:
            part(context.copy(), key, data)
        except Refused as refused:
            place = f"{name}, check {refused.check}"
            raise refused.within(check=step, place=f"{place}, {refused.place}" if refused.place else place)


def _check_units(challenges: list[int], n: int, check: int) -> None:
    if any(gcd(y, n) != 1 for y in challenges):
        raise Refused("not_a_unit", "challenge", check)


def verify_coprime(transcript: Transcript, key: PublicKey, data: bytes) -> None:
    """gcd(n, phi(n)) = 1 (coprime-modulus, checks 2 to 4)."""
    transcript.absorb("proof", b"veilsum.coprime-modulus/1")
    transcript.absorb("coprime.key", key.id)
    roots = _numbers(data, key.bits // 8)
    for i, root in enumerate(roots):
        if not 0 < root < key.n:
            raise Refused("out_of_range", "root", 2, f"root {i}")
    challenges = residues(transcript, "coprime.y", ROOTS_COPRIME, key.n)
    _check_units(challenges, key.n, 3)
    for i, (root, y) in enumerate(zip(roots, challenges)):
        if pow(root, key.n, key.n) != y:
            raise Refused("bad_proof", "root", 4, f"root {i}")


@lru_cache(maxsize=1)
def auxiliary_bases() -> tuple[int, int]:
    """s and t of no-small-factor: squares that nobody chose."""
    transcript = Transcript("veilsum.auxiliary-modulus/1")
    transcript.absorb("auxiliary.modulus", AUXILIARY_MODULUS.to_bytes(AUXILIARY_BYTES, "big"))
    (u_s,) = residues(transcript, "auxiliary.s", 1, AUXILIARY_MODULUS)
    (u_t,) = residues(transcript, "auxiliary.t", 1, AUXILIARY_MODULUS)
    return u_s * u_s % AUXILIARY_MODULUS, u_t * u_t % AUXILIARY_MODULUS


def verify_no_small_factor(transcript: Transcript, key: PublicKey, data: bytes) -> None:
    """n = a b with both parts long (no-small-factor, checks 2 to 10)."""
    modulus, (s, t) = AUXILIARY_MODULUS, auxiliary_bases()
    half = key.bits // 2
    first = data[: 5 * AUXILIARY_BYTES]
    P, Q, A, B, T = _numbers(first, AUXILIARY_BYTES)
    for value in (P, Q, A, B, T):
        if not 0 < value < modulus:
            raise Refused("out_of_range", "announcement", 2)
    responses: list[int] = []
    at = len(first)
    for check, bound in enumerate((half, half, MASK_BITS, MASK_BITS, MASK_BITS + half), 3):
        length = (bound + SLACK_BITS) // 8
        value = int.from_bytes(data[at : at + length], "big")
        at += length
        if not (2**128 - 1) * (2**bound - 1) <= value < 1 << (bound + SLACK_BITS):
            raise Refused("out_of_range", "response", check)
        responses.append(value)
    z1, z2, w1, w2, v = responses

    transcript.absorb("proof", b"veilsum.no-small-factor/1")
    for label, value in (("factor.auxiliary", modulus), ("factor.s", s), ("factor.t", t)):
        transcript.absorb(label, value.to_bytes(AUXILIARY_BYTES, "big"))
    transcript.absorb_u64("factor.bits", half)
    transcript.absorb("factor.key", key.id)
    for label, value in zip("PQABT", (P, Q, A, B, T)):
        transcript.absorb(f"factor.{label}", value.to_bytes(AUXILIARY_BYTES, "big"))
    (e,) = transcript.integers("factor.e", 1)
    equations = (
        (multi_power([s, t], [z1, w1], modulus), A * pow(P, e, modulus)),
        (multi_power([s, t], [z2, w2], modulus), B * pow(Q, e, modulus)),
        (pow(Q, z1, modulus), T * multi_power([s, t], [key.n * e, v], modulus)),
    )
    for check, (left, right) in enumerate(equations, 8):
        if left != right % modulus:
            raise Refused("bad_proof", "equation", check)


def verify_blum(transcript: Transcript, key: PublicKey, data: bytes) -> None:
    """Exactly two prime factors, both 3 modulo 4 (blum-modulus, checks 2 to 5)."""
    n, width, flags = key.n, key.bits // 8, ROOTS_BLUM // 8
    w = int.from_bytes(data[:width], "big")
    if not 0 < w < n:
        raise Refused("out_of_range", "w", 2)
    if jacobi(w, n) != -1:
        raise Refused("bad_proof", "Jacobi symbol of w", 2)
    a = int.from_bytes(data[width : width + flags], "big")
    b = int.from_bytes(data[width + flags : width + 2 * flags], "big")
    roots = _numbers(data[width + 2 * flags :], width)
    for i, root in enumerate(roots):
        if not 0 < root < n:
            raise Refused("out_of_range", "root", 3, f"root {i}")
    transcript.absorb("proof", b"veilsum.blum-modulus/1")
    transcript.absorb("blum.key", key.id)
    transcript.absorb("blum.w", data[:width])
    challenges = residues(transcript, "blum.y", ROOTS_BLUM, n)
    _check_units(challenges, n, 4)
    for i, (root, y) in enumerate(zip(roots, challenges)):
        negative, times_w = a >> (ROOTS_BLUM - 1 - i) & 1, b >> (ROOTS_BLUM - 1 - i) & 1
        expected = y * (w if times_w else 1) * (-1 if negative else 1) % n
        if pow(root, 4, n) != expected:
            raise Refused("bad_proof", "root", 5, f"root {i}")
