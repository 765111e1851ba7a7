"""Contributions with validity proofs (suite 2) that a client bends and signs, one field at a time."""

from __future__ import annotations

from typing import Iterator

from forgery import Draft, Source, flip
from mutations.base import Mutation, Sources, on_draft
from veilsum_record import messages, validity, wire
from veilsum_record.ceremony import Ceremony
from veilsum_record.contributions import VALIDITY_CHECKS
from veilsum_record.failure import Refused
from veilsum_record.messages import RoundHeader, SessionHeader
from veilsum_record.rounds import Round
from veilsum_record.submission import Shape


def bent_elements(body: bytes, shape: Shape) -> Iterator[tuple[str, bytes]]:
    """First and last element of each field: a low bit flipped, zero, ones, the field's other end in its place."""
    for (name, kind, count), span in zip(shape.fields(), shape.spans().values()):
        width = shape.width(kind)
        for which, number in {"first": 0, "last": count - 1}.items():
            if count == 0 or (count == 1 and which == "last"):
                continue
            start = span.start + number * width
            end = start + width
            other = span.stop - width if which == "first" else span.start
            low = start if kind in "PS" else end - 1
            yield f"{name}/{which}/low-bit", flip(body, low)
            yield f"{name}/{which}/zero", body[:start] + bytes(width) + body[end:]
            yield f"{name}/{which}/ones", body[:start] + b"\xff" * width + body[end:]
            if count > 1:
                yield f"{name}/{which}/other-end", body[:start] + body[other : other + width] + body[end:]


def reason_of(body: bytes, shape: Shape, source: Source, round_: Round, client: bytes) -> int:
    """What the second verifier says, for refusals with the right reason."""
    first = SessionHeader.parse(source.records[0].body)
    key = Ceremony.parse(source.body(first.ceremony), 512, 1).key
    try:
        validity.check_submission(body, shape.layout, key, round_.context(client))
    except Refused as refused:
        return VALIDITY_CHECKS + refused.check
    return 0


def proofs(s: Sources) -> Iterator[Mutation]:
    source = s.proved
    opened = source.find(messages.ROUND_OPENED)
    shape = Shape(RoundHeader.parse(source.records[opened].body).layout)
    index = source.find(messages.CONTRIBUTION, 1)
    header, _ = messages.parse_contribution(source.records[index].body)
    body = source.body(header.body)
    round_ = Draft(source).round_of(index)

    def recorded(draft: Draft, bad: bytes) -> None:
        draft.sign_contribution(index, body=draft.put(bad))

    def refused(draft: Draft, bad: bytes, reason: int) -> None:
        recorded(draft, bad)
        draft.entries[index].type = messages.REFUSAL
        draft.edit(index, lambda old: old + wire.u16(reason))

    for name, bad in bent_elements(body, shape):
        yield Mutation(f"validity/{name}", on_draft(source, lambda draft, bad=bad: recorded(draft, bad)))
        if name.startswith("rows/"):
            continue
        reason = reason_of(bad, shape, source, round_, header.client)
        if not reason:
            raise ValueError(f"{name} is a good proof")
        yield Mutation(
            f"validity/{name}/refused",
            on_draft(source, lambda draft, bad=bad, reason=reason: refused(draft, bad, reason)),
        )
        wrong = VALIDITY_CHECKS + 9 if reason != VALIDITY_CHECKS + 9 else VALIDITY_CHECKS + 8
        yield Mutation(
            f"validity/{name}/refused-for-another-reason",
            on_draft(source, lambda draft, bad=bad, wrong=wrong: refused(draft, bad, wrong)),
        )

    for name, bad in {"cut": body[:-1], "longer": body + b"\0", "empty": b""}.items():
        yield Mutation(f"validity/{name}", on_draft(source, lambda draft, bad=bad: recorded(draft, bad)))

    # Another client's body, and one's own of the other round, under this client's signature.
    for name, number in {"copy": 0, "replay": 3}.items():
        other, _ = messages.parse_contribution(source.records[source.find(messages.CONTRIBUTION, number)].body)
        theirs = source.body(other.body)

        def moved(draft: Draft, theirs: bytes = theirs, rows: bytes = other.rows) -> None:
            draft.sign_contribution(index, body=draft.put(theirs), rows=rows)

        yield Mutation(f"validity/{name}", on_draft(source, moved))
