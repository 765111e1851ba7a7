"""Changes of stored bytes, which take no key: log, checkpoint, bodies, files."""

from __future__ import annotations

import base64
import os
import random
from typing import Callable, Iterator

from forgery import NAMES, Draft, Source, flip, replace_file
from mutations.base import Mutation, Sources, on_copy, on_draft, on_file
from veilsum_record import merkle, messages, note, sodium, wire
from veilsum_record.log import FILE_MAGIC, framed
from veilsum_record.messages import RoundClosed, RoundHeader, RoundResult, SessionHeader


def remove(folder: str, name: str) -> None:
    os.unlink(os.path.join(folder, name))


def make_link(folder: str, name: str) -> None:
    """The file moved aside and a symbolic link in its place."""
    os.rename(os.path.join(folder, name), os.path.join(folder, "moved"))
    os.symlink(os.path.join(os.path.abspath(folder), "moved"), os.path.join(folder, name))


def make_folder(folder: str, name: str) -> None:
    remove(folder, name)
    os.mkdir(os.path.join(folder, name))


def make_pipe(folder: str, name: str) -> None:
    """Whoever opens it and waits for a writer waits for ever."""
    remove(folder, name)
    os.mkfifo(os.path.join(folder, name))


def named_bodies(source: Source) -> dict[str, bytes]:
    """One body of each kind that a record names."""
    first = SessionHeader.parse(source.records[0].body)
    opened = RoundHeader.parse(source.records[source.find(messages.ROUND_OPENED)].body)
    contribution, _ = messages.parse_contribution(source.records[source.find(messages.CONTRIBUTION)].body)
    refused, _, _ = messages.parse_refusal(source.records[source.find(messages.REFUSAL)].body)
    closed = RoundClosed.parse(source.records[source.find(messages.ROUND_CLOSED)].body)
    partial = messages.PartialHeader.parse(source.records[source.find(messages.PARTIAL)].body)
    wrong = messages.PartialHeader.parse(source.records[source.find(messages.PARTIAL_REFUSAL)].body)
    result = RoundResult.parse(source.records[source.find(messages.ROUND_RESULT)].body)
    return {
        "ceremony": first.ceremony,
        "model": opened.model,
        "roster": opened.roster,
        "contribution": contribution.body,
        "refused-contribution": refused.body,
        "aggregate": closed.aggregate,
        "partial": partial.body,
        "refused-partial": wrong.body,
        "opening": result.opening,
        "new-model": result.model,
    }


def honest(s: Sources) -> Iterator[Mutation]:
    for name, source in s.all().items():
        yield Mutation(f"honest/{name}", on_copy(source, lambda folder: None))
    extra = lambda folder: replace_file(os.path.join(folder, "notes.txt"), b"not named by the record")
    yield Mutation("honest/file-that-nobody-names", on_copy(s.honest, extra))
    body = lambda folder: replace_file(os.path.join(folder, "bodies", "00" * 32), b"not named")
    yield Mutation("honest/body-that-nobody-names", on_copy(s.honest, body))
    for size in (1, 2, 4, 6, 7, 8, 10, 12, len(s.honest.records) - 1):

        def cut(draft: Draft, size: int = size) -> None:
            del draft.entries[size:]

        yield Mutation(f"honest/signed-after-{size}-records", on_draft(s.honest, cut))


def storage(s: Sources) -> Iterator[Mutation]:
    source = s.honest
    frames = [framed(record) for record in source.records]
    starts = [len(FILE_MAGIC) + sum(map(len, frames[:i])) for i in range(len(frames) + 1)]
    header = [
        ("magic", 4),
        ("type", 8 + 1),
        ("version", 10 + 1),
        ("sequence", 12 + 7),
        ("previous", 20),
        ("length", 52 + 3),
    ]
    for kind, kind_name in NAMES.items():
        start = starts[source.find(kind)]
        length = len(frames[source.find(kind)])
        places = [
            ("frame-length", 3), *header, ("body", 56), ("last-of-body", length - 9), ("mark", length - 1)
        ]
        for field, offset in places:
            at = start + offset
            yield Mutation(
                f"storage/log/{kind_name}/{field}", on_file(source, "log", lambda data, at=at: flip(data, at))
            )
    cuts = {
        "empty": 0, "torn-magic": 5, "no-record": 8, "last-record-missing": starts[-2], "half": starts[13]
    }
    cuts |= {"torn-length": starts[-2] + 3, "torn-header": starts[-2] + 30, "torn-body": starts[-2] + 70}
    cuts |= {"torn-mark": starts[-1] - 1, "first-record-torn": starts[1] - 3}
    for name, size in cuts.items():
        yield Mutation(f"storage/log/cut/{name}", on_file(source, "log", lambda data, size=size: data[:size]))
    changes: dict[str, Callable[[bytes], bytes]] = {
        "file-magic": lambda data: flip(data, 7),
        "trailing-byte": lambda data: data + b"\0",
        "trailing-zeros": lambda data: data + bytes(64),
        "trailing-frame": lambda data: data + frames[-1],
        "first-record-twice": lambda data: data[: starts[1]] + data[len(FILE_MAGIC) :],
        "record-removed": lambda data: data[: starts[4]] + data[starts[5] :],
        "records-swapped": lambda data: data[: starts[4]] + frames[5] + frames[4] + data[starts[6] :],
        "huge-length": lambda data: data[: starts[3]] + b"\xff\xff\xff\xff" + data[starts[3] + 4 :],
        "length-below-header": lambda data: data[: starts[3]] + wire.u32(51) + data[starts[3] + 4 :],
        "length-above-cap": lambda data: data[: starts[3]] + wire.u32((1 << 20) + 53) + data[starts[3] + 4 :],
        "log-of-another-session": lambda data: open(os.path.join(s.second.folder, "log"), "rb").read(),
    }
    for name, change in changes.items():
        yield Mutation(f"storage/log/{name}", on_file(source, "log", change))
    kinds = {"link": make_link, "folder": make_folder, "pipe": make_pipe}
    for name in ("log", "checkpoint"):
        yield Mutation(
            f"storage/{name}-missing", on_copy(source, lambda folder, name=name: remove(folder, name))
        )
        for kind, make in kinds.items():
            change = lambda folder, name=name, make=make: make(folder, name)
            yield Mutation(f"storage/{name}-is-a-{kind}", on_copy(source, change))
    for name, digest in named_bodies(source).items():
        path = f"bodies/{digest.hex()}"
        yield Mutation(
            f"storage/body/{name}/flipped", on_file(source, path, lambda data: flip(data, len(data) // 2))
        )
        yield Mutation(f"storage/body/{name}/cut", on_file(source, path, lambda data: data[:-1]))
        yield Mutation(f"storage/body/{name}/longer", on_file(source, path, lambda data: data + b"\0"))
        yield Mutation(
            f"storage/body/{name}/missing", on_copy(source, lambda folder, path=path: remove(folder, path))
        )
    for name in ("ceremony", "contribution"):
        path = f"bodies/{named_bodies(source)[name].hex()}"
        for kind, make in kinds.items():
            change = lambda folder, path=path, make=make: make(folder, path)
            yield Mutation(f"storage/body/{name}/{kind}", on_copy(source, change))
    yield Mutation("storage/file/flipped", on_file(source, "report.txt", lambda data: flip(data, 3)))
    yield Mutation("storage/file/longer", on_file(source, "report.txt", lambda data: data + b"\n"))
    yield Mutation("storage/file/missing", on_copy(source, lambda folder: remove(folder, "report.txt")))
    for kind, make in kinds.items():
        change = lambda folder, make=make: make(folder, "report.txt")
        yield Mutation(f"storage/file/{kind}", on_copy(source, change))


def checkpoints(s: Sources) -> Iterator[Mutation]:
    source = s.honest
    with open(os.path.join(source.folder, "checkpoint"), "rb") as file:
        good = file.read()
    text, _, signatures = good.decode().rpartition("\n\n")
    root = text.split("\n")[2]
    # The last character before the padding carries two bits that must be zero.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    loose = root[:-2] + alphabet[alphabet.index(root[-2]) | 1] + "="
    line = signatures.split(" ")
    blob = base64.b64decode(line[2])
    other_line = f"{note.MARK}witness.example/w {base64.b64encode(bytes(68)).decode()}\n".encode()
    changes: dict[str, bytes] = {
        "empty": b"",
        "cut": good[:-1],
        "no-blank-line": good.replace(b"\n\n", b"\n"),
        "no-signature": good[: good.rindex(b"\n\n") + 2],
        "signature-flipped": good.replace(line[2].encode(), base64.b64encode(flip(blob, 20)) + b"\n"),
        "signature-short": good.replace(line[2].encode(), base64.b64encode(blob[:-1]) + b"\n"),
        "signature-not-reduced": good.replace(
            line[2].encode(), base64.b64encode(blob[:-1] + b"\xff") + b"\n"
        ),
        "signature-empty": good.replace(line[2].encode(), base64.b64encode(blob[:4]) + b"\n"),
        "signature-base64": good.replace(line[2].encode(), line[2].strip().encode() + b"=\n"),
        "key-id-flipped": good.replace(line[2].encode(), base64.b64encode(flip(blob, 0)) + b"\n"),
        "key-name": good.replace(f"{note.MARK}toy".encode(), f"{note.MARK}boy".encode()),
        "key-name-with-plus": good.replace(f"{note.MARK}toy".encode(), f"{note.MARK}to+".encode()),
        "hyphen-for-dash": good.replace(note.MARK.encode(), b"- "),
        "size-plus-one": good.replace(
            f"\n{len(source.records)}\n".encode(), f"\n{len(source.records) + 1}\n".encode()
        ),
        "size-leading-zero": good.replace(
            f"\n{len(source.records)}\n".encode(), f"\n0{len(source.records)}\n".encode()
        ),
        "root-flipped": good.replace(root.encode(), base64.b64encode(flip(base64.b64decode(root), 0))),
        "root-loose-bits": good.replace(root.encode(), loose.encode()),
        "origin": good.replace(b"toy.example", b"boy.example"),
        "extension-line": good.replace(b"\n\n", b"\nextension\n\n"),
        "crlf": good.replace(b"\n", b"\r\n"),
        "control-character": b"\x01" + good,
        "not-utf-8": b"\xff" + good,
        "too-long": good + b"x" * (1 << 20),
        "too-many-lines": good + other_line * 100,
        "most-lines-ok": good + other_line * 99,
        "unknown-witness-ok": good + other_line,
        "unknown-witness-first-ok": good.replace(note.MARK.encode(), other_line + note.MARK.encode(), 1),
        "same-line-twice-ok": good + signatures.encode(),
        "second-line-wrong": good + _with_blob(signatures, line[2], flip(blob, 20)),
        "line-without-key": good + f"{note.MARK}witness\n".encode(),
        "garbage-line": good + b"garbage\n",
        "of-another-session": open(os.path.join(s.second.folder, "checkpoint"), "rb").read(),
    }
    for name, data in changes.items():
        yield Mutation(f"note/{name}", on_file(source, "checkpoint", lambda _, data=data: data))
    leaves = [record.canonical() for record in source.records]
    root_now = merkle.root_of(leaves)
    tips = {
        "signed/older": note.Checkpoint(source.origin, 10, merkle.root_of(leaves[:10])),
        "signed/one-record-short": note.Checkpoint(
            source.origin, len(leaves) - 1, merkle.root_of(leaves[:-1])
        ),
        "signed/one-record-more": note.Checkpoint(source.origin, len(leaves) + 1, root_now),
        "signed/size-0": note.Checkpoint(source.origin, 0, wire.sha256(b"")),
        "signed/size-0-root": note.Checkpoint(source.origin, 0, root_now),
        "signed/size-2-64": note.Checkpoint(source.origin, 1 << 64, root_now),
        "signed/size-max": note.Checkpoint(source.origin, (1 << 64) - 1, root_now),
        "signed/other-root": note.Checkpoint(source.origin, len(leaves), flip(root_now, 31)),
        "signed/short-root": note.Checkpoint(source.origin, len(leaves), root_now[:31]),
        "signed/root-of-leaf-hashes-unprefixed": note.Checkpoint(
            source.origin, len(leaves), merkle.root_of(wire.sha256(leaf) for leaf in leaves)
        ),
    }
    for name, tip in tips.items():
        data = note.sign_checkpoint(tip, source.aggregator)
        yield Mutation(f"note/{name}", on_file(source, "checkpoint", lambda _, data=data: data))
    foreign = note.sign_checkpoint(note.Checkpoint(source.origin, len(leaves), root_now), source.clients[0])
    yield Mutation("note/signed/by-a-client", on_file(source, "checkpoint", lambda _: foreign))
    for name, text in {
        "extension": f"{source.origin}\n{len(leaves)}\n{root}\nextension\n",
        "blank-line-inside": f"{source.origin}\n{len(leaves)}\n{root}\n\nmore\n",
        "other-origin": f"other.example/log\n{len(leaves)}\n{root}\n",
        "two-lines": f"{source.origin}\n{len(leaves)}\n",
        "leading-zero": f"{source.origin}\n0{len(leaves)}\n{root}\n",
        "plus-sign": f"{source.origin}\n+{len(leaves)}\n{root}\n",
        "loose-bits": f"{source.origin}\n{len(leaves)}\n{loose}\n",
        "no-padding": f"{source.origin}\n{len(leaves)}\n{root[:-1]}\n",
        "empty-origin": f"\n{len(leaves)}\n{root}\n",
        "arabic-digits": f"{source.origin}\n\u0662\u0666\n{root}\n",
    }.items():
        data = _signed_text(text, source)
        yield Mutation(f"note/signed-text/{name}", on_file(source, "checkpoint", lambda _, data=data: data))


def _with_blob(signature_line: str, old: str, blob: bytes) -> bytes:
    return signature_line.replace(old, base64.b64encode(blob).decode() + "\n").encode()


def _signed_text(text: str, source: Source) -> bytes:
    key, _ = sodium.key_pair(source.aggregator)
    blob = note.key_id(source.origin, key) + sodium.sign(source.aggregator, text.encode())
    return f"{text}\n{note.MARK}{source.origin} {base64.b64encode(blob).decode()}\n".encode()


def random_flips(s: Sources, seed: int, count: int = 10) -> Iterator[Mutation]:
    """Bits at random places: of the stored log, of record bodies under a new signature, of bodies with and
    without their digest put right."""
    source = s.honest
    chosen = random.Random(seed)
    log_size = os.path.getsize(os.path.join(source.folder, "log"))
    for number in range(count):
        at, bit = chosen.randrange(log_size), chosen.randrange(8)
        yield Mutation(
            f"random/log-{number}", on_file(source, "log", lambda d, at=at, bit=bit: flip(d, at, bit))
        )
    for number in range(count):
        index = chosen.randrange(len(source.records))
        place, bit = chosen.random(), chosen.randrange(8)

        def edit(draft: Draft, index: int = index, place: float = place, bit: int = bit) -> None:
            draft.edit(index, lambda body: flip(body, int(place * len(body)), bit))

        yield Mutation(f"random/signed-{number}-record-{index}", on_draft(source, edit))
    for number in range(count):
        index = source.find(messages.CONTRIBUTION, chosen.randrange(3))
        header, _ = messages.parse_contribution(source.records[index].body)
        old = source.body(header.body)
        new = flip(old, chosen.randrange(len(old)), chosen.randrange(8))

        def contribution(draft: Draft, index: int = index, new: bytes = new) -> None:
            draft.sign_contribution(index, body=draft.put(new))

        yield Mutation(f"random/client-{number}-record-{index}", on_draft(source, contribution))
    for number in range(count):
        index = source.find(messages.PARTIAL, chosen.randrange(2))
        answer = messages.PartialHeader.parse(source.records[index].body)
        old = source.body(answer.body)
        new = flip(old, chosen.randrange(len(old)), chosen.randrange(8))

        def partial(draft: Draft, index: int = index, new: bytes = new) -> None:
            draft.sign_partial(index, body=draft.put(new))

        yield Mutation(f"random/trustee-{number}-record-{index}", on_draft(source, partial))
    names = sorted(os.listdir(os.path.join(source.folder, "bodies")))
    for number in range(count // 2):
        path = f"bodies/{chosen.choice(names)}"
        place, bit = chosen.random(), chosen.randrange(8)
        spoil = lambda data, place=place, bit=bit: flip(data, int(place * len(data)), bit)
        yield Mutation(f"random/body-{number}", on_file(source, path, spoil))
