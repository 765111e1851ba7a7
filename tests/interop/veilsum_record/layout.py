"""Fixed point, slots and the layout of rows (spec: encoding, sections 1 to 3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from . import sodium
from .failure import Refused
from .transcript import framed
from .wire import sha512, u32

FLAG_L2 = 1
FLAG_AUDIT = 2
VALUE_BITS = range(2, 25)
MAX_WEIGHT = 1 << 24
MAX_COLUMNS = 4096
MAX_ROWS = 4096
MAX_MODULUS_BITS = 4096
MAX_SCALE_BITS = 64


@dataclass(frozen=True)
class Floors:
    """What toy keys of tests lower: no session of real keys names others."""

    modulus_bits: int = 2048
    exponent_bits: int = 256
    digit_entropy_bits: int = 435


def _up(a: int, b: int) -> int:
    return -(-a // b)


def check_fixed_point(scale_bits: int, clip_l2: float, value_bits: int) -> None:
    """The pre-flight of section 1, in binary64."""
    if value_bits not in VALUE_BITS:
        raise Refused("bad_parameter", "value_bits", 1)
    if scale_bits > MAX_SCALE_BITS:
        raise Refused("bad_parameter", "scale_bits", 2)
    if not (clip_l2 > 0.0 and math.isfinite(clip_l2)):
        raise Refused("bad_parameter", "clip_l2", 3)
    if not clip_l2 * math.ldexp(1.0, scale_bits) + 1.0 <= math.ldexp(1.0, value_bits - 1) - 1.0:
        raise Refused("bad_parameter", "clipped values do not fit into value_bits", 4)


@dataclass(frozen=True)
class Layout:
    """Input parameters by their symbols, checked by `check`; derived numbers as properties."""

    nbits: int
    b: int
    m: int
    wmax: int
    d: int
    C: int
    flags: int
    a: int
    md: int
    B2: bytes

    @property
    def w(self) -> int:
        """Bits of a slot."""
        return self.b + (self.m - 1).bit_length()

    @property
    def S(self) -> int:
        """Slots of a ciphertext."""
        return (self.nbits - 2) // self.w

    @property
    def J(self) -> int:
        """Ciphertexts of a row."""
        return _up(self.C, self.S)

    @property
    def K(self) -> int:
        """Data rows."""
        return _up(self.d, self.C)

    @property
    def has_audit(self) -> bool:
        return self.flags & FLAG_AUDIT != 0

    @property
    def has_l2(self) -> bool:
        return self.flags & FLAG_L2 != 0

    @property
    def q(self) -> int:
        """Data rows whose digits one audit row holds."""
        return self.C // self.md - 1 if self.has_audit else 0

    @property
    def Ka(self) -> int:
        """Audit rows."""
        return _up(self.K, self.q) if self.has_audit else 0

    @property
    def Kt(self) -> int:
        return self.K + self.Ka

    @property
    def ciphertexts(self) -> int:
        return self.Kt * self.J

    @property
    def t(self) -> int:
        return int.from_bytes(self.B2, "big").bit_length()

    def check(self, floors: Floors = Floors()) -> None:
        """The sixteen rules of section 3, by number."""

        def rule(number: int, holds: bool, what: str) -> None:
            if not holds:
                raise Refused("bad_parameter", what, number)

        rule(1, floors.modulus_bits <= self.nbits <= MAX_MODULUS_BITS, "bits of the modulus")
        rule(2, self.b in VALUE_BITS, "bits of a value")
        rule(3, 1 <= self.wmax <= self.m <= MAX_WEIGHT, "largest weights")
        rule(4, self.d >= 1, "number of values")
        rule(5, 1 <= self.C <= MAX_COLUMNS, "number of columns")
        rule(6, self.S >= 1, "no slot fits into the plaintext")
        rule(7, floors.exponent_bits <= self.a <= self.nbits + 128, "bits of an encryption exponent")
        rule(8, self.flags & ~(FLAG_L2 | FLAG_AUDIT) == 0, "unknown flag")
        rule(9, self.has_l2 or self.t == 0, "norm bound without its flag")
        rule(10, not self.has_l2 or 1 <= self.t <= self.C, "bits of the norm bound")
        rule(11, self.has_audit or self.md == 0, "audit digits without their flag")
        if self.has_audit:
            kept = self.b - 1 - (self.wmax - 1).bit_length()
            rule(12, kept > 0, "values too short for the largest weight")
            rule(13, self.md >= _up(floors.digit_entropy_bits, kept), "number of audit digits")
            rule(14, self.C >= 2 * self.md, "columns for audit digits")
        rule(15, self.Kt <= MAX_ROWS, "number of rows")
        if self.has_l2:
            largest = int.from_bytes(self.B2, "big") + self.K * self.C * 4 ** (self.b - 1)
            rule(16, 2 * largest < sodium.ORDER, "norm bound wraps around the order of the group")

    def digest(self) -> bytes:
        """The parameters digest."""
        numbers = [self.nbits, self.b, self.m, self.wmax, self.d, self.C, self.flags, self.a, self.md]
        numbers += [self.w, self.S, self.J, self.K, self.Ka, self.t]
        return sha512(b"\x13" + framed(b"veilsum.params/1") + b"".join(map(u32, numbers)) + self.B2)

    def digit_position(self, row: int, t: int) -> tuple[int, int]:
        """Row and column of digit t of the blinding of a data row."""
        return self.K + row // self.q, (1 + row % self.q) * self.md + t

    def unpack(self, blocks: list[int]) -> list[list[int]]:
        """Opened plaintexts, row by row, to Kt rows of C sums (section 2)."""
        half = 1 << (self.w - 1)
        mask = (1 << self.w) - 1
        rows: list[list[int]] = []
        for i in range(self.Kt):
            row: list[int] = []
            for j in range(self.J):
                slots = min(self.S, self.C - j * self.S)
                shifted = blocks[i * self.J + j] + half * (((1 << self.w * slots) - 1) // mask)
                if not 0 <= shifted < 1 << self.w * slots:
                    raise Refused("overflow", "packed integer is no sum", 0, f"block {j} of row {i}")
                row += [(shifted >> self.w * k & mask) - half for k in range(slots)]
            rows.append(row)
        return rows

    def check_sums(self, rows: list[list[int]], weight: int) -> None:
        """Every sum is one that values of b bits and this total weight can have (section 2)."""
        least, most = -weight << (self.b - 1), weight * ((1 << self.b - 1) - 1)
        for i, row in enumerate(rows):
            for c, value in enumerate(row):
                if not least <= value <= most:
                    raise Refused("out_of_range", "sum of values", 0, f"row {i}, column {c}")
