"""Verifier keys, cosignatures, witness policies and their files (spec: record, section 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import note, sodium
from .failure import Refused

COSIGNATURE = 0x04
MAX_TIME = (1 << 63) - 1
MAX_WITNESSES = 64
MAX_LOGS = 32
MAX_GROUPS = 32
MAX_POLICY = 1 << 16


@dataclass(frozen=True)
class VerifierKey:
    name: str
    key: bytes

    @staticmethod
    def parse(text: bytes, kind: int) -> VerifierKey:
        """Checks 1 to 4 of section 5.1."""
        parts = text.split(b"+", 2)
        form = Refused("malformed", "form of the verifier key", 1)
        if len(parts) != 3 or re.fullmatch(rb"[0-9a-f]{8}", parts[1]) is None:
            raise form
        try:
            name, blob = parts[0].decode("utf-8"), note.decode_base64(parts[2].decode("ascii"))
        except UnicodeDecodeError:
            raise form from None
        if not note.is_key_name(name) or not blob:
            raise form
        if blob[0] != kind:
            raise Refused("unsupported", "type of the verifier key", 2)
        if not sodium.is_verifying_key(blob[1:]):
            raise Refused("malformed", "verifying key", 3)
        if note.key_id(name, blob[1:], kind).hex() != parts[1].decode():
            raise Refused("mismatch", "id of the verifier key", 4)
        return VerifierKey(name, blob[1:])


def cosigned_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def latest_time(signed: note.Note, witness: VerifierKey) -> int | None:
    """Of the witness's cosignatures, all of which must verify; None where there is none."""
    known = (witness.name, note.key_id(witness.name, witness.key, COSIGNATURE))
    latest: int | None = None
    for number, line in enumerate(signed.lines, 1):
        if (line.key_name, line.key_id) != known:
            continue
        place = f"signature line {number}, {witness.name}"
        seconds = int.from_bytes(line.signature[:8], "big")
        message = cosigned_message(signed.text, seconds)
        if len(line.signature) != 72 or not sodium.verify(witness.key, message, line.signature[8:]):
            raise Refused("bad_signature", "cosignature of the note", 7, place)
        if seconds > MAX_TIME:
            raise Refused("out_of_range", "time of the cosignature", 7, place)
        latest = seconds if latest is None else max(latest, seconds)
    return latest


@dataclass(frozen=True)
class Policy:
    """k of n witnesses; made by `parse_policy`."""

    witnesses: list[VerifierKey]
    threshold: int
    logs: list[VerifierKey]

    def verify(self, data: bytes, origin: str, key: bytes, oldest: int = 0) -> list[str]:
        """Checks 1 to 8 of section 5.2; the names of those who count."""
        note.verify_checkpoint(data, origin, key)
        if self.logs and VerifierKey(origin, key) not in self.logs:
            raise Refused("wrong_key", "log is none of the policy's", 5, origin)
        if any(witness.key == key for witness in self.witnesses):
            raise Refused("duplicate", "log is its own witness", 6)
        signed = note.Note.parse(data)
        counted: list[str] = []
        for witness in self.witnesses:
            seconds = latest_time(signed, witness)
            if seconds is not None and seconds >= oldest:
                counted.append(witness.name)
        if len(counted) < self.threshold:
            place = f"{len(counted)} of {self.threshold} needed, {len(self.witnesses)} listed"
            raise Refused("missing", "cosignatures of witnesses", 8, place)
        return counted


class _Lines:
    """The lines of a policy file, read one by one."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[bytes, VerifierKey] = {}
        self.groups: dict[bytes, tuple[int, list[VerifierKey]]] = {}
        self.quorum: tuple[int, list[VerifierKey]] | None = None

    def take(self, items: list[bytes]) -> None:
        keyword, rest = items[0], items[1:]
        if keyword == b"log":
            self._log(rest)
        elif keyword == b"witness":
            self._witness(rest)
        elif keyword == b"group":
            self._group(rest)
        elif keyword == b"quorum":
            self._quorum(rest)
        else:
            raise Refused("malformed", "keyword of a policy line")

    def _new_name(self, name: bytes) -> None:
        if name == b"none":
            raise Refused("malformed", "reserved name")
        if name in self.witnesses or name in self.groups:
            raise Refused("duplicate", "name of a policy line")

    def _log(self, items: list[bytes]) -> None:
        if not 1 <= len(items) <= 2:
            raise Refused("malformed", "items of a log line")
        if len(self.logs) == MAX_LOGS:
            raise Refused("overflow", "log lines")
        log = VerifierKey.parse(items[0], note.ED25519)
        if any(other.key == log.key for other in self.logs):
            raise Refused("duplicate", "key of a log")
        self.logs.append(log)

    def _witness(self, items: list[bytes]) -> None:
        if not 2 <= len(items) <= 3:
            raise Refused("malformed", "items of a witness line")
        if len(self.witnesses) == MAX_WITNESSES:
            raise Refused("overflow", "witness lines")
        self._new_name(items[0])
        witness = VerifierKey.parse(items[1], COSIGNATURE)
        if any(w.key == witness.key or w.name == witness.name for w in self.witnesses.values()):
            raise Refused("duplicate", "key or name of a witness")
        self.witnesses[items[0]] = witness

    def _group(self, items: list[bytes]) -> None:
        if len(items) < 3:
            raise Refused("malformed", "items of a group line")
        if len(self.groups) == MAX_GROUPS:
            raise Refused("overflow", "group lines")
        self._new_name(items[0])
        members: list[VerifierKey] = []
        for name in items[2:]:
            if name in self.groups:
                raise Refused("unsupported", "group within a group")
            if name not in self.witnesses:
                raise Refused("missing", "member of a group")
            if self.witnesses[name] in members:
                raise Refused("duplicate", "member of a group")
            members.append(self.witnesses[name])
        words = {b"any": 1, b"all": len(members)}
        threshold = words[items[1]] if items[1] in words else note.decimal(items[1].decode("latin-1"))
        if threshold is None:
            raise Refused("malformed", "threshold of a group")
        if not 1 <= threshold <= len(members):
            raise Refused("out_of_range", "threshold of a group")
        self.groups[items[0]] = threshold, members

    def _quorum(self, items: list[bytes]) -> None:
        if len(items) != 1:
            raise Refused("malformed", "items of a quorum line")
        if self.quorum is not None:
            raise Refused("duplicate", "quorum line")
        if items[0] == b"none":
            raise Refused("unsupported", "quorum without witnesses")
        if items[0] in self.witnesses:
            self.quorum = 1, [self.witnesses[items[0]]]
        elif items[0] in self.groups:
            self.quorum = self.groups[items[0]]
        else:
            raise Refused("missing", "name of the quorum")


def parse_policy(data: bytes) -> Policy:
    """Section 5.3; the place of a refusal is the line."""
    if len(data) > MAX_POLICY:
        raise Refused("overflow", "length of the policy")
    if any(byte < 0x20 and byte not in b"\t\n" or byte == 0x7F for byte in data):
        raise Refused("malformed", "characters of the policy")
    if data and not data.endswith(b"\n"):
        raise Refused("malformed", "end of the policy")
    lines = _Lines()
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        items = [item for item in re.split(rb"[ \t]+", line) if item]
        if not items or items[0].startswith(b"#"):
            continue
        try:
            lines.take(items)
        except Refused as refused:
            raise refused.within(place=f"line {number}") from None
    if lines.quorum is None:
        raise Refused("missing", "quorum line of the policy")
    return Policy(lines.quorum[1], lines.quorum[0], lines.logs)
