"""What the records between rounds establish (spec: wire-format, sections 3.1 and 4): ceremony in force, pool of
clients, models, privacy ledger, and what the next cohort is drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import messages, sodium
from .ceremony import Session, read_ceremony
from .failure import Refused
from .layout import Layout
from .log import Bodies, Record
from .messages import Enrolment, KeyRotated, Model, RoundHeader
from .privacy import MAX_LEDGER_BYTES, Ledger
from .rounds import Round, Terms, check_round
from .wire import labelled, sha256, u32, u64

ENROLMENT_LABEL = "veilsum/aggregation/v1/enrolment"
ROTATION_LABEL = "veilsum/aggregation/v1/rotation"
DRAW_LABEL = b"veilsum/aggregation/v1/draw"
NO_LEDGER = bytes(32)


@dataclass
class Member:
    serial: int = 0  # enrolments so far
    weight: int = 0  # 0: not in the pool
    since: int = 0  # record that put it in


@dataclass(frozen=True)
class OpenedRound:
    facts: Round
    first: Model | None  # with the first round of a model number
    ledger: Ledger | None


class Standing:
    """The `check_...` change nothing; the others do what was checked."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.members: dict[bytes, Member] = {}  # everybody who ever enrolled
        self.models: list[Model] = []
        self.ledger: Ledger | None = None
        self.next_round = 1
        self._opened_at = 0  # record of the last round_opened
        self._opening: tuple[bytes, int] | None = None  # of the last result, with its round_opened

    @property
    def pool(self) -> dict[bytes, int]:
        return {client: self.members[client].weight for client in sorted(self.members) if self._there(client)}

    def _there(self, client: bytes) -> bool:
        return client in self.members and self.members[client].weight != 0

    # Clients.

    def enrol(self, record: Record) -> None:
        content = Enrolment.parse(record.body)
        client = content.client
        if not sodium.is_verifying_key(client):
            raise Refused("malformed", "client id")
        member = self.members.get(client, Member())
        if content.serial != member.serial:
            raise Refused("duplicate", "serial of the enrolment")
        message = self.session.id + client + u32(content.weight) + u64(content.serial)
        if not sodium.verify(client, labelled(ENROLMENT_LABEL, message), content.signature):
            raise Refused("bad_signature", "enrolment")
        there = self._there(client)
        if content.weight == 0 and not there:
            raise Refused("missing", "client that leaves")
        if content.weight != 0 and not there and len(self.pool) >= messages.MAX_CLIENTS:
            raise Refused("out_of_range", "number of enrolled clients")
        since = member.since if there else record.sequence
        self.members[client] = Member(member.serial + 1, content.weight, since)

    def remove(self, record: Record) -> None:
        client = messages.parse_removal(record.body)
        if not self._there(client):
            raise Refused("missing", "client that is removed")
        self.members[client] = replace(self.members[client], weight=0)

    # The ceremony in force.

    def rotate(self, record: Record, bodies: Bodies) -> None:
        content = KeyRotated.parse(record.body)
        ceremony = self.session.ceremony
        indices = [index for index, _ in content.approvals]
        if any(a >= b for a, b in zip([0, *indices], indices)):
            raise Refused("malformed", "order of the trustees that approve")
        if any(index > ceremony.verification.trustees for index in indices):
            raise Refused("out_of_range", "trustee that approves")
        message = labelled(ROTATION_LABEL, self.session.id + record.previous + content.ceremony)
        for index, signature in content.approvals:
            if not sodium.verify(ceremony.trustees[index - 1], message, signature):
                raise Refused("bad_signature", "approval of the new ceremony", 0, f"trustee {index}")
        if len(indices) < ceremony.verification.quorum:
            raise Refused("refused", "fewer than a quorum approve the new ceremony")
        following = replace(self.session.header, ceremony=content.ceremony, key=content.key)
        self.session = Session(self.session.id, following, read_ceremony(following, bodies))

    # Rounds.

    def check_round_opened(self, record: Record, bodies: Bodies) -> OpenedRound:
        header = RoundHeader.parse(record.body)
        _body(bodies, header.roster, messages.MAX_ROSTER_BYTES, "roster")
        known = header.model_number < len(self.models)
        if known:
            model = self.models[header.model_number]
        else:
            model = Model.parse(_body(bodies, header.model, messages.MAX_MODEL_BYTES, "model"))
        terms = Terms(self.session, self.next_round, len(self.models), model)
        facts = check_round(header, record.hash(), terms, lambda: self._roster(header))
        try:
            ledger = self._check_ledger(facts, bodies)
        except Refused as refused:
            raise refused.within(check=11) from None
        return OpenedRound(facts, None if known else model, ledger)

    def _roster(self, header: RoundHeader) -> dict[bytes, int]:
        if header.drawn == 0:
            if not self.pool:
                raise Refused("missing", "enrolled client")
            return self.pool
        if self._opening is None:
            raise Refused("missing", "result to draw the cohort from")
        opening, opened_at = self._opening
        front = DRAW_LABEL + self.session.id + opening + u64(header.round)
        tickets = sorted(
            (sha256(front + client), client)
            for client in self.pool
            if self.members[client].since < opened_at
        )
        if len(tickets) < header.drawn:
            raise Refused("out_of_range", "number of clients that are drawn")
        drawn = sorted(client for _, client in tickets[: header.drawn])
        return {client: self.members[client].weight for client in drawn}

    def _check_ledger(self, facts: Round, bodies: Bodies) -> Ledger | None:
        header = facts.header
        has, first = header.ledger != NO_LEDGER, self.next_round == 1
        if not first and has != (self.ledger is not None):
            raise Refused("mismatch", "a session has a privacy budget from its first round on or not")
        if not has:
            return None
        ledger = Ledger.parse(_body(bodies, header.ledger, MAX_LEDGER_BYTES, "privacy ledger"))
        if ledger.scope != self.session.id:
            raise Refused("wrong_context", "scope of the privacy ledger")
        before = self.ledger if self.ledger is not None else replace(ledger, entries=[])
        if ledger.terms != before.terms:
            raise Refused("mismatch", "terms of the privacy budget")
        if len(ledger.entries) != len(before.entries) + 1 or ledger.entries[:-1] != before.entries:
            raise Refused("mismatch", "privacy ledger does not continue the last one")
        _check_entry(ledger, facts)
        return ledger

    def open(self, opened: OpenedRound, record: Record) -> None:
        if opened.first is not None:
            self.models.append(opened.first)
        self.ledger = opened.ledger
        self._opened_at = record.sequence

    def finish(self, number: int, model: Model, opening: bytes) -> None:
        self.models[number] = model
        self._opening = opening, self._opened_at
        self.next_round += 1

    def finish_without_result(self) -> None:
        self.next_round += 1


def _body(bodies: Bodies, digest: bytes, cap: int, place: str) -> bytes:
    try:
        return bodies.get(digest, cap)
    except Refused as refused:
        raise refused.within(place=place) from None


def _check_entry(ledger: Ledger, facts: Round) -> None:
    """What check 11 asks of the entry of this round, in its order."""
    header, entry = facts.header, ledger.entries[-1]
    layout: Layout = header.layout
    if entry.round != header.round:
        raise Refused("mismatch", "round of the privacy ledger")
    if entry.clients != len(facts.roster):
        raise Refused("mismatch", "clients of the privacy ledger")
    if entry.dimension != layout.d:
        raise Refused("mismatch", "dimension of the privacy ledger")
    plan = entry.plan()
    if not layout.has_l2 or int.from_bytes(layout.B2, "big") != plan.norm_bound(entry.norm):
        raise Refused("mismatch", "norm bound of the round is not the ledger's")
    if not plan.fits(header.clip_l2, header.scale_bits, layout.b):
        raise Refused("bad_parameter", "clipped values and noise do not fit")
    if header.minimum_cohort < entry.clients - entry.missing:
        raise Refused("refused", "minimum cohort below what the noise was planned for")
    if max(facts.roster.values()) != 1:
        raise Refused("refused", "weights with a privacy budget")
