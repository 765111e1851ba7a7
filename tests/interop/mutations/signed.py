"""Records that the aggregator changes, chains and signs anew; each must be refused for what it says."""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from typing import Callable, Iterator

from forgery import FIELDS, NAMES, Draft, Entry, Source, encode_roster, field_ranges, flip
from mutations.base import Mutation, Sources, on_draft
from veilsum_record import key_validity, messages, paillier, sodium, threshold, wire
from veilsum_record.ceremony import VERSION, rotation_message
from veilsum_record.messages import RoundHeader, SessionHeader


def signed_fields(s: Sources) -> Iterator[Mutation]:
    """Each field of each kind of record: its lowest bit; early in the log also the highest, zeros, ones."""
    source = s.honest
    for kind in FIELDS:
        for number in (0, -1) if kind in (messages.ROUND_OPENED, messages.ROUND_CLOSED) else (0,):
            index = source.find(kind, number)
            for field, start, end in field_ranges(kind, source.records[index].body):
                zeros = lambda body, start=start, end=end: body[:start] + bytes(end - start) + body[end:]
                ones = lambda body, start=start, end=end: body[:start] + b"\xff" * (end - start) + body[end:]
                low = lambda body, end=end: flip(body, end - 1)
                high = lambda body, start=start: flip(body, start, 7)
                forms: dict[str, Callable[[bytes], bytes]] = {"low-bit": low}
                if number == 0 and index < source.find(messages.ROUND_CLOSED):
                    forms |= {"high-bit": high, "zeros": zeros, "ones": ones}
                for form, change in forms.items():
                    if change(source.records[index].body) == source.records[index].body:
                        continue
                    yield Mutation(
                        f"signed/{NAMES[kind]}-{'last' if number else 'first'}/{field}/{form}",
                        on_draft(source, lambda draft, index=index, change=change: draft.edit(index, change)),
                    )


def signed_shapes(s: Sources) -> Iterator[Mutation]:
    """Bodies of other lengths, other types and versions, and records left out, doubled and swapped."""
    source = s.honest

    def retype(draft: Draft, index: int, kind: int) -> None:
        draft.entries[index].type = kind

    def reversion(draft: Draft, index: int, version: int) -> None:
        draft.entries[index].version = version

    for kind, name in NAMES.items():
        index = source.find(kind)
        for form, change in {
            "cut": lambda body: body[:-1],
            "longer": lambda body: body + b"\0",
            "empty": lambda body: b"",
        }.items():
            yield Mutation(
                f"signed/{name}/{form}",
                on_draft(source, lambda draft, index=index, change=change: draft.edit(index, change)),
            )
        yield Mutation(
            f"signed/{name}/version-2",
            on_draft(source, lambda draft, index=index: reversion(draft, index, 2)),
        )
        for other in sorted({0, 14, messages.SESSION_OPENED, messages.PARTIAL, kind % 13 + 1} - {kind}):
            yield Mutation(
                f"signed/{name}/as-type-{other}",
                on_draft(source, lambda draft, index=index, other=other: retype(draft, index, other)),
            )
    seen: dict[int, int] = {}
    for index, record in enumerate(source.records):
        number = seen[record.type] = seen.get(record.type, -1) + 1
        if number > 1 and index < len(source.records) - 2:
            continue
        label = f"{NAMES[record.type]}-{number}"

        def left_out(draft: Draft, index: int = index) -> None:
            del draft.entries[index]

        def doubled(draft: Draft, index: int = index) -> None:
            entry = draft.entries[index]
            draft.entries.insert(index, Entry(entry.type, entry.version, entry.body))

        def swapped(draft: Draft, index: int = index) -> None:
            draft.entries[index - 1], draft.entries[index] = draft.entries[index], draft.entries[index - 1]

        last = index == len(source.records) - 1
        yield Mutation(f"signed/left-out/{label}{'-ok' if last else ''}", on_draft(source, left_out))
        if number == 0:
            yield Mutation(f"signed/doubled/{label}", on_draft(source, doubled))
        if 0 < index and number == 0:
            yield Mutation(f"signed/swapped/{label}", on_draft(source, swapped))


def session_headers(s: Sources) -> Iterator[Mutation]:
    """First records that parse and say something else; the log is signed by whoever they name."""
    source = s.honest

    def header(change: Callable[[bytes], bytes]) -> Callable[[str], None]:
        return on_draft(source, lambda draft: draft.edit(0, change))

    def number(start: int, end: int, value: int) -> Callable[[bytes], bytes]:
        return lambda body: body[:start] + value.to_bytes(end - start, "big") + body[end:]

    for name, value in {"2048": 2048, "1024": 1024, "0": 0}.items():
        yield Mutation(f"signed/session/modulus-bits-{name}", header(number(32, 36, value)))
    yield Mutation("signed/session/degree-2", header(number(36, 38, 2)))
    for policy in (0, 2, 3, 4):
        yield Mutation(f"signed/session/policy-{policy}", header(number(38, 39, policy)))

    def other_aggregator(draft: Draft) -> None:
        draft.aggregator = source.clients[0]
        key, _ = sodium.key_pair(draft.aggregator)
        draft.edit(0, lambda body: body[:103] + key + body[135:])

    yield Mutation("signed/session/another-aggregator", on_draft(source, other_aggregator))
    small_order = bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
    bad_keys = {"identity": b"\1" + bytes(31), "small-order": small_order, "not-canonical": b"\xff" * 32}
    for name, key in bad_keys.items():
        yield Mutation(
            f"signed/session/aggregator-{name}", header(lambda body, key=key: body[:103] + key + body[135:])
        )
    for name, origin in {
        "empty": b"",
        "space": b"toy example",
        "plus": b"toy+example",
        "newline": b"toy\nexample",
        "unicode-space": "toy\u00a0example".encode(),
        "not-utf-8": b"toy\xffexample",
        "long": b"x" * 129,
    }.items():
        change = lambda body, origin=origin: body[:135] + wire.var(origin)
        yield Mutation(f"signed/session/origin-{name}", header(change))


Place = Callable[[Draft, bytes, bytes], None]  # digest of a ceremony and its key id to where they are named


def ceremonies(s: Sources) -> Iterator[Mutation]:
    """Named by the first record; and by a change of the key that the trustees decided."""
    source = s.honest
    index = source.find(messages.KEY_ROTATED)

    def first_record(draft: Draft, digest: bytes, key_id: bytes) -> None:
        draft.edit(0, lambda body: body[:39] + digest + key_id + body[103:])

    def rotation(draft: Draft, digest: bytes, key_id: bytes) -> None:
        message = rotation_message(source.records[0].hash(), source.records[index].previous, digest)
        signed = [wire.u16(i) + sodium.sign(seed, message) for i, seed in enumerate(source.trustees, 1)]
        body = digest + key_id + wire.u32(len(signed)) + b"".join(signed)
        draft.entries[index:] = [Entry(messages.KEY_ROTATED, 1, body)]

    yield from _ceremonies(source, "ceremony", first_record)
    # As good as the ceremony that they change; in the first record they only make another session.
    good = {"proof/last-root-negated"}
    good |= {f"verification/{name}" for name in ("all-negated", "quorum-3", "epoch-1", "epoch-4095")}
    for mutation in _ceremonies(source, "rotation/to", rotation):
        ok = "-ok" if mutation.name.removeprefix("rotation/to/") in good else ""
        yield replace(mutation, name=mutation.name + ok)


def _ceremonies(source: Source, group: str, place: Place) -> Iterator[Mutation]:
    first = SessionHeader.parse(source.records[0].body)
    reader = wire.Reader(wire.unframe(source.body(first.ceremony), wire.CEREMONY, VERSION, 1 << 20))
    ceremony_id, key_frame = reader.fixed(32), reader.var(1 << 20)
    key_proof, verification_frame = reader.var(1 << 20), reader.var(1 << 20)
    trustees = [reader.fixed(32) for _ in range(reader.u32())]
    key = paillier.PublicKey.parse(key_frame, 512, 1)
    good = threshold.VerificationKeys.parse(key, verification_frame)
    width = key.ciphertext_bytes

    def encode_key(n: int, root: int) -> bytes:
        body = wire.u16(512) + b"\1" + n.to_bytes(64, "big") + root.to_bytes(64, "big")
        return wire.frame(wire.PUBLIC_KEY, 1, body)

    def encode_verification(
        key_id: bytes, quorum: int, count: int, units: list[int], epoch: int = 0
    ) -> bytes:
        body = key_id + wire.u16(quorum) + wire.u16(count) + wire.u16(epoch)
        return wire.frame(wire.VERIFICATION_KEYS, 2, body + b"".join(u.to_bytes(width, "big") for u in units))

    def ceremony(
        key_bytes: bytes = key_frame,
        proof: bytes = key_proof,
        verification: bytes = verification_frame,
        signers: list[bytes] | None = None,
        seeds: list[bytes] | None = None,
        tail: bytes = b"",
        identity: bytes = ceremony_id,
        version: int = VERSION,
        after: bytes = b"",
        acknowledgement: Callable[[bytes], bytes] = lambda signature: signature,
    ) -> Callable[[str], None]:
        """All trustees acknowledge whatever they are given."""

        def change(draft: Draft) -> None:
            listed = trustees if signers is None else signers
            signing = source.trustees if seeds is None else seeds
            core = identity + wire.var(key_bytes) + wire.var(proof) + wire.var(verification)
            core += wire.u32(len(listed)) + b"".join(listed)
            label, digest = "veilsum/aggregation/v1/acknowledgement", wire.sha256(core)
            acks = [
                sodium.sign(seed, wire.labelled(label, digest + wire.u16(i)))
                for i, seed in enumerate(signing, 1)
            ]
            acks[-1] = acknowledgement(acks[-1])
            body = core + wire.u32(len(acks)) + b"".join(acks) + tail
            digest = draft.put(wire.frame(wire.CEREMONY, version, body) + after)
            place(draft, digest, wire.sha256(key_bytes))

        return on_draft(source, change)

    n, root = key.n, key.root
    prime = (1 << 512) - 569  # the largest of 512 bits
    square = ((1 << 256) - 189) ** 2
    keys = {
        "even": encode_key(n - 1, root),
        "short": encode_key(n >> 1 | 1, root % (n >> 2)),
        "small-factor": encode_key(65521 * ((3 << 510) // 65521 | 1), 4),
        "square": encode_key(square, 4),
        "prime": encode_key(prime, root % prime),
        "root-0": encode_key(n, 0),
        "root-1": encode_key(n, 1),
        "root-minus-1": encode_key(n, n - 1),
        "root-n": encode_key(n, n),
        "root-flipped": encode_key(n, root ^ 1),
        "frame-type": flip(key_frame, 5),
        "frame-version": flip(key_frame, 7),
        "trailing": wire.frame(wire.PUBLIC_KEY, 1, key_frame[12:] + b"\0"),
        "degree": wire.frame(wire.PUBLIC_KEY, 1, key_frame[12:14] + b"\2" + key_frame[15:]),
        "size": wire.frame(wire.PUBLIC_KEY, 1, wire.u16(2048) + key_frame[14:]),
    }
    for name, frame in keys.items():
        # Verification keys for the new key, with the old numbers.
        body = wire.frame(wire.VERIFICATION_KEYS, 2, wire.sha256(frame) + verification_frame[12 + 32 :])
        yield Mutation(f"{group}/key/{name}", ceremony(key_bytes=frame, verification=body))
    halves = key_validity.part_bytes(512)
    starts = {"coprime": 0, "no-small-factor": halves[0], "Blum": halves[0] + halves[1]}
    last_root = int.from_bytes(key_proof[-64:], "big")
    proofs = {
        "cut": key_proof[:-1],
        "longer": key_proof + b"\0",
        "empty": b"",
        "zeros": bytes(len(key_proof)),
        "last-root-flipped": flip(key_proof, -1),
        "last-root-negated": key_proof[:-64] + (n - last_root).to_bytes(64, "big"),
        "last-sign-flipped": flip(key_proof, starts["Blum"] + 64 + 15),
        "last-twist-flipped": flip(key_proof, starts["Blum"] + 64 + 31),
        "w-squared": _with_w(key_proof, starts["Blum"], pow(3, 2, n)),
        "z1-zero": key_proof[: starts["no-small-factor"] + 1280] + bytes(64) + key_proof[halves[0] + 1344 :],
    }
    for part, start in starts.items():
        proofs[f"{part}/flipped"] = flip(key_proof, start + 63)
        proofs[f"{part}/first-zero"] = key_proof[:start] + bytes(256) + key_proof[start + 256 :]
        proofs[f"{part}/first-ones"] = key_proof[:start] + b"\xff" * 256 + key_proof[start + 256 :]
    for part, at in {"P": 0, "Q": 256, "A": 512, "B": 768, "T": 1024, "v": halves[1] - 256}.items():
        proofs[f"no-small-factor/{part}"] = flip(key_proof, halves[0] + at + 255)
    for name, proof in proofs.items():
        yield Mutation(f"{group}/proof/{name}", ceremony(proof=proof))
    yield Mutation(f"{group}/after-the-frame", ceremony(after=b"\0"))
    yield Mutation(f"{group}/id", ceremony(identity=flip(ceremony_id, 0)))
    yield Mutation(f"{group}/version-1", ceremony(version=1))
    units = list(good.shares)
    modulus = key.modulus
    verifications = {
        "v_1-1": encode_verification(key.id, 2, 3, [1, *units[1:]]),
        "v_1-minus-1": encode_verification(key.id, 2, 3, [modulus - 1, *units[1:]]),
        "v_1-0": encode_verification(key.id, 2, 3, [0, *units[1:]]),
        "v_1-modulus": encode_verification(key.id, 2, 3, [modulus, *units[1:]]),
        "v_1-not-a-unit": encode_verification(key.id, 2, 3, [n, *units[1:]]),
        "v_1-squared": encode_verification(key.id, 2, 3, [units[0] ** 2 % modulus, *units[1:]]),
        "v_3-flipped": encode_verification(key.id, 2, 3, [*units[:2], units[2] ^ 1]),
        "swapped": encode_verification(key.id, 2, 3, [units[1], units[0], units[2]]),
        # On one line, and what they open to is twice the plaintext.
        "all-squared": encode_verification(key.id, 2, 3, [u * u % modulus for u in units]),
        "all-negated": encode_verification(key.id, 2, 3, [modulus - u for u in units]),
        "all-inverted": encode_verification(key.id, 2, 3, [pow(u, -1, modulus) for u in units]),
        "quorum-1": encode_verification(key.id, 1, 3, units),
        "quorum-3": encode_verification(key.id, 3, 3, units),
        "quorum-0": encode_verification(key.id, 0, 3, units),
        "quorum-4": encode_verification(key.id, 4, 3, units),
        "epoch-1": encode_verification(key.id, 2, 3, units, 1),
        "epoch-4095": encode_verification(key.id, 2, 3, units, 4095),
        "epoch-4096": encode_verification(key.id, 2, 3, units, 4096),
        "epoch-of-quorum-1": encode_verification(key.id, 1, 3, units, 1),
        "trustees-2": encode_verification(key.id, 2, 2, units[:2]),
        "trustees-65": encode_verification(key.id, 40, 65, units + [units[0]] * 62),
        "one-too-few": encode_verification(key.id, 2, 3, units[:2]),
        "one-too-many": encode_verification(key.id, 2, 3, [*units, units[0]]),
        "another-key": encode_verification(flip(key.id, 0), 2, 3, units),
    }
    verifications["all-must-agree"] = encode_verification(key.id, 3, 3, [*units[:2], units[2] ** 2 % modulus])
    for name, frame in verifications.items():
        yield Mutation(f"{group}/verification/{name}", ceremony(verification=frame))
    # A fourth trustee on the same line: f(4) = 2 f(3) - f(2), and Delta is 24 instead of 6.
    quadrupled = [pow(share, 4, modulus) for share in good.shares]
    fourth = pow(good.shares[2], 8, modulus) * pow(good.shares[1], -4, modulus) % modulus
    two_of_four = ceremony(
        verification=encode_verification(key.id, 2, 4, [*quadrupled, fourth]),
        signers=[*trustees, sodium.key_pair(source.clients[0])[0]],
        seeds=[*source.trustees, source.clients[0]],
    )
    yield Mutation(f"{group}/two-of-four", two_of_four)
    yield Mutation(f"{group}/trustees/swapped", ceremony(signers=[trustees[1], trustees[0], trustees[2]]))
    twice = ceremony(
        signers=[trustees[0], trustees[0], trustees[2]],
        seeds=[source.trustees[0], source.trustees[0], source.trustees[2]],
    )
    yield Mutation(f"{group}/trustees/one-key-twice", twice)
    yield Mutation(f"{group}/trustees/two", ceremony(signers=trustees[:2], seeds=source.trustees[:2]))
    yield Mutation(f"{group}/trustees/small-order", ceremony(signers=[*trustees[:2], b"\1" + bytes(31)]))
    yield Mutation(f"{group}/acknowledgements/two", ceremony(seeds=source.trustees[:2]))
    yield Mutation(f"{group}/acknowledgements/flipped", ceremony(acknowledgement=lambda ack: flip(ack, 5)))
    not_reduced = ceremony(acknowledgement=lambda ack: ack[:-1] + b"\xff")
    yield Mutation(f"{group}/acknowledgements/not-reduced", not_reduced)
    yield Mutation(f"{group}/trailing", ceremony(tail=b"\0"))
    yield Mutation(f"{group}/acknowledged-anew-ok", ceremony())


def _with_w(proof: bytes, start: int, w: int) -> bytes:
    """A Blum modulus proof with another w."""
    return proof[:start] + w.to_bytes(64, "big") + proof[start + 64 :]


def rounds(s: Sources) -> Iterator[Mutation]:
    """Round headers whose numbers cannot work, with roster and model to match."""
    source = s.honest
    index = source.find(messages.ROUND_OPENED)
    header = RoundHeader.parse(source.records[index].body)
    fields = field_ranges(messages.ROUND_OPENED, source.records[index].body)
    ranges = {name: (start, end) for name, start, end in fields}

    def with_number(field: str, value: int) -> Callable[[bytes], bytes]:
        start, end = ranges[field]
        return lambda body: body[:start] + value.to_bytes(end - start, "big") + body[end:]

    numbers = {
        "round": [0, 2],
        "scale-bits": [0, 13, 64, 65],
        "nbits": [511, 1024, 2048],
        "b": [1, 2, 15, 17, 24, 25],
        "m": [0, 1, 4, 6, 1 << 24, (1 << 24) + 1],
        "wmax": [0, 1, 3, 5, 6],
        "d": [0, 99, 101, 1 << 31],
        "C": [0, 1, 26, 63, 64, 77, 79, 104, 4096, 4097],
        "flags": [0, 1, 3, 4, 6],
        "a": [255, 257, 640, 641],
        "md": [0, 31, 33, 39, 40],
        "B2": [1, 1 << 200],
        "suite": [0, 2, 3],
        "suite-version": [0, 2],
        "minimum-cohort": [0, 1, 3, 4, 5],
        "opens-at": [0, 1999, 2000, 2001],
        "closes-at": [0, 999, 1000, 1001, (1 << 64) - 1, (1 << 64) - 2],
    }
    for field, values in numbers.items():
        for value in values:
            change = with_number(field, value)
            yield Mutation(
                f"signed/round/{field}-{value}",
                on_draft(source, lambda draft, change=change: draft.edit(index, change)),
            )
    for name, clip in {
        "0": 0.0,
        "minus-0": -0.0,
        "negative": -1.0,
        "inf": float("inf"),
        "nan": float("nan"),
        "tiny": 5e-324,
        "just-fits": 32766 / 4096,
        "just-above": (32766 + 2**-30) / 4096,
        "huge": 1.7e308,
    }.items():
        bits = int.from_bytes(struct.pack(">d", clip), "big")
        change = with_number("clip-l2", bits)
        yield Mutation(
            f"signed/round/clip-{name}",
            on_draft(source, lambda draft, change=change: draft.edit(index, change)),
        )

    for name, changes in {
        "no-options": (with_number("flags", 0), with_number("md", 0)),
        "both-options": (with_number("flags", 3), with_number("B2", 1000)),
    }.items():

        def options(draft: Draft, changes: tuple[Callable[[bytes], bytes], ...] = changes) -> None:
            for change in changes:
                draft.edit(index, change)

        yield Mutation(f"signed/round/{name}", on_draft(source, options))

    members = list(messages.parse_roster(source.body(header.roster)).items())
    small_order = b"\1" + bytes(31)
    rosters: dict[str, bytes] = {
        "empty": encode_roster([]),
        "reversed": encode_roster(members[::-1]),
        "one-twice": encode_roster([members[0], *members]),
        "same-twice-other-weight": encode_roster([members[0], (members[0][0], 9), *members[1:]]),
        "weight-0": encode_roster([(members[0][0], 0), *members[1:]]),
        "weight-above-wmax": encode_roster([(members[0][0], 3), *members[1:]]),
        "weights-above-m": encode_roster([(client, 2) for client, _ in members]),
        "weights-exchanged": encode_roster([(client, 3 - max(weight, 1)) for client, weight in members]),
        "small-order": encode_roster(sorted([*members, (small_order, 1)])),
        "not-canonical": encode_roster([*members, (b"\xff" * 32, 1)]),
        "one-client": encode_roster(members[:1]),
        "without-the-last": encode_roster(members[:-1]),
        "count-too-high": wire.u32(5) + encode_roster(members)[4:],
        "count-huge": wire.u32(29_001) + encode_roster(members)[4:],
        "trailing": encode_roster(members) + b"\0",
        "too-long-for-its-cap": encode_roster(members) + bytes(29_000 * 36),
    }
    for name, body in rosters.items():

        def roster(draft: Draft, body: bytes = body) -> None:
            digest = draft.put(body)
            start, end = ranges["roster"]
            draft.edit(index, lambda old: old[:start] + digest + old[end:])

        yield Mutation(f"signed/roster/{name}", on_draft(source, roster))
    weights = messages.Model.parse(source.body(header.model)).weights
    good = source.body(header.model)
    models: dict[str, bytes] = {
        "one-weight-flipped": good[:-1] + bytes([good[-1] ^ 1]),
        "nan": good[:-4] + b"\x7f\xc0\0\0",
        "inf": good[:-4] + b"\xff\x80\0\0",
        "signalling-nan": good[:-4] + b"\x7f\x80\0\1",
        "one-weight-fewer": messages.Model(weights[:-1]).encode(),
        "one-weight-more": messages.Model([*weights, 0.0]).encode(),
        "no-weights": wire.frame(wire.MODEL, 1, wire.u32(0)),
        "trailing": wire.frame(wire.MODEL, 1, good[12:] + b"\0"),
        "count": wire.frame(wire.MODEL, 1, wire.u32(101) + good[16:]),
        "frame-type": flip(good, 5),
        "frame-version": flip(good, 7),
        "frame-length": flip(good, 11),
        "no-frame": good[12:],
        "empty": b"",
    }
    for name, body in models.items():

        def model(draft: Draft, body: bytes = body) -> None:
            digest = draft.put(body)
            draft.edit(index, lambda old: old[:8] + digest + old[40:])

        yield Mutation(f"signed/model/{name}", on_draft(source, model))

    def other_start(draft: Draft) -> None:
        """The second round from the model of the first, as if nothing had been learnt."""
        second = draft.source.find(messages.ROUND_OPENED, 1)
        draft.edit(second, lambda old: old[:8] + header.model + old[40:])

    yield Mutation("signed/model/second-round-from-the-first-model", on_draft(source, other_start))


def replays(s: Sources) -> Iterator[Mutation]:
    """Records of the other round, and of the other session, in place of the right ones, bodies included."""
    source = s.honest
    for kind in (
        messages.ROUND_OPENED,
        messages.CONTRIBUTION,
        messages.ROUND_CLOSED,
        messages.PARTIAL,
        messages.ROUND_RESULT,
    ):
        for number in (0, 1):
            other = source.find(kind, -1 if number == 0 else 0)

            def from_round(draft: Draft, kind: int = kind, number: int = number, other: int = other) -> None:
                draft.entries[source.find(kind, number)].body = source.records[other].body

            yield Mutation(f"replay/round/{NAMES[kind]}-{number}", on_draft(source, from_round))

            def from_session(draft: Draft, kind: int = kind, number: int = number) -> None:
                record = s.second.records[s.second.find(kind, number)]
                draft.entries[source.find(kind, number)].body = record.body
                _take_bodies(draft, s.second, record.body)

            yield Mutation(f"replay/session/{NAMES[kind]}-{number}", on_draft(source, from_session))

    def whole_round(draft: Draft) -> None:
        """The first round of the other session, record by record, in this session."""
        start, end = s.second.find(messages.ROUND_OPENED), s.second.find(messages.ROUND_RESULT)
        mine = source.find(messages.ROUND_RESULT)
        taken = s.second.records[start : end + 1]
        start_here = source.find(messages.ROUND_OPENED)
        draft.entries[start_here : mine + 1] = [Entry(r.type, r.version, r.body) for r in taken]
        for record in taken:
            _take_bodies(draft, s.second, record.body)

    yield Mutation("replay/session/whole-round", on_draft(source, whole_round))

    def first_record(draft: Draft) -> None:
        draft.entries[0].body = s.second.records[0].body
        draft.aggregator = s.second.aggregator
        _take_bodies(draft, s.second, s.second.records[0].body)

    yield Mutation("replay/session/first-record", on_draft(source, first_record))

    def twice(draft: Draft) -> None:
        """The first round once more after itself."""
        end = source.find(messages.ROUND_RESULT)
        again = [Entry(entry.type, entry.version, entry.body) for entry in draft.entries[1 : end + 1]]
        draft.entries[end + 1 : end + 1] = again

    yield Mutation("replay/round/whole-round-twice", on_draft(source, twice))

    def without_first(draft: Draft) -> None:
        del draft.entries[1 : source.find(messages.ROUND_RESULT) + 1]

    yield Mutation("replay/round/first-round-left-out", on_draft(source, without_first))


def _take_bodies(draft: Draft, other: Source, record_body: bytes) -> None:
    """Every body of the other session that this record names."""
    for at in range(len(record_body) - 31):
        digest = record_body[at : at + 32]
        if os.path.exists(os.path.join(other.folder, "bodies", digest.hex())):
            draft.put(other.body(digest))
