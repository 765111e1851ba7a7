"""After a change of the key: whose word counts, whom a cohort is drawn from, which model a round begins with, and
rounds that were given up. And rounds with other ledgers, right and wrong, which end the log.
"""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from fractions import Fraction
from typing import Callable, Iterator

from forgery import Draft, Entry, Source, encode_partial_header, encode_roster
from mutations.base import Mutation, Sources, on_draft
from mutations.standing import (
    B2,
    CLIP,
    COHORT,
    DRAWN,
    KEY,
    LEDGER,
    MODEL,
    NUMBER,
    ROSTER,
    Book,
    Row,
    enrolment,
    inserted,
    put,
    session_of,
)
from veilsum_record import messages, partials, privacy, sodium, wire
from veilsum_record.messages import RoundHeader, RoundResult
from veilsum_record.pool import DRAW

ROUND, WMAX, C, MD = slice(0, 8), slice(61, 65), slice(69, 73), slice(81, 85)
CLOSES = slice(165, 173)


def ending(source: Source, index: int, body: bytes, *bodies: bytes) -> Callable[[str], None]:
    """The record at `index` with this body, and nothing after it."""

    def change(draft: Draft) -> None:
        for named in bodies:
            draft.put(named)
        draft.entries[index:] = [Entry(draft.entries[index].type, 1, body)]

    return on_draft(source, change)


def ids_of(source: Source) -> list[bytes]:
    return [sodium.key_pair(seed)[0] for seed in source.clients]


def result_of(source: Source, number: int) -> RoundResult:
    return RoundResult.parse(source.records[source.find(messages.ROUND_RESULT, number)].body)


def least(clients: list[bytes], count: int, session: bytes, opening: bytes, number: int) -> list[bytes]:
    prefix = DRAW + session + opening + wire.u64(number)
    return sorted(clients, key=lambda client: wire.sha256(prefix + client))[:count]


def draws(s: Sources) -> Iterator[Mutation]:
    """Cohorts of the second and the fourth round of `moved`, each as the last record."""
    source = s.moved
    ids, session = ids_of(source), session_of(source)
    second, fourth = (source.find(messages.ROUND_OPENED, i) for i in (1, 3))
    openings = [result_of(source, i).opening for i in (0, 1)]
    weights = dict(zip(ids, (2, 1, 1, 2)))  # after the first round
    before = dict(zip(ids, (1, 2, 1, 1)))

    def with_roster(index: int, members: list[bytes], of: dict[bytes, int], count: int) -> Callable[[str], None]:
        roster = encode_roster(sorted((client, of[client]) for client in members))
        body = put(put(source.records[index].body, ROSTER, wire.sha256(roster)), DRAWN, wire.u32(count))
        return ending(source, index, body, roster)

    cases: dict[str, tuple[list[bytes], dict[bytes, int], int]] = {
        "three-ok": (ids[:3], weights, 3),
        "all-ok": (ids, weights, 0),
        "two-ok": (least(ids[:3], 2, session, openings[0], 2), weights, 2),
        "one-below-any-cohort": (least(ids[:3], 1, session, openings[0], 2), weights, 1),
        "who-came-back-after-the-draw": ([ids[0], ids[1], ids[3]], weights, 3),
        "four-of-three": (ids, weights, 4),
        "as-many-as-there-are-but-all": (ids, weights, 3),
        "weights-of-before": (ids[:3], before, 3),
        "all-with-weights-of-before": (ids, before, 0),
        "all-but-who-came-back": (ids[:3], weights, 0),
        "two-greatest": (least(ids[:3], 3, session, openings[0], 2)[1:], weights, 2),
    }
    for name, (members, of, count) in cases.items():
        yield Mutation(f"draw/second/{name}", with_roster(second, members, of, count))

    wrong = {
        "from-the-first-result": (session, openings[0], 4),
        "from-the-model": (session, result_of(source, 1).model, 4),
        "for-round-3": (session, openings[1], 3),
        "for-round-5": (session, openings[1], 5),
        "of-another-session": (session_of(s.honest), openings[1], 4),
        "from-nothing": (session, bytes(32), 4),
    }
    for count in (1, 2, 3):
        right = sorted(least(ids, count, session, openings[1], 4))
        ok = "-ok" if count > 1 else ""
        yield Mutation(f"draw/fourth/right-{count}{ok}", with_roster(fourth, right, weights, count))
        for name, (drawn_by, opening, number) in wrong.items():
            members = sorted(least(ids, count, drawn_by, opening, number))
            if members != right:
                yield Mutation(f"draw/fourth/{name}-{count}", with_roster(fourth, members, weights, count))


def openings(s: Sources) -> Iterator[Mutation]:
    """Models, numbers and keys of the third and the fourth round of `moved`, each as the last record."""
    source = s.moved
    places = [source.find(messages.ROUND_OPENED, i) for i in range(4)]
    bodies = [source.records[index].body for index in places]
    fourth = bodies[3]
    now = [fourth[MODEL], result_of(source, 1).model]
    one, two, three = (put(fourth, NUMBER, wire.u32(number)) for number in (1, 2, 3))
    for name, changed in {
        "as-it-was-ok": fourth,
        "number-0-with-its-first-model": put(fourth, MODEL, bodies[0][MODEL]),
        "number-0-with-the-other-model": put(fourth, MODEL, now[1]),
        "number-1-with-its-model-ok": put(one, MODEL, now[1]),
        "number-1-with-its-first-model": put(one, MODEL, bodies[1][MODEL]),
        "number-1-with-the-other-model": one,
        "number-2-with-a-model-ok": put(two, MODEL, bodies[0][MODEL]),
        "number-2-without-a-model": put(two, MODEL, wire.sha256(b"nowhere")),
        "number-3": put(three, MODEL, bodies[0][MODEL]),
        "number-3-without-a-model": put(three, MODEL, wire.sha256(b"nowhere")),
        "number-15": put(fourth, NUMBER, wire.u32(15)),
        "key-of-the-aggregator": put(fourth, KEY, sodium.key_pair(source.aggregator)[0]),
        "round-3": put(fourth, ROUND, wire.u64(3)),
        "round-5": put(fourth, ROUND, wire.u64(5)),
    }.items():
        yield Mutation(f"draw/opening/{name}", ending(source, places[3], changed))
    third = bodies[2]
    for name, changed in {
        "after-giving-up/as-it-was-ok": third,
        "after-giving-up/another-model": put(third, MODEL, now[0]),
        "after-giving-up/other-hours-ok": put(third, CLOSES, wire.u64(2001)),
        "after-giving-up/the-number-again": put(third, ROUND, wire.u64(2)),
    }.items():
        yield Mutation(f"draw/opening/{name}", ending(source, places[2], changed))

    # Client 3 is not among those that the second round is drawn from.
    for i, client in enumerate(ids_of(source)):
        ok = "-ok" if i == 3 else ""

        def with_record(kind: int, body: bytes) -> Callable[[str], None]:
            def change(draft: Draft) -> None:
                draft.entries[places[1] :] = [Entry(kind, 1, body), Entry(messages.ROUND_OPENED, 1, bodies[1])]

            return on_draft(source, change)

        records = [record for record in source.records if record.type == messages.ENROLMENT]
        theirs = [record.body for record in records if record.body[:32] == client]
        weight = 1 if theirs[-1][32:36] == wire.u32(2) else 2
        changed = enrolment(source, i, weight, len(theirs))
        yield Mutation(f"draw/client-{i}/removed{ok}", with_record(messages.REMOVAL, client))
        yield Mutation(f"draw/client-{i}/other-weight{ok}", with_record(messages.ENROLMENT, changed))
        yield Mutation(f"draw/client-{i}/by-an-old-word", with_record(messages.ENROLMENT, theirs[0]))


def answers(s: Sources) -> Iterator[Mutation]:
    """Which trustees count after the change, and how many."""
    source = s.moved
    rotation = source.find(messages.KEY_ROTATED)
    places = [i for i, record in enumerate(source.records) if record.type == messages.PARTIAL]
    after = [index for index in places if index > rotation]

    def signed(index: int, seed: bytes, **changes: int) -> Callable[[str], None]:
        def change(draft: Draft) -> None:
            header = replace(messages.PartialHeader.parse(source.records[index].body), **changes)
            closed = max(i for i in range(index) if source.records[i].type == messages.ROUND_CLOSED)
            aggregate = messages.RoundClosed.parse(source.records[closed].body).aggregate
            message = partials.signed_message(header, draft.round_of(index), aggregate)
            signature = sodium.sign(seed, message)
            draft.entries[index].body = encode_partial_header(replace(header, signature=signature))

        return on_draft(source, change)

    for position, index in enumerate(after):
        trustee = messages.PartialHeader.parse(source.records[index].body).trustee
        own, old = source.next_trustees[trustee - 1], source.trustees[(trustee - 1) % 3]
        theirs = 1 if trustee != 1 else 2
        place = f"moved/answer-{position}"
        yield Mutation(f"{place}/signed-anew-ok", signed(index, own))
        yield Mutation(f"{place}/by-an-old-trustee", signed(index, old))
        yield Mutation(f"{place}/index-0", signed(index, own, trustee=0))
        yield Mutation(f"{place}/index-6", signed(index, own, trustee=6))
        yield Mutation(
            f"{place}/of-another-index", signed(index, source.next_trustees[theirs - 1], trustee=theirs)
        )
    yield Mutation("moved/before/by-a-new-trustee", signed(places[0], source.next_trustees[0], trustee=1))
    yield Mutation("moved/before/of-trustee-4", signed(places[0], source.next_trustees[3], trustee=4))

    for number, round_, right in ((0, 2, 1), (1, 4, 2)):
        index = source.find(messages.ROUND_ABANDONED, number)
        for name, body in {
            "other-reason": wire.u64(round_) + bytes([3 - right]),
            "round-before": wire.u64(round_ - 1) + bytes([right]),
            "round-after": wire.u64(round_ + 1) + bytes([right]),
            "round-0": wire.u64(0) + bytes([right]),
            "short": wire.u64(round_),
            "long": wire.u64(round_) + bytes([right, 0]),
        }.items():
            yield Mutation(f"moved/given-up-{round_}/{name}", ending(source, index, body))

        def left_out(draft: Draft, index: int = index) -> None:
            del draft.entries[index]

        yield Mutation(f"moved/given-up-{round_}/left-out", on_draft(source, left_out))

    for reason, ok in ((1, "-ok"), (2, "")):
        # Two of five answered: that was a quorum of the trustees before, not of these.
        body = wire.u64(4) + bytes([reason])
        two_answers = ending_with(source, after[-1], messages.ROUND_ABANDONED, body)
        yield Mutation(f"moved/given-up-with-two-answers-{reason}{ok}", two_answers)

    result = source.find(messages.ROUND_RESULT, 1)
    claimed = result_of(source, 1)
    for reason in (1, 2):
        body = wire.u64(3) + bytes([reason])
        instead = ending_with(source, result, messages.ROUND_ABANDONED, body)
        yield Mutation(f"moved/given-up-instead-of-the-result-{reason}", instead)
    twice = ending_with(source, result + 1, messages.ROUND_RESULT, source.records[result].body)
    yield Mutation("moved/result-twice", twice)
    answered = [index for index in after if index < result][-3:]
    quorum = sorted(messages.PartialHeader.parse(source.records[i].body).trustee for i in answered[:2])
    out = wire.u64(3) + wire.u32(2) + b"".join(map(wire.u16, quorum))
    out += claimed.opening + claimed.update + claimed.model
    early = ending_with(source, answered[-1], messages.ROUND_RESULT, out)
    yield Mutation("moved/result-with-the-quorum-of-before", early)

    again = source.records[rotation].body
    yield Mutation("moved/rotation/again", inserted(source, rotation + 1, messages.KEY_ROTATED, again))
    between = enrolment(source, 2, 1, 1)
    yield Mutation("moved/rotation/enrolment-before-it", inserted(source, rotation, messages.ENROLMENT, between))


def ending_with(source: Source, index: int, kind: int, body: bytes) -> Callable[[str], None]:
    """This record instead of the one at `index` and all that follow."""

    def change(draft: Draft) -> None:
        draft.entries[index:] = [Entry(kind, 1, body)]

    return on_draft(source, change)


def tries(s: Sources) -> Iterator[Mutation]:
    """The set of a round that was given up after one answer, once more."""
    source = s.tried
    end = len(source.records)
    for name, kind, body in (
        ("answer", messages.PARTIAL, source.extra_partial),
        ("answer-as-refused", messages.PARTIAL_REFUSAL, source.extra_partial),
        ("given-up-ok", messages.ROUND_ABANDONED, wire.u64(2) + b"\1"),
        ("given-up-for-its-opening", messages.ROUND_ABANDONED, wire.u64(2) + b"\2"),
        ("first-given-up-again", messages.ROUND_ABANDONED, wire.u64(1) + b"\1"),
    ):
        yield Mutation(f"tried/{name}", inserted(source, end, kind, body))

    def unanswered(draft: Draft) -> None:
        """Then the binding of the second round is another, and its signatures fail."""
        del draft.entries[source.find(messages.PARTIAL)]

    yield Mutation("tried/answer-left-out", on_draft(source, unanswered))


def plan_of(row: Row) -> privacy.Plan:
    amount = Fraction(row.num, row.den)
    return privacy.Plan(
        row.mechanism, amount, row.clients, row.missing, row.colluding, row.dimension, row.tail_bits
    )


def books(s: Sources) -> Iterator[Mutation]:
    """Rounds with another ledger and everything else to match, as far as it can, each as the last record."""
    source = s.budget
    indices = [source.find(messages.ROUND_OPENED, number) for number in (0, 1)]
    bodies = [source.records[index].body for index in indices]
    first, second = (Book.of(source.body(RoundHeader.parse(body).ledger)) for body in bodies)
    row, later = first.rows[0], second.rows[1]

    def one(**changes: int) -> Book:
        return replace(first, rows=(replace(row, **changes),))

    def two(**changes: int) -> Book:
        return replace(second, rows=(second.rows[0], replace(later, **changes)))

    def opened(number: int, book: Book) -> Callable[[str], None]:
        data = book.encode()
        return ending(source, indices[number], put(bodies[number], LEDGER, wire.sha256(data)), data)

    def matching(number: int, book: Book) -> Callable[[str], None]:
        plan, data = plan_of(book.rows[-1]), book.encode()
        body = put(bodies[number], B2, plan.norm_bound(book.rows[-1].norm).to_bytes(32, "big"))
        body = put(body, COHORT, wire.u32(max(2, plan.smallest_cohort)))
        return ending(source, indices[number], put(body, LEDGER, wire.sha256(data)), data)

    goods = {
        "first-as-it-was": first,
        "second-as-it-was": second,
        "nobody-missing": one(missing=0),
        "norm-one-more": one(norm=row.norm + 1),
        "more-noise": one(num=240_001),
        "tail-96": one(tail_bits=96),
        "tail-200": one(tail_bits=200),
        "largest-budget": replace(first, epsilon=privacy.LARGEST_EPSILON),
        "largest-delta": replace(first, delta=privacy.ATTO - 1),
        "laplace": one(mechanism=privacy.LAPLACE, num=200, den=1),
        "replaced": replace(first, neighbours=privacy.REPLACED, rows=(replace(row, num=957_397),)),
        "second-laplace": two(mechanism=privacy.LAPLACE, num=300, den=1),
        "second-more-noise": two(num=300_001),
    }
    for name, book in goods.items():
        yield Mutation(f"book/{name}-ok", matching(len(book.rows) - 1, book))
    # Everything fits together, and says less of an update than its clip and its rounding allow.
    cheap = {"norm-one-less": one(norm=row.norm - 1), "norm-1": one(norm=1), "second-norm-1": two(norm=1)}
    for name, book in cheap.items():
        yield Mutation(f"book/{name}", matching(len(book.rows) - 1, book))
    bads = {
        "tail-95": one(tail_bits=95),
        "tail-257": one(tail_bits=257),
        "colluding-all": one(colluding=2),
        "missing-all": one(missing=3),
        "not-in-lowest-terms": one(num=2 * row.num, den=2 * row.den),
        "no-noise": one(num=0),
        "denominator-0": one(den=0),
        "numerator-large": one(num=2**54 + 1),
        "too-little-noise": one(num=1, den=4),
        "too-much-noise": one(num=2**50 + 1),
        "mechanism-0": one(mechanism=0),
        "mechanism-3": one(mechanism=3),
        "norm-0": one(norm=0),
        "norm-2-50": one(norm=2**50),
        "budget-0": replace(first, epsilon=0),
        "budget-above": replace(first, epsilon=privacy.LARGEST_EPSILON + 1),
        "delta-1": replace(first, delta=privacy.ATTO),
        "delta-0": replace(first, delta=0),
        "neighbours-0": replace(first, neighbours=0),
        "neighbours-3": replace(first, neighbours=3),
        "laplace-over-budget": one(mechanism=privacy.LAPLACE, num=50, den=1),
        "laplace-that-cannot-be-counted": one(mechanism=privacy.LAPLACE, num=5, den=1),
        "laplace-of-large-noise": one(mechanism=privacy.LAPLACE),
        "replaced-over-budget": replace(first, neighbours=privacy.REPLACED),
        "second-over-budget": two(norm=later.norm * 2),
        "second-that-cannot-be-counted": two(norm=later.norm * 400),
        "second-for-round-1": two(round=1),
        "second-for-round-3": two(round=3),
        "second-swapped": replace(second, rows=second.rows[::-1]),
        "second-alone": replace(second, rows=second.rows[1:]),
        "second-thrice": replace(second, rows=(*second.rows, replace(later, round=3))),
        "second-other-scope": replace(second, scope=bytes(32)),
        "second-begun-anew": replace(second, rows=(replace(row, round=2),)),
    }
    for name, book in bads.items():
        yield Mutation(f"book/{name}", opened(1 if name.startswith("second") else 0, book))

    (exact,) = struct.unpack(">Q", first.encode()[-8:])
    yield Mutation("book/budget-just-enough-ok", opened(0, replace(first, epsilon=exact)))
    yield Mutation("book/budget-one-short", opened(0, replace(first, epsilon=exact - 1)))
    header = RoundHeader.parse(bodies[0])
    # Clips near the largest take another norm, and noise under which its cost can be counted.
    loud = replace(row, num=10 * row.num + 1)
    room = (2 ** (header.layout.b - 1) - 2 - plan_of(loud).largest) / 2**header.scale_bits
    bits = int.from_bytes(struct.pack(">d", room), "big")
    norm = math.ceil((math.ldexp(room, header.scale_bits) + header.layout.d) ** 2)
    data = replace(first, epsilon=privacy.LARGEST_EPSILON, rows=(replace(loud, norm=norm),)).encode()
    roomy = put(bodies[0], B2, plan_of(loud).norm_bound(norm).to_bytes(32, "big"))
    roomy = put(roomy, LEDGER, wire.sha256(data))
    for name, value in (
        ("clip-just-fits-ok", wire.u64(bits)),
        ("clip-just-above", struct.pack(">d", room + 2**-30)),
        ("clip-next-double", wire.u64(bits + 1)),
    ):
        yield Mutation(f"book/{name}", ending(source, indices[0], put(roomy, CLIP, value), data))
    for name, where, value in (
        ("cohort-above-ok", COHORT, wire.u32(3)),
        ("dropped-in-the-first-round-ok", LEDGER, bytes(32)),
    ):
        yield Mutation(f"book/{name}", ending(source, indices[0], put(bodies[0], where, value)))
    strict = one(missing=0)
    below = put(bodies[0], LEDGER, wire.sha256(strict.encode()))
    below = put(below, B2, plan_of(strict.rows[0]).norm_bound(row.norm).to_bytes(32, "big"))
    yield Mutation("book/cohort-below", ending(source, indices[0], below, strict.encode()))
    dropped = put(bodies[1], LEDGER, bytes(32))
    yield Mutation("book/dropped-in-the-second-round", ending(source, indices[1], dropped))

    # Client 1 leaves before the second round; client 0 enrols again, with its weight or with 2.
    ids, pair = ids_of(source), two(clients=2, missing=0)
    norm = plan_of(pair.rows[-1]).norm_bound(later.norm)
    for name, weight in {"two-clients-ok": 1, "weight-2": 2}.items():
        roster, data = encode_roster(sorted([(ids[0], weight), (ids[2], 1)])), pair.encode()
        body = put(put(bodies[1], ROSTER, wire.sha256(roster)), LEDGER, wire.sha256(data))
        body = put(put(body, B2, norm.to_bytes(32, "big")), COHORT, wire.u32(2))
        for where, value in ((WMAX, 2), (MD, 32), (C, 80)):
            body = put(body, where, wire.u32(value))

        def change(draft: Draft, weight: int = weight, body: bytes = body, roster: bytes = roster) -> None:
            draft.put(roster)
            draft.put(pair.encode())
            draft.entries[indices[1] :] = [
                Entry(messages.ENROLMENT, 1, enrolment(source, 1, 0, 1)),
                Entry(messages.ENROLMENT, 1, enrolment(source, 0, weight, 1)),
                Entry(messages.ROUND_OPENED, 1, body),
            ]

        yield Mutation(f"book/{name}", on_draft(source, change))
