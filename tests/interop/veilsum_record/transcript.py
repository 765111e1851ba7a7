"""The Fiat-Shamir transcript (spec: transcript)."""

from __future__ import annotations

from dataclasses import dataclass

from . import sodium
from .wire import sha512, u32, u64


def framed(data: bytes) -> bytes:
    """frame(s) of the transcript page: length as u64, then the bytes."""
    return u64(len(data)) + data


class Transcript:
    """Steps 1 to 5. The state is one SHA-512 value, so a copy is a copy of 64 bytes."""

    def __init__(self, protocol: str) -> None:
        self._state = sha512(b"\x00" + framed(protocol.encode("ascii")))

    def copy(self) -> Transcript:
        other = Transcript.__new__(Transcript)
        other._state = self._state
        return other

    @property
    def state(self) -> bytes:
        return self._state

    def absorb(self, label: str, data: bytes) -> None:
        self._state = sha512(b"\x01" + self._state + framed(label.encode("ascii")) + framed(data))

    def absorb_u64(self, label: str, value: int) -> None:
        self.absorb(label, u64(value))

    def challenge(self, label: str) -> bytes:
        suffix = self._state + framed(label.encode("ascii"))
        out = sha512(b"\x02" + suffix)
        self._state = sha512(b"\x03" + suffix)
        return out

    def scalar(self, label: str) -> int:
        """A scalar challenge."""
        return _scalar(self.challenge(label))

    def scalars(self, label: str, count: int) -> list[int]:
        """Several scalars of one challenge."""
        out = self.challenge(label)
        return [_scalar(expand(out, j)) for j in range(count)]

    def integers(self, label: str, count: int) -> list[int]:
        """Step 5: `count` 128-bit integers of one challenge, little-endian."""
        out = self.challenge(label)
        found: list[int] = []
        for block in range((count + 3) // 4):
            expanded = expand(out, block)
            found += [int.from_bytes(expanded[16 * j : 16 * j + 16], "little") for j in range(4)]
        return found[:count]


def _scalar(out: bytes) -> int:
    return int.from_bytes(out, "little") % sodium.ORDER


def expand(out: bytes, index: int) -> bytes:
    return sha512(b"\x04" + out + u32(index))


@dataclass(frozen=True)
class Context:
    """Step 6: what every proof of a round is bound to."""

    session: bytes
    round: int
    party: bytes
    key: bytes
    parameters: bytes
    binding: bytes

    def transcript(self, protocol: str) -> Transcript:
        made = Transcript(protocol)
        made.absorb("session", self.session)
        made.absorb_u64("round", self.round)
        made.absorb("client", self.party)
        made.absorb("key", self.key)
        made.absorb("params", self.parameters)
        made.absorb("binding", self.binding)
        return made
