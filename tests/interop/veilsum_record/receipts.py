"""Receipts, exclusion receipts and later checkpoints (spec: record, section 6; wire-format, section 11)."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import merkle, messages, note, sodium, wire
from .contributions import signed_message
from .failure import AGGREGATOR, Refused
from .layout import Floors
from .log import HEADER_BYTES, MAX_BODY, NO_DIGEST, RECORD_MAGIC, Record
from .messages import RoundClosed, RoundHeader, SessionHeader
from .rounds import Round
from .wire import Reader

RECEIPT = 12
EXCLUSION_RECEIPT = 18
MAX_RECORD = HEADER_BYTES + MAX_BODY
MAX_RECEIPT = MAX_RECORD + note.MAX_NOTE + 32 * merkle.MAX_PROOF + 12
MAX_ENTRY = 4 + MAX_RECORD + 4 + 32 * merkle.MAX_PROOF
MAX_EXCLUSION = 32 + 4 * MAX_ENTRY + 4 + messages.MAX_ROSTER_BYTES + 4 + 4 + note.MAX_NOTE
MAX_EXTENSION_DIGESTS = 63
MAX_EXTENSION = note.MAX_NOTE + 26 + 45 * MAX_EXTENSION_DIGESTS

REFUSED, SILENT, NOT_ON_ROSTER = "refused", "silent", "not on the roster"


def parse_record(data: bytes) -> Record:
    """Canonical bytes, or a refusal."""
    if len(data) < HEADER_BYTES:
        raise Refused("malformed", "length of the record header")
    if data[:4] != RECORD_MAGIC:
        raise Refused("malformed", "magic of the record")
    length = int.from_bytes(data[48:52], "big")
    if length > MAX_BODY:
        raise Refused("overflow", "body of the record")
    if len(data) != HEADER_BYTES + length:
        raise Refused("malformed", "length of the record")
    return Record.parse(data)


@dataclass(frozen=True)
class Entry:
    """A record with its inclusion proof."""

    record: bytes
    proof: list[bytes]

    @staticmethod
    def read(reader: Reader) -> Entry:
        record = reader.var(MAX_RECORD)
        return Entry(record, [reader.fixed(32) for _ in range(reader.count(merkle.MAX_PROOF, 32))])

    def encode(self) -> bytes:
        return wire.var(self.record) + merkle.encode_proof(self.proof)

    def check_in(self, tip: note.Checkpoint, sequence: int) -> None:
        merkle.verify_inclusion(tip.root, tip.size, sequence, merkle.leaf_hash(self.record), self.proof)


@dataclass(frozen=True)
class Subject:
    """What a record is about."""

    kind: int
    round: int | None = None
    client: bytes | None = None
    trustee: int | None = None
    reason: int | None = None

    def __str__(self) -> str:
        text = messages.NAMES[self.kind]
        text += "" if self.round is None else f", round {self.round}"
        text += "" if self.client is None else f", client {self.client.hex()}"
        text += "" if self.trustee is None else f", trustee {self.trustee}"
        return text + ("" if self.reason is None else f", reason {self.reason}")


def subject_of(record: Record) -> Subject:
    if record.version != messages.RECORD_VERSION:
        raise Refused("unsupported", "version of the record")
    kind, body = record.type, record.body
    if kind == messages.SESSION_OPENED:
        SessionHeader.parse_fields(body)
        return Subject(kind)
    if kind == messages.ROUND_OPENED:
        return Subject(kind, RoundHeader.parse(body).round)
    if kind == messages.CONTRIBUTION:
        header, _ = messages.parse_contribution(body)
        return Subject(kind, header.round, header.client)
    if kind == messages.REFUSAL:
        header, _, reason = messages.parse_refusal(body)
        return Subject(kind, header.round, header.client, reason=reason)
    if kind == messages.ROUND_CLOSED:
        return Subject(kind, RoundClosed.parse(body).round)
    if kind in (messages.PARTIAL, messages.PARTIAL_REFUSAL):
        partial = messages.PartialHeader.parse(body)
        return Subject(kind, partial.round, trustee=partial.trustee)
    if kind == messages.ROUND_RESULT:
        return Subject(kind, messages.RoundResult.parse(body).round)
    if kind == messages.SESSION_CLOSED:
        messages.SessionEnd.parse(body)
        return Subject(kind)
    if kind == messages.ENROLMENT:
        return Subject(kind, client=messages.Enrolment.parse(body).client)
    if kind == messages.REMOVAL:
        return Subject(kind, client=messages.parse_removal(body))
    if kind == messages.KEY_ROTATED:
        messages.Rotation.parse(body)
        return Subject(kind)
    if kind == messages.ROUND_ABANDONED:
        return Subject(kind, messages.Abandonment.parse(body).round)
    raise Refused("unsupported", "type of the record")


@dataclass(frozen=True)
class Receipt:
    entry: Entry
    note: bytes

    @staticmethod
    def parse(data: bytes) -> Receipt:
        reader = Reader(wire.unframe(data, RECEIPT, 1, MAX_RECEIPT))
        receipt = Receipt(Entry.read(reader), reader.var(note.MAX_NOTE))
        reader.finish()
        return receipt

    def encode(self) -> bytes:
        return wire.frame(RECEIPT, 1, self.entry.encode() + wire.var(self.note))

    def verify(self, origin: str, key: bytes) -> tuple[Record, note.Checkpoint]:
        """Checks 1 to 3."""
        try:
            record = parse_record(self.entry.record)
        except Refused as refused:
            raise refused.within(check=1) from None
        try:
            tip = note.verify_checkpoint(self.note, origin, key)
        except Refused as refused:
            raise refused.within(check=2) from None
        try:
            self.entry.check_in(tip, record.sequence)
        except Refused as refused:
            raise refused.within(check=3, place=f"record {record.sequence}") from None
        return record, tip


@dataclass(frozen=True)
class Expected:
    """What the verifier knows; None is not compared."""

    session: bytes | None = None
    aggregator: bytes | None = None
    origin: str | None = None
    round: int | None = None
    client: bytes | None = None


@dataclass(frozen=True)
class Exclusion:
    """What a verified exclusion receipt establishes."""

    session: bytes
    header: SessionHeader
    closing: RoundClosed
    client: bytes
    why: str
    reason: int | None
    tip: note.Checkpoint


@dataclass(frozen=True)
class ExclusionReceipt:
    client: bytes
    first: Entry
    opened: Entry
    roster: bytes
    refused: Entry | None
    closed: Entry
    note: bytes

    @staticmethod
    def parse(data: bytes) -> ExclusionReceipt:
        reader = Reader(wire.unframe(data, EXCLUSION_RECEIPT, 1, MAX_EXCLUSION))
        client, first, opened = reader.fixed(32), Entry.read(reader), Entry.read(reader)
        roster = reader.var(messages.MAX_ROSTER_BYTES)
        refused = Entry.read(reader) if reader.count(1, 8) else None
        receipt = ExclusionReceipt(
            client, first, opened, roster, refused, Entry.read(reader), reader.var(note.MAX_NOTE)
        )
        reader.finish()
        return receipt

    def encode(self) -> bytes:
        body = self.client + self.first.encode() + self.opened.encode() + wire.var(self.roster)
        body += wire.u32(0) if self.refused is None else wire.u32(1) + self.refused.encode()
        return wire.frame(EXCLUSION_RECEIPT, 1, body + self.closed.encode() + wire.var(self.note))

    def verify(self, expected: Expected, floors: Floors = Floors()) -> Exclusion:
        return _ExclusionCheck(self, expected, floors).run()


@dataclass
class _ExclusionCheck:
    receipt: ExclusionReceipt
    expected: Expected
    floors: Floors
    check: int = 0
    records: dict[str, Record] = field(default_factory=dict)

    def run(self) -> Exclusion:
        try:
            return self._run()
        except Refused as refused:
            raise refused.within(check=self.check) from None

    def _run(self) -> Exclusion:
        receipt, expected = self.receipt, self.expected
        entries = {"session_opened": receipt.first, "round_opened": receipt.opened}
        if receipt.refused is not None:
            entries["refusal"] = receipt.refused
        entries["round_closed"] = receipt.closed

        self.check = 1
        for name, entry in entries.items():
            try:
                self.records[name] = parse_record(entry.record)
            except Refused as refused:
                raise refused.within(place=name) from None
        self.check = 2
        header = self._first(self.records["session_opened"])
        session = self.records["session_opened"].hash()
        self.check = 3
        self._compare(expected.session, session, "session id", "wrong_context")
        self._compare(expected.aggregator, header.aggregator, "aggregator", "wrong_key")
        self._compare(expected.origin, header.origin, "origin", "wrong_context")
        self.check = 4
        tip = note.verify_checkpoint(receipt.note, header.origin, header.aggregator)
        self.check = 5
        for name, entry in entries.items():
            sequence = self.records[name].sequence
            try:
                entry.check_in(tip, sequence)
            except Refused as refused:
                raise refused.within(place=f"record {sequence}") from None
        self.check = 6
        opening, closing = self._round(header)
        self.check = 7
        roster = self._roster(opening)
        self.check = 8
        self._lists(closing, roster)
        self.check = 9
        why = self._standing(opening, closing)
        self.check = 10
        reason = self._refusal(session, opening, why)
        return Exclusion(session, header, closing, receipt.client, why, reason, tip)

    @staticmethod
    def _first(record: Record) -> SessionHeader:
        if record.sequence != 0 or record.type != messages.SESSION_OPENED:
            raise Refused("malformed", "first record is not session_opened")
        if record.version != messages.RECORD_VERSION:
            raise Refused("unsupported", "version of the record")
        if record.previous != NO_DIGEST:
            raise Refused("mismatch", "record before the first")
        return SessionHeader.parse(record.body)

    @staticmethod
    def _compare(expected: object, found: object, what: str, code: str) -> None:
        if expected is not None and expected != found:
            raise Refused(code, f"{what} is not the expected one")

    def _typed(self, name: str, kind: int) -> Record:
        record = self.records[name]
        if record.type != kind:
            raise Refused("mismatch", "type of the record", place=f"record {record.sequence}")
        if record.version != messages.RECORD_VERSION:
            raise Refused("unsupported", "version of the record", place=f"record {record.sequence}")
        return record

    def _round(self, header: SessionHeader) -> tuple[RoundHeader, RoundClosed]:
        opened = self._typed("round_opened", messages.ROUND_OPENED)
        opening = RoundHeader.parse(opened.body)
        closed = self._typed("round_closed", messages.ROUND_CLOSED)
        closing = RoundClosed.parse(closed.body)
        if opening.round != closing.round or opened.sequence >= closed.sequence:
            raise Refused("mismatch", "opening and closing of one round")
        self._compare(self.expected.round, opening.round, "round", "wrong_context")
        try:
            opening.layout.check(self.floors)
            good = opening.layout.nbits == header.modulus_bits
        except Refused:
            good = False
        if not good:
            raise Refused("bad_parameter", "parameters of the round", culprit=AGGREGATOR)
        return opening, closing

    def _roster(self, opening: RoundHeader) -> dict[bytes, int]:
        if wire.sha256(self.receipt.roster) != opening.roster:
            raise Refused("mismatch", "digest of the roster")
        try:
            return messages.parse_roster(self.receipt.roster)
        except Refused as refused:
            raise refused.within(culprit=AGGREGATOR) from None

    @staticmethod
    def _lists(closing: RoundClosed, roster: dict[bytes, int]) -> None:
        for clients in (closing.refused, closing.silent):
            if clients != sorted(clients):
                raise Refused("mismatch", "order of the closing's lists", culprit=AGGREGATOR)
        if sorted(closing.accepted + closing.refused + closing.silent) != list(roster):
            raise Refused("mismatch", "clients of the closing against the roster", culprit=AGGREGATOR)

    def _standing(self, opening: RoundHeader, closing: RoundClosed) -> str:
        client = self.receipt.client
        self._compare(self.expected.client, client, "client", "wrong_context")
        place = messages.client_name(client)
        if client in closing.accepted:
            raise Refused("refused", "client is counted", place=place)
        if client in closing.refused:
            return REFUSED
        if client not in closing.silent:
            return NOT_ON_ROSTER
        if closing.closed_at <= opening.closes_at:
            raise Refused("refused", "round closed before its time", place=place, culprit=AGGREGATOR)
        return SILENT

    def _refusal(self, session: bytes, opening: RoundHeader, why: str) -> int | None:
        if why != REFUSED:
            if self.receipt.refused is not None:
                raise Refused("mismatch", "refusal of a client that was not refused")
            return None
        if self.receipt.refused is None:
            raise Refused("missing", "refusal of the client")
        record = self._typed("refusal", messages.REFUSAL)
        sent, received_at, reason = messages.parse_refusal(record.body)
        if (sent.round, sent.client) != (opening.round, self.receipt.client):
            raise Refused("mismatch", "round and client of the refusal")
        opened, closed = self.records["round_opened"], self.records["round_closed"]
        if not opened.sequence < record.sequence < closed.sequence:
            raise Refused("mismatch", "place of the refusal in its round")
        round_ = Round(opening, {}, session, opening.key, opening.layout.digest(), opened.hash())
        if not sodium.verify(sent.client, signed_message(sent, round_), sent.signature):
            raise Refused("bad_signature", "signature of what was refused", culprit=AGGREGATOR)
        late = not opening.opens_at <= received_at <= opening.closes_at
        if reason != messages.EQUIVOCATION and late != (reason == messages.LATE):
            raise Refused("refused", "reason of the refusal against the hours", culprit=AGGREGATOR)
        return reason


@dataclass(frozen=True)
class Extension:
    """A later checkpoint with its consistency proof (record, section 6.1)."""

    old_size: int
    proof: list[bytes]
    note: bytes

    @staticmethod
    def parse(data: bytes) -> Extension:
        if len(data) > MAX_EXTENSION:
            raise Refused("overflow", "length of the extension")
        line, end, rest = data.partition(b"\n")
        size = note.decimal(line[4:].decode("latin-1")) if line.startswith(b"old ") and end else None
        if size is None:
            raise Refused("malformed", "old size of the extension")
        proof: list[bytes] = []
        while True:
            line, end, rest = rest.partition(b"\n")
            if not end:
                raise Refused("malformed", "empty line of the extension")
            if not line:
                return Extension(size, proof, rest)
            digest = note.decode_base64(line.decode("latin-1"))
            if digest is None or len(digest) != 32:
                raise Refused("malformed", "digest of the extension")
            if len(proof) == MAX_EXTENSION_DIGESTS:
                raise Refused("overflow", "digests of the extension")
            proof.append(digest)


def verify_later(
    known: note.Checkpoint, old_size: int, proof: list[bytes], data: bytes, origin: str, key: bytes
) -> note.Checkpoint:
    """1 the later checkpoint, 2 its log contains what the known one covers."""
    try:
        later = note.verify_checkpoint(data, origin, key)
    except Refused as refused:
        raise refused.within(check=1) from None
    if old_size != known.size:
        raise Refused("wrong_context", "size that the proof starts from", 2)
    place = f"size {later.size}"
    if later.size < known.size:
        raise Refused("missing", "records that the receipt's checkpoint covers", 2, place)
    try:
        merkle.verify_consistency(known.size, known.root, later.size, later.root, proof)
    except Refused as refused:
        two_faces = later.size == known.size and later.root != known.root
        raise refused.within(check=2, place=place, culprit=origin if two_faces else "") from None
    return later
