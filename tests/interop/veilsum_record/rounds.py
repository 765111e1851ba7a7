"""Opening a round: checks 1 to 10 of the pre-flight (spec: wire-format, round_opened; aggregation, section
3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from .ceremony import Session
from .failure import Refused
from .layout import FLAG_AUDIT, FLAG_L2, Floors, check_fixed_point
from .messages import Model, RoundHeader
from .plaintext_knowledge import MAX_CIPHERTEXTS
from .transcript import Context
from .wire import sha256, u32

# Proof suites, each of version 1 (aggregation, section 3), and the options of the layout that they allow.
PLAINTEXT_KNOWLEDGE, VALIDITY = 1, 2
SUITE_OPTIONS = {PLAINTEXT_KNOWLEDGE: {FLAG_AUDIT}, VALIDITY: {FLAG_AUDIT, FLAG_AUDIT | FLAG_L2}}
FOREVER = (1 << 64) - 1
MOST_MODELS = 16


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


@dataclass(frozen=True)
class Terms:
    """What the session demands of its next round."""

    session: Session
    next_round: int
    models: int  # numbers in use
    model: Model  # that the round's number has now, or begins with


def encode_roster(roster: dict[bytes, int]) -> bytes:
    return u32(len(roster)) + b"".join(client + u32(weight) for client, weight in sorted(roster.items()))


def check_round(
    header: RoundHeader, binding: bytes, terms: Terms, follow: Callable[[], dict[bytes, int]]
) -> Round:
    """`follow` gives the roster that follows from the record, or refuses."""
    session, layout = terms.session, header.layout

    def check(number: int, holds: bool, what: str, code: str = "bad_parameter") -> None:
        if not holds:
            raise Refused(code, what, number)

    check(1, header.round == terms.next_round, "round number")
    check(2, header.model_number <= terms.models and header.model_number < MOST_MODELS, "model number")
    same = header.model == terms.model.digest()
    check(2, same, "model of the round is not the last round's result", "mismatch")
    check(2, layout.d == len(terms.model.weights), "number of model weights")
    check(3, layout.nbits == session.header.modulus_bits, "modulus size of the layout")
    try:
        layout.check(Floors(modulus_bits=session.header.modulus_bits))
    except Refused as refused:
        raise refused.within(check=3, place=f"layout rule {refused.check}") from None
    check(4, header.key == session.header.key, "key of the round", "wrong_key")
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
    try:
        roster = follow()
    except Refused as refused:
        raise refused.within(check=7) from None
    check(7, sha256(encode_roster(roster)) == header.roster, "roster", "mismatch")
    check(8, max(roster.values()) <= layout.wmax, "largest weight")
    check(8, sum(roster.values()) <= layout.m, "sum of the weights")
    check(9, header.minimum_cohort >= 2, "minimum cohort below 2")
    check(9, header.minimum_cohort <= len(roster), "minimum cohort above the roster")
    check(10, header.opens_at < header.closes_at < FOREVER, "closing time")
    return Round(header, roster, session.id, header.key, layout.digest(), binding)
