"""Public key and ciphertexts of Paillier and Damgard-Jurik encryption (spec: paillier)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import gcd, isqrt

from . import wire
from .failure import Refused

# Exactly these sizes of the modulus occur outside of tests (section 1).
MODULUS_BITS = frozenset({2048, 3072, 4096})
MAX_KEY_BYTES = 1 << 20
_MILLER_RABIN_ROUNDS = 32


def _primes_below(bound: int) -> list[int]:
    sieve = bytearray([1]) * bound
    sieve[0:2] = b"\x00\x00"
    for p in range(2, isqrt(bound) + 1):
        if sieve[p]:
            sieve[p * p :: p] = bytes(len(range(p * p, bound, p)))
    return [p for p in range(bound) if sieve[p]]


_SMALL_PRIMES = _primes_below(1 << 16)


def _root(value: int, degree: int) -> int:
    """Floor of the degree-th root, by Newton's method from above."""
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + value // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better


def is_perfect_power(value: int) -> bool:
    """value = a^k for some k > 1. Prime exponents are enough."""
    return any(_root(value, k) ** k == value for k in _SMALL_PRIMES if k <= value.bit_length())


def is_probable_prime(value: int) -> bool:
    """Miller-Rabin to fixed bases: an odd number without prime factors below 2^16."""
    odd, twos = value - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in _SMALL_PRIMES[:_MILLER_RABIN_ROUNDS]:
        power = pow(base, odd, value)
        if power in (1, value - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % value
            if power == value - 1:
                break
        else:
            return False
    return True


@dataclass(frozen=True)
class PublicKey:
    """n and root, checked (section 3); made by `parse`."""

    bits: int
    degree: int
    n: int
    root: int
    id: bytes

    @cached_property
    def n_to_s(self) -> int:
        return self.n**self.degree

    @cached_property
    def modulus(self) -> int:
        """n^(s+1)"""
        return self.n ** (self.degree + 1)

    @cached_property
    def residue_base(self) -> int:
        """h_s, which needs no proof: it is a power of the root."""
        return pow(self.root, self.n_to_s, self.modulus)

    @property
    def ciphertext_bytes(self) -> int:
        return (self.degree + 1) * self.bits // 8

    @property
    def plaintext_bytes(self) -> int:
        return self.degree * self.bits // 8

    @staticmethod
    def parse(data: bytes, bits: int, degree: int) -> PublicKey:
        """Section 2; size and degree are the session's."""
        reader = wire.Reader(wire.unframe(data, wire.PUBLIC_KEY, 1, MAX_KEY_BYTES))
        if (reader.u16(), reader.u8()) != (bits, degree):
            raise Refused("mismatch", "size or degree of the public key")
        n = int.from_bytes(reader.fixed(bits // 8), "big")
        root = int.from_bytes(reader.fixed(bits // 8), "big")
        reader.finish()
        key = PublicKey(bits, degree, n, root, wire.sha256(data))
        key._check()
        return key

    def _check(self) -> None:
        n, root = self.n, self.root
        if n.bit_length() != self.bits:
            raise Refused("out_of_range", "bit length of the modulus", 1)
        if n % 2 == 0:
            raise Refused("bad_parameter", "parity of the modulus", 2)
        if any(n % p == 0 for p in _SMALL_PRIMES):
            raise Refused("bad_parameter", "small factor of the modulus", 3)
        if is_perfect_power(n):
            raise Refused("bad_parameter", "modulus is a perfect power", 4)
        if is_probable_prime(n):
            raise Refused("bad_parameter", "modulus is prime", 5)
        if not 0 < root < n:
            raise Refused("out_of_range", "root", 6)
        if gcd(root, n) != 1:
            raise Refused("not_a_unit", "root", 6)
        if root in (1, n - 1):
            raise Refused("bad_parameter", "order of the root", 7)
        if self.residue_base in (1, self.modulus - 1):
            raise Refused("bad_parameter", "order of the residue base", 8)

    def power_of_one_plus_n(self, exponent: int) -> int:
        """(1+n)^x mod n^(s+1), by the binomial theorem: terms beyond n^s vanish."""
        x, total, term = exponent % self.n_to_s, 1, 1
        for k in range(1, self.degree + 1):
            term = term * (x - k + 1) // k
            total += term * self.n**k
        return total % self.modulus

    def logarithm(self, value: int) -> int:
        """x with (1+n)^x = value mod n^(s+1), value = 1 mod n; digit by digit as in [DJ], section 3."""
        n, x = self.n, 0
        for j in range(1, self.degree + 1):
            target = (value % n ** (j + 1) - 1) // n
            binomial = 1
            rest = x
            falling = x
            for k in range(2, j + 1):
                rest -= 1
                falling = falling * rest
                binomial = falling * pow(_factorial(k), -1, n**j)
                target -= binomial * n ** (k - 1)
            x = target % n**j
        return x

    def parse_units(self, data: bytes, count: int) -> list[int]:
        """Raw ciphertexts (section 7): exact length, each in (0, n^(s+1)) and a unit."""
        width = self.ciphertext_bytes
        if count < 1 or len(data) != count * width:
            raise Refused("malformed", "length of the ciphertexts", 1)
        values = [int.from_bytes(data[width * k : width * (k + 1)], "big") for k in range(count)]
        for k, value in enumerate(values):
            if not 0 < value < self.modulus:
                raise Refused("out_of_range", "ciphertext", 2, f"ciphertext {k}")
        product = 1
        for value in values:
            product = product * value % self.n
        if gcd(product, self.n) != 1:
            first = next(k for k, value in enumerate(values) if gcd(value, self.n) != 1)
            raise Refused("not_a_unit", "ciphertext", 3, f"ciphertext {first}")
        return values

    def encode_units(self, values: list[int]) -> bytes:
        return b"".join(value.to_bytes(self.ciphertext_bytes, "big") for value in values)


def _factorial(k: int) -> int:
    return 1 if k < 2 else k * _factorial(k - 1)


def multi_power(bases: list[int], exponents: list[int], modulus: int) -> int:
    """prod base^exponent for non-negative exponents, squarings shared."""
    result = 1
    for bit in range(max(e.bit_length() for e in exponents) - 1, -1, -1):
        result = result * result % modulus
        for base, exponent in zip(bases, exponents):
            if exponent >> bit & 1:
                result = result * base % modulus
    return result
