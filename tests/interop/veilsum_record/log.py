"""Records, chain, log file and body folder (spec: record, sections 1, 2 and 7)."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import BinaryIO, Iterator

from .failure import Refused
from .wire import Reader, sha256, u16, u32, u64

FILE_MAGIC = b"VSUMLOG1"
RECORD_MAGIC = b"VLOG"
HEADER_BYTES = 52
MAX_BODY = 1 << 20
NO_DIGEST = bytes(32)


@dataclass(frozen=True)
class Record:
    type: int
    version: int
    sequence: int
    previous: bytes
    body: bytes

    def canonical(self) -> bytes:
        header = RECORD_MAGIC + u16(self.type) + u16(self.version) + u64(self.sequence) + self.previous
        return header + u32(len(self.body)) + self.body

    def hash(self) -> bytes:
        return sha256(self.canonical())

    @staticmethod
    def parse(data: bytes) -> Record:
        """Canonical bytes whose header has been checked."""
        reader = Reader(data)
        reader.fixed(4)
        kind, version, sequence, previous = reader.u16(), reader.u16(), reader.u64(), reader.fixed(32)
        return Record(kind, version, sequence, previous, reader.fixed(reader.u32()))


def framed(record: Record) -> bytes:
    """The frame that a record has in the log file (section 7)."""
    canonical = record.canonical()
    return u32(len(canonical)) + canonical + sha256(canonical)[:8]


def open_regular(path: str) -> BinaryIO:
    """A regular file of a record folder (section 7): links are not followed, and pipes not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return os.fdopen(descriptor, "rb")


class Log:
    """The log file of a folder, framing and chain checked (step 1 of an audit).

    Records are parsed again for each pass, so one record is in memory beside the bytes of the file.
    """

    def __init__(self, path: str) -> None:
        try:
            with open_regular(path) as file:
                self._data = file.read()
        except OSError as error:
            raise Refused("io", f"cannot read the log ({error.strerror or error})") from error
        self._starts: list[tuple[int, int]] = []
        self._check()

    def _check(self) -> None:
        """Checks 1 to 7, frame by frame. What is there of an incomplete frame is checked before its end is
        missed.
        """
        data = self._data
        if len(data) < len(FILE_MAGIC) and FILE_MAGIC.startswith(data):
            raise Refused("missing", "log ends inside its magic", 7, "record 0")
        if data[: len(FILE_MAGIC)] != FILE_MAGIC:
            raise Refused("malformed", "magic of the log file", 1)
        at, previous = len(FILE_MAGIC), NO_DIGEST
        while at < len(data):
            index = len(self._starts)
            try:
                end = self._check_header(data[at : at + 4 + HEADER_BYTES], index, previous)
                if at + end + 8 > len(data):
                    raise Refused("missing", "log ends inside a frame", 7)
                previous = sha256(data[at + 4 : at + end])
                if data[at + end : at + end + 8] != previous[:8]:
                    raise Refused("mismatch", "first bytes of the record hash", 6)
            except Refused as refused:
                raise refused.within(place=f"record {index}") from None
            self._starts.append((at + 4, at + end))
            at += end + 8
        self.head = previous  # hash of the last record; zeros if there is none

    @staticmethod
    def _check_header(head: bytes, sequence: int, previous: bytes) -> int:
        """Checks 2 to 5 of a frame from its length and the header of its record: where the record ends in the
        frame.
        """
        if len(head) < 4:
            raise Refused("missing", "log ends inside a frame", 7)
        length = int.from_bytes(head[:4], "big")
        if not HEADER_BYTES <= length <= HEADER_BYTES + MAX_BODY:
            raise Refused("out_of_range", "length of the frame", 2)
        if len(head) < 4 + HEADER_BYTES:
            raise Refused("missing", "log ends inside a frame", 7)
        reader = Reader(head[4:])
        if reader.fixed(4) != RECORD_MAGIC:
            raise Refused("malformed", "magic of the record", 3)
        reader.fixed(4)  # type and version: the fold's business
        found_sequence, found_previous, body_length = reader.u64(), reader.fixed(32), reader.u32()
        if body_length > MAX_BODY:
            raise Refused("overflow", "length of the record's body", 3)
        if length != HEADER_BYTES + body_length:
            raise Refused("mismatch", "length of the record", 3)
        if found_sequence != sequence:
            raise Refused("mismatch", "sequence number", 4)
        if found_previous != previous:
            raise Refused("mismatch", "hash of the previous record", 5)
        return 4 + length

    def __len__(self) -> int:
        return len(self._starts)

    def canonical(self, index: int) -> bytes:
        start, end = self._starts[index]
        return self._data[start:end]

    def __getitem__(self, index: int) -> Record:
        return Record.parse(self.canonical(index))

    def leaves(self) -> Iterator[bytes]:
        return (self.canonical(index) for index in range(len(self)))


class Bodies:
    """Byte strings under their SHA-256. `complete` turns false for good when one cannot be read."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.complete = True

    def get(self, digest: bytes, cap: int) -> bytes:
        try:
            return self._get(digest, cap)
        except Refused:
            self.complete = False
            raise

    def _get(self, digest: bytes, cap: int) -> bytes:
        place = f"body {digest.hex()}"
        path = os.path.join(self._folder, digest.hex())
        try:
            with open_regular(path) as file:
                if os.fstat(file.fileno()).st_size > cap:
                    raise Refused("out_of_range", "length of the body", 0, place)
                data = file.read()
        except FileNotFoundError as error:
            raise Refused("missing", "body", 0, place) from error
        except OSError as error:
            raise Refused("io", f"body ({error.strerror or error})", 0, place) from error
        if sha256(data) != digest:
            raise Refused("mismatch", "digest of the body", 0, place)
        return data
