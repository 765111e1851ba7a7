"""Integers, byte strings, frames and labelled hashes (spec: wire-primitives, sections 1 to 5)."""

from __future__ import annotations

import hashlib

from .failure import Refused

# Message types (wire-primitives, section 4) that occur in a record.
PUBLIC_KEY = 1
VERIFICATION_KEYS = 3
CEREMONY = 8
OPENING = 10
MODEL = 11


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sha512(data: bytes) -> bytes:
    return hashlib.sha512(data).digest()


def u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    return value.to_bytes(8, "big")


def var(data: bytes) -> bytes:
    return u32(len(data)) + data


def labelled(label: str, message: bytes) -> bytes:
    """The bytes that a party of a session signs (section 5)."""
    return u64(len(label)) + label.encode("ascii") + message


class Reader:
    """Reads untrusted bytes (section 2): never past their end, and nothing may be left over."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def remaining(self) -> int:
        return len(self._data) - self._at

    def fixed(self, length: int) -> bytes:
        if length > self.remaining:
            raise Refused("malformed", "truncated")
        start = self._at
        self._at += length
        return self._data[start : self._at]

    def _number(self, length: int) -> int:
        return int.from_bytes(self.fixed(length), "big")

    def u8(self) -> int:
        return self._number(1)

    def u16(self) -> int:
        return self._number(2)

    def u32(self) -> int:
        return self._number(4)

    def u64(self) -> int:
        return self._number(8)

    def var(self, cap: int) -> bytes:
        length = self.u32()
        if length > cap:
            raise Refused("out_of_range", "length above its cap")
        return self.fixed(length)

    def count(self, cap: int, least_item_bytes: int) -> int:
        count = self.u32()
        if count > cap:
            raise Refused("out_of_range", "count above its cap")
        if count > self.remaining // least_item_bytes:
            raise Refused("malformed", "count above what the bytes hold")
        return count

    def finish(self) -> None:
        if self.remaining:
            raise Refused("malformed", "trailing bytes")


def frame(message_type: int, version: int, body: bytes) -> bytes:
    return b"VSUM" + u16(message_type) + u16(version) + var(body)


def unframe(data: bytes, message_type: int, version: int, cap: int) -> bytes:
    """The body of a frame (section 3)."""
    if len(data) < 12:
        raise Refused("malformed", "frame header", 1)
    reader = Reader(data)
    if reader.fixed(4) != b"VSUM":
        raise Refused("malformed", "magic of the frame", 2)
    if reader.u16() != message_type:
        raise Refused("mismatch", "type of the frame", 3)
    if reader.u16() != version:
        raise Refused("unsupported", "version of the frame", 4)
    length = reader.u32()
    if length > cap:
        raise Refused("out_of_range", "length of the frame", 5)
    if length > reader.remaining:
        raise Refused("malformed", "truncated frame", 6)
    if length < reader.remaining:
        raise Refused("malformed", "bytes after the frame", 7)
    return reader.fixed(length)
