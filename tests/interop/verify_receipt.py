#!/usr/bin/env python3
"""verify_receipt.py FILE [--session HEX] ...: checks a receipt offline, from docs/spec alone. The options are
those of `audit receipt`.

Exit status: 0 accepted, 1 refused, 2 unusable input.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field

from veilsum_record import note, receipts, sodium, wire, witnesses
from veilsum_record.failure import Refused
from veilsum_record.receipts import Expected

MAX_FILE = receipts.MAX_EXCLUSION + 12


class Unusable(Exception):
    """No verdict."""


@dataclass
class Verdict:
    """`reason` is None when the receipt is accepted."""

    reason: Refused | None = None
    facts: list[str] = field(default_factory=list)
    conclusion: str = ""


@dataclass(frozen=True)
class Log:
    """Whose checkpoint the receipt holds, once it is verified."""

    tip: note.Checkpoint
    note: bytes
    origin: str
    key: bytes


def read(path: str, cap: int) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(cap + 1)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error
    if len(data) > cap:
        raise Unusable(f"{path}: too long")
    return data


def identity(text: str | None, what: str) -> bytes | None:
    if text is None:
        return None
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if len(data) != 32 or len(text) != 64:
        raise Unusable(f"{what} must be 64 hexadecimal digits")
    return data


def read_policy(path: str | None) -> witnesses.Policy | None:
    if path is None:
        return None
    try:
        return witnesses.parse_policy(read(path, witnesses.MAX_POLICY))
    except Refused as refused:
        raise Unusable(f"{path}: {refused}") from None


@dataclass(frozen=True)
class Later:
    path: str
    extension: receipts.Extension
    alone: bool


def read_later(path: str) -> Later:
    data = read(path, receipts.MAX_EXTENSION)
    if not data.startswith(b"old "):
        return Later(path, receipts.Extension(0, [], data), True)
    try:
        return Later(path, receipts.Extension.parse(data), False)
    except Refused as refused:
        raise Unusable(f"{path}: {refused}") from None


def checkpoint_in(data: bytes) -> note.Checkpoint | None:
    """As the note says it, signatures aside."""
    try:
        return note.Checkpoint.parse(note.Note.parse(data).text)
    except Refused:
        return None


class Verifier:
    def __init__(self, given: argparse.Namespace) -> None:
        self.expected = Expected(
            identity(given.session, "session id"),
            identity(given.aggregator, "aggregator key"),
            given.origin,
            given.round,
            identity(given.client, "client id"),
        )
        self.data = read(given.file, MAX_FILE)
        self.later = [read_later(path) for path in given.later]
        self.policy = read_policy(given.witnesses)
        self.oldest: int = given.cosigned_since
        self.verdict = Verdict()

    def run(self) -> Verdict:
        try:
            wire.unframe(self.data, receipts.EXCLUSION_RECEIPT, 1, MAX_FILE)
            excludes = True
        except Refused:
            excludes = False
        try:
            if excludes:
                self._exclusion()
            else:
                self._inclusion()
        except Refused as refused:
            self.verdict.reason = refused
        return self.verdict

    def _inclusion(self) -> None:
        try:
            receipt = receipts.Receipt.parse(self.data)
        except Refused as refused:
            raise Unusable(str(refused)) from None
        expected, key = self.expected, self.expected.aggregator
        if key is None or not sodium.is_verifying_key(key):
            raise Unusable("this receipt does not name its log: the aggregator's key is needed")
        stated = checkpoint_in(receipt.note)
        origin = expected.origin if expected.origin is not None else stated.origin if stated else ""
        record, tip = receipt.verify(origin, key)
        if expected.session is not None and record.sequence != 0:
            raise Unusable("this receipt does not hold the session's first record")
        log = Log(tip, receipt.note, origin, key)
        self._check_later(log, 4)
        try:
            about = receipts.subject_of(record)
            if expected.session not in (None, record.hash()):
                raise Refused("wrong_context", "session id is not the expected one")
            if expected.round not in (None, about.round):
                raise Refused("wrong_context", "round is not the expected one")
            if expected.client not in (None, about.client):
                raise Refused("wrong_context", "client is not the expected one")
        except Refused as refused:
            raise refused.within(check=6) from None
        self._check_witnesses(log, 7)
        self.verdict.conclusion = f"the log contains record {record.sequence}, {about}"

    def _exclusion(self) -> None:
        try:
            receipt = receipts.ExclusionReceipt.parse(self.data)
        except Refused as refused:
            raise Unusable(str(refused)) from None
        found = receipt.verify(self.expected)
        log = Log(found.tip, receipt.note, found.header.origin, found.header.aggregator)
        self.verdict.facts.append(f"session     {found.session.hex()}")
        self._check_later(log, 11)
        self._check_witnesses(log, 13)
        client, round_ = found.client.hex(), found.closing.round
        self.verdict.conclusion = f"client {client} was not counted in round {round_}: {found.why}"
        if found.reason is not None:
            self.verdict.conclusion += f", reason {found.reason}"

    def _check_later(self, log: Log, first: int) -> None:
        for later in self.later:
            old_size = later.extension.old_size
            if later.alone:
                old_size = log.tip.size
                stated = checkpoint_in(later.extension.note)
                if stated is not None and stated.size > log.tip.size:
                    raise Unusable(f"{later.path}: needs a consistency proof")
            content = later.extension
            try:
                receipts.verify_later(log.tip, old_size, content.proof, content.note, log.origin, log.key)
            except Refused as refused:
                raise refused.within(check=first - 1 + refused.check) from None

    def _check_witnesses(self, log: Log, number: int) -> None:
        if self.policy is None:
            return
        notes = [later.extension.note for later in self.later] or [log.note]
        for data in notes:
            try:
                counted = self.policy.verify(data, log.origin, log.key, self.oldest)
            except Refused as refused:
                raise refused.within(check=number) from None
        self.verdict.facts.append(f"witnesses   {', '.join(counted)}")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Checks a receipt offline.")
    parser.add_argument("file", help="the receipt")
    parser.add_argument("--session", help="refuse any other session id")
    parser.add_argument("--aggregator", help="key that signed the checkpoint")
    parser.add_argument("--origin", help="refuse any other origin")
    parser.add_argument("--round", type=int, help="refuse any other round")
    parser.add_argument("--client", help="refuse any other client")
    parser.add_argument("--witnesses", help="policy file")
    parser.add_argument("--cosigned-since", type=int, default=0, help="oldest cosignature, seconds")
    parser.add_argument("--later", nargs="*", default=[], help="later checkpoints")
    return parser


def main() -> int:
    try:
        verdict = Verifier(arguments().parse_args()).run()
    except Unusable as error:
        print(f"verify_receipt: {error}", file=sys.stderr)
        return 2
    if verdict.reason is not None:
        print(f"VERDICT    refused at check {verdict.reason.check}")
        print(f"reason     {verdict.reason}")
        print(f"culprit    {verdict.reason.culprit or 'not known'}")
        return 1
    print("\n".join(verdict.facts))
    print(f"\nVERDICT    accepted: {verdict.conclusion}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
