"""Proof of knowledge of a residue root (spec: residue-root)."""

from __future__ import annotations

from .failure import Refused
from .paillier import PublicKey
from .transcript import Transcript


def verify(context: Transcript, key: PublicKey, residue: bytes, proof: bytes) -> None:
    """Checks 1 to 5: h = rho^(n^s) modulo n^(s+1) for a rho that the prover knows."""
    width, root_width = key.ciphertext_bytes, key.bits // 8
    try:
        (h,) = key.parse_units(residue, 1)
    except Refused as refused:
        raise refused.within(check=1) from None
    if len(proof) != width + root_width:
        raise Refused("malformed", "length of the proof", 2)
    try:
        (announced,) = key.parse_units(proof[:width], 1)
    except Refused as refused:
        raise refused.within(check=3) from None
    z = int.from_bytes(proof[width:], "big")
    if not 0 < z < key.n:
        raise Refused("out_of_range", "z", 4)
    transcript = context.copy()
    transcript.absorb("proof", b"veilsum.residue-root/1")
    transcript.absorb("root.key", key.id)
    transcript.absorb("root.h", residue)
    transcript.absorb("root.A", proof[:width])
    (e,) = transcript.integers("root.e", 1)
    if pow(z, key.n_to_s, key.modulus) != announced * pow(h, e, key.modulus) % key.modulus:
        raise Refused("bad_proof", "residue root", 5)
