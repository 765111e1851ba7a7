"""Noise plans, the accountant and its ledger (spec: privacy, sections 5 to 8), in integers."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isqrt

from .failure import Refused
from .wire import unframe

LEDGER = 24
MICRO, PICO, ATTO = 10**6, 10**12, 10**18
LARGEST_EPSILON, LARGEST_RHO = 1000 * MICRO, 1000 * PICO
MAX_ENTRIES = 16384
MAX_LEDGER_BYTES = 12 + 53 + 67 * MAX_ENTRIES


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def ceil_sqrt(n: int) -> int:
    root = isqrt(n)
    return root + (root * root != n)


def tail_exponent(bits: int) -> int:
    return ceil_div(710 * bits, 1024)


class Plan:
    def __init__(self, kind: int, amount: Fraction, clients: int, missing: int, colluding: int, d: int, bits: int) -> None:
        self.kind, self.amount, self.d, self.bits = kind, amount, d, bits
        self.honest = clients - missing - colluding
        if kind not in (1, 2) or not 1 <= clients <= 2**24 or self.honest < 1 or not 1 <= d <= 2**24 or not 96 <= bits <= 256:
            raise _refuse(4, "noise plan")
        self.share = amount / self.honest if kind == 1 else amount
        if kind == 1:
            t = isqrt(self.share.numerator // self.share.denominator) + 1
            if self.share.denominator * t * t > 2**54 or self.share < Fraction(1, 4):
                raise _refuse(4, "noise plan")
        x = tail_exponent(bits + 1 + d.bit_length())
        self.largest = ceil_sqrt(ceil_frac(2 * x * self.share)) if kind == 1 else ceil_frac(x * amount)
        y = tail_exponent(bits + 1)
        self.squares = ceil_frac(self.share * (d + 2 * ceil_sqrt(d * y) + 2 * y)) if kind == 1 else d * self.largest**2
        if self.largest >= 2**23 or self.squares >= 2**60:
            raise _refuse(4, "noise plan")

    def fits(self, clip_l2: float, scale_bits: int, value_bits: int) -> bool:
        used = clip_l2 * math.ldexp(1.0, scale_bits) + 1.0 + float(self.largest)
        return used <= math.ldexp(1.0, value_bits - 1) - 1.0

    def norm_bound(self, norm: int) -> int:
        cross = ceil_frac(8 * norm * self.share * tail_exponent(self.bits + 1)) if self.kind == 1 else 4 * norm * self.squares
        return norm + self.squares + ceil_sqrt(cross)

    def gap(self) -> int | None:
        if self.kind != 1:
            return 0
        total = 0
        for k in range(1, min(self.honest, 18)):
            bits = int(28477 * self.share * k / (1000 * (k + 1)))
            total += (2 ** (64 - bits) if bits < 64 else 1) * (self.honest - 17 if k == 17 else 1)
        return 10 * total if 10 * total < 2**60 else None

    def cost(self, norm: int, replaced: bool) -> int | None:
        sensitivity = norm * (4 if replaced else 1)
        gap = self.gap()
        if gap is None:
            return None
        if self.kind == 1:
            cost = ceil_frac(PICO * sensitivity / (2 * self.amount))
            cost += ceil_div(ceil_div(33 * gap * self.d, 2**24) * PICO, 2**40)
            return cost if cost <= LARGEST_RHO else None
        cost = ceil_frac(MICRO * isqrt(self.d * sensitivity) / self.amount)
        return cost if cost <= LARGEST_EPSILON else None


def ceil_frac(x: Fraction) -> int:
    return ceil_div(x.numerator, x.denominator)


def log2_below(n: int) -> int:
    whole = n.bit_length() - 1
    y, digits = n << (63 - whole), whole
    for _ in range(40):
        y = y * y >> 63
        digits <<= 1
        if y >> 64:
            y, digits = y >> 1, digits | 1
    return digits


def log2_above(n: int) -> int:
    return log2_below(n) + (0 if n & (n - 1) == 0 else 2)


def times_ln2_above(x: int) -> int:
    return (x * (762123384785 if x < 0 else 762123384786) >> 40) + 1


def exp_minus_one_above(x: int) -> int:
    total = term = x
    for k in range(2, 21):
        term = ceil_div(term * x, k << 40)
        total += term
    return total + term


ORDERS = [((16 + f) << e) for e in range(25) for f in range(16)]
LOGS = {m: (log2_below(1024 + m), log2_above(m)) for m in ORDERS}


class Spending:
    def __init__(self) -> None:
        self.rho, self.concentrated = 0, False
        self.pure: dict[int, int] = {}

    def add(self, kind: int, cost: int) -> bool:
        if kind == 1:
            if self.rho + cost > LARGEST_RHO:
                return False
            self.rho, self.concentrated = self.rho + cost, True
        else:
            if self.basic() + cost > LARGEST_EPSILON:
                return False
            self.pure[cost] = self.pure.get(cost, 0) + 1
        return True

    def basic(self) -> int:
        return sum(e * n for e, n in self.pure.items())

    def advanced(self, slack: int) -> int | None:
        if any(e > MICRO for e in self.pure):
            return None
        log = max(0, times_ln2_above(log2_above(ATTO) - log2_below(slack)))
        squares = sum(e * e * n for e, n in self.pure.items())
        drift = sum(e * exp_minus_one_above(ceil_div(e << 40, MICRO)) * n for e, n in self.pure.items())
        return ceil_sqrt(ceil_div(2 * squares * log, 2**40)) + ceil_div(drift, 2**40)

    def renyi(self, delta: int) -> int:
        if not self.rho and not self.pure:
            return 0
        log = log2_above(ATTO) - log2_below(delta)
        best = min(self.at_order(m, log) for m in ORDERS) * MICRO
        return max(0, min(ceil_div(best, 2**40), LARGEST_EPSILON + 1))

    def at_order(self, m: int, log: int) -> int:
        a = 1024 + m
        divergence = ceil_div(a * self.rho << 30, PICO)
        for e, n in self.pure.items():
            one = e << 40
            if a * e < 2048 * MICRO:
                one = ceil_div(a * e * e << 29, MICRO)
            divergence += ceil_div(one, MICRO) * n
        log_a, log_m = LOGS[m]
        logs = log * 1024 - a * (log_a - (10 << 40)) + m * (log_m - (10 << 40))
        return divergence + times_ln2_above(logs // m + 1)

    def epsilon(self, delta: int) -> int | None:
        found = [] if self.concentrated else [self.basic()]
        if delta:
            if not self.concentrated and self.advanced(delta) is not None:
                found.append(self.advanced(delta))
            found.append(self.renyi(delta))
        best = min(found, default=LARGEST_EPSILON + 1)
        return best if best <= LARGEST_EPSILON else None


@dataclass(frozen=True)
class Entry:
    round: int
    kind: int
    numerator: int
    denominator: int
    clients: int
    missing: int
    colluding: int
    dimension: int
    tail_bits: int
    norm: int
    cost: int
    spent: int

    def plan(self) -> Plan:
        amount = Fraction(self.numerator, self.denominator)
        return Plan(
            self.kind, amount, self.clients, self.missing, self.colluding, self.dimension, self.tail_bits
        )


@dataclass(frozen=True)
class Ledger:
    scope: bytes
    neighbours: int
    epsilon: int
    delta: int
    entries: list[Entry]

    @property
    def terms(self) -> tuple[bytes, int, int, int]:
        return self.scope, self.neighbours, self.epsilon, self.delta

    @property
    def spent(self) -> int:
        return self.entries[-1].spent if self.entries else 0

    @staticmethod
    def parse(data: bytes) -> Ledger:
        """Checks 1 to 8 of section 8: every figure is computed again."""
        try:
            body = unframe(data, LEDGER, 1, MAX_LEDGER_BYTES - 12)
        except Refused as refused:
            raise refused.within(check=1) from None
        count = int.from_bytes(body[49:53], "big")
        if len(body) < 53 or count > MAX_ENTRIES or len(body) != 53 + 67 * count:
            raise _refuse(2, "length of the ledger")
        neighbours, epsilon, delta = struct.unpack(">BQQ", body[32:49])
        if neighbours not in (1, 2) or not 1 <= epsilon <= LARGEST_EPSILON or delta >= ATTO:
            raise _refuse(3, "terms of the ledger")
        ledger = Ledger(body[:32], neighbours, epsilon, delta, [])
        book = Spending()
        for at in range(53, len(body), 67):
            entry = Entry(*struct.unpack(">QBQQIIIIHQQQ", body[at : at + 67]))
            ledger._read(entry, book)
            ledger.entries.append(entry)
        return ledger

    def _read(self, entry: Entry, book: Spending) -> None:
        numbers = entry.numerator, entry.denominator
        if 0 in numbers or gcd(*numbers) != 1 or max(numbers) > 2**54:
            raise _refuse(4, "amount of noise")
        plan = entry.plan()
        if not 1 <= entry.norm < 2**50:
            raise _refuse(5, "norm")
        if self.entries and entry.round <= self.entries[-1].round:
            raise _refuse(6, "order of the rounds")
        cost = plan.cost(entry.norm, self.neighbours == 2)
        if cost is None:
            raise _refuse(7, "cost that cannot be counted")
        spent = book.epsilon(self.delta) if book.add(entry.kind, cost) else None
        if spent is None or spent > self.epsilon:
            raise _refuse(8, "budget")
        if entry.cost != cost:
            raise _refuse(7, "cost")
        if entry.spent != spent:
            raise _refuse(8, "spent epsilon")


def _refuse(check: int, what: str) -> Refused:
    return Refused("mismatch", f"{what} of the privacy ledger", check)
