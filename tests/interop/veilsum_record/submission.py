"""A submission taken apart: lengths, fields, what each element must be (spec: validity, sections 3, 5, 9)."""

from __future__ import annotations

from dataclasses import dataclass

from . import sodium
from .failure import Refused
from .layout import Layout
from .paillier import PublicKey

# Reasons of section 9.1.
STATEMENT, LENGTH, POINT, SCALAR, UNIT, Z_WINDOW, ZETA_WINDOW = 1, 2, 3, 4, 5, 6, 7

N = 2**251


@dataclass(frozen=True)
class Shape:
    """Numbers that the proof adds to those of the layout (3.2), and the fields that follow from them."""

    layout: Layout

    @property
    def Kg(self) -> int:
        """Rows of the bit cube."""
        return self.layout.Kt + (1 if self.layout.has_l2 else 0)

    @property
    def kp(self) -> int:
        return (self.layout.b - 1).bit_length()

    @property
    def kr(self) -> int:
        return (self.Kg - 1).bit_length()

    @property
    def kc(self) -> int:
        return (self.layout.C - 1).bit_length()

    @property
    def nu(self) -> int:
        return self.kp + self.kr + self.kc

    @property
    def kt(self) -> int:
        return self.layout.Kt.bit_length()

    @property
    def zbits(self) -> int:
        return self.layout.a + 256 + self.kt

    @property
    def zlen(self) -> int:
        return (self.zbits + 7) // 8

    @property
    def ctlen(self) -> int:
        return (2 * self.layout.nbits + 7) // 8

    @property
    def Smax(self) -> int:
        return self.layout.Kt * (2**128 - 1) << (self.layout.b - 1)

    @property
    def Emin(self) -> int:
        return self.layout.Kt * (2**128 - 1) * (2**self.layout.a - 1)

    def fields(self) -> list[tuple[str, str, int]]:
        """Name, kind and number of elements, in the order of the bytes (section 5)."""
        g, nu = self.layout, self.nu
        l2, audit = int(g.has_l2), int(g.has_audit)
        return [
            ("rows", "P", g.K),
            ("aud", "P", g.Ka),
            ("planes", "P", g.Kt * (g.b - 1)),
            ("slack", "P", l2),
            ("cts", "N", g.ciphertexts),
            ("Y", "P", 1),
            ("A", "N", g.J),
            ("Py", "P", audit),
            ("z", "Z", g.C),
            ("zr", "S", 1),
            ("zeta", "E", g.J),
            ("P", "P", nu),
            ("V", "P", 2 + 3 * l2 + audit),
            ("T", "P", nu + 4 + 4 * l2 + 2 * audit),
            ("tt", "S", 2),
            ("resp", "S", 4 * nu + 6 + g.C + 7 * l2 + 4 * audit),
        ]

    def width(self, kind: str) -> int:
        """Bytes of one element."""
        return {"N": self.ctlen, "E": self.zlen}.get(kind, 32)

    def spans(self) -> dict[str, slice]:
        """Where each field lies."""
        at, found = 0, {}
        for name, kind, count in self.fields():
            end = at + count * self.width(kind)
            found[name] = slice(at, end)
            at = end
        return found

    @property
    def length(self) -> int:
        return sum(count * self.width(kind) for _, kind, count in self.fields())


@dataclass(frozen=True)
class Submission:
    """One that passed checks 2 to 7."""

    raw: dict[str, bytes]
    points: dict[str, list[bytes]]
    numbers: dict[str, list[int]]  # scalars, ciphertexts, responses over the integers

    @staticmethod
    def parse(data: bytes, shape: Shape, key: PublicKey) -> Submission:
        if len(data) != shape.length:
            raise Refused("malformed", "length of the submission", LENGTH)
        raw = {name: data[span] for name, span in shape.spans().items()}
        fields = shape.fields()

        def elements(name: str, kind: str) -> list[bytes]:
            width, whole = shape.width(kind), raw[name]
            return [whole[at : at + width] for at in range(0, len(whole), width)]

        points = {name: _points(name, elements(name, kind)) for name, kind, _ in fields if kind == "P"}
        numbers = {name: _scalars(name, elements(name, kind)) for name, kind, _ in fields if kind == "S"}
        numbers.update(_units(raw, key, shape))
        low, high = -N + shape.Smax, N - 1 - shape.Smax
        z = [int.from_bytes(element, "big", signed=True) for element in elements("z", "Z")]
        numbers["z"] = _in_window("z", z, low, high, Z_WINDOW)
        zeta = [int.from_bytes(element, "big") for element in elements("zeta", "E")]
        numbers["zeta"] = _in_window("zeta", zeta, shape.Emin, 2**shape.zbits - 1, ZETA_WINDOW)
        return Submission(raw, points, numbers)


def _points(name: str, elements: list[bytes]) -> list[bytes]:
    for i, element in enumerate(elements):
        if not sodium.is_point(element) or sodium.is_identity(element):
            raise Refused("malformed", "group element of the submission", POINT, f"{name}[{i}]")
    return elements


def _scalars(name: str, elements: list[bytes]) -> list[int]:
    values = [int.from_bytes(element, "little") for element in elements]
    for i, value in enumerate(values):
        if value >= sodium.ORDER:
            raise Refused("out_of_range", "scalar of the submission", SCALAR, f"{name}[{i}]")
    return values


def _units(raw: dict[str, bytes], key: PublicKey, shape: Shape) -> dict[str, list[int]]:
    """Ciphertexts and announcements A together: one product, one greatest common divisor."""
    g = shape.layout
    try:
        values = key.parse_units(raw["cts"] + raw["A"], g.ciphertexts + g.J)
    except Refused as refused:
        raise refused.within(check=UNIT) from None
    return {"cts": values[: g.ciphertexts], "A": values[g.ciphertexts :]}


def _in_window(name: str, values: list[int], low: int, high: int, reason: int) -> list[int]:
    for i, value in enumerate(values):
        if not low <= value <= high:
            raise Refused("out_of_range", "response outside its window", reason, f"{name}[{i}]")
    return values
