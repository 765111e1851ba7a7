"""The checks of a contribution (spec: wire-format, contribution; aggregation, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from . import plaintext_knowledge, sodium, validity
from .ceremony import Session
from .commitments import parse_rows, row_digest
from .failure import Refused
from .log import Bodies
from .messages import ContributionHeader
from .rounds import VALIDITY, Round
from .submission import Shape
from .transcript import Context
from .wire import labelled, u64

SIGNATURE_LABEL = "veilsum/aggregation/v1/contribution"
PROTOCOL = "veilsum.contribution/1"
VALIDITY_CHECKS = 100  # plus the reason of the validity proof, suite 2


@dataclass(frozen=True)
class Contribution:
    """One that passed all checks."""

    header: ContributionHeader
    weight: int
    rows: list[bytes]
    ciphertexts: list[int]


def signed_message(header: ContributionHeader, round_: Round) -> bytes:
    message = round_.session + u64(header.round) + header.client + round_.key
    message += round_.parameters + round_.binding + header.rows + header.body
    return labelled(SIGNATURE_LABEL, message)


def check_header(header: ContributionHeader, received_at: int, round_: Round) -> int:
    """Checks 1 to 4: who sent it and when. Returns the client's weight."""
    if header.round != round_.header.round:
        raise Refused("wrong_context", "round of the contribution", 1)
    weight = round_.roster.get(header.client)
    if weight is None:
        raise Refused("refused", "client is not on the roster", 2)
    if not sodium.verify(header.client, signed_message(header, round_), header.signature):
        raise Refused("bad_signature", "signature of the contribution", 3)
    if not round_.header.opens_at <= received_at <= round_.header.closes_at:
        raise Refused("refused", "contribution outside the opening hours", 4, culprit=header.culprit)
    return weight


def fetch_body(header: ContributionHeader, round_: Round, session: Session, bodies: Bodies, least: int = 0) -> bytes:
    """Checks 5 and 6; with `least` a shorter body of so many bytes will do."""
    length = _places(round_, session).total
    try:
        body = bodies.get(header.body, length)
    except Refused as refused:
        raise refused.within(check=5 if refused.code == "out_of_range" else 6) from None
    if len(body) < (least or length):
        raise Refused("malformed", "length of the contribution", 5)
    return body


def check(
    header: ContributionHeader, received_at: int, round_: Round, session: Session, bodies: Bodies
) -> Contribution:
    """All of them."""
    weight = check_header(header, received_at, round_)
    layout, key = round_.header.layout, session.ceremony.key
    places = _places(round_, session)
    body = fetch_body(header, round_, session, bodies)

    def by_client(number: int, refused: Refused) -> Refused:
        return refused.within(check=number, culprit=header.culprit)

    try:
        rows = parse_rows(body[places.rows], layout.K)
    except Refused as refused:
        raise by_client(7, refused) from None
    if row_digest(rows) != header.rows:
        raise Refused("mismatch", "row digest", 8, culprit=header.culprit)
    if round_.header.suite == VALIDITY:
        # Reason 1 is what session and round were checked for, reason 2 is check 5.
        try:
            validity.check_submission(body, layout, key, round_.context(header.client))
        except Refused as refused:
            raise by_client(VALIDITY_CHECKS + refused.check, refused) from None
        return Contribution(header, weight, rows, key.parse_units(body[places.ciphertexts], layout.ciphertexts))
    try:
        parse_rows(body[places.aud], layout.Ka)
    except Refused as refused:
        raise by_client(9, refused) from None
    try:
        ciphertexts = key.parse_units(body[places.ciphertexts], layout.ciphertexts)
    except Refused as refused:
        raise by_client(10, refused) from None
    try:
        _check_proof(body, places, ciphertexts, round_.context(header.client), session)
    except Refused as refused:
        raise by_client(11, refused) from None
    return Contribution(header, weight, rows, ciphertexts)


@dataclass(frozen=True)
class _Places:
    """Where the parts that both suites have lie in a body, and its length."""

    rows: slice
    aud: slice
    ciphertexts: slice
    total: int


def _places(round_: Round, session: Session) -> _Places:
    layout, key = round_.header.layout, session.ceremony.key
    if round_.header.suite == VALIDITY:
        shape = Shape(layout)
        spans = shape.spans()
        return _Places(spans["rows"], spans["aud"], spans["cts"], shape.length)
    rows_end = 32 * layout.K
    audit_end = rows_end + 32 * layout.Ka
    proof_at = audit_end + layout.ciphertexts * key.ciphertext_bytes
    proof_bytes = plaintext_knowledge.proof_bytes(key, session.header.exponent_bits(), layout.ciphertexts)
    return _Places(
        slice(0, rows_end), slice(rows_end, audit_end), slice(audit_end, proof_at), proof_at + proof_bytes
    )


def _check_proof(
    body: bytes, places: _Places, ciphertexts: list[int], context: Context, session: Session
) -> None:
    """Check 11 of suite 1; the proof's own number stays in the place."""
    key = session.ceremony.key
    transcript = context.transcript(PROTOCOL)
    transcript.absorb("rows", body[places.rows])
    transcript.absorb("aud", body[places.aud])
    proof = body[places.ciphertexts.stop :]
    try:
        plaintext_knowledge.verify(transcript, key, session.header.exponent_bits(), ciphertexts, proof)
    except Refused as refused:
        raise refused.within(place=f"proof check {refused.check}") from None
