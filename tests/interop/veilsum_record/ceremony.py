"""The first record, the ceremony that it names, and the change to another one: step 3 of an audit (spec:
aggregation, sections 1, 2 and 7; wire-format, sections 2 to 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Callable, TypeVar

from . import key_validity, sodium, wire
from .failure import Refused
from .log import NO_DIGEST, Bodies, Record
from .messages import MAX_CEREMONY_BYTES, RECORD_VERSION, SESSION_OPENED, Rotation, SessionHeader
from .paillier import MODULUS_BITS, PublicKey
from .threshold import MAX_TRUSTEES, VerificationKeys, trustee_name
from .transcript import Transcript

ACKNOWLEDGEMENT = "veilsum/aggregation/v1/acknowledgement"
ROTATION = "veilsum/aggregation/v1/rotation"
VERSION = 2
PROTOCOL = "veilsum.ceremony/2"


@dataclass(frozen=True)
class _Parts:
    """A ceremony's frame taken apart, nothing in it checked yet."""

    id: bytes
    key: bytes
    proof: bytes
    verification: bytes
    trustees: list[bytes]
    acknowledgements: list[bytes]
    core: bytes  # all but the acknowledgements

    @staticmethod
    def read(data: bytes) -> _Parts:
        body = wire.unframe(data, wire.CEREMONY, VERSION, MAX_CEREMONY_BYTES)
        reader = wire.Reader(body)
        ceremony_id = reader.fixed(32)
        key = reader.var(MAX_CEREMONY_BYTES)
        proof = reader.var(MAX_CEREMONY_BYTES)
        verification = reader.var(MAX_CEREMONY_BYTES)
        trustees = [reader.fixed(32) for _ in range(reader.count(MAX_TRUSTEES, 32))]
        core = body[: len(body) - reader.remaining]
        acknowledgements = [reader.fixed(64) for _ in range(reader.count(MAX_TRUSTEES, 64))]
        reader.finish()
        return _Parts(ceremony_id, key, proof, verification, trustees, acknowledgements, core)


@dataclass(frozen=True)
class Ceremony:
    id: bytes
    key: PublicKey
    proof: bytes
    verification: VerificationKeys
    trustees: list[bytes]  # [i - 1] signs for trustee i
    acknowledgements: list[bytes]
    core: bytes

    @staticmethod
    def parse(data: bytes, bits: int, degree: int) -> Ceremony:
        """Checks 2 and 4 of wire-format, section 3, and of 1 and 3 what concerns the form."""
        parts = _part(1, "", lambda: _Parts.read(data))
        key = _part(2, "key", lambda: PublicKey.parse(parts.key, bits, degree))
        if len(parts.proof) != key_validity.proof_bytes(bits):
            raise Refused("malformed", "length of the proof of the key", 3)
        verification = _part(4, "verification keys", lambda: VerificationKeys.parse(key, parts.verification))
        for i, trustee in enumerate(parts.trustees, 1):
            if not sodium.is_verifying_key(trustee):
                raise Refused("malformed", "signing key of a trustee", 1, trustee_name(i))
        return Ceremony(
            parts.id,
            key,
            parts.proof,
            verification,
            parts.trustees,
            parts.acknowledgements,
            wire.sha256(parts.core),
        )

    def check(self) -> None:
        """Checks 1, 3, 5 and 6."""
        expected = self.verification.trustees
        if len(self.trustees) != expected or len(self.acknowledgements) != expected:
            raise Refused("mismatch", "number of trustees and acknowledgements", 1)
        if len(set(self.trustees)) != expected:
            raise Refused("duplicate", "signing key of a trustee", 1)
        _part(3, "proof of the key", lambda: _check_proof(self.id, self.key, self.proof))
        _part(5, "verification keys", self.verification.check)
        for i, (trustee, signature) in enumerate(zip(self.trustees, self.acknowledgements), 1):
            message = wire.labelled(ACKNOWLEDGEMENT, self.core + wire.u16(i))
            if not sodium.verify(trustee, message, signature):
                raise Refused("bad_signature", "acknowledgement of the ceremony", 6, trustee_name(i))


Checked = TypeVar("Checked")


def _part(check: int, name: str, action: Callable[[], Checked]) -> Checked:
    """A check that is a list of checks: the number is that of the whole, the place says the rest."""
    try:
        return action()
    except Refused as refused:
        inner = f"check {refused.check}" if name and refused.check else ""
        place = ", ".join(text for text in (name, inner, refused.place) if text)
        raise refused.within(check=check, place=place) from None


@lru_cache(maxsize=16)
def _check_proof(ceremony_id: bytes, key: PublicKey, proof: bytes) -> None:
    """The answer depends on these three only; whoever audits many records of one ceremony asks once."""
    context = Transcript(PROTOCOL)
    context.absorb("ceremony", ceremony_id)
    context.absorb("key", key.id)
    key_validity.verify(context, key, proof)


@dataclass(frozen=True)
class Session:
    """What everybody knows of a session once its first record has passed. The ceremony is the one in force:
    `rotated` makes the session that follows from another. What the header says of key and ceremony is what the
    session began with.
    """

    id: bytes
    header: SessionHeader
    ceremony: Ceremony

    @property
    def key(self) -> bytes:
        """Key id of the key in force."""
        return self.ceremony.key.id


def open_session(first: Record, bodies: Bodies, modulus_bits: frozenset[int] = MODULUS_BITS) -> Session:
    """Step 3. `modulus_bits` are the sizes that the auditor accepts."""
    if first.type != SESSION_OPENED:
        raise Refused("malformed", "first record is not session_opened")
    if first.version != RECORD_VERSION:
        raise Refused("unsupported", "record version")
    if first.previous != NO_DIGEST:
        raise Refused("mismatch", "record before the first")
    header = SessionHeader.parse(first.body)
    if header.modulus_bits not in modulus_bits or header.degree != 1:
        raise Refused("unsupported", "modulus size and degree of the session")
    return Session(first.hash(), header, _checked_ceremony(header.ceremony, header.key, header, bodies))


def _checked_ceremony(digest: bytes, key: bytes, header: SessionHeader, bodies: Bodies) -> Ceremony:
    """What the first record and every rotation ask of a ceremony."""
    body = bodies.get(digest, MAX_CEREMONY_BYTES)
    ceremony = Ceremony.parse(body, header.modulus_bits, header.degree)
    if ceremony.key.id != key:
        raise Refused("wrong_key", "key id of the session")
    ceremony.check()
    if 2 * ceremony.verification.quorum <= ceremony.verification.trustees:
        raise Refused("bad_parameter", "quorum is no majority of the trustees")
    return ceremony


def rotation_message(session: bytes, before: bytes, ceremony: bytes) -> bytes:
    """What the trustees in force sign; `before` is the hash of the record before the rotation."""
    return wire.labelled(ROTATION, session + before + ceremony)


def rotated(session: Session, record: Record, bodies: Bodies) -> Session:
    """The session after a `key_rotated` record."""
    rotation = Rotation.parse(record.body)
    old = session.ceremony
    signers = [trustee for trustee, _ in rotation.signatures]
    if any(a >= b for a, b in zip(signers, signers[1:])):
        raise Refused("malformed", "order of the trustees that sign")
    if any(not 1 <= trustee <= old.verification.trustees for trustee in signers):
        raise Refused("out_of_range", "trustee that signs")
    message = rotation_message(session.id, record.previous, rotation.ceremony)
    for trustee, signature in rotation.signatures:
        if not sodium.verify(old.trustees[trustee - 1], message, signature):
            raise Refused("bad_signature", "change of the key", 0, trustee_name(trustee))
    if len(signers) < old.verification.quorum:
        raise Refused("missing", "signatures of a quorum")
    new = _checked_ceremony(rotation.ceremony, rotation.key, session.header, bodies)
    return replace(session, ceremony=new)
