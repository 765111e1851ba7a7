"""Sessions for receipts: headers, signatures, rosters and closings as a session has them, nothing behind the
ciphertexts, and every key at hand. `Forged` is a log that its owner changed, chained and signed anew.

    record 0  session_opened
    round 1   1 round_opened; 2 to 4 contributions of clients 0, 1, 5; 5 to 7 refusals of 2 (reason 11), 3
              (late), 5 (equivocation); 8 closing, with 4 silent
    round 2   9 round_opened; 10 to 14 contributions of all but 4; 15 closing
"""

from __future__ import annotations

import base64
import os
import struct
from dataclasses import replace
from typing import Callable

from forgery import encode_closed, encode_contribution_header, encode_roster, write_log
from veilsum_record import contributions, merkle, messages, note, receipts, sodium, wire, witnesses
from veilsum_record.layout import FLAG_AUDIT, Layout
from veilsum_record.log import NO_DIGEST, Record
from veilsum_record.messages import ContributionHeader, RoundClosed, RoundHeader
from veilsum_record.rounds import Round

ORIGIN = "receipts.example/python"
LAYOUT = Layout(2048, 16, 6, 1, 100, 100, FLAG_AUDIT, 448, 29, bytes(32))
OPENS, CLOSES = 1000, 2000

Bodies = list[tuple[int, int, bytes]]  # type, version and body of each record
Edit = Callable[[Bodies], None]


def seed_of(name: str) -> bytes:
    return wire.sha256(b"receipt_forgery" + name.encode())


def public(seed: bytes) -> bytes:
    return sodium.key_pair(seed)[0]


KEY = b"\x6b" * 32  # key id of every round


def encode_session(nonce: bytes, aggregator: bytes, key: bytes = KEY) -> bytes:
    body = nonce + wire.u32(2048) + wire.u16(1) + b"\x01" + b"\xce" * 32 + key
    return body + aggregator + wire.var(ORIGIN.encode())


def encode_round(number: int, roster: bytes, layout: Layout = LAYOUT, opens: int = OPENS) -> bytes:
    body = wire.u64(number) + bytes(32) + b"\x0c" + struct.pack(">d", 7.5)
    for value in (layout.nbits, layout.b, layout.m, layout.wmax, layout.d, layout.C):
        body += wire.u32(value)
    body += wire.u32(layout.flags) + wire.u32(layout.a) + wire.u32(layout.md) + layout.B2
    body += wire.u16(1) + wire.u16(1) + wire.u32(2) + wire.sha256(roster)
    body += wire.u64(opens) + wire.u64(CLOSES)
    return body + KEY + wire.u32(0) + wire.u32(0) + bytes(32)


class World:
    def __init__(self, name: str = "first", first_key: bytes = KEY) -> None:
        """`first_key` is the one that the session began with."""
        self.aggregator = seed_of("aggregator")
        self.clients = [seed_of(f"client {i}") for i in range(6)]
        self.stranger = public(seed_of("stranger"))
        self.roster = encode_roster(sorted((public(seed), 1) for seed in self.clients))
        self.bodies: Bodies = [(messages.SESSION_OPENED, 1, encode_session(seed_of(name), self.key, first_key))]
        refused = [(2, 11, 1500), (3, messages.LATE, 2001), (5, messages.EQUIVOCATION, 1501)]
        self._round(1, [0, 1, 5], refused)
        self._round(2, [0, 1, 2, 3, 5], [])

    @property
    def key(self) -> bytes:
        return public(self.aggregator)

    def id(self, client: int) -> bytes:
        return public(self.clients[client])

    def sign(self, client: int, opened: Record, session: bytes, content: int) -> ContributionHeader:
        opening = RoundHeader.parse(opened.body)
        header = ContributionHeader(
            opening.round, self.id(client), bytes([content]) * 64, bytes([content]) * 32, b""
        )
        round_ = Round(opening, {}, session, opening.key, opening.layout.digest(), opened.hash())
        message = contributions.signed_message(header, round_)
        return replace(header, signature=sodium.sign(self.clients[client], message))

    def _round(self, number: int, sent: list[int], refused: list[tuple[int, int, int]]) -> None:
        self.bodies.append((messages.ROUND_OPENED, 1, encode_round(number, self.roster)))
        records = chained(self.bodies)
        opened, session = records[-1], records[0].hash()
        for client in sent:
            header = encode_contribution_header(self.sign(client, opened, session, 1))
            self.bodies.append((messages.CONTRIBUTION, 1, header + wire.u64(1010)))
        for client, reason, received_at in refused:
            header = encode_contribution_header(self.sign(client, opened, session, 2))
            body = header + wire.u64(received_at) + wire.u16(reason)
            self.bodies.append((messages.REFUSAL, 1, body))
        out = [client for client, _, _ in refused]
        accepted = [self.id(i) for i in sent if i not in out]
        silent = sorted(self.id(i) for i in range(6) if i not in sent and i not in out)
        closing = RoundClosed(
            number, CLOSES + 1, 1, accepted, sorted(self.id(i) for i in out), silent, b"\xa9" * 32
        )
        self.bodies.append((messages.ROUND_CLOSED, 1, encode_closed(closing)))


def chained(bodies: Bodies) -> list[Record]:
    records: list[Record] = []
    previous = NO_DIGEST
    for sequence, (kind, version, body) in enumerate(bodies):
        records.append(Record(kind, version, sequence, previous, body))
        previous = records[-1].hash()
    return records


class Forged:
    """The log of a world, after `edit`."""

    def __init__(self, world: World, edit: Edit = lambda bodies: None, seed: bytes | None = None) -> None:
        self.world = world
        self.seed = world.aggregator if seed is None else seed
        bodies = list(world.bodies)
        edit(bodies)
        self.records = chained(bodies)
        self.leaves = [record.canonical() for record in self.records]

    @property
    def session(self) -> bytes:
        return self.records[0].hash()

    def note(self, size: int | None = None, seed: bytes | None = None, origin: str = ORIGIN) -> bytes:
        size = len(self.leaves) if size is None else size
        tip = note.Checkpoint(origin, size, merkle.root_of(self.leaves[:size]))
        return note.sign_checkpoint(tip, self.seed if seed is None else seed)

    def entry(self, index: int, size: int | None = None) -> receipts.Entry:
        return receipts.Entry(self.leaves[index], merkle.inclusion_proof(self.leaves[:size], index))

    def inclusion(self, index: int, size: int | None = None) -> receipts.Receipt:
        return receipts.Receipt(self.entry(index, size), self.note(size))

    def exclusion(
        self,
        client: bytes,
        refused: int | None = None,
        opened: int = 1,
        closed: int = 8,
        size: int | None = None,
    ) -> receipts.ExclusionReceipt:
        return receipts.ExclusionReceipt(
            client,
            self.entry(0, size),
            self.entry(opened, size),
            self.world.roster,
            None if refused is None else self.entry(refused, size),
            self.entry(closed, size),
            self.note(size),
        )

    def extension(self, old: int, size: int | None = None, note_: bytes | None = None) -> bytes:
        proof = merkle.consistency_proof(self.leaves[:size], old)
        return encode_extension(old, proof, self.note(size) if note_ is None else note_)

    def write_folder(self, folder: str) -> None:
        os.makedirs(os.path.join(folder, "bodies"))
        write_log(folder, self.records)
        with open(os.path.join(folder, "checkpoint"), "wb") as file:
            file.write(self.note())
        roster = self.world.roster
        with open(os.path.join(folder, "bodies", wire.sha256(roster).hex()), "wb") as file:
            file.write(roster)


def encode_extension(old: int, proof: list[bytes], data: bytes) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(digest).decode() for digest in proof), ""]
    return "".join(line + "\n" for line in lines).encode() + data


def edit_closing(**changes: object) -> Edit:
    """The closing of round 1."""

    def edit(bodies: Bodies) -> None:
        kind, version, body = bodies[8]
        bodies[8] = kind, version, encode_closed(replace(RoundClosed.parse(body), **changes))

    return edit


def edit_body(index: int, change: Callable[[bytes], bytes]) -> Edit:
    def edit(bodies: Bodies) -> None:
        kind, version, body = bodies[index]
        bodies[index] = kind, version, change(body)

    return edit


# ---- witnesses


def witness_name(number: int) -> str:
    return f"witness.example/{number}"


def witness_seed(number: int) -> bytes:
    return seed_of(f"witness {number}")


def vkey(name: str, seed: bytes, kind: int = witnesses.COSIGNATURE) -> str:
    key = public(seed)
    blob = base64.b64encode(bytes([kind]) + key).decode()
    return f"{name}+{note.key_id(name, key, kind).hex()}+{blob}"


def cosignature(text: str, name: str, seed: bytes, seconds: int) -> bytes:
    """A whole signature line."""
    signature = wire.u64(seconds) + sodium.sign(seed, witnesses.cosigned_message(text, seconds))
    blob = note.key_id(name, public(seed), witnesses.COSIGNATURE) + signature
    return f"{note.MARK}{name} {base64.b64encode(blob).decode()}\n".encode()


def cosigned(data: bytes, *numbers: int, seconds: int = 1000) -> bytes:
    text = note.Note.parse(data).text
    for number in numbers:
        data += cosignature(text, witness_name(number), witness_seed(number), seconds)
    return data
