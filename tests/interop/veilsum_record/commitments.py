"""Pedersen commitments to rows over ristretto255 (spec: encoding, sections 4 and 5)."""

from __future__ import annotations

import secrets
from functools import lru_cache

from . import sodium
from .failure import Refused
from .layout import Layout
from .transcript import framed
from .wire import sha512, u32


@lru_cache(maxsize=8192)
def generator(name: str, index: int) -> bytes:
    hashed = sha512(b"\x10" + framed(b"veilsum.generator/1") + framed(name.encode("ascii")) + u32(index))
    return sodium.point_from_uniform(hashed)


@lru_cache(maxsize=1024)
def audit_weight(t: int) -> int:
    hashed = sha512(b"\x11" + framed(b"veilsum.audit-weight/1") + u32(t))
    return int.from_bytes(hashed, "little") % sodium.ORDER


def parse_rows(data: bytes, count: int) -> list[bytes]:
    """Row commitments: canonical, on the group, not the identity."""
    rows = [data[32 * i : 32 * i + 32] for i in range(count)]
    for i, row in enumerate(rows):
        if not sodium.is_point(row) or sodium.is_identity(row):
            raise Refused("malformed", "row commitment", 0, f"row {i}")
    return rows


def row_digest(rows: list[bytes]) -> bytes:
    return sha512(b"\x12" + framed(b"veilsum.rows/1") + u32(len(rows)) + b"".join(rows))


def summed_blindings(layout: Layout, sums: list[list[int]]) -> list[int]:
    """R_i = sum_t alpha*_t X_digit(i,t) mod l"""
    blindings: list[int] = []
    for i in range(layout.K):
        total = 0
        for t in range(layout.md):
            row, column = layout.digit_position(i, t)
            total += audit_weight(t) * sums[row][column]
        blindings.append(total % sodium.ORDER)
    return blindings


def check_opening(commitments: list[bytes], sums: list[list[int]], blindings: list[int]) -> None:
    """Section 5: every summed commitment opens to its row of sums and its blinding.

    One folded equation with secret 128-bit factors; only when it fails the first bad row is looked for.
    """
    factors = [secrets.randbits(128) for _ in commitments]
    if _holds(commitments, sums, blindings, factors):
        return
    for i in range(len(commitments)):
        if not _holds(commitments[i : i + 1], sums[i : i + 1], blindings[i : i + 1], [1]):
            raise Refused("mismatch", "opening of a row commitment", 4, f"row {i}")
    raise AssertionError("the folded equation fails although each row holds")


def _holds(commitments: list[bytes], sums: list[list[int]], blindings: list[int], factors: list[int]) -> bool:
    left = sodium.sum_of(zip(factors, commitments))
    folded = [sum(f * row[c] for f, row in zip(factors, sums)) for c in range(len(sums[0]))]
    right = sodium.sum_of((value, generator("G", c)) for c, value in enumerate(folded))
    blinding = sum(f * r for f, r in zip(factors, blindings))
    return left == sodium.add(right, sodium.multiply(blinding, generator("H", 0)))
