#!/usr/bin/env python3
"""Runs `audit receipt` and verify_receipt.py on good and tampered receipts and requires one answer: the same
exit status, check and culprit, and the answer that the case is there for. Then `audit receipt-of`, whose
receipts must be those that are made here, and with `train` both audits under a witness policy.

    compare_receipts.py --audit audit [--train train]

Exit status: 0 they agree, 1 they do not, 77 something that is needed is not there.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Callable, Iterator

EXIT_SKIPPED = 77

try:
    import verify_receipt
    from forgery import flip
    from receipt_forgery import (
        LAYOUT,
        ORIGIN,
        Bodies,
        Edit,
        Forged,
        World,
        cosignature,
        cosigned,
        edit_body,
        edit_closing,
        encode_extension,
        encode_round,
        encode_session,
        public,
        seed_of,
        vkey,
        witness_name,
        witness_seed,
    )
    from veilsum_record import messages, note, receipts, wire
except Exception as error:  # no libsodium, or a Python without something that is used
    print(f"skipped: {error}")
    sys.exit(EXIT_SKIPPED)

HERE = os.path.dirname(os.path.abspath(__file__))
ACCEPTED, REFUSED, UNUSABLE = 0, 1, 2


@dataclass(frozen=True)
class Case:
    """`check` is that of the refusal; None where any will do, as long as both say the same."""

    name: str
    receipt: bytes
    status: int | None
    check: int | None = None
    options: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)  # options name them as they are called here


Answer = tuple[int, str, str]  # exit status, number of the check, culprit
Change = Callable[[bytes], bytes]


def constant(data: bytes) -> Change:
    return lambda _: data


def answer_of(status: int, output: str) -> Answer:
    check = re.search(r"^VERDICT +refused at check (\d+)", output, re.MULTILINE)
    culprit = re.search(r"^culprit +(.*)$", output, re.MULTILINE)
    return status, check.group(1) if check else "-", culprit.group(1) if culprit else "-"


def conclusion_of(output: str) -> str:
    """What was shown; the programs may add to a reason."""
    found = re.search(r"^VERDICT +accepted: (.*?)( \(|$)", output, re.MULTILINE)
    return found.group(1) if found else ""


def ask_python(arguments: list[str]) -> tuple[Answer, str]:
    out = io.StringIO()
    argv, sys.argv = sys.argv, ["verify_receipt.py", *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            status = verify_receipt.main()
    finally:
        sys.argv = argv
    return answer_of(status, out.getvalue()), out.getvalue()


def ask_program(program: str, arguments: list[str]) -> tuple[Answer, str]:
    ran = subprocess.run([program, "receipt", *arguments], capture_output=True)
    output = (ran.stdout + ran.stderr).decode("utf-8", "replace")
    return answer_of(ran.returncode, output), output


WORLD = World()
HONEST = Forged(WORLD)
BY_KEY = ("--aggregator", WORLD.key.hex())
BY_SESSION = ("--session", HONEST.session.hex())


def inclusion(
    name: str, receipt: receipts.Receipt, status: int, check: int | None = None, *options: str
) -> Case:
    return Case(f"inclusion/{name}", receipt.encode(), status, check, (*BY_KEY, *options))


def exclusion(
    name: str, receipt: receipts.ExclusionReceipt, status: int, check: int | None = None, *options: str
) -> Case:
    return Case(f"exclusion/{name}", receipt.encode(), status, check, options or BY_SESSION)


def good_receipts() -> Iterator[Case]:
    for index in (0, 1, 2, 5, 8, 15):
        yield inclusion(f"record-{index}", HONEST.inclusion(index), ACCEPTED)
    for size in range(3, len(HONEST.leaves)):
        yield inclusion(f"size-{size}", HONEST.inclusion(2, size), ACCEPTED)
    yield inclusion("origin", HONEST.inclusion(2), ACCEPTED, None, "--origin", ORIGIN)
    about = ("--round", "1", "--client", WORLD.id(0).hex())
    yield inclusion("round-and-client", HONEST.inclusion(2), ACCEPTED, None, *about)
    yield inclusion("first-record-and-session", HONEST.inclusion(0), ACCEPTED, None, *BY_SESSION)
    for client, refused in ((2, 5), (3, 6), (5, 7), (4, None)):
        receipt = HONEST.exclusion(WORLD.id(client), refused)
        yield exclusion(f"client-{client}", receipt, ACCEPTED)
        yield exclusion(f"client-{client}-by-key", receipt, ACCEPTED, None, *BY_KEY, "--origin", ORIGIN)
    yield exclusion("round-2", HONEST.exclusion(WORLD.id(4), None, 9, 15), ACCEPTED)
    yield exclusion("stranger", HONEST.exclusion(WORLD.stranger), ACCEPTED)
    yield exclusion("not-a-key", HONEST.exclusion(b"\x02" * 32), ACCEPTED)
    yield exclusion("shortest-log", HONEST.exclusion(WORLD.id(4), size=9), ACCEPTED)


def expectations() -> Iterator[Case]:
    """Other sessions, keys, rounds and clients than the receipt's."""
    other = seed_of("other")
    counted = HONEST.inclusion(2)
    yield inclusion("other-round", counted, REFUSED, 6, "--round", "2")
    yield inclusion("other-client", counted, REFUSED, 6, "--client", WORLD.id(1).hex())
    yield inclusion("client-of-a-closing", HONEST.inclusion(8), REFUSED, 6, "--client", WORLD.id(1).hex())
    yield inclusion("other-origin", counted, REFUSED, 2, "--origin", "receipts.example/other")
    yield inclusion("session-of-a-contribution", counted, UNUSABLE, None, *BY_SESSION)
    yield inclusion("other-session", HONEST.inclusion(0), REFUSED, 6, "--session", other.hex())
    for name, key in (("other", public(other)), ("small", bytes(32))):
        status, check = (REFUSED, 2) if name == "other" else (UNUSABLE, None)
        yield Case(f"inclusion/{name}-key", counted.encode(), status, check, ("--aggregator", key.hex()))
    yield Case("inclusion/no-key", counted.encode(), UNUSABLE)
    yield Case("inclusion/short-key", counted.encode(), UNUSABLE, None, ("--aggregator", "abcd"))

    silent = HONEST.exclusion(WORLD.id(4))
    yield exclusion("other-session", silent, REFUSED, 3, "--session", other.hex())
    yield exclusion("other-key", silent, REFUSED, 3, "--aggregator", public(other).hex())
    yield exclusion("other-origin", silent, REFUSED, 3, "--origin", "receipts.example/other")
    yield exclusion("other-round", silent, REFUSED, 6, "--round", "2")
    yield exclusion("other-client", silent, REFUSED, 9, "--client", WORLD.id(3).hex())
    yield Case("exclusion/unbound", silent.encode(), ACCEPTED)
    yield Case("exclusion/bad-session", silent.encode(), UNUSABLE, None, ("--session", "12"))
    second = Forged(World("second"))
    yield exclusion("of-another-session", second.exclusion(WORLD.id(4)), REFUSED, 3)
    yield exclusion("of-another-session-by-key", second.exclusion(WORLD.id(4)), ACCEPTED, None, *BY_KEY)
    mixed = replace(silent, first=second.entry(0))
    yield exclusion("first-record-of-another-session", mixed, REFUSED, 3)
    yield exclusion("first-record-of-another-session-by-key", mixed, REFUSED, 5, *BY_KEY)


def without_keys() -> Iterator[Case]:
    """What whoever has only the receipt can make of it."""
    good = HONEST.inclusion(2)
    data = good.encode()
    for at in range(0, len(data), 7):
        # The mark of a line by somebody else, or of the frame, may come out of it: both must say the same.
        yield Case(f"inclusion/flip-{at}", flip(data, at, at % 8), None, None, (*BY_KEY, "--origin", ORIGIN))
    for name, length in (("empty", 0), ("cut", -1), ("half", len(data) // 2)):
        yield Case(f"inclusion/{name}", data[:length], UNUSABLE, None, BY_KEY)
    yield Case("inclusion/trailing", data + b"\0", UNUSABLE, None, BY_KEY)
    entries = {
        "other-record": (3, replace(good.entry, record=HONEST.leaves[3])),
        "no-record": (1, replace(good.entry, record=b"")),
        "short-proof": (3, replace(good.entry, proof=good.entry.proof[:-1])),
        "long-proof": (3, replace(good.entry, proof=[*good.entry.proof, bytes(32)])),
    }
    for name, (check, entry) in entries.items():
        yield inclusion(name, replace(good, entry=entry), REFUSED, check)
    yield inclusion("shorter-checkpoint", replace(good, note=HONEST.note(2)), REFUSED, 3)
    yield inclusion("resigned", replace(good, note=HONEST.note(seed=seed_of("other"))), REFUSED, 2)
    yield inclusion("note-twice", replace(good, note=good.note + good.note), REFUSED, 2)

    refused = HONEST.exclusion(WORLD.id(2), 5)
    data = refused.encode()
    for at in range(0, len(data), 23):
        yield Case(f"exclusion/flip-{at}", flip(data, at, at % 8), None, None, BY_SESSION)
    yield Case("exclusion/cut", data[:-1], UNUSABLE)
    yield Case("exclusion/trailing", data + b"\0", UNUSABLE)
    yield Case("exclusion/as-inclusion", data[:5] + b"\x0c" + data[6:], UNUSABLE, None, BY_KEY)
    for part in ("first", "opened", "refused", "closed"):
        entry = getattr(refused, part)
        changed = {
            "cut": (1, replace(entry, record=entry.record[:-1])),
            "no-record": (1, replace(entry, record=b"")),
            "magic": (1, replace(entry, record=flip(entry.record, 0))),
            "false-proof": (5, replace(entry, proof=[flip(entry.proof[0], 0), *entry.proof[1:]])),
            "short-proof": (5, replace(entry, proof=entry.proof[:-1])),
        }
        for name, (check, value) in changed.items():
            yield exclusion(f"{part}-{name}", replace(refused, **{part: value}), REFUSED, check)
    yield exclusion("first-is-second", replace(refused, first=refused.opened), REFUSED, 2)
    yield exclusion("opened-is-closed", replace(refused, opened=refused.closed), REFUSED, 6)
    yield exclusion("closed-is-opened", replace(refused, closed=refused.opened), REFUSED, 6)
    yield exclusion("closed-of-round-2", replace(refused, closed=HONEST.entry(15)), REFUSED, 6)
    yield exclusion("opened-of-round-2", replace(refused, opened=HONEST.entry(9)), REFUSED, 6)
    yield exclusion("roster-flipped", replace(refused, roster=flip(refused.roster, 9)), REFUSED, 7)
    yield exclusion("roster-empty", replace(refused, roster=b""), REFUSED, 7)
    for client, check in ((0, 9), (3, 10), (4, 10), (5, 10)):
        yield exclusion(f"given-to-{client}", replace(refused, client=WORLD.id(client)), REFUSED, check)
    yield exclusion("given-to-stranger", replace(refused, client=WORLD.stranger), REFUSED, 10)
    yield exclusion("without-refusal", replace(refused, refused=None), REFUSED, 10)
    yield exclusion("contribution-as-refusal", replace(refused, refused=HONEST.entry(2)), REFUSED, 10)
    yield exclusion("refusal-of-another", replace(refused, refused=HONEST.entry(6)), REFUSED, 10)
    yield exclusion("shorter-checkpoint", replace(refused, note=HONEST.note(8)), REFUSED, 5)
    yield exclusion("no-checkpoint", replace(refused, note=b""), REFUSED, 4)
    yield exclusion("resigned", replace(refused, note=HONEST.note(seed=seed_of("other"))), REFUSED, 4)


def between_rounds() -> Iterator[Case]:
    """Records of the kinds that say who takes part, under which key, and what was given up."""
    client, other, end = WORLD.id(0), WORLD.id(1), len(WORLD.bodies)
    signature = bytes(64)
    enrolment = client + wire.u32(3) + wire.u64(1) + signature
    rotation = bytes(64) + wire.u32(2) + 2 * (wire.u16(1) + signature)
    result = wire.u64(2) + wire.u32(2) + wire.u16(1) + wire.u16(3) + bytes(96)
    bodies: dict[str, tuple[int, bytes, tuple[str, ...], tuple[str, ...]]] = {
        "enrolment": (messages.ENROLMENT, enrolment, ("--client", client.hex()), ("--client", other.hex())),
        "leaving": (messages.ENROLMENT, put_weight(enrolment, 0), (), ("--round", "1")),
        "removal": (messages.REMOVAL, client, ("--client", client.hex()), ("--client", other.hex())),
        "key-rotated": (messages.KEY_ROTATED, rotation, (), ("--round", "2")),
        "nobody-rotated": (messages.KEY_ROTATED, bytes(68), (), ("--client", client.hex())),
        "abandoned": (messages.ROUND_ABANDONED, wire.u64(2) + b"\1", ("--round", "2"), ("--round", "1")),
        "abandoned-2": (messages.ROUND_ABANDONED, wire.u64(2) + b"\2", (), ("--client", client.hex())),
        "result": (messages.ROUND_RESULT, result, ("--round", "2"), ("--round", "1")),
    }

    def appended(kind: int, body: bytes, version: int = 1) -> receipts.Receipt:
        return Forged(WORLD, lambda all_of_them: all_of_them.append((kind, version, body))).inclusion(end)

    for name, (kind, body, same, different) in bodies.items():
        good = appended(kind, body)
        yield inclusion(f"{name}", good, ACCEPTED, None, *same)
        yield inclusion(f"{name}-of-another", good, REFUSED, 6, *different)
        yield inclusion(f"{name}-cut", appended(kind, body[:-1]), REFUSED, 6)
        yield inclusion(f"{name}-longer", appended(kind, body + b"\0"), REFUSED, 6)
        yield inclusion(f"{name}-empty", appended(kind, b""), REFUSED, 6)
        yield inclusion(f"{name}-version-2", appended(kind, body, 2), REFUSED, 6)
    for reason in (0, 3, 255):
        bad = appended(messages.ROUND_ABANDONED, wire.u64(2) + bytes([reason]))
        yield inclusion(f"abandoned-{reason}", bad, REFUSED, 6)
    for name, signers in (("65", 65), ("64", 64)):
        body = bytes(64) + wire.u32(signers) + signers * (wire.u16(1) + signature)
        status, check = (ACCEPTED, None) if signers == 64 else (REFUSED, 6)
        yield inclusion(f"key-rotated-by-{name}", appended(messages.KEY_ROTATED, body), status, check)
    yield inclusion("type-14", appended(14, wire.u64(2) + b"\1"), REFUSED, 6)
    for name, quorum in {"0-1": (0, 1), "3-1": (3, 1), "1-1": (1, 1), "64-65": (64, 65)}.items():
        body = result[:12] + b"".join(map(wire.u16, quorum)) + result[16:]
        yield inclusion(f"result-by-{name}", appended(messages.ROUND_RESULT, body), REFUSED, 6)


def put_weight(enrolment: bytes, weight: int) -> bytes:
    return enrolment[:32] + wire.u32(weight) + enrolment[36:]


def by_the_aggregator() -> Iterator[Case]:
    """Receipts of logs that their owner changed, chained and signed anew."""

    def case(
        name: str,
        log: Forged,
        check: int | None,
        client: bytes = WORLD.id(4),
        refused: int | None = None,
        roster: bytes = WORLD.roster,
    ) -> Case:
        receipt = replace(log.exclusion(client, refused), roster=roster)
        status = REFUSED if check else ACCEPTED
        return exclusion(f"forged-{name}", receipt, status, check, "--session", log.session.hex())

    def forged(edit: Edit) -> Forged:
        return Forged(WORLD, edit)

    closing = messages.RoundClosed.parse(WORLD.bodies[8][2])
    yield case("list-without-client", forged(edit_closing(silent=[])), 8)
    yield case("client-on-two-lists", forged(edit_closing(accepted=[*closing.accepted, WORLD.id(4)])), 8)
    yield case("client-twice", forged(edit_closing(accepted=[WORLD.id(0), WORLD.id(0)])), 8)
    yield case("stranger-on-list", forged(edit_closing(accepted=[WORLD.id(0), WORLD.stranger])), 8)
    yield case("list-order", forged(edit_closing(refused=closing.refused[::-1])), 8)
    yield case("accepted-order", forged(edit_closing(accepted=closing.accepted[::-1])), None)
    yield case("closed-early", forged(edit_closing(closed_at=2000)), 9)
    yield case("closed-early-refused", forged(edit_closing(closed_at=2000)), None, WORLD.id(2), 5)
    yield case("outcome-2", forged(edit_closing(outcome=2)), None)
    yield case("outcome-3", forged(edit_closing(outcome=3)), 6)
    yield case("closing-of-round-7", forged(edit_closing(round=7)), 6)
    yield case("closing-short", forged(edit_body(8, lambda body: body[:-1])), 6)
    yield case("opening-short", forged(edit_body(1, lambda body: body[:-1])), 6)
    for name, value in (("nbits", 512), ("nbits", 3072), ("C", 0)):
        body = encode_round(1, WORLD.roster, replace(LAYOUT, **{name: value}))
        yield case(f"layout-{name}-{value}", Forged(WORLD, edit_body(1, constant(body))), 6)
    unsorted = WORLD.roster[:4] + WORLD.roster[40:76] + WORLD.roster[4:40] + WORLD.roster[76:]
    log = forged(edit_body(1, lambda _: encode_round(1, unsorted)))
    yield case("roster-unsorted", log, 7, roster=unsorted)
    yield case("roster-of-other-digest", log, 7)

    def retyped(index: int, kind: int, version: int) -> Forged:
        def edit(bodies: Bodies) -> None:
            bodies[index] = kind, version, bodies[index][2]

        return forged(edit)

    yield case("session-version", retyped(0, messages.SESSION_OPENED, 2), 2)
    yield case("session-type", retyped(0, messages.ROUND_OPENED, 1), 2)
    yield case("opening-version", retyped(1, messages.ROUND_OPENED, 2), 6)
    yield case("closing-version", retyped(8, messages.ROUND_CLOSED, 2), 6)
    yield case("refusal-version", retyped(5, messages.REFUSAL, 2), 10, WORLD.id(2), 5)
    small_key = encode_session(seed_of("first"), bytes(32))
    yield case("small-key", forged(edit_body(0, lambda _: small_key)), 2)
    policy_9 = flip(WORLD.bodies[0][2], 38, 3)
    yield case("exponent-policy", forged(edit_body(0, lambda _: policy_9)), 2)

    def refusal(name: str, change: Change, check: int | None, index: int = 5, client: int = 2) -> Case:
        return case(f"refusal-{name}", forged(edit_body(index, change)), check, WORLD.id(client), index)

    def hours(when: int, reason: int) -> Change:
        return lambda body: body[:200] + wire.u64(when) + wire.u16(reason)

    yield refusal("round", lambda body: wire.u64(2) + body[8:], 10)
    yield refusal("client", lambda body: body[:8] + WORLD.id(3) + body[40:], 10)
    yield refusal("rows", lambda body: flip(body, 40), 10)
    yield refusal("body", lambda body: flip(body, 104), 10)
    yield refusal("signature", lambda body: flip(body, 140), 10)
    yield refusal("reason-13", hours(1500, 13), 10)
    yield refusal("late-in-time", hours(1500, 4), 10)
    yield refusal("late-at-the-end", hours(2000, 4), 10)
    yield refusal("late-after-the-end", hours(2001, 4), None)
    yield refusal("late-before-the-beginning", hours(999, 4), None)
    yield refusal("late-at-the-beginning", hours(1000, 4), 10)
    yield refusal("bad-proof-out-of-hours", hours(2001, 11), 10)
    yield refusal("equivocation-out-of-hours", hours(2001, 12), None)
    other_nonce = forged(edit_body(0, lambda body: flip(body, 0)))
    yield case("refusal-signed-elsewhere", other_nonce, 10, WORLD.id(2), 5)
    other_model = forged(edit_body(1, lambda body: flip(body, 8)))
    yield case("refusal-signed-for-another-opening", other_model, 10, WORLD.id(2), 5)

    moved = forged(lambda bodies: bodies.insert(8, bodies.pop(5)))  # the refusal of 2 after the closing
    late = moved.exclusion(WORLD.id(2), 8, closed=7)
    yield exclusion("forged-refusal-after-closing", late, REFUSED, 10, "--session", moved.session.hex())
    swapped = forged(lambda bodies: bodies.append(bodies.pop(1)))
    before = swapped.exclusion(WORLD.id(4), opened=len(swapped.leaves) - 1, closed=7)
    yield exclusion("forged-closing-before-opening", before, REFUSED, 6, "--session", swapped.session.hex())

    def contribution(name: str, log: Forged, check: int | None) -> Case:
        return inclusion(f"forged-{name}", log.inclusion(2), REFUSED if check else ACCEPTED, check)

    other_key = forged(edit_body(1, lambda body: flip(body, 173)))
    yield case("refusal-signed-for-another-key", other_key, 10, WORLD.id(2), 5)
    changed = Forged(World("changed", b"\x5c" * 32))
    yield exclusion("after-a-change-of-key", changed.exclusion(WORLD.id(2), 5), ACCEPTED, None, *BY_KEY)

    yield contribution("contribution-short", forged(edit_body(2, lambda body: body[:-1])), 6)
    yield contribution("contribution-type-10", retyped(2, 10, 1), 6)
    yield contribution("contribution-type-0", retyped(2, 0, 1), 6)
    yield contribution("contribution-version-2", retyped(2, messages.CONTRIBUTION, 2), 6)
    yield contribution("contribution-as-partial", retyped(2, messages.PARTIAL, 1), 6)
    yield contribution("contribution-as-result", retyped(2, messages.ROUND_RESULT, 1), 6)
    yield contribution("contribution-as-end", retyped(2, messages.SESSION_CLOSED, 1), 6)


def later_checkpoints() -> Iterator[Case]:
    rewritten = Forged(WORLD, edit_closing(closed_at=2002))
    size = len(HONEST.leaves)
    proof = receipts.Extension.parse(HONEST.extension(9)).proof
    kinds = (
        ("inclusion", HONEST.inclusion(2, 9).encode(), 4, BY_KEY),
        ("exclusion", HONEST.exclusion(WORLD.id(4), size=9).encode(), 11, BY_SESSION),
    )
    for kind, receipt, first, options in kinds:

        def case(name: str, status: int, check: int | None, *files: bytes) -> Case:
            named = {f"later-{i}": data for i, data in enumerate(files)}
            return Case(f"{kind}/later-{name}", receipt, status, check, (*options, "--later", *named), named)

        yield case("good", ACCEPTED, None, HONEST.extension(9))
        yield case("each-size", ACCEPTED, None, *(HONEST.extension(9, n) for n in range(9, size + 1)))
        yield case("same-alone", ACCEPTED, None, HONEST.note(9))
        yield case("longer-alone", UNUSABLE, None, HONEST.note())
        yield case("cut", REFUSED, first + 1, HONEST.note(8))
        yield case("cut-with-proof", REFUSED, first + 1, encode_extension(9, [], HONEST.note(8)))
        yield case("second-cut", REFUSED, first + 1, HONEST.extension(9), HONEST.note(8))
        yield case("two-faces", REFUSED, first + 1, rewritten.note(9))
        yield case("rewritten", REFUSED, first + 1, rewritten.extension(9))
        yield case("rewritten-old-proof", REFUSED, first + 1, HONEST.extension(9, note_=rewritten.note()))
        yield case("other-old-size", REFUSED, first + 1, HONEST.extension(8))
        yield case("short-proof", REFUSED, first + 1, encode_extension(9, proof[:-1], HONEST.note()))
        yield case("long-proof", REFUSED, first + 1, encode_extension(9, [*proof, bytes(32)], HONEST.note()))
        false_proof = [flip(proof[0], 0), *proof[1:]]
        yield case("false-proof", REFUSED, first + 1, encode_extension(9, false_proof, HONEST.note()))
        resigned = HONEST.note(seed=seed_of("other"))
        yield case("other-key", REFUSED, first, HONEST.extension(9, note_=resigned))
        yield case("no-note", REFUSED, first, encode_extension(9, proof, b""))
        yield case("empty", REFUSED, first, b"")
        many = [bytes(32)] * 64
        yield case("too-many-digests", UNUSABLE, None, encode_extension(9, many, HONEST.note()))
        yield case("most-digests", REFUSED, first + 1, encode_extension(9, many[1:], HONEST.note()))
        yield case("no-empty-line", UNUSABLE, None, b"old 9\n")
        yield case("old-09", UNUSABLE, None, b"old 09\n\n" + HONEST.note())
        yield Case(f"{kind}/later-no-file", receipt, UNUSABLE, None, (*options, "--later", "missing"))


def policy_text(group: str = "group G 2 A B C", quorum: str = "quorum G", extra: str = "") -> bytes:
    lines = [f"witness {name} {vkey(witness_name(i), witness_seed(i))}" for i, name in enumerate("ABC", 1)]
    return "".join(line + "\n" for line in [*lines, *([extra] if extra else []), group, quorum]).encode()


def policies() -> Iterator[Case]:
    tip = HONEST.note()
    text = note.Note.parse(tip).text
    two = cosigned(tip, 1, 2)

    def line(number: int, change: Change) -> bytes:
        """A cosignature whose bytes were changed."""
        whole = cosignature(text, witness_name(number), witness_seed(number), 1000).decode()
        name, blob = whole[len(note.MARK) : -1].split(" ")
        changed = change(base64.b64decode(blob))
        return f"{note.MARK}{name} {base64.b64encode(changed).decode()}\n".encode()

    silent = HONEST.exclusion(WORLD.id(4))
    for kind, number, base, options in (
        ("inclusion", 7, HONEST.inclusion(2), BY_KEY),
        ("exclusion", 13, silent, BY_SESSION),
    ):

        def case(name: str, data: bytes, status: int, policy: bytes = policy_text(), *more: str) -> Case:
            receipt = replace(base, note=data)
            check = number if status == REFUSED else None
            arguments = (*options, "--witnesses", "policy", *more)
            files = {"policy": policy}
            return Case(f"{kind}/witnesses-{name}", receipt.encode(), status, check, arguments, files)

        yield case("none", tip, REFUSED)
        for by in ((1,), (1, 2), (1, 3), (2, 3), (3, 2, 1), (1, 1), (1, 4), (4, 5)):
            status = ACCEPTED if len(set(by) & {1, 2, 3}) >= 2 else REFUSED
            yield case("by-" + "-".join(map(str, by)), cosigned(tip, *by), status)
        yield case("one-twice-dated", cosigned(cosigned(tip, 1, seconds=5), 1, seconds=6), REFUSED)
        yield case("false-line", two + line(3, lambda blob: flip(blob, -1)), REFUSED)
        yield case("false-time", two + line(3, lambda blob: flip(blob, 11)), REFUSED)
        yield case("short-line", two + line(3, lambda blob: blob[:-1]), REFUSED)
        yield case("shortest-line", two + line(3, lambda blob: blob[:5]), REFUSED)
        yield case("long-line", two + line(3, lambda blob: blob + b"\0"), REFUSED)
        yield case("false-beside-good", cosigned(two, 3) + line(3, lambda blob: flip(blob, -1)), REFUSED)
        yield case("foreign-false-line", two + line(9, lambda blob: flip(blob, -1)), ACCEPTED)
        yield case("other-key-id", two + line(3, lambda blob: flip(blob, 0)), ACCEPTED)
        impostor = cosignature(text, witness_name(2), witness_seed(9), 1000)
        yield case("impostor", cosigned(tip, 1) + impostor, REFUSED)
        other_text = note.Note.parse(HONEST.note(9)).text
        transplanted = cosignature(other_text, witness_name(1), witness_seed(1), 1000)
        yield case("of-another-checkpoint", tip + transplanted, REFUSED)
        far = cosignature(text, witness_name(3), witness_seed(3), 1 << 63)
        yield case("time-too-large", two + far, REFUSED)
        largest = cosignature(text, witness_name(3), witness_seed(3), (1 << 63) - 1)
        yield case("largest-time", cosigned(tip, 1) + largest, ACCEPTED)
        yield case("since-1000", two, ACCEPTED, policy_text(), "--cosigned-since", "1000")
        yield case("since-1001", two, REFUSED, policy_text(), "--cosigned-since", "1001")
        yield case("any", cosigned(tip, 3), ACCEPTED, policy_text("group G any A B C"))
        yield case("all", two, REFUSED, policy_text("group G all A B C"))
        yield case("single", cosigned(tip, 2), ACCEPTED, policy_text(quorum="quorum B"))
        ours = f"log {vkey(ORIGIN, WORLD.aggregator, note.ED25519)}"
        yield case("log", two, ACCEPTED, policy_text(extra=ours))
        other = f"log {vkey('l', seed_of('other'), note.ED25519)}"
        yield case("other-log", two, REFUSED, policy_text(extra=other))
        renamed = f"log {vkey('l', WORLD.aggregator, note.ED25519)}"
        yield case("log-of-other-name", two, REFUSED, policy_text(extra=renamed))
        itself = f"witness L {vkey('w/log', WORLD.aggregator)}"
        own = cosignature(text, "w/log", WORLD.aggregator, 1000)
        own_policy = policy_text("group G 2 A L", extra=itself)
        yield case("log-as-witness", cosigned(tip, 1) + own, REFUSED, own_policy)
        for name, bad in bad_policies().items():
            yield case(f"policy-{name}", two, UNUSABLE, bad)
        full = cosigned(tip, *range(10, 109))
        yield case("full-note", full, REFUSED)

        # Asked of each later checkpoint, and then not of the receipt's own.
        short = HONEST.inclusion(2, 9) if kind == "inclusion" else HONEST.exclusion(WORLD.id(4), size=9)
        for name, status, files in (
            ("cosigned", ACCEPTED, [HONEST.extension(9, note_=two)]),
            ("not-cosigned", REFUSED, [HONEST.extension(9)]),
            ("one-of-two", REFUSED, [HONEST.extension(9, note_=two), HONEST.extension(9, 12)]),
        ):
            named = {f"later-{i}": data for i, data in enumerate(files)}
            arguments = (*options, "--witnesses", "policy", "--later", *named)
            check = number if status == REFUSED else None
            named["policy"] = policy_text()
            yield Case(f"{kind}/witnesses-later-{name}", short.encode(), status, check, arguments, named)


def bad_policies() -> dict[str, bytes]:
    same_key = f"witness D {vkey('w/d', witness_seed(1))}"
    same_name = f"witness D {vkey(witness_name(1), witness_seed(4))}"
    good = policy_text()
    return {
        "empty": b"",
        "too-long": good + b"#" * (1 << 16) + b"\n",
        "no-newline": good[:-1],
        "carriage-return": good.replace(b"\n", b"\r\n"),
        "nul": b"#\0\n" + good,
        "key-twice": policy_text(extra=same_key),
        "name-twice": policy_text(extra=same_name),
        "witness-twice": policy_text(extra=good.decode().split("\n")[0]),
        "k-0": policy_text("group G 0 A B"),
        "k-above-n": policy_text("group G 3 A B"),
        "k-01": policy_text("group G 01 A B"),
        "k-huge": policy_text("group G 99999999999999999999999 A B"),
        "k-arabic": policy_text("group G \u0661 A B"),
        "member-twice": policy_text("group G 2 A A"),
        "member-unknown": policy_text("group G 1 D"),
        "nested": policy_text("group H 1 A\ngroup G 1 H"),
        "quorum-none": policy_text(quorum="quorum none"),
        "quorum-twice": good + b"quorum A\n",
        "no-quorum": policy_text(quorum="# none"),
        "keyword": good + b"threshold 2\n",
        "log-key-as-witness": policy_text(extra=f"witness D {vkey('w/d', witness_seed(4), note.ED25519)}"),
        "witness-key-as-log": policy_text(extra=f"log {vkey('l', witness_seed(4))}"),
        "vkey-name": policy_text(extra=f"witness D x{vkey('w/d', witness_seed(4))}"),
        "vkey-upper": policy_text(extra=f"witness D {vkey('w/a', witness_seed(4)).upper()}"),
        "vkey-space-in-name": policy_text(extra="witness D " + vkey("w\u00a0d", witness_seed(4))),
    }


def compare(program: str, work: str, verbose: bool) -> tuple[int, int, Counter[str]]:
    compared = wrong = 0
    tally: Counter[str] = Counter()
    makers = (good_receipts, between_rounds, expectations, without_keys, by_the_aggregator)
    for make in (*makers, later_checkpoints, policies):
        for case in make():
            path = os.path.join(work, "receipt")
            files = {**case.files, "receipt": case.receipt}
            for name, data in files.items():
                with open(os.path.join(work, name), "wb") as file:
                    file.write(data)
            named = {*case.files, "missing"}
            options = [os.path.join(work, o) if o in named else o for o in case.options]
            ours, our_text = ask_python([path, *options])
            theirs, their_text = ask_program(program, [path, *options])
            compared += 1
            tally[f"{case.name.split('/')[0]} {('accepted', 'refused', 'unusable')[ours[0]]}"] += 1
            expected = case.status in (None, ours[0]) and (case.check is None or str(case.check) == ours[1])
            if verbose:
                print(f"{case.name:55} {ours}")
            if ours == theirs and expected and conclusion_of(our_text) in conclusion_of(their_text):
                continue
            wrong += 1
            print(f"{case.name}: expected status {case.status}, check {case.check}")
            print(f"    python  {ours}: {our_text.strip()}\n    C++     {theirs}: {their_text.strip()}")
    return compared, wrong, tally


def run(program: str, *arguments: str) -> tuple[int, str]:
    ran = subprocess.run([program, *arguments], capture_output=True)
    return ran.returncode, (ran.stdout + ran.stderr).decode("utf-8", "replace")


def making(program: str, work: str) -> list[str]:
    """`audit receipt-of`: byte for byte what is made here."""
    folder, out = os.path.join(work, "record"), os.path.join(work, "out")
    HONEST.write_folder(folder)
    wrong: list[str] = []

    def made(name: str, options: list[str], expected: bytes | None, status: int = 0) -> None:
        found, text = run(program, "receipt-of", folder, *options, "--out", out)
        data = None
        if os.path.exists(out):
            with open(out, "rb") as file:
                data = file.read()
            os.unlink(out)
        if (found, data) != (status, expected):
            wrong.append(f"receipt-of {name}: status {found}, expected {status}; {text.strip()}")

    for index in range(len(HONEST.leaves)):
        made(f"record {index}", ["--record", str(index)], HONEST.inclusion(index).encode())
    cases = ((2, 1, 5), (3, 1, 6), (5, 1, 7), (4, 1, None), (4, 2, None))
    for client, round_, refused in cases:
        opened, closed = (1, 8) if round_ == 1 else (9, 15)
        receipt = HONEST.exclusion(WORLD.id(client), refused, opened, closed)
        about = ["--round", str(round_), "--client", WORLD.id(client).hex()]
        made(f"client {client}", about, receipt.encode())
    stranger = ["--round", "1", "--client", WORLD.stranger.hex()]
    made("stranger", stranger, HONEST.exclusion(WORLD.stranger).encode())
    for old in (0, 1, 9, len(HONEST.leaves)):
        made(f"extends {old}", ["--extends", str(old)], HONEST.extension(old))
    made("counted client", ["--round", "1", "--client", WORLD.id(0).hex()], None, 1)
    made("no such round", ["--round", "3", "--client", WORLD.id(0).hex()], None, 1)
    made("record past the end", ["--record", str(len(HONEST.leaves))], None, 1)
    made("size past the end", ["--extends", str(len(HONEST.leaves) + 1)], None, 1)
    made("no client", ["--round", "1"], None, 2)
    made("bad client", ["--round", "1", "--client", "00"], None, 2)
    made("nothing", [], None, 2)
    made("two things", ["--record", "1", "--extends", "1"], None, 2)
    # A folder that is called like the command is a folder if it is written as a path.
    os.rename(folder, os.path.join(work, "receipt.d"))
    os.symlink("receipt.d", os.path.join(work, "receipt-of"))
    ran = subprocess.run([program, "./receipt-of"], cwd=work, capture_output=True, text=True)
    if ran.returncode != 1 or "refused at step 3" not in ran.stdout:  # the ceremony is not there
        wrong.append(f"audit ./receipt-of: status {ran.returncode}, {ran.stdout}{ran.stderr}")
    return wrong


def audits(train: str, program: str, work: str) -> list[str]:
    """A trained session: its receipts, and both audits under a witness policy."""
    out = os.path.join(work, "trained")
    size = "--bits 2048 --clients 3 --trustees 1 --quorum 1 --rounds 1 --examples 200 --hidden 3"
    status, text = run(train, *size.split(), "--attack", "norm-plus-one", "--out", out)
    if status != 0:
        return [f"train: {text}"]
    wrong: list[str] = []
    session = re.search(r"^session +([0-9a-f]{64})$", text, re.MULTILINE)
    assert session is not None
    record = os.path.join(out, "record")
    _, audited = run(program, record)
    signed = re.search(r"^origin .* signed by ([0-9a-f]{64})$", audited, re.MULTILINE)
    assert signed is not None
    kept = sorted(os.listdir(os.path.join(out, "receipts")))
    if [name.split("-")[2] for name in kept] != ["contribution", "contribution", "exclusion"]:
        wrong.append(f"receipts of train: {kept}")
    for name in kept:
        client = name.split("-")[3]
        about = ["--round", "1", "--client", client]
        key = ["--session", session.group(1)] if "exclusion" in name else ["--aggregator", signed.group(1)]
        arguments = [os.path.join(out, "receipts", name), *key, *about]
        ours, our_text = ask_python(arguments)
        theirs, their_text = ask_program(program, arguments)
        if not ours == theirs == (ACCEPTED, "-", "-") or client not in conclusion_of(their_text):
            wrong.append(f"{name}: {our_text}\n{their_text}")

    policy, checkpoint = os.path.join(work, "policy"), os.path.join(record, "checkpoint")
    with open(policy, "wb") as file:
        file.write(policy_text())
    with open(checkpoint, "rb") as file:
        plain = file.read()
    spoiled = cosigned(plain, 1, 2) + flip(cosigned(plain, 3)[len(plain) :], -5)
    for name, data, status, since in (
        ("no cosignature", plain, 1, 0),
        ("one", cosigned(plain, 1), 1, 0),
        ("two", cosigned(plain, 1, 3), 0, 0),
        ("two, old", cosigned(plain, 1, 3), 1, 1001),
        ("false line", spoiled, 1, 0),
    ):
        with open(checkpoint, "wb") as file:
            file.write(data)
        options = [record, "--witnesses", policy, "--cosigned-since", str(since)]
        theirs_status, their_text = run(program, *options)
        ours_status, our_text = run(sys.executable, os.path.join(HERE, "verify_record.py"), *options)
        at_step_2 = all("refused at step 2" in text for text in (our_text, their_text))
        if not ours_status == theirs_status == status or (status == 1 and not at_step_2):
            wrong.append(f"audit --witnesses, {name}: {ours_status} {our_text}\n{theirs_status} {their_text}")
    with open(policy, "wb") as file:
        file.write(b"quorum none\n")
    statuses = (
        run(program, record, "--witnesses", policy)[0],
        run(sys.executable, os.path.join(HERE, "verify_record.py"), record, "--witnesses", policy)[0],
    )
    if statuses != (2, 2):
        wrong.append(f"audit --witnesses, unusable policy: {statuses}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Compares the two verifiers of receipts.")
    parser.add_argument("--audit", required=True, help="program audit")
    parser.add_argument("--train", help="program train")
    parser.add_argument("--verbose", action="store_true", help="print every answer")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="veilsum-receipts-") as work:
        compared, wrong, tally = compare(given.audit, work, given.verbose)
        print(f"{compared} receipts, {wrong} differences")
        print("    " + ", ".join(f"{what}: {count}" for what, count in sorted(tally.items())))
        failures = making(given.audit, work)
        if given.train:
            failures += audits(given.train, given.audit, work)
    print("\n".join(failures) if failures else "receipt-of, and what else was run: as it should be")
    return 1 if wrong or failures else 0


if __name__ == "__main__":
    sys.exit(main())
