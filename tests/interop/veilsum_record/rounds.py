"""Opening a round: the eleven checks of the pre-flight (spec: wire-format, 4.2; aggregation, section 3)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .ceremony import Session
from .failure import Refused
from .layout import FLAG_AUDIT, FLAG_L2, Floors, check_fixed_point
from .log import NO_DIGEST, Bodies
from .messages import MAX_MODELS, Model, RoundHeader, encode_roster
from .plaintext_knowledge import MAX_CIPHERTEXTS
from .pool import Lot, Pool
from .privacy import MAX_LEDGER_BYTES, Ledger
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
    ledger: Ledger | None = None

    def context(self, party: bytes) -> Context:
        return Context(self.session, self.header.round, party, self.key, self.parameters, self.binding)


@dataclass
class Standing:
    """What the record so far says that a round rests on."""

    pool: Pool
    next_round: int = 1
    models: list[Model] = field(default_factory=list)  # by number
    lot: Lot | None = None
    ledger: Ledger | None = None  # of the round opened before


def check_round(
    header: RoundHeader, binding: bytes, session: Session, standing: Standing, model: Model, bodies: Bodies
) -> Round:
    """`model` is the one that the number has now, or before its first round the body that the record names."""
    layout = header.layout

    def check(number: int, holds: bool, what: str, code: str = "bad_parameter") -> None:
        if not holds:
            raise Refused(code, what, number)

    check(1, header.round == standing.next_round, "round number")
    check(2, header.model_number <= len(standing.models), "model number above the next one", "out_of_range")
    check(2, header.model_number < MAX_MODELS, "model number", "out_of_range")
    check(2, header.model == model.digest(), "model of the round is not the last round's result", "mismatch")
    check(2, layout.d == len(model.weights), "number of model weights")
    check(3, layout.nbits == session.header.modulus_bits, "modulus size of the layout")
    try:
        layout.check(Floors(modulus_bits=session.header.modulus_bits))
    except Refused as refused:
        raise refused.within(check=3, place=f"layout rule {refused.check}") from None
    check(4, header.key == session.key, "key of the round", "wrong_key")
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
        roster = standing.pool.roster(header.round, header.drawn, standing.lot)
    except Refused as refused:
        raise refused.within(check=7) from None
    check(7, len(roster) > 0, "roster is empty", "missing")
    check(7, sha256(encode_roster(roster)) == header.roster, "roster", "mismatch")
    check(8, max(roster.values()) <= layout.wmax, "largest weight")
    check(8, sum(roster.values()) <= layout.m, "sum of the weights")
    check(9, header.minimum_cohort >= 2, "minimum cohort below 2")
    check(9, header.minimum_cohort <= len(roster), "minimum cohort above the roster")
    check(10, header.opens_at < header.closes_at < FOREVER, "closing time")
    try:
        ledger = _check_ledger(header, roster, session, standing, bodies)
    except Refused as refused:
        inner = f"ledger check {refused.check}" if refused.check else ""
        place = ", ".join(text for text in (inner, refused.place) if text)
        raise refused.within(check=11, place=place) from None
    return Round(header, roster, session.id, header.key, layout.digest(), binding, ledger)


def _norm_bound(header: RoundHeader) -> int:
    """Least bound of the squared norm of an update without noise, rounded to nearest (encoding, section 1)."""
    norm = math.ldexp(header.clip_l2, header.scale_bits) + 0.5 * math.sqrt(header.layout.d)
    return math.ceil(norm * norm * (1.0 + 2.0**-25)) + 1


def _check_ledger(
    header: RoundHeader, roster: dict[bytes, int], session: Session, standing: Standing, bodies: Bodies
) -> Ledger | None:
    """Check 11."""
    before = standing.ledger

    def check(holds: bool, what: str, code: str = "mismatch") -> None:
        if not holds:
            raise Refused(code, what)

    if standing.next_round > 1:
        check((header.ledger == NO_DIGEST) == (before is None), "privacy budget in some rounds only")
    if header.ledger == NO_DIGEST:
        return None
    body = bodies.get(header.ledger, MAX_LEDGER_BYTES)
    ledger = Ledger.parse(body) if before is None else before.followed_by(body)
    check(ledger.scope == session.id, "scope of the ledger", "wrong_context")
    check(len(ledger.entries) == (1 if before is None else len(before.entries) + 1), "entries of the ledger")
    entry, layout = ledger.entries[-1], header.layout
    check(entry.round == header.round, "round of the ledger's last entry")
    check(entry.clients == len(roster), "clients of the ledger's last entry")
    check(entry.dimension == layout.d, "dimension of the ledger's last entry")
    check(entry.norm >= _norm_bound(header), "norm of the ledger's last entry is below that of an update")
    check(layout.has_l2, "norm bound of a round with a budget", "bad_parameter")
    check(int.from_bytes(layout.B2, "big") == entry.plan.norm_bound(entry.norm), "norm bound of the layout")
    largest = header.clip_l2 * math.ldexp(1.0, header.scale_bits) + 1.0 + entry.plan.largest
    fits = largest <= math.ldexp(1.0, layout.b - 1) - 1.0
    check(fits, "noised values do not fit into value_bits", "bad_parameter")
    check(header.minimum_cohort >= entry.plan.smallest_cohort, "minimum cohort for the noise", "bad_parameter")
    check(all(weight == 1 for weight in roster.values()), "weight in a round with noise", "bad_parameter")
    return ledger
