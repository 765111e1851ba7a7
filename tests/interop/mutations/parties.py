"""What clients and trustees sign and should not, and what the aggregator then makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Iterator

from forgery import NAMES, Draft, Entry, Source, encode_closed, encode_files, encode_result, flip
from mutations.base import Mutation, Sources, folded, on_copy, on_draft
from mutations.stored import remove
from veilsum_record import commitments, messages, sodium, wire
from veilsum_record.ceremony import Ceremony
from veilsum_record.messages import RoundClosed, RoundHeader, RoundResult, SessionHeader
from veilsum_record.session import SessionState


def body_parts(source: Source, kind: int = messages.CONTRIBUTION) -> dict[str, tuple[int, int]]:
    """Where the parts of a contribution's body are: name to start and end."""
    layout = RoundHeader.parse(source.records[source.find(messages.ROUND_OPENED)].body).layout
    widths = {
        "rows": 32 * layout.K,
        "audit-rows": 32 * layout.Ka,
        "ciphertexts": 128 * layout.ciphertexts,
        "A": 128,
        "z": 64,
    }
    parts: dict[str, tuple[int, int]] = {}
    at = 0
    for name, width in widths.items():
        parts[name] = (at, at + width)
        at += width
    header, _ = messages.parse_contribution(source.records[source.find(kind)].body)
    parts["zeta"] = (at, len(source.body(header.body)))
    return parts


def bad_bodies(source: Source, index: int) -> Iterator[tuple[str, int, Callable[[bytes], bytes]]]:
    """Bodies that a dishonest client could send: name, the check that fails, change."""
    parts = body_parts(source)
    first = SessionHeader.parse(source.records[0].body)
    key = Ceremony.parse(source.body(first.ceremony), 512, 1).key

    def put(start: int, data: bytes) -> Callable[[bytes], bytes]:
        return lambda body: body[:start] + data + body[start + len(data) :]

    for part, check in {"rows": 8, "audit-rows": 11, "ciphertexts": 11, "A": 11, "z": 11, "zeta": 11}.items():
        start, end = parts[part]
        if part in ("rows", "audit-rows"):
            swapped = lambda body, start=start: (
                body[:start] + body[start + 32 : start + 64] + body[start : start + 32] + body[start + 64 :]
            )
            yield f"{part}/swapped", check, swapped
            yield f"{part}/generator", check, put(start, commitments.generator("G", 0))
            malformed = 7 if part == "rows" else 9
            yield f"{part}/identity", malformed, put(start, bytes(32))
            yield f"{part}/not-canonical", malformed, put(start, b"\xed" + b"\xff" * 30 + b"\x7f")
            yield f"{part}/negative", malformed, put(start, b"\1" + bytes(31))
            yield f"{part}/last-not-canonical", malformed, put(end - 32, b"\xff" * 32)
            continue
        yield f"{part}/low-bit", check, lambda body, end=end: flip(body, end - 1)
        yield f"{part}/bit-6", check, lambda body, end=end: flip(body, end - 1, 6)
        width = 128 if part == "ciphertexts" else end - start
        yield f"{part}/zero", 10 if part == "ciphertexts" else 11, put(start, bytes(width))
        yield f"{part}/ones", 10 if part == "ciphertexts" else 11, put(start, b"\xff" * width)
        if part in ("ciphertexts", "A"):
            unit = 10 if part == "ciphertexts" else 11
            yield f"{part}/modulus", unit, put(end - 128, key.modulus.to_bytes(128, "big"))
            yield f"{part}/n", unit, put(end - 128, key.n.to_bytes(128, "big"))
            yield f"{part}/one", 11, put(end - 128, (1).to_bytes(128, "big"))
            negated = lambda body, end=end: put(
                end - 128, (key.modulus - int.from_bytes(body[end - 128 : end], "big")).to_bytes(128, "big")
            )(body)
            yield f"{part}/negated", 11, negated
        if part == "z":
            yield "z/n", 11, put(start, key.n.to_bytes(64, "big"))
        if part == "zeta":
            least = 12 * (2**128 - 1) * (2**256 - 1)
            yield "zeta/below-window", 11, put(start, (least - 1).to_bytes(width, "big"))
            yield "zeta/first-of-window", 11, put(start, least.to_bytes(width, "big"))


def clients(s: Sources) -> Iterator[Mutation]:
    """Signed by the client, recorded by the aggregator; and the same as refusals with the right and a wrong
    reason.
    """
    source = s.honest
    index = source.find(messages.CONTRIBUTION, 1)
    header, received_at = messages.parse_contribution(source.records[index].body)
    body = source.body(header.body)

    def recorded(draft: Draft, new_body: bytes) -> None:
        draft.sign_contribution(index, body=draft.put(new_body))

    def refused(draft: Draft, new_body: bytes, reason: int) -> None:
        recorded(draft, new_body)
        draft.entries[index].type = messages.REFUSAL
        draft.edit(index, lambda old: old + wire.u16(reason))

    for name, check, change in bad_bodies(source, index):
        bad = change(body)
        yield Mutation(f"client/{name}", on_draft(source, lambda draft, bad=bad: recorded(draft, bad)))
        yield Mutation(
            f"refusal/{name}/right-reason",
            on_draft(source, lambda draft, bad=bad, check=check: refused(draft, bad, check)),
        )
    lengths = {"cut": body[:-1], "longer": body + b"\0", "empty": b"", "of-another-length": bytes(100)}
    for name, bad in lengths.items():
        yield Mutation(f"client/body/{name}", on_draft(source, lambda draft, bad=bad: recorded(draft, bad)))
        yield Mutation(
            f"refusal/body/{name}", on_draft(source, lambda draft, bad=bad: refused(draft, bad, 11))
        )
    yield Mutation(
        "client/body/never-stored", on_draft(
            source, lambda draft: draft.sign_contribution(index, body=bytes(32))
        )
    )
    yield Mutation(
        "client/row-digest", on_draft(source, lambda draft: draft.sign_contribution(index, rows=bytes(64)))
    )
    yield Mutation(
        "client/rows-swapped-with-their-digest",
        on_draft(
            source,
            lambda draft: draft.sign_contribution(
                index,
                body=draft.put(body[32:64] + body[:32] + body[64:]),
                rows=commitments.row_digest([body[32:64], body[:32]]),
            ),
        ),
    )
    for number in (0, 2, 3):
        yield Mutation(
            f"client/round-{number}",
            on_draft(source, lambda draft, number=number: draft.sign_contribution(index, round=number)),
        )

    def as_another(draft: Draft) -> None:
        """A client that is on the roster takes the ciphertexts of another as its own."""
        later, _ = messages.parse_contribution(source.records[source.find(messages.CONTRIBUTION, 2)].body)
        draft.sign_contribution(index, client=later.client)

    yield Mutation("client/copies-another-client", on_draft(source, as_another))

    def stranger(draft: Draft) -> None:
        seed = bytes(31) + b"\7"
        public, _ = sodium.key_pair(seed)
        source.client_of[public] = seed
        draft.sign_contribution(index, client=public)
        del source.client_of[public]

    yield Mutation("client/not-on-the-roster", on_draft(source, stranger))
    for time in (0, 999, 1000, 1009, 2000, 2001, (1 << 64) - 1):

        def moved(draft: Draft, time: int = time) -> None:
            draft.edit(index, lambda old: old[:-8] + wire.u64(time))

        yield Mutation(f"client/received-at-{time}", on_draft(source, moved))


def refusals(s: Sources) -> Iterator[Mutation]:
    source = s.honest
    places = [i for i, record in enumerate(source.records) if record.type == messages.REFUSAL]
    for index in places:
        actual = int.from_bytes(source.records[index].body[-2:], "big")
        for reason in {0, 1, 4, 6, 7, 10, 11, 12, 13} - {actual}:

            def other(draft: Draft, index: int = index, reason: int = reason) -> None:
                draft.edit(index, lambda old: old[:-2] + wire.u16(reason))

            yield Mutation(f"refusal/of-{actual}-as-{reason}", on_draft(source, other))
    first = source.find(messages.CONTRIBUTION)
    for reason in (4, 7, 8, 9, 10, 11, 12):

        def instead(draft: Draft, reason: int = reason) -> None:
            """A valid contribution refused instead of accepted."""
            draft.entries[first].type = messages.REFUSAL
            draft.edit(first, lambda old: old + wire.u16(reason))

        def besides(draft: Draft, reason: int = reason) -> None:
            """A counted contribution refused too."""
            body = draft.entries[first].body[:-8] + wire.u64(1015) + wire.u16(reason)
            draft.entries.insert(first + 2, Entry(messages.REFUSAL, 1, body))

        yield Mutation(f"refusal/valid/instead-{reason}", on_draft(source, instead))
        yield Mutation(f"refusal/valid/besides-{reason}", on_draft(source, besides))
    second = source.find(messages.CONTRIBUTION, 1)

    def equivocation(draft: Draft, **changes: bytes) -> None:
        """The second client signs another header, which the aggregator records as equivocation."""
        body = draft.entries[second].body[:-8] + wire.u64(1015) + wire.u16(messages.EQUIVOCATION)
        draft.entries.insert(second + 1, Entry(messages.REFUSAL, 1, body))
        if changes:
            draft.sign_contribution(second + 1, **changes)

    yield Mutation("refusal/equivocation/same", on_draft(source, equivocation))
    yield Mutation(
        "refusal/equivocation/other-body", on_draft(source, lambda d: equivocation(d, body=bytes(32)))
    )
    yield Mutation(
        "refusal/equivocation/other-rows", on_draft(source, lambda d: equivocation(d, rows=bytes(64)))
    )

    def foreign(draft: Draft) -> None:
        equivocation(draft, body=bytes(32))
        draft.edit(second + 1, lambda old: flip(old, 140))

    yield Mutation("refusal/equivocation/not-signed", on_draft(source, foreign))

    def withdrawn_body_missing(folder: str) -> None:
        index = next(i for i in places if source.records[i].body.endswith(wire.u16(messages.EQUIVOCATION)))
        client = source.records[index].body[8:40]
        earlier = next(
            r for r in source.records if r.type == messages.CONTRIBUTION and r.body[8:40] == client
        )
        digest = messages.parse_contribution(earlier.body)[0].body
        remove(folder, f"bodies/{digest.hex()}")

    yield Mutation("refusal/equivocation/earlier-body-missing", on_copy(source, withdrawn_body_missing))


def closings(s: Sources) -> Iterator[Mutation]:
    source = s.honest
    index = source.find(messages.ROUND_CLOSED)
    last = source.find(messages.ROUND_CLOSED, -2)
    closed = RoundClosed.parse(source.records[index].body)
    below = RoundClosed.parse(source.records[last].body)

    def rewritten(at: int, new: RoundClosed) -> Callable[[str], None]:
        return on_draft(source, lambda draft: draft.edit(at, lambda _: encode_closed(new)))

    a, b = closed.accepted
    forms = {
        "accepted-swapped": replace(closed, accepted=[b, a]),
        "accepted-one-missing": replace(closed, accepted=[a]),
        "accepted-one-silent": replace(closed, accepted=[a], silent=[b]),
        "accepted-one-twice": replace(closed, accepted=[a, b, b]),
        "refused-is-accepted": replace(
            closed, accepted=[a, b, closed.refused[0]], refused=closed.refused[1:]
        ),
        "refused-swapped": replace(closed, refused=closed.refused[::-1]),
        "refused-is-silent": replace(closed, refused=closed.refused[1:], silent=closed.refused[:1]),
        "silent-stranger": replace(closed, silent=[bytes(32)]),
        "all-empty": replace(closed, accepted=[], refused=[], silent=[]),
        "outcome-2": replace(closed, outcome=2),
        "outcome-2-no-aggregate": replace(closed, outcome=2, aggregate=bytes(32)),
        "outcome-0": replace(closed, outcome=0),
        "outcome-3": replace(closed, outcome=3),
        "round-2": replace(closed, round=2),
        "earlier-than-contributions": replace(closed, closed_at=1029),
        "at-the-last-time": replace(closed, closed_at=1040),
        "at-zero": replace(closed, closed_at=0),
    }
    for name, new in forms.items():
        yield Mutation(f"closing/{name}", rewritten(index, new))
    for name, new in {
        "below-cohort/outcome-1": replace(below, outcome=1),
        "below-cohort/aggregate-given": replace(below, aggregate=b"\1" * 32),
        "below-cohort/closed-at-2000": replace(below, closed_at=2000),
        "below-cohort/silent-left-out": replace(below, silent=below.silent[:-1]),
    }.items():
        yield Mutation(f"closing/{name}", rewritten(last, new))

    state = folded(source, index)
    key, product = state.session.ceremony.key, state.current.product
    first, _ = messages.parse_contribution(source.records[source.find(messages.CONTRIBUTION)].body)
    start, end = body_parts(source)["ciphertexts"]
    one = key.parse_units(source.body(first.body)[start:end], len(product))
    wrong_products = {
        "one-counted-twice": [x * y % key.modulus for x, y in zip(product, one)],
        "one-left-out": [x * pow(y, -1, key.modulus) % key.modulus for x, y in zip(product, one)],
        "one-alone": one,
        "swapped": [product[1], product[0], *product[2:]],
        "negated": [key.modulus - x for x in product],
        "plus-one": [product[0] * (1 + key.n) % key.modulus, *product[1:]],
    }
    for name, wrong in wrong_products.items():

        def replaced(draft: Draft, wrong: list[int] = wrong) -> None:
            digest = draft.put(key.encode_units(wrong))
            draft.edit(index, lambda _: encode_closed(replace(closed, aggregate=digest)))

        yield Mutation(f"closing/product/{name}", on_draft(source, replaced))

    open_round = folded(s.silent, len(s.silent.records)).current
    for name, time in {"early": 1015, "at-closing-time": 2000, "after-ok": 2001, "runs-backwards": 5}.items():

        def close(draft: Draft, time: int = time) -> None:
            digest = draft.put(key.encode_units(open_round.product))
            silent = [client for client in open_round.facts.roster if client not in open_round.accepted]
            new = RoundClosed(1, time, 1, list(open_round.accepted), [], silent, digest)
            draft.entries.append(Entry(messages.ROUND_CLOSED, 1, encode_closed(new)))

        yield Mutation(f"closing/silent/{name}", on_draft(s.silent, close))


def trustees(s: Sources) -> Iterator[Mutation]:
    source = s.honest
    index = source.find(messages.PARTIAL)
    header = messages.PartialHeader.parse(source.records[index].body)
    body = source.body(header.body)
    key = folded(source, 1).session.ceremony.key
    values_end = len(body) - 2 * 128 - ((1022 + 3 + 256 + 7) // 8)

    def put(start: int, data: bytes) -> bytes:
        return body[:start] + data + body[start + len(data) :]

    def negated(start: int) -> bytes:
        value = int.from_bytes(body[start : start + 128], "big")
        return put(start, (key.modulus - value).to_bytes(128, "big"))

    bad: dict[str, bytes] = {
        "index-inside-2": put(0, wire.u16(2)),
        "index-inside-0": put(0, wire.u16(0)),
        "index-inside-4": put(0, wire.u16(4)),
        "count-plus-one": put(2, wire.u32(13)),
        "count-0": put(2, wire.u32(0)),
        "first-value-flipped": flip(body, 6 + 127),
        "last-value-flipped": flip(body, values_end - 1),
        "first-value-negated": negated(6),
        "value-0": put(6, bytes(128)),
        "value-1": put(6, (1).to_bytes(128, "big")),
        "value-n": put(6, key.n.to_bytes(128, "big")),
        "value-modulus": put(6, key.modulus.to_bytes(128, "big")),
        "values-swapped": put(6, body[134:262] + body[6:134]),
        "A-flipped": flip(body, values_end + 127),
        "A-negated": negated(values_end),
        "A-0": put(values_end, bytes(128)),
        "A-n": put(values_end, key.n.to_bytes(128, "big")),
        "B-flipped": flip(body, values_end + 255),
        "B-negated": negated(values_end + 128),
        "B-modulus": put(values_end + 128, key.modulus.to_bytes(128, "big")),
        "z-flipped": flip(body, -1),
        "z-0": put(values_end + 256, bytes(len(body) - values_end - 256)),
        "z-ones": put(values_end + 256, b"\xff" * (len(body) - values_end - 256)),
        "cut": body[:-1],
        "longer": body + b"\0",
        "empty": b"",
    }
    for name, changed in bad.items():

        def recorded(draft: Draft, changed: bytes = changed) -> None:
            draft.sign_partial(index, body=draft.put(changed))

        def refused(draft: Draft, changed: bytes = changed) -> None:
            recorded(draft, changed)
            draft.entries[index].type = messages.PARTIAL_REFUSAL

        yield Mutation(f"trustee/{name}", on_draft(source, recorded))
        yield Mutation(f"trustee/{name}/recorded-as-refused", on_draft(source, refused))
    for number in (0, 4, 65535):
        yield Mutation(
            f"trustee/index-{number}",
            on_draft(source, lambda draft, n=number: draft.sign_partial(index, signer=1, trustee=n)),
        )
    yield Mutation(
        "trustee/signed-by-another", on_draft(source, lambda draft: draft.sign_partial(index, signer=2))
    )
    yield Mutation("trustee/round-2", on_draft(source, lambda draft: draft.sign_partial(index, round=2)))
    yield Mutation(
        "trustee/body-never-stored", on_draft(source, lambda d: d.sign_partial(index, body=bytes(32)))
    )

    def answers_of_one(draft: Draft) -> None:
        """Trustee 1 answers under the name of trustee 3 as well."""
        draft.entries[source.find(messages.PARTIAL, 1)].body = draft.entries[index].body
        draft.sign_partial(source.find(messages.PARTIAL, 1), trustee=3)

    yield Mutation("trustee/answers-for-another", on_draft(source, answers_of_one))

    def policy(draft: Draft) -> None:
        draft.entries.append(Entry(messages.PARTIAL, 1, source_with_partial.extra_partial))

    source_with_partial = s.repeated
    yield Mutation("trustee/opens-the-same-set-of-a-model-twice", on_draft(s.repeated, policy))

    def policy_refused(draft: Draft) -> None:
        draft.entries.append(Entry(messages.PARTIAL_REFUSAL, 1, source_with_partial.extra_partial))

    yield Mutation("trustee/opens-twice-recorded-as-refused", on_draft(s.repeated, policy_refused))


def results(s: Sources) -> Iterator[Mutation]:
    source = s.honest
    index = source.find(messages.ROUND_RESULT)
    claimed = RoundResult.parse(source.records[index].body)
    state = folded(source, index)
    layout = state.current.facts.header.layout
    rows, blindings = state.open_sums()
    sums, model = state.next_model(rows)

    def rewritten(new: RoundResult, *bodies: bytes) -> Callable[[str], None]:
        def change(draft: Draft) -> None:
            for body in bodies:
                draft.put(body)
            draft.edit(index, lambda _: encode_result(new))

        return on_draft(source, change)

    for name, quorum in {
        "1-2": [1, 2],
        "2-3": [2, 3],
        "1": [1],
        "1-2-3": [1, 2, 3],
        "empty": [],
        "3-1": [3, 1],
        "1-1-3": [1, 1, 3],
        "0-1-3": [0, 1, 3],
        "1-3-9": [1, 3, 9],
        "1-65": [1, 65],
    }.items():
        yield Mutation(f"result/quorum-{name}", rewritten(replace(claimed, quorum=quorum)))
    yield Mutation("result/round-2", rewritten(replace(claimed, round=2)))
    more = [[value + (i == 0 and c == 0) for c, value in enumerate(row)] for i, row in enumerate(rows)]
    padded = [
        [value + (i == 1 and c == layout.C - 1) for c, value in enumerate(row)] for i, row in enumerate(rows)
    ]
    other_blinding = [(blindings[0] + 1) % sodium.ORDER, *blindings[1:]]
    for name, opening in {
        "first-sum-plus-one": messages.encode_opening(layout, more, blindings),
        "padding-plus-one": messages.encode_opening(layout, padded, blindings),
        "blinding-plus-one": messages.encode_opening(layout, rows, other_blinding),
        "no-frame": messages.encode_opening(layout, rows, blindings)[12:],
        "empty": b"",
    }.items():
        changed = replace(claimed, opening=wire.sha256(opening))
        yield Mutation(f"result/opening/{name}", rewritten(changed, opening))
    for name, digest in {
        "first-plus-one": messages.update_digest([sums[0] + 1, *sums[1:]]),
        "with-padding": messages.update_digest([*sums, 0]),
        "one-short": messages.update_digest(sums[:-1]),
        "zeros": bytes(32),
    }.items():
        yield Mutation(f"result/update/{name}", rewritten(replace(claimed, update=digest)))
    encoded = model.encode()
    for name, body in {
        "last-bit": flip(encoded, -1),
        "unchanged": state.standing.models[0].encode(),
        "negated": messages.Model([-weight for weight in model.weights]).encode(),
        "unweighted-mean": _mean_by(state, sums, len(state.current.accepted)),
    }.items():
        changed = replace(claimed, model=wire.sha256(body))
        yield Mutation(f"result/model/{name}", rewritten(changed, body))

    def too_early(draft: Draft) -> None:
        """A result from one answer."""
        del draft.entries[index - 1]

    yield Mutation("result/below-quorum", on_draft(source, too_early))

    def before_answers(draft: Draft) -> None:
        draft.entries.insert(source.find(messages.PARTIAL), draft.entries.pop(index))

    yield Mutation("result/before-the-answers", on_draft(source, before_answers))

    spoiled = folded(s.spoiled, len(s.spoiled.records))
    bad_rows, bad_blindings = spoiled.open_sums()
    bad_sums, bad_model = spoiled.next_model(bad_rows)

    def forced(draft: Draft) -> None:
        """The result of a round that cannot have one: the opening does not open the commitments."""
        opening = draft.put(
            messages.encode_opening(spoiled.current.facts.header.layout, bad_rows, bad_blindings)
        )
        new = RoundResult(1, [1, 2], opening, messages.update_digest(bad_sums), draft.put(bad_model.encode()))
        draft.entries.append(Entry(messages.ROUND_RESULT, 1, encode_result(new)))

    yield Mutation("result/of-a-spoiled-round", on_draft(s.spoiled, forced))

    def any_result(draft: Draft) -> None:
        """There is no opening, so whatever the record says is wrong."""
        new = RoundResult(1, [1, 2], bytes(32), bytes(32), bytes(32))
        draft.entries.append(Entry(messages.ROUND_RESULT, 1, encode_result(new)))

    yield Mutation("result/of-a-block-outside-its-slots", on_draft(s.wrapped, any_result))
    yield Mutation("result/of-a-sum-out-of-range", on_draft(s.exceeding, any_result))

    end = source.find(messages.SESSION_CLOSED)
    ((file_name, digest),) = messages.SessionEnd.parse(source.records[end].body).files
    lists: dict[str, list[tuple[str, bytes]]] = {
        "none-ok": [],
        "missing-file": [("absent.txt", digest)],
        "other-digest": [(file_name, bytes(32))],
        "twice-ok": [(file_name, digest)] * 2,
        "parent-folder": [("../honest.json", digest)],
        "hidden": [(".report", digest)],
        "slash": [("bodies/x", digest)],
        "empty-name": [("", digest)],
        "folder": [("bodies", digest)],
        "name-of-64-missing": [("a" * 64, digest)],
        "name-of-65": [("a" * 65, digest)],
        "sixty-four-ok": [(file_name, digest)] * 64,
        "sixty-five": [(file_name, digest)] * 65,
        "the-log-itself": [("log", digest)],
    }
    for name, files in lists.items():
        yield Mutation(
            f"result/files/{name}",
            on_draft(source, lambda draft, files=files: draft.edit(end, lambda _: encode_files(files))),
        )
    for kind in (messages.ROUND_OPENED, messages.CONTRIBUTION, messages.PARTIAL, messages.SESSION_CLOSED):

        def after_the_end(draft: Draft, kind: int = kind) -> None:
            entry = draft.entries[source.find(kind)]
            draft.entries.append(Entry(entry.type, entry.version, entry.body))

        yield Mutation(f"signed/after-the-end/{NAMES[kind]}", on_draft(source, after_the_end))


def _mean_by(state: SessionState, sums: list[int], weight: int) -> bytes:
    return state.standing.models[0].updated(sums, state.current.facts.header.scale_bits, weight).encode()
