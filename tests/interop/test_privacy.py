#!/usr/bin/env python3
"""The privacy room from docs/spec/privacy.md: samplers in fractions, bounds in decimals, the ledger in integers.

Everything the library wrote into tests/vectors/privacy.json is computed again. Samplers must give the same draws from
the same bytes. Figures of the accountant must be equal, and bounds must be above the real numbers that they bound,
which are computed here with 60 digits, and close to them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
import sys
import unittest
from decimal import Decimal, getcontext
from fractions import Fraction
from math import gcd, isqrt

getcontext().prec = 60
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "vectors", "privacy.json")
MICRO, PICO, ATTO = 10**6, 10**12, 10**18
LARGEST_EPSILON, LARGEST_RHO = 1000 * MICRO, 1000 * PICO
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
LN2 = Decimal(2).ln()


def load() -> dict:
    with open(FILE, encoding="utf-8") as file:
        return json.load(file)


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def ceil_sqrt(n: int) -> int:
    root = isqrt(n)
    return root + (root * root != n)


# ---- sections 1 to 4: samplers


class Coins:
    """Coins from the stream SHA-512("veilsum test stream" | u64 seed | u64 block)."""

    def __init__(self, seed: int) -> None:
        self.seed, self.block, self.pool = seed, 0, b""
        self.bits: list[bool] = []

    def byte(self) -> int:
        if not self.pool:
            self.pool = hashlib.sha512(b"veilsum test stream" + struct.pack(">QQ", self.seed, self.block)).digest()
            self.block += 1
        first, self.pool = self.pool[0], self.pool[1:]
        return first

    def fair(self) -> bool:
        if not self.bits:
            byte = self.byte()
            self.bits = [bool(byte >> i & 1) for i in range(8)]
        return self.bits.pop(0)

    def below(self, bound: int) -> int:
        bits = (bound - 1).bit_length()
        while True:
            value = 0
            for _ in range(ceil_div(bits, 8)):
                value = value << 8 | self.byte()
            value &= (1 << bits) - 1
            if value < bound:
                return value

    def bernoulli(self, p: Fraction) -> bool:
        if p == 1:
            return True
        while p:
            p *= 65536
            digit = p.numerator // p.denominator
            drawn = self.byte() << 8 | self.byte()
            if drawn != digit:
                return drawn < digit
            p -= digit
        return False

    def bernoulli_exp(self, x: Fraction) -> bool:
        while x >= 1:
            if not self.small_exp(Fraction(1)):
                return False
            x -= 1
        return self.small_exp(x)

    def small_exp(self, x: Fraction) -> bool:
        k = 1
        while self.below(k) == 0 and self.bernoulli(x):
            k += 1
        return k % 2 == 1

    def geometric(self, scale: Fraction) -> int:
        t = scale.numerator
        rest = self.below(t)
        while not self.bernoulli_exp(Fraction(rest, t)):
            rest = self.below(t)
        whole = 0
        while self.bernoulli_exp(Fraction(1)):
            whole += 1
        return (rest + t * whole) // scale.denominator

    def discrete_laplace(self, scale: Fraction) -> int:
        while True:
            size, negative = self.geometric(scale), self.fair()
            if size or not negative:
                return -size if negative else size

    def discrete_gaussian(self, variance: Fraction) -> int:
        t = isqrt(variance.numerator // variance.denominator) + 1
        while True:
            y = self.discrete_laplace(Fraction(t))
            if self.bernoulli_exp((abs(y) - variance / t) ** 2 / (2 * variance)):
                return y

    def polya(self, scale: Fraction, parts: int) -> int:
        while True:
            if not self.bernoulli_exp(1 / scale):
                return 0
            if not self.bernoulli(Fraction(1, parts)):
                continue
            k = 1 + self.geometric(scale)
            if all(self.bernoulli((j - 1 + Fraction(1, parts)) / j) for j in range(2, k + 1)):
                return k

    def polya_difference(self, scale: Fraction, parts: int) -> int:
        up = self.polya(scale, parts)
        return up - self.polya(scale, parts)


# ---- sections 5 to 7: bounds and costs, in integers as the specification has them


def tail_exponent(bits: int) -> int:
    return ceil_div(710 * bits, 1024)


class Plan:
    def __init__(self, kind: int, amount: Fraction, clients: int, missing: int, colluding: int, d: int, bits: int) -> None:
        self.kind, self.amount, self.d, self.bits = kind, amount, d, bits
        self.honest = clients - missing - colluding
        if kind not in (1, 2) or not 1 <= clients <= 2**24 or self.honest < 1 or not 1 <= d <= 2**24 or not 96 <= bits <= 256:
            raise Refused(4)
        self.share = amount / self.honest if kind == 1 else amount
        if kind == 1:
            t = isqrt(self.share.numerator // self.share.denominator) + 1
            if self.share.denominator * t * t > 2**54 or self.share < Fraction(1, 4):
                raise Refused(4)
        x = tail_exponent(bits + 1 + d.bit_length())
        self.largest = ceil_sqrt(ceil_frac(2 * x * self.share)) if kind == 1 else ceil_frac(x * amount)
        y = tail_exponent(bits + 1)
        self.squares = ceil_frac(self.share * (d + 2 * ceil_sqrt(d * y) + 2 * y)) if kind == 1 else d * self.largest**2
        if self.largest >= 2**23 or self.squares >= 2**60:
            raise Refused(4)

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


# ---- section 8: the ledger


class Refused(Exception):
    def __init__(self, check: int) -> None:
        super().__init__(f"check {check}")
        self.check = check


def read_ledger(data: bytes) -> int:
    """Spent micro-epsilon of a ledger that passes checks 1 to 8."""
    if len(data) < 12 or data[:4] != b"VSUM" or struct.unpack(">HHI", data[4:12]) != (24, 1, len(data) - 12):
        raise Refused(1)
    body = data[12:]
    if len(body) < 53 or len(body) != 53 + 67 * int.from_bytes(body[49:53], "big") or len(body) > 53 + 67 * 16384:
        raise Refused(2)
    relation, budget, delta = struct.unpack(">BQQ", body[32:49])
    if relation not in (1, 2) or not 1 <= budget <= LARGEST_EPSILON or delta >= ATTO:
        raise Refused(3)
    book, last, total = Spending(), -1, 0
    for at in range(53, len(body), 67):
        number, kind, num, den, n, missing, colluding, d, bits, norm, cost, spent = struct.unpack(
            ">QBQQIIIIHQQQ", body[at : at + 67]
        )
        if num == 0 or den == 0 or gcd(num, den) != 1 or max(num, den) > 2**54:
            raise Refused(4)
        plan = Plan(kind, Fraction(num, den), n, missing, colluding, d, bits)
        if not 1 <= norm < 2**50:
            raise Refused(5)
        if number <= last:
            raise Refused(6)
        last = number
        exact = plan.cost(norm, relation == 2)
        if exact is None:
            raise Refused(7)
        ok = book.add(kind, exact)
        total = book.epsilon(delta) if ok else None
        if total is None or total > budget:
            raise Refused(8)
        if cost != exact:
            raise Refused(7)
        if spent != total:
            raise Refused(8)
    return total


# ---- the real numbers that the integers bound


def best_epsilon(rho: Decimal, pure: dict[int, int], log_inverse: Decimal) -> Decimal:
    """The smallest epsilon over all orders: a grid in floating point, then ternary search next to its best."""

    def at(s):
        kind = type(s)
        a = 1 + (s.exp() if kind is Decimal else math.exp(s))
        ln = a.ln() if kind is Decimal else math.log(a)
        divergence = a * kind(rho)
        for e, n in pure.items():
            epsilon = kind(e) / MICRO
            divergence += n * min(a * epsilon**2 / 2, epsilon)
        return divergence + (kind(log_inverse) - a * ln) / (a - 1) + s

    start = min((i / 50 for i in range(-400, 1000)), key=at)
    low, high = Decimal(start) - Decimal("0.02"), Decimal(start) + Decimal("0.02")
    for _ in range(40):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if at(left) < at(right):
            high = right
        else:
            low = left
    return max(Decimal(0), at(low))


class PrivacyVectors(unittest.TestCase):
    vectors = load()

    def test_samplers(self) -> None:
        for case in self.vectors["samplers"]:
            with self.subTest(kind=case["kind"], parameter=case["parameter"]):
                flip = Coins(case["seed"])
                more = [case["parts"]] if "parts" in case else []
                draw = getattr(flip, case["kind"])
                value = Fraction(*case["parameter"])
                self.assertEqual([int(draw(value, *more)) for _ in case["values"]], case["values"])

    def test_plans(self) -> None:
        for case in self.vectors["plans"]:
            with self.subTest(case=case):
                plan = Plan(
                    case["mechanism"], Fraction(*case["amount"]), case["clients"], case["missing"], case["colluding"],
                    case["dimension"], case["tail_bits"],
                )  # fmt: skip
                norm = case["norm"]
                self.assertEqual(plan.largest, case["largest_noise"])
                self.assertEqual(plan.norm_bound(norm), case["noised_norm_bound"])
                self.assertEqual(plan.gap(), case.get("gap"))
                self.assertEqual(plan.cost(norm, False), case.get("cost_removed"))
                self.assertEqual(plan.cost(norm, True), case.get("cost_replaced"))

                # and against the real numbers
                v, d = Decimal(plan.share.numerator) / plan.share.denominator, Decimal(plan.d)
                logs = LN2 * (plan.bits + 1) + d.ln()
                tail = (2 * v * logs).sqrt() if plan.kind == 1 else v * logs
                self.assertLessEqual(tail, plan.largest)
                self.assertLessEqual(plan.largest, tail * Decimal("1.02") + 20)
                if plan.kind == 1 and plan.gap() is not None:
                    exponents = [2 * PI**2 * v * k / (k + 1) for k in range(1, plan.honest)]
                    tau = 10 * sum((-x).exp() for x in exponents)
                    self.assertLessEqual(tau, Decimal(plan.gap()) / 2**64)
                    rho = Decimal(norm) * plan.amount.denominator / (2 * plan.amount.numerator) + 33 * tau * d
                    if plan.cost(norm, False) is None:
                        self.assertGreater(rho, 1000)
                        continue
                    self.assertLessEqual(rho * PICO, plan.cost(norm, False))
                    if tau * d < Decimal(10) ** -12:
                        self.assertLessEqual(plan.cost(norm, False), rho * PICO + 200)

    def test_compositions(self) -> None:
        for case in self.vectors["compositions"]:
            with self.subTest(case=case):
                book, delta = Spending(), case["delta_atto"]
                if case["rho_pico"]:
                    book.add(1, case["rho_pico"])
                for _ in range(case["times"]):
                    book.add(2, case["epsilon_micro"])
                self.assertEqual(book.renyi(delta), case["renyi"])
                self.assertEqual(book.epsilon(delta), case["spent"])
                log = (Decimal(ATTO) / delta).ln()
                exact = best_epsilon(Decimal(case["rho_pico"]) / PICO, book.pure, log) * MICRO
                self.assertGreaterEqual(case["renyi"], exact - Decimal("1e-9"))
                self.assertLessEqual(case["renyi"], exact * Decimal("1.001") + 5)
                if "advanced" in case:
                    self.assertEqual(book.advanced(delta), case["advanced"])
                    epsilon, k = Decimal(case["epsilon_micro"]) / MICRO, case["times"]
                    drv = epsilon * (2 * k * log).sqrt() + k * epsilon * (epsilon.exp() - 1)
                    self.assertGreaterEqual(case["advanced"], drv * MICRO)
                    self.assertLessEqual(case["advanced"], drv * MICRO + 3)

    def test_ledgers(self) -> None:
        for case in self.vectors["ledgers"]:
            data = bytes.fromhex(case["ledger"])
            self.assertEqual(read_ledger(data), case["spent"])
            for change in case["altered"]:
                with self.subTest(name=change["name"]):
                    changed = bytearray(data)
                    for offset, instead in change["replace"]:
                        new = bytes.fromhex(instead)
                        changed[offset : offset + len(new)] = new
                    verdict = change["verdict"]
                    if verdict == "accepted":
                        read_ledger(bytes(changed))
                        continue
                    with self.assertRaises(Refused) as caught:
                        read_ledger(bytes(changed))
                    self.assertEqual(caught.exception.check, verdict["check"])

    def test_constants(self) -> None:
        self.assertLess(762123384785, LN2 * 2**40)
        self.assertGreater(762123384786, LN2 * 2**40)
        self.assertLess(LN2, Decimal(710) / 1024)
        self.assertLess(Decimal(28477) / 1000, 2 * PI**2 / LN2)
        for n in (1, 2, 3, 5, 1023, 10**18, 2**63 + 1, 2**64 - 1):
            exact = Decimal(n).ln() / LN2 * 2**40
            self.assertLessEqual(log2_below(n), exact + Decimal("1e-40"))
            self.assertGreaterEqual(log2_above(n), exact - Decimal("1e-40"))


if __name__ == "__main__":
    unittest.main()
