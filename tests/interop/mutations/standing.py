"""What stands between rounds: enrolments, drawn cohorts, model numbers, rotations, rounds that are given up, and
the privacy ledger.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Callable, Iterator

from forgery import Draft, Entry, Source, encode_roster, flip
from mutations.base import Mutation, Sources, on_draft
from veilsum_record import messages, privacy, sodium, wire
from veilsum_record.ceremony import rotation_message
from veilsum_record.failure import Refused
from veilsum_record.messages import Enrolment, Rotation, RoundHeader
from veilsum_record.pool import enrolment_message

# Where the fields of round_opened that are set here lie.
MODEL, B2, COHORT, ROSTER = slice(8, 40), slice(85, 117), slice(121, 125), slice(125, 157)
KEY, NUMBER, DRAWN, LEDGER = slice(173, 205), slice(205, 209), slice(209, 213), slice(213, 245)
CLIP, FLAGS = slice(41, 49), slice(73, 77)


def put(body: bytes, where: slice, value: bytes) -> bytes:
    assert where.stop - where.start == len(value)
    return body[: where.start] + value + body[where.stop :]


def session_of(source: Source) -> bytes:
    return source.records[0].hash()


def enrolment(source: Source, client: int, weight: int, serial: int, **other: bytes) -> bytes:
    """Signed by the client; `signer` (a seed), `session` and `client_id` say otherwise."""
    seed = other.get("signer", source.clients[client])
    client_id = other.get("client_id", sodium.key_pair(source.clients[client])[0])
    unsigned = Enrolment(client_id, weight, serial, b"")
    message = enrolment_message(other.get("session", session_of(source)), unsigned)
    return client_id + wire.u32(weight) + wire.u64(serial) + sodium.sign(seed, message)


def inserted(source: Source, index: int, kind: int, body: bytes) -> Callable[[str], None]:
    return on_draft(source, lambda draft: draft.entries.insert(index, Entry(kind, 1, body)))


def rewritten(source: Source, index: int, body: bytes) -> Callable[[str], None]:
    return on_draft(source, lambda draft: draft.edit(index, lambda _: body))


def clients(s: Sources) -> Iterator[Mutation]:
    source = s.honest
    first = source.find(messages.ENROLMENT)
    opened = source.find(messages.ROUND_OPENED)
    leave = source.find(messages.ENROLMENT, 4)
    old = source.records[first].body
    small_order = b"\1" + bytes(31)
    for name, body in {
        "weight-that-was-not-signed": put(old, slice(32, 36), wire.u32(2)),
        "serial-1": enrolment(source, 0, 1, 1),
        "serial-huge": enrolment(source, 0, 1, (1 << 64) - 1),
        "leaves-unknown": enrolment(source, 0, 0, 0),
        "signed-by-another": enrolment(source, 0, 1, 0, signer=source.clients[1]),
        "signed-by-the-aggregator": enrolment(source, 0, 1, 0, signer=source.aggregator),
        "for-another-session": enrolment(source, 0, 1, 0, session=session_of(s.second)),
        "small-order": enrolment(source, 0, 1, 0, client_id=small_order),
        "not-canonical": enrolment(source, 0, 1, 0, client_id=b"\xff" * 32),
        "other-weight": enrolment(source, 0, 2, 0),
        "of-a-client-of-another-session": s.second.records[first].body,
    }.items():
        yield Mutation(f"standing/enrolment/{name}", rewritten(source, first, body))
    for name, index, body in (
        ("again-at-once", first + 1, old),
        ("again-before-the-round", opened, old),
        ("again-after-rounds", leave, old),
        ("old-one-after-leaving", leave + 1, source.records[source.find(messages.ENROLMENT, 3)].body),
        ("leaving-twice", leave + 1, source.records[leave].body),
        ("leaving-again", leave + 1, enrolment(source, 3, 0, 2)),
        ("in-a-round", opened + 1, enrolment(source, 0, 2, 1)),
        ("before-answers", source.find(messages.PARTIAL), enrolment(source, 0, 2, 1)),
        ("after-the-end", len(source.records), enrolment(source, 0, 2, 2)),
        ("one-more-before-the-round", opened, enrolment(source, 0, 2, 1)),
    ):
        yield Mutation(f"standing/enrolment/{name}", inserted(source, index, messages.ENROLMENT, body))

    removal = source.find(messages.REMOVAL)
    gone, left = source.records[removal].body, source.records[leave].body[:32]
    stranger = sodium.key_pair(source.aggregator)[0]
    for name, index, body in (
        ("twice", removal + 1, gone),
        ("of-a-client-that-left", removal + 1, left),
        ("of-a-stranger", removal + 1, stranger),
        ("of-no-key", removal + 1, bytes(32)),
        ("in-a-round", opened + 1, old[:32]),
        ("before-the-first-round", opened, gone),
        ("before-answers", source.find(messages.PARTIAL), gone),
    ):
        yield Mutation(f"standing/removal/{name}", inserted(source, index, messages.REMOVAL, body))
    yield Mutation(
        "standing/removal/old-enrolment-after-it",
        inserted(
            source, removal + 1, messages.ENROLMENT, source.records[source.find(messages.ENROLMENT, 2)].body
        ),
    )


def draws(s: Sources) -> Iterator[Mutation]:
    source = s.honest
    first, last = source.find(messages.ROUND_OPENED), source.find(messages.ROUND_OPENED, -1)
    drawn = source.records[last].body
    ids = [sodium.key_pair(seed)[0] for seed in source.clients]
    weights = [2, 2, 1, 1]  # as they are in the last round

    def with_roster(members: list[int], count: int) -> Callable[[str], None]:
        roster = encode_roster(sorted((ids[i], weights[i]) for i in members))

        def change(draft: Draft) -> None:
            body = put(drawn, ROSTER, draft.put(roster))
            draft.edit(last, lambda _: put(body, DRAWN, wire.u32(count)))

        return on_draft(source, change)

    for name, members, count in (
        ("one-exchanged", [0, 2], 2),
        ("both-exchanged", [2, 3], 2),
        ("late-ones-too", [0, 1, 2, 3], 4),
        ("one-more", [0, 1, 2], 3),
        ("all-called-drawn", [0, 1, 2, 3], 2),
        ("drawn-called-all", [0, 1], 0),
        ("one", [0], 1),
        ("nobody", [], 0),
    ):
        yield Mutation(f"standing/draw/{name}", with_roster(members, count))
    for name, index, where, value in (
        ("in-the-first-round", first, DRAWN, wire.u32(2)),
        ("count-huge", last, DRAWN, b"\xff" * 4),
        ("other-key", last, KEY, bytes(32)),
        ("other-key-in-the-first-round", first, KEY, b"\xff" * 32),
        ("model-number-2", last, NUMBER, wire.u32(2)),
        ("model-number-0", last, NUMBER, wire.u32(0)),
        ("model-number-16", last, NUMBER, wire.u32(16)),
        ("model-number-huge", last, NUMBER, b"\xff" * 4),
        ("model-number-1-first", first, NUMBER, wire.u32(1)),
        ("model-number-1-second", source.find(messages.ROUND_OPENED, 1), NUMBER, wire.u32(1)),
        ("model-of-number-0", last, MODEL, source.records[first].body[MODEL]),
        ("model-missing", last, MODEL, b"\x5a" * 32),
        ("ledger-missing", first, LEDGER, b"\x5a" * 32),
        ("ledger-later", last, LEDGER, b"\x5a" * 32),
    ):
        body = put(source.records[index].body, where, value)
        yield Mutation(f"standing/opening/{name}", rewritten(source, index, body))


def encode_rotation(content: Rotation) -> bytes:
    out = content.ceremony + content.key + wire.u32(len(content.signatures))
    return out + b"".join(wire.u16(index) + signature for index, signature in content.signatures)


def rotations(s: Sources) -> Iterator[Mutation]:
    source = s.honest
    index = source.find(messages.KEY_ROTATED)
    record = source.records[index]
    good = Rotation.parse(record.body)
    first = messages.SessionHeader.parse(source.records[0].body)

    def sign(
        seed: bytes,
        ceremony: bytes = good.ceremony,
        head: bytes = record.previous,
        session: bytes = session_of(source),
    ) -> bytes:
        return sodium.sign(seed, rotation_message(session, head, ceremony))

    seeds = source.trustees
    one, two, three = ((i + 1, sign(seed)) for i, seed in enumerate(seeds))
    lists: dict[str, list[tuple[int, bytes]]] = {
        "three-ok": [one, two, three],
        "two-others-ok": [two, three],
        "one": [one],
        "none": [],
        "one-twice": [one, one],
        "reversed": [three, one],
        "trustee-0": [(0, one[1]), three],
        "trustee-4": [one, (4, three[1])],
        "trustee-65535": [one, (65535, three[1])],
        "under-other-numbers": [(1, two[1]), (2, one[1])],
        "third-wrong": [one, two, (3, flip(three[1], 40))],
        "first-wrong": [(1, flip(one[1], 3)), two, three],
        "by-the-new-trustees": [(i + 1, sign(seed)) for i, seed in enumerate(source.next_trustees[:2])],
        "by-the-aggregator": [(1, sign(source.aggregator)), (2, sign(source.aggregator))],
        "for-another-head": [(i + 1, sign(seed, head=bytes(32))) for i, seed in enumerate(seeds)],
        "for-another-session": [
            (i + 1, sign(seed, session=session_of(s.second))) for i, seed in enumerate(seeds)
        ],
        "for-another-ceremony": [
            (i + 1, sign(seed, ceremony=first.ceremony)) for i, seed in enumerate(seeds)
        ],
    }
    for name, approvals in lists.items():
        changed = encode_rotation(replace(good, signatures=approvals))

        def ending(draft: Draft, changed: bytes = changed) -> None:
            """Nothing after it: the signatures of the next round bind the record as it was."""
            draft.entries[index:] = [Entry(messages.KEY_ROTATED, 1, changed)]

        yield Mutation(f"rotation/approvals/{name}", on_draft(source, ending))
    many = encode_rotation(replace(good, signatures=[one] * 65))
    yield Mutation("rotation/approvals/sixty-five", rewritten(source, index, many))

    body = source.body(good.ceremony)
    ceremonies: dict[str, bytes] = {
        "the-old-one-ok": source.body(first.ceremony),
        "acknowledgements-exchanged": body[:-128] + body[-64:] + body[-128:-64],
        "last-acknowledgement-wrong": flip(body, -1),
        "trailing": body + b"\0",
        "empty": b"",
        "of-the-other-session-ok": s.second.body(messages.SessionHeader.parse(s.second.records[0].body).ceremony),
    }
    for name, ceremony in ceremonies.items():

        def approved(draft: Draft, ceremony: bytes = ceremony) -> None:
            digest = draft.put(ceremony)
            approvals = [(i + 1, sign(seed, ceremony=digest)) for i, seed in enumerate(seeds[:2])]
            changed = encode_rotation(Rotation(digest, good.key, approvals))
            draft.entries[index:] = [Entry(messages.KEY_ROTATED, 1, changed)]

        yield Mutation(f"rotation/ceremony/{name}", on_draft(source, approved))
    absent = b"\x5a" * 32
    gone = Rotation(absent, good.key, [(i + 1, sign(seed, ceremony=absent)) for i, seed in enumerate(seeds)])
    yield Mutation("rotation/ceremony/missing", rewritten(source, index, encode_rotation(gone)))
    other_key = encode_rotation(replace(good, key=bytes(32)))
    yield Mutation("rotation/another-key-id", rewritten(source, index, other_key))

    def left_out(draft: Draft) -> None:
        del draft.entries[index]

    yield Mutation("rotation/left-out", on_draft(source, left_out))
    for name, place in (
        ("twice", index + 1),
        ("in-a-round", source.find(messages.ROUND_OPENED) + 1),
        ("before-answers", source.find(messages.PARTIAL)),
        ("before-the-first-round", source.find(messages.ROUND_OPENED)),
        ("after-the-end", len(source.records)),
    ):
        yield Mutation(f"rotation/{name}", inserted(source, place, messages.KEY_ROTATED, record.body))


def given_up(s: Sources) -> Iterator[Mutation]:
    def abandoned(number: int, reason: int) -> bytes:
        return wire.u64(number) + bytes([reason])

    source = s.honest
    index = source.find(messages.ROUND_ABANDONED)
    result = source.find(messages.ROUND_RESULT)
    for name, body in {
        "reason-0": abandoned(4, 0),
        "reason-2": abandoned(4, 2),
        "reason-3": abandoned(4, 3),
        "round-1": abandoned(1, 1),
        "round-5": abandoned(5, 1),
    }.items():
        yield Mutation(f"abandoned/{name}", rewritten(source, index, body))
    for name, place, number in (
        ("twice", index + 1, 4),
        ("while-collecting", index - 1, 4),
        ("before-answers-of-a-round-with-a-result", source.find(messages.PARTIAL), 1),
        ("after-the-result", result + 1, 1),
        ("after-the-end", len(source.records), 5),
    ):
        inserting = inserted(source, place, messages.ROUND_ABANDONED, abandoned(number, 1))
        yield Mutation(f"abandoned/{name}", inserting)
    for reason in (1, 2):

        def instead(draft: Draft, reason: int = reason) -> None:
            draft.entries[result] = Entry(messages.ROUND_ABANDONED, 1, abandoned(1, reason))

        yield Mutation(f"abandoned/instead-of-a-result-{reason}", on_draft(source, instead))

    def result_too(draft: Draft) -> None:
        draft.entries.insert(index + 1, Entry(messages.ROUND_RESULT, 1, source.records[result].body))

    yield Mutation("abandoned/and-a-result", on_draft(source, result_too))

    cases = {"spoiled": s.spoiled, "wrapped": s.wrapped, "exceeding": s.exceeding, "repeated": s.repeated}
    for name, waiting in cases.items():
        right = 1 if name == "repeated" else 2
        number = 2 if name == "repeated" else 1
        for reason in (1, 2):
            ok = "-ok" if reason == right else ""
            end = inserted(
                waiting, len(waiting.records), messages.ROUND_ABANDONED, abandoned(number, reason)
            )
            yield Mutation(f"abandoned/of-{name}-{reason}{ok}", end)


# Name and length of the fields of a ledger's head and of an entry.
LEDGER_HEAD = [("scope", 32), ("neighbours", 1), ("epsilon", 8), ("delta", 8), ("count", 4)]
LEDGER_ENTRY = [
    ("round", 8),
    ("mechanism", 1),
    ("numerator", 8),
    ("denominator", 8),
    ("clients", 4),
    ("missing", 4),
    ("colluding", 4),
    ("dimension", 4),
    ("tail-bits", 2),
    ("norm", 8),
    ("cost", 8),
    ("spent", 8),
]


@dataclass(frozen=True)
class Row:
    """An entry of a ledger, as far as it is not computed."""

    round: int
    mechanism: int
    num: int
    den: int
    clients: int
    missing: int
    colluding: int
    dimension: int
    tail_bits: int
    norm: int


@dataclass(frozen=True)
class Book:
    """A ledger that is being made up."""

    scope: bytes
    neighbours: int
    epsilon: int
    delta: int
    rows: tuple[Row, ...]

    @staticmethod
    def of(data: bytes) -> Book:
        rows = (struct.unpack(">QBQQIIIIHQ", data[at : at + 51]) for at in range(65, len(data), 67))
        return Book(data[12:44], *struct.unpack(">BQQ", data[44:61]), tuple(Row(*row) for row in rows))

    def encode(self) -> bytes:
        """With cost and spent epsilon computed, as far as they can be."""
        body = self.scope + struct.pack(">BQQI", self.neighbours, self.epsilon, self.delta, len(self.rows))
        spending = privacy.Spending()
        for row in self.rows:
            numbers = tuple(vars(row).values())
            try:
                plan = privacy.Plan(row.mechanism, Fraction(row.num, row.den), *numbers[4:9])
                cost = plan.cost(row.norm, self.neighbours) or 0
            except (Refused, ZeroDivisionError):
                cost = 0
            spending.add(row.mechanism, cost)
            body += struct.pack(">QBQQIIIIHQQQ", *numbers, cost, spending.epsilon(self.delta) or 0)
        return wire.frame(privacy.LEDGER, 1, body)


def ledgers(s: Sources) -> Iterator[Mutation]:
    source = s.budget
    indices = [source.find(messages.ROUND_OPENED, number) for number in (0, 1)]
    kept = [source.body(RoundHeader.parse(source.records[index].body).ledger) for index in indices]

    def with_ledger(number: int, data: bytes) -> Callable[[str], None]:
        def change(draft: Draft) -> None:
            digest = draft.put(data)
            draft.edit(indices[number], lambda body: put(body, LEDGER, digest))

        return on_draft(source, change)

    for number, data in enumerate(kept):
        fields = [*LEDGER_HEAD, *LEDGER_ENTRY]
        at = 12
        for position, (field, length) in enumerate(fields):
            if position == len(LEDGER_HEAD):
                at = len(data) - 67  # of the last entry
            at += length
            yield Mutation(f"ledger/{number}/{field}/low-bit", with_ledger(number, flip(data, at - 1)))
            yield Mutation(f"ledger/{number}/{field}/high-bit", with_ledger(number, flip(data, at - length, 7)))
        for name, bent in {
            "frame-type": flip(data, 5),
            "frame-version": flip(data, 7),
            "frame-length": flip(data, 11),
            "trailing": data + b"\0",
            "cut": data[:-1],
            "no-frame": data[12:],
            "empty": b"",
        }.items():
            yield Mutation(f"ledger/{number}/{name}", with_ledger(number, bent))
        body = source.records[indices[number]].body
        for name, where, value in (
            ("missing", LEDGER, b"\x5a" * 32),
            ("none", LEDGER, bytes(32)),
            ("B2-one-more", B2, (int.from_bytes(body[B2], "big") + 1).to_bytes(32, "big")),
            ("B2-one-less", B2, (int.from_bytes(body[B2], "big") - 1).to_bytes(32, "big")),
            ("cohort-3-of-3", COHORT, wire.u32(3)),
            ("clip-that-leaves-no-room", CLIP, struct.pack(">d", 7.5)),
        ):
            yield Mutation(
                f"ledger/{number}/opening/{name}", rewritten(source, indices[number], put(body, where, value))
            )
        no_norm = put(put(body, FLAGS, wire.u32(2)), B2, bytes(32))
        yield Mutation(f"ledger/{number}/opening/no-norm", rewritten(source, indices[number], no_norm))

    first, second = (Book.of(data) for data in kept)
    entry = first.rows[0]
    forms: dict[str, tuple[int, Book]] = {
        "0/other-scope": (0, replace(first, scope=bytes(32))),
        "0/no-entry": (0, replace(first, rows=())),
        "0/two-entries": (0, second),
        "0/round-2": (0, replace(first, rows=(replace(entry, round=2),))),
        "0/clients-4": (0, replace(first, rows=(replace(entry, clients=4),))),
        "0/missing-0": (0, replace(first, rows=(replace(entry, missing=0),))),
        "0/dimension-21": (0, replace(first, rows=(replace(entry, dimension=21),))),
        "0/norm-one-less": (0, replace(first, rows=(replace(entry, norm=entry.norm - 1),))),
        "0/laplace": (0, replace(first, rows=(replace(entry, mechanism=2),))),
        "0/small-budget": (0, replace(first, epsilon=1)),
        "1/same-as-before": (1, first),
        "1/without-the-first": (1, replace(second, rows=second.rows[1:])),
        "1/larger-budget": (1, replace(second, epsilon=2 * second.epsilon)),
        "1/other-delta": (1, replace(second, delta=second.delta + 1)),
        "1/other-neighbours": (1, replace(second, neighbours=2, epsilon=privacy.LARGEST_EPSILON)),
        "1/first-entry-cheaper": (
            1,
            replace(second, rows=(replace(entry, norm=entry.norm - 1), second.rows[1])),
        ),
    }
    for name, (number, ledger) in forms.items():
        yield Mutation(f"ledger/made/{name}", with_ledger(number, ledger.encode()))
