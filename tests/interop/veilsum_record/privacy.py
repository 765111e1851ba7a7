"""Noise plans, the accountant and its ledger (spec: privacy, sections 5 to 8), in integers as the page has them."""

from __future__ import annotations

import struct
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, isqrt

from . import wire
from .failure import Refused

MICRO, PICO, ATTO = 10**6, 10**12, 10**18
LARGEST_EPSILON, LARGEST_RHO = 1000 * MICRO, 1000 * PICO
LARGEST_RATIO_PART = 2**54
LARGEST_NORM = 2**50 - 1

GAUSSIAN, LAPLACE = 1, 2
REMOVED, REPLACED = 1, 2

LEDGER = 24
HEAD_BYTES = 53
MAX_ENTRIES = 16384
MAX_LEDGER_BYTES = 12 + HEAD_BYTES + 67 * MAX_ENTRIES
_ENTRY = struct.Struct(">QBQQIIIIHQQQ")


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def ceil_sqrt(n: int) -> int:
    root = isqrt(n)
    return root + (root * root != n)


def ceil_of(x: Fraction) -> int:
    return ceil_div(x.numerator, x.denominator)


def tail_exponent(bits: int) -> int:
    """X(m) >= m ln 2"""
    return ceil_div(710 * bits, 1024)


class Plan:
    """Section 5: who adds which noise, and how far the sum and its norm can go. Refused with the number of the
    check."""

    def __init__(
        self, mechanism: int, amount: Fraction, clients: int, missing: int, colluding: int, d: int, tail_bits: int
    ) -> None:
        def check(number: int, holds: bool, what: str) -> None:
            if not holds:
                raise Refused("bad_parameter", what, number)

        check(1, mechanism in (GAUSSIAN, LAPLACE), "mechanism")
        check(2, 1 <= clients <= 2**24, "number of clients")
        check(3, missing + colluding < clients, "honest clients")
        check(4, 1 <= d <= 2**24, "dimension")
        check(5, 96 <= tail_bits <= 256, "tail bits")
        self.mechanism, self.amount, self.d, self.tail_bits = mechanism, amount, d, tail_bits
        self.smallest_cohort = clients - missing
        self.honest = clients - missing - colluding
        self.share = amount / self.honest if mechanism == GAUSSIAN else amount
        if mechanism == GAUSSIAN:
            check(6, max(self.share.numerator, self.share.denominator) <= LARGEST_RATIO_PART, "share of the noise")
            root = isqrt(self.share.numerator // self.share.denominator) + 1
            check(6, self.share.denominator * root * root <= LARGEST_RATIO_PART, "share cannot be sampled")
            check(6, self.share >= Fraction(1, 4), "share of the noise is too small")
        x, y = tail_exponent(tail_bits + 1 + d.bit_length()), tail_exponent(tail_bits + 1)
        if mechanism == GAUSSIAN:
            self.largest = ceil_sqrt(ceil_of(2 * x * self.share))
            self.squares = ceil_of(self.share * (d + 2 * ceil_sqrt(d * y) + 2 * y))
        else:
            self.largest = ceil_of(x * amount)
            self.squares = d * self.largest**2
        check(7, self.largest < 2**23 and self.squares < 2**60, "noise is too large")

    def norm_bound(self, norm: int) -> int:
        """B2' for B2: what a client's noised update stays within."""
        if self.mechanism == GAUSSIAN:
            cross = ceil_of(8 * norm * self.share * tail_exponent(self.tail_bits + 1))
        else:
            cross = 4 * norm * self.squares
        return norm + self.squares + ceil_sqrt(cross)

    def gap(self) -> int | None:
        """Section 6: how far the sum of shares may be from a discrete Gaussian, times 2^64; None: too far."""
        if self.mechanism != GAUSSIAN:
            return 0
        total = 0
        for k in range(1, min(self.honest, 18)):
            e = int(28477 * self.share * k / (1000 * (k + 1)))
            total += (1 << 64 - e if e < 64 else 1) * (self.honest - 17 if k == 17 else 1)
        return 10 * total if 10 * total <= 2**60 else None

    def cost(self, norm: int, neighbours: int) -> int | None:
        """Of one round: rho in 10^-12, or epsilon in 10^-6; None where it cannot be counted."""
        sensitivity = norm * (4 if neighbours == REPLACED else 1)
        gap = self.gap()
        if gap is None:
            return None
        if self.mechanism == GAUSSIAN:
            cost = ceil_of(PICO * sensitivity / (2 * self.amount))
            cost += ceil_div(ceil_div(33 * gap * self.d, 2**24) * PICO, 2**40)
            return cost if cost <= LARGEST_RHO else None
        cost = ceil_of(MICRO * isqrt(self.d * sensitivity) / self.amount)
        return cost if cost <= LARGEST_EPSILON else None


# ---- section 7


def log2_below(n: int) -> int:
    whole = n.bit_length() - 1
    y, digits = n << 63 - whole, whole
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


ORDERS = [(16 + f) << e for e in range(25) for f in range(16)]
LOGS = {m: (log2_below(1024 + m), log2_above(m)) for m in ORDERS}


@dataclass
class Spending:
    """What the rounds so far cost, composed."""

    rho: int = 0
    concentrated: bool = False  # there was a Gaussian round
    pure: dict[int, int] = field(default_factory=dict)  # epsilon of Laplace rounds to their number

    def add(self, mechanism: int, cost: int) -> bool:
        """False: a sum would pass what can be counted."""
        if mechanism == GAUSSIAN:
            if self.rho + cost > LARGEST_RHO:
                return False
            self.rho, self.concentrated = self.rho + cost, True
            return True
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
        """The least of the bounds that apply; None: none does, or it is too large."""
        found = [] if self.concentrated else [self.basic()]
        if delta:
            advanced = None if self.concentrated else self.advanced(delta)
            found += [self.renyi(delta)] if advanced is None else [advanced, self.renyi(delta)]
        best = min(found, default=LARGEST_EPSILON + 1)
        return best if best <= LARGEST_EPSILON else None


# ---- section 8


@dataclass(frozen=True)
class Entry:
    round: int
    clients: int
    dimension: int
    norm: int  # B2, without noise
    cost: int
    spent: int
    plan: Plan = field(compare=False)


@dataclass(frozen=True)
class Ledger:
    """A ledger that passed checks 1 to 8."""

    data: bytes
    scope: bytes
    neighbours: int
    budget: int
    delta: int
    entries: tuple[Entry, ...]
    spending: Spending

    @property
    def spent(self) -> int:
        return self.entries[-1].spent if self.entries else 0

    @staticmethod
    def parse(data: bytes) -> Ledger:
        ledger, items = Ledger._empty(data)
        for item in items:
            ledger = ledger._with(item, data)
        return ledger

    def followed_by(self, data: bytes) -> Ledger:
        """`data` if it is this ledger and one entry more. Only that entry is computed: the others were."""
        ledger, items = Ledger._empty(data)
        mine, theirs = self.data[12:], data[12:]
        head = HEAD_BYTES - 4
        if (ledger.scope, theirs[32:head]) != (self.scope, mine[32:head]):
            raise Refused("mismatch", "scope, neighbours and budgets of the ledger before")
        if len(items) != len(self.entries) + 1 or theirs[HEAD_BYTES : len(mine)] != mine[HEAD_BYTES:]:
            raise Refused("mismatch", "entries of the ledger before")
        return self._with(items[-1], data)

    @staticmethod
    def _empty(data: bytes) -> tuple[Ledger, list[bytes]]:
        """Checks 1 to 3; the entries as bytes."""
        try:
            body = wire.unframe(data, LEDGER, 1, MAX_LEDGER_BYTES - 12)
        except Refused as refused:
            raise refused.within(check=1) from None
        reader = wire.Reader(body)
        try:
            scope, neighbours, budget, delta = reader.fixed(32), reader.u8(), reader.u64(), reader.u64()
            items = [reader.fixed(_ENTRY.size) for _ in range(reader.count(MAX_ENTRIES, _ENTRY.size))]
            reader.finish()
        except Refused as refused:
            raise refused.within(check=2) from None
        if neighbours not in (REMOVED, REPLACED) or not 1 <= budget <= LARGEST_EPSILON or delta >= ATTO:
            raise Refused("out_of_range", "neighbours and budgets of the ledger", 3)
        return Ledger(data, scope, neighbours, budget, delta, (), Spending()), items

    def _with(self, item: bytes, data: bytes) -> Ledger:
        """Checks 4 to 8 of one entry."""
        number, mechanism, num, den, clients, missing, colluding, d, bits, norm, cost, spent = _ENTRY.unpack(item)
        place = f"round {number}"

        def check(at: int, holds: bool, what: str, code: str = "mismatch") -> None:
            if not holds:
                raise Refused(code, what, at, place)

        check(4, 1 <= num <= LARGEST_RATIO_PART and 1 <= den <= LARGEST_RATIO_PART, "amount of noise", "out_of_range")
        check(4, gcd(num, den) == 1, "amount of noise is not in lowest terms", "malformed")
        try:
            plan = Plan(mechanism, Fraction(num, den), clients, missing, colluding, d, bits)
        except Refused as refused:
            raise refused.within(check=4, place=f"{place}, plan check {refused.check}") from None
        check(5, 1 <= norm <= LARGEST_NORM, "norm bound", "out_of_range")
        check(6, not self.entries or number > self.entries[-1].round, "order of the rounds", "malformed")
        exact = plan.cost(norm, self.neighbours)
        check(7, exact is not None, "cost cannot be counted", "out_of_range")
        assert exact is not None
        spending = deepcopy(self.spending)
        total = spending.epsilon(self.delta) if spending.add(mechanism, exact) else None
        check(8, total is not None and total <= self.budget, "round is over the budget", "refused")
        check(7, cost == exact, "cost of the round")
        check(8, spent == total, "spent so far")
        entry = Entry(number, clients, d, norm, cost, spent, plan)
        entries = (*self.entries, entry)
        return Ledger(data, self.scope, self.neighbours, self.budget, self.delta, entries, spending)
