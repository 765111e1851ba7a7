"""Opening a round: the ten checks of the pre-flight (spec: wire-format, round_opened; aggregation, section
3).
"""

from __future__ import annotations

from dataclasses import dataclass

from .ceremony import Session
from .failure import Refused
from .layout import FLAG_AUDIT, FLAG_L2, Floors, check_fixed_point
from .messages import Model, RoundHeader
from .plaintext_knowledge import MAX_CIPHERTEXTS
from .transcript import Context
from .wire import sha256

# Proof suites, each of version 1 (aggregation, section 3), and the options of the layout that they allow.
PLAINTEXT_KNOWLEDGE, VALIDITY = 1, 2
SUITE_OPTIONS = {PLAINTEXT_KNOWLEDGE: {FLAG_AUDIT}, VALIDITY: {FLAG_AUDIT, FLAG_AUDIT | FLAG_L2}}
FOREVER = (1 << 64) - 1


@dataclass(frozen=True)
class Round:
    """A round that passed; made by `check_round`."""

    header: RoundHeader
    roster: dict[bytes, int]
    session: bytes
    key: bytes
    parameters: bytes
    binding: bytes

    def context(self, party: bytes) -> Context:
        return Context(self.session, self.header.round, party, self.key, self.parameters, self.binding)


def check_round(
    header: RoundHeader,
    binding: bytes,
    roster: dict[bytes, int],
    roster_body: bytes,
    session: Session,
    next_round: int,
    model: Model,
    model_digest: bytes,
) -> Round:
    layout = header.layout

    def check(number: int, holds: bool, what: str, code: str = "bad_parameter") -> None:
        if not holds:
            raise Refused(code, what, number)

    check(1, header.round == next_round, "round number")
    check(2, header.model == model_digest, "model of the round is not the last round's result", "mismatch")
    check(2, layout.d == len(model.weights), "number of model weights")
    check(3, layout.nbits == session.header.modulus_bits, "modulus size of the layout")
    try:
        layout.check(Floors(modulus_bits=session.header.modulus_bits))
    except Refused as refused:
        raise refused.within(check=3, place=f"layout rule {refused.check}") from None
    check(4, layout.a == session.header.exponent_bits(), "exponent length of the layout")
    try:
        check_fixed_point(header.scale_bits, header.clip_l2, layout.b)
    except Refused as refused:
        raise refused.within(check=5) from None
    known = header.suite in SUITE_OPTIONS and header.suite_version == 1
    check(6, known, "proof suite", "unsupported")
    allowed = SUITE_OPTIONS[header.suite]
    check(6, layout.flags in allowed, "options of the layout for this proof suite")
    if header.suite == PLAINTEXT_KNOWLEDGE:
        check(6, layout.ciphertexts <= MAX_CIPHERTEXTS, "number of ciphertexts for this proof suite")
    check(7, sha256(roster_body) == header.roster, "roster", "mismatch")
    check(8, max(roster.values()) <= layout.wmax, "largest weight")
    check(8, sum(roster.values()) <= layout.m, "sum of the weights")
    check(9, header.minimum_cohort >= 2, "minimum cohort below 2")
    check(9, header.minimum_cohort <= len(roster), "minimum cohort above the roster")
    check(10, header.opens_at < header.closes_at < FOREVER, "closing time")
    return Round(header, roster, session.id, session.header.key, layout.digest(), binding)
