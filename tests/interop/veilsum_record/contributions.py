"""The eleven checks of a contribution (spec: wire-format, contribution; aggregation, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from . import plaintext_knowledge, sodium
from .ceremony import Session
from .commitments import parse_rows, row_digest
from .failure import Refused
from .log import Bodies
from .messages import ContributionHeader
from .rounds import Round
from .wire import labelled, u64

SIGNATURE_LABEL = "veilsum/aggregation/v1/contribution"
PROTOCOL = "veilsum.contribution/1"


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


def check(
    header: ContributionHeader, received_at: int, round_: Round, session: Session, bodies: Bodies
) -> Contribution:
    """All eleven."""
    weight = check_header(header, received_at, round_)
    layout, key, exponent_bits = round_.header.layout, session.ceremony.key, session.header.exponent_bits()
    rows_end = 32 * layout.K
    audit_end = rows_end + 32 * layout.Ka
    proof_at = audit_end + layout.ciphertexts * key.ciphertext_bytes
    total = proof_at + plaintext_knowledge.proof_bytes(key, exponent_bits, layout.ciphertexts)
    try:
        body = bodies.get(header.body, total)
    except Refused as refused:
        raise refused.within(check=5 if refused.code == "out_of_range" else 6) from None
    if len(body) != total:
        raise Refused("malformed", "length of the contribution", 5)

    def by_client(number: int, refused: Refused) -> Refused:
        return refused.within(check=number, culprit=header.culprit)

    try:
        rows = parse_rows(body[:rows_end], layout.K)
    except Refused as refused:
        raise by_client(7, refused) from None
    if row_digest(rows) != header.rows:
        raise Refused("mismatch", "row digest", 8, culprit=header.culprit)
    try:
        parse_rows(body[rows_end:audit_end], layout.Ka)
    except Refused as refused:
        raise by_client(9, refused) from None
    try:
        ciphertexts = key.parse_units(body[audit_end:proof_at], layout.ciphertexts)
    except Refused as refused:
        raise by_client(10, refused) from None
    context = round_.context(header.client).transcript(PROTOCOL)
    context.absorb("rows", body[:rows_end])
    context.absorb("aud", body[rows_end:audit_end])
    try:
        plaintext_knowledge.verify(context, key, exponent_bits, ciphertexts, body[proof_at:])
    except Refused as refused:
        raise by_client(11, refused.within(place=f"proof check {refused.check}")) from None
    return Contribution(header, weight, rows, ciphertexts)
