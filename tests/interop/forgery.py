"""Tampered copies of a record folder, as far as the keys of the parties reach.

A `Source` is an honest session as forge_session.cpp writes it: a folder, and the seeds of aggregator, clients
and trustees beside it. A `Draft` is a copy that can be changed: records are edited as (type, version, body),
bodies added or replaced, and `write` chains the records anew, builds the tree and signs the checkpoint with
the aggregator's key. What the parties signed stays as it was unless `sign_contribution` or `sign_partial`
sign it again.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from typing import Any, Callable

from veilsum_record import contributions, messages, merkle, note, partials, sodium, wire
from veilsum_record.log import FILE_MAGIC, NO_DIGEST, Log, Record, framed
from veilsum_record.messages import ContributionHeader, PartialHeader, RoundHeader
from veilsum_record.rounds import Round


class Source:
    """One honest session with all its keys."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        with open(folder + ".json", encoding="ascii") as file:
            seeds: dict[str, Any] = json.load(file)
        self.aggregator = bytes.fromhex(seeds["aggregator"])
        self.clients = [bytes.fromhex(seed) for seed in seeds["clients"]]
        self.trustees = [bytes.fromhex(seed) for seed in seeds["trustees"]]
        self.next_trustees = [bytes.fromhex(seed) for seed in seeds.get("next", [])]
        self.extra_partial = bytes.fromhex(seeds.get("partial", ""))
        self.client_of = {sodium.key_pair(seed)[0]: seed for seed in self.clients}
        log = Log(os.path.join(folder, "log"))
        self.records = [log[i] for i in range(len(log))]
        self.origin = messages.SessionHeader.parse(self.records[0].body).origin

    def body(self, digest: bytes) -> bytes:
        with open(os.path.join(self.folder, "bodies", digest.hex()), "rb") as file:
            return file.read()

    def find(self, kind: int, number: int = 0) -> int:
        """Position of the number-th record of a kind, counted from 0; negative numbers count from the end."""
        return [i for i, record in enumerate(self.records) if record.type == kind][number]


@dataclass
class Entry:
    type: int
    version: int
    body: bytes


def copy_folder(source: str, target: str) -> None:
    """Hard links: whoever changes a file of the copy must replace it."""
    shutil.copytree(source, target, copy_function=os.link)


def replace_file(path: str, data: bytes) -> None:
    """Never in place: the old file is shared with other copies."""
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "wb") as file:
        file.write(data)


class Draft:
    """A session that is being tampered with by whoever has the keys."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.entries = [Entry(record.type, record.version, record.body) for record in source.records]
        self.bodies: dict[bytes, bytes] = {}  # digest (or the name it gets) to content
        self.aggregator = source.aggregator

    def put(self, body: bytes) -> bytes:
        digest = wire.sha256(body)
        self.bodies[digest] = body
        return digest

    def edit(self, index: int, change: Callable[[bytes], bytes]) -> None:
        self.entries[index].body = change(self.entries[index].body)

    def chain(self) -> list[Record]:
        records: list[Record] = []
        previous = NO_DIGEST
        for sequence, entry in enumerate(self.entries):
            records.append(Record(entry.type, entry.version, sequence, previous, entry.body))
            previous = records[-1].hash()
        return records

    def write(self, folder: str) -> None:
        copy_folder(self.source.folder, folder)
        for digest, body in self.bodies.items():
            replace_file(os.path.join(folder, "bodies", digest.hex()), body)
        records = self.chain()
        write_log(folder, records)
        tip = note.Checkpoint(
            self.source.origin, len(records), merkle.root_of(r.canonical() for r in records)
        )
        replace_file(os.path.join(folder, "checkpoint"), note.sign_checkpoint(tip, self.aggregator))

    def round_of(self, index: int) -> Round:
        """The round that record `index` belongs to, with the binding that it has in this draft."""
        records = self.chain()
        opened = max(i for i in range(index + 1) if self.entries[i].type == messages.ROUND_OPENED)
        header = RoundHeader.parse(records[opened].body)
        return Round(header, {}, records[0].hash(), header.key, header.layout.digest(), records[opened].hash())

    def sign_contribution(self, index: int, **changes: Any) -> None:
        """Header fields of the contribution or refusal at `index` changed, signed by the client it names."""
        body = self.entries[index].body
        reader = wire.Reader(body)
        header = replace(ContributionHeader.read(reader), **changes)
        rest = reader.fixed(reader.remaining)
        message = contributions.signed_message(header, self.round_of(index))
        signature = sodium.sign(self.source.client_of[header.client], message)
        self.entries[index].body = encode_contribution_header(replace(header, signature=signature)) + rest

    def sign_partial(self, index: int, signer: int | None = None, **changes: Any) -> None:
        """Header fields of the answer at `index` changed, signed by the trustee it names, or another."""
        header = replace(PartialHeader.parse(self.entries[index].body), **changes)
        closed = max(i for i in range(index) if self.entries[i].type == messages.ROUND_CLOSED)
        aggregate = messages.RoundClosed.parse(self.entries[closed].body).aggregate
        message = partials.signed_message(header, self.round_of(index), aggregate)
        seed = self.source.trustees[(header.trustee if signer is None else signer) - 1]
        self.entries[index].body = encode_partial_header(
            replace(header, signature=sodium.sign(seed, message))
        )


def write_log(folder: str, records: list[Record]) -> None:
    replace_file(os.path.join(folder, "log"), FILE_MAGIC + b"".join(framed(record) for record in records))


def encode_contribution_header(header: ContributionHeader) -> bytes:
    return wire.u64(header.round) + header.client + header.rows + header.body + header.signature


def encode_partial_header(header: PartialHeader) -> bytes:
    return wire.u64(header.round) + wire.u16(header.trustee) + header.body + header.signature


def encode_closed(closed: messages.RoundClosed) -> bytes:
    out = wire.u64(closed.round) + wire.u64(closed.closed_at) + bytes([closed.outcome])
    for clients in (closed.accepted, closed.refused, closed.silent):
        out += wire.u32(len(clients)) + b"".join(clients)
    return out + closed.aggregate


def encode_result(result: messages.RoundResult) -> bytes:
    out = wire.u64(result.round) + wire.u32(len(result.quorum)) + b"".join(map(wire.u16, result.quorum))
    return out + result.opening + result.update + result.model


def encode_roster(entries: list[tuple[bytes, int]]) -> bytes:
    return wire.u32(len(entries)) + b"".join(client + wire.u32(weight) for client, weight in entries)


def encode_files(files: list[tuple[str, bytes]]) -> bytes:
    return wire.u32(len(files)) + b"".join(wire.var(name.encode("ascii")) + digest for name, digest in files)


def flip(data: bytes, byte: int, bit: int = 0) -> bytes:
    """One bit changed; `byte` may be negative."""
    byte %= len(data)
    return data[:byte] + bytes([data[byte] ^ 1 << bit]) + data[byte + 1 :]


# Fields of the bodies, in order: name and length. Lengths below 0 take what is left, so many bytes from the
# end excepted.
FIELDS: dict[int, list[tuple[str, int]]] = {
    messages.SESSION_OPENED: [
        ("nonce", 32),
        ("modulus-bits", 4),
        ("degree", 2),
        ("policy", 1),
        ("ceremony", 32),
        ("key", 32),
        ("aggregator", 32),
        ("origin-length", 4),
        ("origin", -1),
    ],
    messages.ROUND_OPENED: [
        ("round", 8),
        ("model", 32),
        ("scale-bits", 1),
        ("clip-l2", 8),
        ("nbits", 4),
        ("b", 4),
        ("m", 4),
        ("wmax", 4),
        ("d", 4),
        ("C", 4),
        ("flags", 4),
        ("a", 4),
        ("md", 4),
        ("B2", 32),
        ("suite", 2),
        ("suite-version", 2),
        ("minimum-cohort", 4),
        ("roster", 32),
        ("opens-at", 8),
        ("closes-at", 8),
        ("key", 32),
        ("model-number", 4),
        ("drawn", 4),
        ("ledger", 32),
    ],
    messages.CONTRIBUTION: [
        ("round", 8),
        ("client", 32),
        ("row-digest", 64),
        ("body", 32),
        ("signature", 64),
        ("received-at", 8),
    ],
    messages.REFUSAL: [
        ("round", 8),
        ("client", 32),
        ("row-digest", 64),
        ("body", 32),
        ("signature", 64),
        ("received-at", 8),
        ("reason", 2),
    ],
    messages.ROUND_CLOSED: [
        ("round", 8),
        ("closed-at", 8),
        ("outcome", 1),
        ("accepted-count", 4),
        ("lists", -33),
        ("aggregate", 32),
    ],
    messages.PARTIAL: [("round", 8), ("trustee", 2), ("body", 32), ("signature", 64)],
    messages.PARTIAL_REFUSAL: [("round", 8), ("trustee", 2), ("body", 32), ("signature", 64)],
    messages.ROUND_RESULT: [
        ("round", 8), ("quorum-count", 4), ("quorum", -97), ("opening", 32), ("update", 32), ("model", 32)
    ],
    messages.SESSION_CLOSED: [("count", 4), ("name-length", 4), ("name", -33), ("digest", 32)],
    messages.ENROLMENT: [("client", 32), ("weight", 4), ("serial", 8), ("signature", 64)],
    messages.REMOVAL: [("client", 32)],
    messages.KEY_ROTATED: [("ceremony", 32), ("key", 32), ("count", 4), ("trustee", 2), ("rest", -1)],
    messages.ROUND_ABANDONED: [("round", 8), ("reason", 1)],
}

NAMES = messages.NAMES


def field_ranges(kind: int, body: bytes) -> list[tuple[str, int, int]]:
    """Name, start and end of each field of a record's body."""
    found: list[tuple[str, int, int]] = []
    at = 0
    for name, length in FIELDS[kind]:
        end = at + length if length > 0 else len(body) + length + 1
        found.append((name, at, end))
        at = end
    return found
