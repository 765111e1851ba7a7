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
import unittest
from decimal import Decimal, getcontext
from fractions import Fraction
from math import isqrt

from veilsum_record.failure import Refused
from veilsum_record.privacy import (
    ATTO,
    GAUSSIAN,
    LAPLACE,
    MICRO,
    PICO,
    REMOVED,
    REPLACED,
    Ledger,
    Plan,
    Spending,
    ceil_div,
    log2_above,
    log2_below,
)

getcontext().prec = 60
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "vectors", "privacy.json")
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
LN2 = Decimal(2).ln()


def load() -> dict:
    with open(FILE, encoding="utf-8") as file:
        return json.load(file)


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
                self.assertEqual(plan.cost(norm, REMOVED), case.get("cost_removed"))
                self.assertEqual(plan.cost(norm, REPLACED), case.get("cost_replaced"))

                # and against the real numbers
                v, d = Decimal(plan.share.numerator) / plan.share.denominator, Decimal(plan.d)
                logs = LN2 * (plan.tail_bits + 1) + d.ln()
                tail = (2 * v * logs).sqrt() if plan.mechanism == GAUSSIAN else v * logs
                self.assertLessEqual(tail, plan.largest)
                self.assertLessEqual(plan.largest, tail * Decimal("1.02") + 20)
                if plan.mechanism == GAUSSIAN and plan.gap() is not None:
                    exponents = [2 * PI**2 * v * k / (k + 1) for k in range(1, plan.honest)]
                    tau = 10 * sum((-x).exp() for x in exponents)
                    self.assertLessEqual(tau, Decimal(plan.gap()) / 2**64)
                    rho = Decimal(norm) * plan.amount.denominator / (2 * plan.amount.numerator) + 33 * tau * d
                    if plan.cost(norm, REMOVED) is None:
                        self.assertGreater(rho, 1000)
                        continue
                    self.assertLessEqual(rho * PICO, plan.cost(norm, REMOVED))
                    if tau * d < Decimal(10) ** -12:
                        self.assertLessEqual(plan.cost(norm, REMOVED), rho * PICO + 200)

    def test_compositions(self) -> None:
        for case in self.vectors["compositions"]:
            with self.subTest(case=case):
                book, delta = Spending(), case["delta_atto"]
                if case["rho_pico"]:
                    book.add(GAUSSIAN, case["rho_pico"])
                for _ in range(case["times"]):
                    book.add(LAPLACE, case["epsilon_micro"])
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
            ledger = Ledger.parse(data)
            self.assertEqual(ledger.spent, case["spent"])
            if ledger.entries:
                shorter = bytearray(data[:-67])
                shorter[8:12] = struct.pack(">I", len(shorter) - 12)
                shorter[61:65] = struct.pack(">I", len(ledger.entries) - 1)
                self.assertEqual(Ledger.parse(bytes(shorter)).followed_by(data), ledger)
            for change in case["altered"]:
                with self.subTest(name=change["name"]):
                    changed = bytearray(data)
                    for offset, instead in change["replace"]:
                        new = bytes.fromhex(instead)
                        changed[offset : offset + len(new)] = new
                    verdict = change["verdict"]
                    if verdict == "accepted":
                        Ledger.parse(bytes(changed))
                        continue
                    with self.assertRaises(Refused) as caught:
                        Ledger.parse(bytes(changed))
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
