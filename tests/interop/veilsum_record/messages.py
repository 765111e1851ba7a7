"""Bodies of the thirteen kinds of record and of what they name (spec: wire-format)."""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass

from . import sodium, wire
from .failure import Refused
from .layout import Layout
from .note import is_key_name
from .threshold import MAX_TRUSTEES

RECORD_VERSION = 1

SESSION_OPENED = 1
ROUND_OPENED = 2
CONTRIBUTION = 3
REFUSAL = 4
ROUND_CLOSED = 5
PARTIAL = 6
PARTIAL_REFUSAL = 7
ROUND_RESULT = 8
SESSION_CLOSED = 9
ENROLMENT = 10
REMOVAL = 11
KEY_ROTATED = 12
ROUND_ABANDONED = 13

NAMES = {
    SESSION_OPENED: "session_opened",
    ROUND_OPENED: "round_opened",
    CONTRIBUTION: "contribution",
    REFUSAL: "refusal",
    ROUND_CLOSED: "round_closed",
    PARTIAL: "partial",
    PARTIAL_REFUSAL: "partial_refusal",
    ROUND_RESULT: "round_result",
    SESSION_CLOSED: "session_closed",
    ENROLMENT: "enrolment",
    REMOVAL: "removal",
    KEY_ROTATED: "key_rotated",
    ROUND_ABANDONED: "round_abandoned",
}

MAX_CLIENTS = 29_000
MAX_ROSTER_BYTES = 4 + 36 * MAX_CLIENTS
MAX_CEREMONY_BYTES = 1 << 20
MAX_WEIGHTS = 1 << 24
MAX_MODEL_BYTES = 64 + 4 * MAX_WEIGHTS
MAX_FILES = 64
MAX_MODELS = 16
MAX_ORIGIN_BYTES = 128

OPEN_FOR_DECRYPTION = 1
BELOW_MINIMUM_COHORT = 2

# Why a round is abandoned.
NO_QUORUM = 1
NO_OPENING = 2

LATE = 4
EQUIVOCATION = 12
REASONS = frozenset({LATE, 7, 8, 9, 10, 11, EQUIVOCATION, *range(103, 112)})


@dataclass(frozen=True)
class SessionHeader:
    modulus_bits: int
    degree: int
    policy: int
    ceremony: bytes
    key: bytes
    aggregator: bytes
    origin: str

    @staticmethod
    def parse(body: bytes) -> SessionHeader:
        header = SessionHeader.parse_fields(body)
        if not sodium.is_verifying_key(header.aggregator):
            raise Refused("malformed", "key of the aggregator")
        return header

    @staticmethod
    def parse_fields(body: bytes) -> SessionHeader:
        """Without asking whether the aggregator is a verifying key."""
        reader = wire.Reader(body)
        reader.fixed(32)  # nonce: makes the session id unique, and is checked by nobody
        modulus_bits, degree, policy = reader.u32(), reader.u16(), reader.u8()
        if policy not in (1, 2, 3):
            raise Refused("unsupported", "exponent policy")
        ceremony, key, aggregator = reader.fixed(32), reader.fixed(32), reader.fixed(32)
        name = reader.var(MAX_ORIGIN_BYTES)
        reader.finish()
        try:
            origin = name.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("malformed", "checkpoint origin") from None
        if not is_key_name(origin):
            raise Refused("malformed", "checkpoint origin")
        return SessionHeader(modulus_bits, degree, policy, ceremony, key, aggregator, origin)

    def exponent_bits(self) -> int:
        """Bits `a` of an encryption exponent (paillier, section 5)."""
        if self.policy == 1:
            return {2048: 448, 3072: 512, 4096: 640}.get(self.modulus_bits, 256)
        return self.modulus_bits // 2 if self.policy == 2 else self.modulus_bits + 128


@dataclass(frozen=True)
class SessionEnd:
    files: list[tuple[str, bytes]]

    @staticmethod
    def parse(body: bytes) -> SessionEnd:
        reader = wire.Reader(body)
        files: list[tuple[str, bytes]] = []
        for _ in range(reader.count(MAX_FILES, 37)):
            name, digest = reader.var(64), reader.fixed(32)
            if re.fullmatch(rb"[A-Za-z0-9_-][A-Za-z0-9._-]*", name) is None:
                raise Refused("malformed", "name of a file")
            files.append((name.decode("ascii"), digest))
        reader.finish()
        return SessionEnd(files)


@dataclass(frozen=True)
class RoundHeader:
    round: int
    model: bytes
    scale_bits: int
    clip_l2: float
    layout: Layout
    suite: int
    suite_version: int
    minimum_cohort: int
    roster: bytes
    opens_at: int
    closes_at: int
    key: bytes = bytes(32)
    model_number: int = 0
    drawn: int = 0
    ledger: bytes = bytes(32)

    @staticmethod
    def parse(body: bytes) -> RoundHeader:
        reader = wire.Reader(body)
        number, model, scale_bits = reader.u64(), reader.fixed(32), reader.u8()
        (clip_l2,) = struct.unpack(">d", reader.fixed(8))
        numbers = [reader.u32() for _ in range(9)]
        layout = Layout(*numbers, B2=reader.fixed(32))
        suite, suite_version, cohort = reader.u16(), reader.u16(), reader.u32()
        roster, opens_at, closes_at = reader.fixed(32), reader.u64(), reader.u64()
        key, model_number, drawn, ledger = reader.fixed(32), reader.u32(), reader.u32(), reader.fixed(32)
        reader.finish()
        return RoundHeader(
            number,
            model,
            scale_bits,
            clip_l2,
            layout,
            suite,
            suite_version,
            cohort,
            roster,
            opens_at,
            closes_at,
            key,
            model_number,
            drawn,
            ledger,
        )


def encode_roster(members: dict[bytes, int]) -> bytes:
    """Clients in rising order of their ids."""
    return wire.u32(len(members)) + b"".join(client + wire.u32(members[client]) for client in sorted(members))


def parse_roster(data: bytes) -> dict[bytes, int]:
    """Client id to weight, in the order of the ids."""
    reader = wire.Reader(data)
    entries: list[tuple[bytes, int]] = []
    for i in range(reader.count(MAX_CLIENTS, 36)):
        client = reader.fixed(32)
        if not sodium.is_verifying_key(client):
            raise Refused("malformed", "client id", 0, f"roster entry {i}")
        entries.append((client, reader.u32()))
    reader.finish()
    if not entries:
        raise Refused("missing", "roster entry")
    if entries != sorted(entries, key=lambda entry: entry[0]):
        raise Refused("malformed", "roster order")
    for (client, weight), following in zip(entries, [*entries[1:], (b"", 0)]):
        if weight == 0:
            raise Refused("out_of_range", "weight", culprit=client_name(client))
        if client == following[0]:
            raise Refused("duplicate", "roster entry", culprit=client_name(client))
    return dict(entries)


def client_name(client: bytes) -> str:
    return f"client {client.hex()}"


@dataclass(frozen=True)
class Enrolment:
    client: bytes
    weight: int
    serial: int
    signature: bytes

    @staticmethod
    def parse(body: bytes) -> Enrolment:
        reader = wire.Reader(body)
        enrolment = Enrolment(reader.fixed(32), reader.u32(), reader.u64(), reader.fixed(64))
        reader.finish()
        return enrolment


def parse_removal(body: bytes) -> bytes:
    reader = wire.Reader(body)
    client = reader.fixed(32)
    reader.finish()
    return client


@dataclass(frozen=True)
class Rotation:
    ceremony: bytes
    key: bytes
    signatures: list[tuple[int, bytes]]  # trustee and its signature

    @staticmethod
    def parse(body: bytes) -> Rotation:
        reader = wire.Reader(body)
        ceremony, key = reader.fixed(32), reader.fixed(32)
        signatures = [(reader.u16(), reader.fixed(64)) for _ in range(reader.count(MAX_TRUSTEES, 66))]
        reader.finish()
        return Rotation(ceremony, key, signatures)


@dataclass(frozen=True)
class Abandonment:
    round: int
    reason: int

    @staticmethod
    def parse(body: bytes) -> Abandonment:
        reader = wire.Reader(body)
        abandoned = Abandonment(reader.u64(), reader.u8())
        reader.finish()
        if abandoned.reason not in (NO_QUORUM, NO_OPENING):
            raise Refused("malformed", "reason of giving up a round")
        return abandoned


@dataclass(frozen=True)
class ContributionHeader:
    round: int
    client: bytes
    rows: bytes
    body: bytes
    signature: bytes

    @staticmethod
    def read(reader: wire.Reader) -> ContributionHeader:
        number, client, rows = reader.u64(), reader.fixed(32), reader.fixed(64)
        return ContributionHeader(number, client, rows, reader.fixed(32), reader.fixed(64))

    @property
    def culprit(self) -> str:
        return client_name(self.client)


def parse_contribution(body: bytes) -> tuple[ContributionHeader, int]:
    """Header and time of a `contribution` record."""
    reader = wire.Reader(body)
    header, received_at = ContributionHeader.read(reader), reader.u64()
    reader.finish()
    return header, received_at


def parse_refusal(body: bytes) -> tuple[ContributionHeader, int, int]:
    """Header, time and reason of a `refusal` record."""
    reader = wire.Reader(body)
    header, received_at, reason = ContributionHeader.read(reader), reader.u64(), reader.u16()
    if reason not in REASONS:
        raise Refused("malformed", "reason of the refusal")
    reader.finish()
    return header, received_at, reason


@dataclass(frozen=True)
class RoundClosed:
    round: int
    closed_at: int
    outcome: int
    accepted: list[bytes]
    refused: list[bytes]
    silent: list[bytes]
    aggregate: bytes

    @staticmethod
    def parse(body: bytes) -> RoundClosed:
        reader = wire.Reader(body)
        number, closed_at, outcome = reader.u64(), reader.u64(), reader.u8()
        if outcome not in (OPEN_FOR_DECRYPTION, BELOW_MINIMUM_COHORT):
            raise Refused("malformed", "round outcome")
        lists = [[reader.fixed(32) for _ in range(reader.count(MAX_CLIENTS, 32))] for _ in range(3)]
        aggregate = reader.fixed(32)
        reader.finish()
        return RoundClosed(number, closed_at, outcome, *lists, aggregate)


@dataclass(frozen=True)
class PartialHeader:
    round: int
    trustee: int
    body: bytes
    signature: bytes

    @staticmethod
    def parse(body: bytes) -> PartialHeader:
        reader = wire.Reader(body)
        header = PartialHeader(reader.u64(), reader.u16(), reader.fixed(32), reader.fixed(64))
        reader.finish()
        return header


@dataclass(frozen=True)
class RoundResult:
    round: int
    quorum: list[int]
    opening: bytes
    update: bytes
    model: bytes

    @staticmethod
    def parse(body: bytes) -> RoundResult:
        reader = wire.Reader(body)
        number = reader.u64()
        quorum = [reader.u16() for _ in range(reader.count(MAX_TRUSTEES, 2))]
        if any(not 1 <= i <= MAX_TRUSTEES for i in quorum):
            raise Refused("out_of_range", "trustee of the quorum")
        if any(a >= b for a, b in zip(quorum, quorum[1:])):
            raise Refused("duplicate", "trustee of the quorum")
        result = RoundResult(number, quorum, reader.fixed(32), reader.fixed(32), reader.fixed(32))
        reader.finish()
        return result


def encode_opening(layout: Layout, sums: list[list[int]], blindings: list[int]) -> bytes:
    """The frame that `opening` of a result names: data rows only, padding included."""
    width = (layout.w + 7) // 8
    body = b"".join(value.to_bytes(width, "big", signed=True) for row in sums for value in row)
    body += b"".join(blinding.to_bytes(32, "little") for blinding in blindings)
    return wire.frame(wire.OPENING, 1, body)


def opening_bytes(layout: Layout) -> int:
    """Length of that frame."""
    return 12 + layout.K * (layout.C * ((layout.w + 7) // 8) + 32)


def update_digest(sums: list[int]) -> bytes:
    return wire.sha256(b"".join(value.to_bytes(8, "big", signed=True) for value in sums))


@dataclass(frozen=True)
class Model:
    """binary32 weights as Python floats, which hold them exactly."""

    weights: list[float]

    @staticmethod
    def parse(data: bytes) -> Model:
        reader = wire.Reader(wire.unframe(data, wire.MODEL, 1, MAX_MODEL_BYTES))
        count = reader.count(MAX_WEIGHTS, 4)
        weights = list(struct.unpack(f">{count}f", reader.fixed(4 * count)))
        reader.finish()
        if not weights:
            raise Refused("out_of_range", "number of model weights")
        for j, weight in enumerate(weights):
            if not math.isfinite(weight):
                raise Refused("out_of_range", "model weight is not finite", 0, f"weight {j}")
        return Model(weights)

    def encode(self) -> bytes:
        body = wire.u32(len(self.weights)) + struct.pack(f">{len(self.weights)}f", *self.weights)
        return wire.frame(wire.MODEL, 1, body)

    def digest(self) -> bytes:
        return wire.sha256(self.encode())

    def updated(self, sums: list[int], scale_bits: int, total_weight: int) -> Model:
        """w' = binary32(binary64(w) + X / (2^scale_bits W)), each operation rounded once (aggregation,
        section 6).
        """
        divisor = math.ldexp(1.0, scale_bits) * float(total_weight)
        weights: list[float] = []
        for j, weight in enumerate(self.weights):
            try:
                (rounded,) = struct.unpack(">f", struct.pack(">f", weight + sums[j] / divisor))
            except OverflowError:
                raise Refused("overflow", "model weight after the update", 0, f"weight {j}") from None
            weights.append(rounded)
        return Model(weights)
