"""The fold over a record (spec: aggregation, sections 1 and 4 to 7; wire-format, sections 4 to 10).

    session_opened -> ( { enrolment | removal | key_rotated }*
                        -> round_opened -> { contribution | refusal }* -> round_closed
                        -> { partial | partial_refusal }* -> round_result | round_abandoned )* -> session_closed
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Callable

from . import commitments, contributions, messages, partials, sodium
from .ceremony import Session, rotated
from .failure import AGGREGATOR, Refused
from .log import NO_DIGEST, Bodies, Record
from .messages import Abandonment, Model, RoundClosed, RoundHeader, RoundResult
from .pool import Lot, Pool
from .rounds import Round, Standing, check_round
from .threshold import Partial, combine
from .wire import sha256

# Steps of an audit (aggregation, section 7) that the fold enters.
CHAIN, CHECKPOINT, CEREMONY, ROUND, CONTRIBUTION, REFUSAL, CLOSING = 1, 2, 3, 4, 5, 6, 7
POLICY, PARTIAL, COMBINATION, COMMITMENTS, MODEL, FILES = 8, 9, 10, 11, 12, 13


class Phase(Enum):
    BETWEEN_ROUNDS = 1
    COLLECTING = 2
    OPENING = 3
    ENDED = 4


@dataclass
class OpenRound:
    """A round from round_opened to its result."""

    facts: Round
    opened: int  # sequence number of its round_opened record
    model: Model  # what it begins with
    clock: int  # latest time on the round's records
    # In the order of their records.
    accepted: dict[bytes, contributions.ContributionHeader] = field(default_factory=dict)
    refused: set[bytes] = field(default_factory=set)
    product: list[int] = field(default_factory=list)  # weighted, of the accepted ciphertexts
    row_sums: list[bytes] = field(default_factory=list)  # weighted, of the row commitments
    aggregate: bytes = bytes(32)  # digest of the product, once closed
    partials: list[Partial] = field(default_factory=list)  # the first quorum that verified
    answered: set[int] = field(default_factory=set)  # trustees whose answer is on the record, right or wrong

    @property
    def weight(self) -> int:
        return sum(self.facts.roster[client] for client in self.accepted)


def wrong(code: str, what: str) -> Refused:
    """A record that the aggregator should not have written."""
    return Refused(code, what, culprit=AGGREGATOR)


class SessionState:
    """Applies records one after the other; raises Refused and stays where it was when one is not right."""

    def __init__(
        self, session: Session, bodies: Bodies, enter: Callable[[int], None] = lambda step: None
    ) -> None:
        self.session = session
        self.phase = Phase.BETWEEN_ROUNDS
        self.standing = Standing(Pool(session.id))
        self.files: list[tuple[str, bytes]] = []
        self.bodies = bodies
        self._enter = enter
        self._round: OpenRound | None = None
        self._history: list[partials.OpenedSet] = []

    def apply(self, record: Record) -> None:
        """Checks one record and takes it in; a refusal comes with its place and with who is at fault."""
        self.bodies.complete = True
        try:
            self._apply(record)
        except Refused as refused:
            raise self._blame(refused, record) from None

    def _blame(self, refused: Refused, record: Record) -> Refused:
        """Who answers for a refusal (aggregation, section 7)."""
        culprit = refused.culprit
        unsigned = {
            messages.CONTRIBUTION: 4,
            messages.REFUSAL: 4,
            messages.PARTIAL: 3,
            messages.PARTIAL_REFUSAL: 3,
        }.get(record.type, -1)
        if refused.code == "unsupported":
            culprit = ""
        elif refused.check <= unsigned or (culprit == "" and self.bodies.complete):
            culprit = AGGREGATOR
        place = f"record {record.sequence}"
        return refused.within(place=f"{place}, {refused.place}" if refused.place else place, culprit=culprit)

    def _apply(self, record: Record) -> None:
        self._enter(CHAIN)
        if record.version != messages.RECORD_VERSION:
            raise Refused("unsupported", "record version")
        table: dict[int, tuple[int, Phase, Callable[[Record], None]]] = {
            messages.ROUND_OPENED: (ROUND, Phase.BETWEEN_ROUNDS, self._round_opened),
            messages.CONTRIBUTION: (CONTRIBUTION, Phase.COLLECTING, self._contribution),
            messages.REFUSAL: (REFUSAL, Phase.COLLECTING, self._refusal),
            messages.ROUND_CLOSED: (CLOSING, Phase.COLLECTING, self._round_closed),
            messages.PARTIAL: (PARTIAL, Phase.OPENING, self._partial),
            messages.PARTIAL_REFUSAL: (PARTIAL, Phase.OPENING, self._partial_refusal),
            messages.ROUND_RESULT: (COMBINATION, Phase.OPENING, self._result),
            messages.ROUND_ABANDONED: (COMBINATION, Phase.OPENING, self._abandoned),
            messages.SESSION_CLOSED: (FILES, Phase.BETWEEN_ROUNDS, self._session_closed),
            messages.ENROLMENT: (ROUND, Phase.BETWEEN_ROUNDS, self._enrolment),
            messages.REMOVAL: (ROUND, Phase.BETWEEN_ROUNDS, self._removal),
            messages.KEY_ROTATED: (CEREMONY, Phase.BETWEEN_ROUNDS, self._key_rotated),
        }
        if record.type == messages.SESSION_OPENED:
            raise wrong("malformed", "record out of turn")
        if record.type not in table:
            raise Refused("unsupported", "record type")
        step, phase, handler = table[record.type]
        if record.type != messages.PARTIAL or self.phase is not phase:  # it enters step 8 before 9
            self._enter(step)
        if self.phase is not phase:
            raise wrong("malformed", "record out of turn")
        handler(record)

    @property
    def current(self) -> OpenRound:
        assert self._round is not None
        return self._round

    # Step 3.
    def _key_rotated(self, record: Record) -> None:
        self.session = rotated(self.session, record, self.bodies)

    # Step 4.
    def _enrolment(self, record: Record) -> None:
        self.standing.pool.enrol(record.body, record.sequence)

    def _removal(self, record: Record) -> None:
        self.standing.pool.remove(record.body)

    def _round_opened(self, record: Record) -> None:
        header = RoundHeader.parse(record.body)
        self._get(header.roster, messages.MAX_ROSTER_BYTES, "roster")
        standing = self.standing
        if header.model_number < len(standing.models):
            model = standing.models[header.model_number]
        else:
            body = self._get(header.model, messages.MAX_MODEL_BYTES, "model")
            try:
                model = Model.parse(body)
            except Refused as refused:
                raise refused.within(place="model") from None
        facts = check_round(header, record.hash(), self.session, standing, model, self.bodies)
        if header.model_number == len(standing.models):
            standing.models.append(model)
        standing.next_round += 1
        standing.ledger = facts.ledger
        self._round = OpenRound(facts, record.sequence, model, header.opens_at)
        self.phase = Phase.COLLECTING

    def _get(self, digest: bytes, cap: int, place: str) -> bytes:
        try:
            return self.bodies.get(digest, cap)
        except Refused as refused:
            raise refused.within(place=place) from None

    def _check_contribution(
        self, header: contributions.ContributionHeader, at: int
    ) -> contributions.Contribution:
        return contributions.check(header, at, self.current.facts, self.session, self.bodies)

    # Step 5.
    def _contribution(self, record: Record) -> None:
        header, received_at = messages.parse_contribution(record.body)
        round_ = self.current
        if header.client in round_.accepted or header.client in round_.refused:
            raise Refused("duplicate", "second contribution of a client")
        if received_at < round_.clock:
            raise wrong("refused", "clock of the record runs backwards")
        content = self._check_contribution(header, received_at)
        self._fold(content, content.weight)
        round_.accepted[header.client] = header
        round_.clock = received_at

    # Step 6.
    def _refusal(self, record: Record) -> None:
        header, received_at, reason = messages.parse_refusal(record.body)
        round_ = self.current
        if received_at < round_.clock:
            raise wrong("refused", "clock of the record runs backwards")
        if header.client in round_.refused:
            raise wrong("refused", "second refusal of a client")
        late = False
        try:
            contributions.check_header(header, received_at, round_.facts)
        except Refused as refused:
            if refused.check != messages.LATE:
                raise  # not signed by that client: no evidence
            late = True
        earlier = round_.accepted.get(header.client)
        if reason == messages.EQUIVOCATION:
            if earlier is None:
                raise wrong("refused", "equivocation without an earlier contribution")
            if (earlier.rows, earlier.body) == (header.rows, header.body):
                raise wrong("refused", "equivocation with the same contribution")
            withdrawn = self._check_contribution(earlier, round_.facts.header.opens_at)
            self._fold(withdrawn, -withdrawn.weight)
            del round_.accepted[header.client]
        elif earlier is not None:
            raise wrong("refused", "refusal of a client that is counted")
        else:
            self._check_reason(header, received_at, reason, late)
        round_.refused.add(header.client)
        round_.clock = received_at

    def _check_reason(
        self, header: contributions.ContributionHeader, received_at: int, reason: int, late: bool
    ) -> None:
        """The contribution was late, or the body fails the very check that the refusal names."""
        if reason == messages.LATE:
            if not late:
                raise wrong("refused", "refusal as late of a contribution in time")
            return
        try:
            self._check_contribution(header, received_at)
        except Refused as refused:
            if refused.check in (5, 6):
                raise  # no evidence to be read
            if refused.check != reason:
                raise wrong("refused", "refusal for another reason than the evidence shows") from None
            return
        raise wrong("refused", "refusal of a valid contribution")

    def _fold(self, content: contributions.Contribution, weight: int) -> None:
        """product *= ciphertexts^weight, row sums += weight rows; a negative weight takes out again."""
        round_, modulus = self.current, self.session.ceremony.key.modulus
        if not round_.row_sums:
            round_.product = [1] * len(content.ciphertexts)
            round_.row_sums = [bytes(32)] * len(content.rows)
        powers = (pow(value, weight, modulus) for value in content.ciphertexts)
        round_.product = [a * b % modulus for a, b in zip(round_.product, powers)]
        rows = (sodium.multiply(weight, row) for row in content.rows)
        round_.row_sums = [sodium.add(a, b) for a, b in zip(round_.row_sums, rows)]

    # Step 7.
    def _round_closed(self, record: Record) -> None:
        closed = RoundClosed.parse(record.body)
        round_ = self.current
        header = round_.facts.header
        heard = {*round_.accepted, *round_.refused}
        silent = [client for client in round_.facts.roster if client not in heard]
        if closed.round != header.round:
            raise wrong("wrong_context", "round of the closing")
        if closed.closed_at < round_.clock:
            raise wrong("refused", "clock of the record runs backwards")
        if silent and closed.closed_at <= header.closes_at:
            raise wrong("refused", "round closed before its time while clients were silent")
        if closed.accepted != list(round_.accepted):
            raise wrong("mismatch", "accepted clients")
        if closed.refused != sorted(round_.refused):
            raise wrong("mismatch", "refused clients")
        if closed.silent != silent:
            raise wrong("mismatch", "silent clients")
        enough = len(round_.accepted) >= header.minimum_cohort
        if closed.outcome != (messages.OPEN_FOR_DECRYPTION if enough else messages.BELOW_MINIMUM_COHORT):
            raise wrong("mismatch", "outcome of the round")
        self._check_aggregate(closed, enough)
        if not enough:
            self._finish_round()
            return
        round_.aggregate = closed.aggregate
        self.phase = Phase.OPENING

    def _check_aggregate(self, closed: RoundClosed, enough: bool) -> None:
        product, key = self.current.product, self.session.ceremony.key
        aggregate = sha256(key.encode_units(product)) if enough else NO_DIGEST
        if closed.aggregate != aggregate:
            raise wrong("mismatch", "product of the ciphertexts")
        if enough:
            self.bodies.get(aggregate, len(product) * key.ciphertext_bytes)

    # Steps 8 and 9.
    def _partial(self, record: Record) -> None:
        round_ = self.current
        announced = any(before.round == round_.facts.header.round for before in self._history)
        candidate = self._candidate()
        if not announced:
            self._enter(POLICY)
            partials.may_open(candidate, self._history)
        self._enter(PARTIAL)
        partial = self._check_answer(record)
        if not announced:
            self._history.append(candidate)
        round_.answered.add(partial.index)
        if len(round_.partials) < self.session.ceremony.verification.quorum:
            round_.partials.append(partial)

    def _candidate(self) -> partials.OpenedSet:
        round_ = self.current
        header = round_.facts.header
        members = {client: round_.facts.roster[client] for client in round_.accepted}
        return partials.OpenedSet(
            header.round, header.minimum_cohort, header.model, round_.aggregate, members
        )

    def _check_answer(self, record: Record) -> Partial:
        """The six checks; a trustee has one answer, right or wrong."""
        round_ = self.current
        header = messages.PartialHeader.parse(record.body)
        if header.trustee in round_.answered:
            raise Refused("duplicate", "second answer of a trustee")
        return partials.check(
            header, round_.facts, round_.aggregate, round_.product, self.session, self.bodies
        )

    def _partial_refusal(self, record: Record) -> None:
        try:
            self._check_answer(record)
        except Refused as refused:
            if refused.check < 5:
                raise
            self.current.answered.add(messages.PartialHeader.parse(record.body).trustee)
            return
        raise wrong("refused", "refusal of a valid partial decryption")

    def open_sums(self) -> tuple[list[list[int]], list[int]]:
        """The summed data rows and blindings that the first quorum gives (aggregation, section 6)."""
        round_, layout = self.current, self.current.facts.header.layout
        if len(round_.partials) < self.session.ceremony.verification.quorum:
            raise Refused("missing", "partial decryptions for a quorum")
        rows = layout.unpack(combine(self.session.ceremony.verification, round_.partials))
        layout.check_sums(rows, round_.weight)
        return rows[: layout.K], commitments.summed_blindings(layout, rows)

    def next_model(self, rows: list[list[int]]) -> tuple[list[int], Model]:
        """The d sums and the model that follows from them."""
        header = self.current.facts.header
        sums = [value for row in rows for value in row][: header.layout.d]
        return sums, self.current.model.updated(sums, header.scale_bits, self.current.weight)

    # Steps 10, 11 and 12.
    def _result(self, record: Record) -> None:
        round_ = self.current
        claimed = RoundResult.parse(record.body)
        if claimed.round != round_.facts.header.round:
            raise wrong("wrong_context", "round of the result")
        rows, blindings = self.open_sums()
        if claimed.quorum != sorted(partial.index for partial in round_.partials):
            raise wrong("mismatch", "quorum of the result")
        opening = messages.encode_opening(round_.facts.header.layout, rows, blindings)
        if claimed.opening != sha256(opening):
            raise wrong("mismatch", "opening")
        self.bodies.get(claimed.opening, len(opening))

        self._enter(COMMITMENTS)
        commitments.check_opening(round_.row_sums, rows, blindings)

        self._take_model(claimed, rows)

    def _take_model(self, claimed: RoundResult, rows: list[list[int]]) -> None:
        """Step 12, and what a round with a result leaves behind."""
        self._enter(MODEL)
        sums, model = self.next_model(rows)
        if claimed.update != messages.update_digest(sums):
            raise wrong("mismatch", "summed update")
        if claimed.model != model.digest():
            raise wrong("mismatch", "new model")
        self.bodies.get(claimed.model, messages.MAX_MODEL_BYTES)
        self.standing.models[self.current.facts.header.model_number] = model
        self.standing.lot = Lot(self.current.opened, claimed.opening)
        self._finish_round()

    # Step 10.
    def _abandoned(self, record: Record) -> None:
        claimed = Abandonment.parse(record.body)
        if claimed.round != self.current.facts.header.round:
            raise wrong("wrong_context", "round that is given up")
        self._check_abandoned(claimed.reason)
        self._finish_round()

    def _check_abandoned(self, reason: int) -> None:
        quorum = len(self.current.partials) == self.session.ceremony.verification.quorum
        if quorum != (reason == messages.NO_OPENING):
            raise wrong("refused", "reason of giving up the round against the answers on the record")
        if not quorum:
            return
        try:
            rows, blindings = self.open_sums()
            commitments.check_opening(self.current.row_sums, rows, blindings)
        except Refused:
            return
        raise wrong("refused", "giving up a round that has an opening")

    def _finish_round(self) -> None:
        self._round = None
        self.phase = Phase.BETWEEN_ROUNDS

    def _session_closed(self, record: Record) -> None:
        self.files = messages.SessionEnd.parse(record.body).files
        self.phase = Phase.ENDED
