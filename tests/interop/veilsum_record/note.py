"""C2SP signed notes and checkpoints (spec: record, section 4)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from . import sodium
from .failure import Refused
from .wire import sha256

MAX_NOTE = 1 << 20
MAX_SIGNATURES = 100
MARK = "\u2014 "
ED25519 = 0x01

# White_Space of the Unicode character database.
_SPACES = frozenset(
    [
        *range(0x09, 0x0E),
        0x20,
        0x85,
        0xA0,
        0x1680,
        *range(0x2000, 0x200B),
        0x2028,
        0x2029,
        0x202F,
        0x205F,
        0x3000,
    ]
)


def is_key_name(name: str) -> bool:
    return name != "" and all(ord(c) >= 0x20 and c != "+" and ord(c) not in _SPACES for c in name)


def key_id(name: str, key: bytes, kind: int = ED25519) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + key)[:4]


def decode_base64(text: str) -> bytes | None:
    """RFC 4648, section 4: None unless this is the one spelling of some bytes."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def decimal(text: str) -> int | None:
    """Without sign or leading zero, at most 2^64 - 1."""
    if re.fullmatch("0|[1-9][0-9]*", text, re.ASCII) is None or len(text) > 20:
        return None
    value = int(text)
    return value if value < 1 << 64 else None


@dataclass(frozen=True)
class SignatureLine:
    key_name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    text: str
    lines: tuple[SignatureLine, ...]

    @staticmethod
    def parse(data: bytes) -> Note:
        if len(data) > MAX_NOTE:
            raise Refused("overflow", "length of the note")
        try:
            note = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("malformed", "characters of the note") from None
        if any(c < " " and c != "\n" for c in note):
            raise Refused("malformed", "characters of the note")
        blank = note.rfind("\n\n")
        if blank < 0:
            raise Refused("malformed", "blank line of the note")
        text, rest = note[: blank + 1], note[blank + 2 :]
        if not rest:
            raise Refused("missing", "signature lines of the note")
        if not rest.endswith("\n"):
            raise Refused("malformed", "end of the note")
        lines = rest[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise Refused("overflow", "number of signature lines")
        return Note(text, tuple(_signature_line(line) for line in lines))

    def verify(self, key_name: str, key: bytes) -> None:
        """At least one line by this key, and every such line verifies."""
        ours = [
            line for line in self.lines if (line.key_name, line.key_id) == (key_name, key_id(key_name, key))
        ]
        if not ours:
            raise Refused("missing", "signature by the known key")
        for line in ours:
            if not sodium.verify(key, self.text.encode(), line.signature):
                raise Refused("bad_signature", "signature of the note")


def _signature_line(line: str) -> SignatureLine:
    if not line.startswith(MARK):
        raise Refused("malformed", "mark of a signature line")
    name, space, encoded = line[len(MARK) :].partition(" ")
    if not space or not is_key_name(name):
        raise Refused("malformed", "key name of a signature line")
    blob = decode_base64(encoded)
    if blob is None or len(blob) < 5:
        raise Refused("malformed", "base64 of a signature line")
    return SignatureLine(name, blob[:4], blob[4:])


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @staticmethod
    def parse(text: str) -> Checkpoint:
        lines = text.split("\n")
        if len(lines) < 4 or "" in lines[:3]:
            raise Refused("malformed", "lines of the checkpoint")
        if len(lines) > 4 or lines[3] != "":
            raise Refused("unsupported", "extension lines of the checkpoint")
        origin, size, root = lines[0], decimal(lines[1]), decode_base64(lines[2])
        if size is None:
            raise Refused("malformed", "size of the checkpoint")
        if root is None or len(root) != 32:
            raise Refused("malformed", "root of the checkpoint")
        if size == 0 and root != sha256(b""):
            raise Refused("mismatch", "root of an empty log")
        return Checkpoint(origin, size, root)


def verify_checkpoint(data: bytes, origin: str, key: bytes) -> Checkpoint:
    """Checks 1 to 4; the key's name is the origin."""
    try:
        note = Note.parse(data)
    except Refused as refused:
        raise refused.within(check=1) from None
    try:
        note.verify(origin, key)
    except Refused as refused:
        raise refused.within(check=2) from None
    try:
        tip = Checkpoint.parse(note.text)
    except Refused as refused:
        raise refused.within(check=3) from None
    if tip.origin != origin:
        raise Refused("wrong_context", "origin of the checkpoint", 4)
    return tip


def sign_checkpoint(tip: Checkpoint, seed: bytes) -> bytes:
    """For making test records; nothing in a verifier calls it."""
    key, _ = sodium.key_pair(seed)
    blob = key_id(tip.origin, key) + sodium.sign(seed, tip.text().encode())
    return f"{tip.text()}\n{MARK}{tip.origin} {base64.b64encode(blob).decode()}\n".encode()
