"""Ed25519 and ristretto255 by libsodium, loaded with ctypes.

Verification of signatures follows wire-primitives, section 5: the key is the canonical encoding of a point of
prime order, `S` is reduced, and `S B = R + H(R, A, M) A` holds without the factor 8. libsodium compares the
bytes of `R` with those of `S B - H A`; since `A` has prime order so has that point, and small orders are
refused, which is what the spec asks of `R`.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Iterable

# Order of ristretto255 and of the base point of Ed25519.
ORDER = 2**252 + 27742317777372353535851937790883648493

_IDENTITY = bytes(32)


class NoSodium(Exception):
    """libsodium is not installed."""


def _load() -> ctypes.CDLL:
    name = ctypes.util.find_library("sodium")
    for candidate in (name, "libsodium.so.23", "libsodium.so", "libsodium.dylib"):
        if candidate is None:
            continue
        try:
            library = ctypes.CDLL(candidate)
        except OSError:
            continue
        if library.sodium_init() < 0:
            raise NoSodium("libsodium does not start")
        return library
    raise NoSodium("libsodium is not installed")


_sodium = _load()


def is_verifying_key(key: bytes) -> bool:
    """Canonical encoding of a point of prime order."""
    return len(key) == 32 and _sodium.crypto_core_ed25519_is_valid_point(key) == 1


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 over exactly these bytes; the key must have passed is_verifying_key."""
    if len(signature) != 64:
        return False
    length = ctypes.c_ulonglong(len(message))
    return _sodium.crypto_sign_verify_detached(signature, message, length, key) == 0


def key_pair(seed: bytes) -> tuple[bytes, bytes]:
    """Public and secret key of a seed. For making test records; nothing in a verifier calls it."""
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
    _sodium.crypto_sign_seed_keypair(public, secret, seed)
    return public.raw, secret.raw


def sign(seed: bytes, message: bytes) -> bytes:
    """For making test records; nothing in a verifier calls it."""
    _, secret = key_pair(seed)
    signature = ctypes.create_string_buffer(64)
    _sodium.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)), secret)
    return signature.raw


def is_point(encoding: bytes) -> bool:
    """Canonical encoding of an element of ristretto255; the identity is one."""
    return len(encoding) == 32 and _sodium.crypto_core_ristretto255_is_valid_point(encoding) == 1


def is_identity(encoding: bytes) -> bool:
    return encoding == _IDENTITY


def point_from_uniform(data: bytes) -> bytes:
    """The 64-byte map of RFC 9496, section 4.3.4."""
    out = ctypes.create_string_buffer(32)
    _sodium.crypto_core_ristretto255_from_hash(out, data)
    return out.raw


def add(a: bytes, b: bytes) -> bytes:
    out = ctypes.create_string_buffer(32)
    if _sodium.crypto_core_ristretto255_add(out, a, b) != 0:
        raise ValueError("not a point of ristretto255")
    return out.raw


def subtract(a: bytes, b: bytes) -> bytes:
    out = ctypes.create_string_buffer(32)
    if _sodium.crypto_core_ristretto255_sub(out, a, b) != 0:
        raise ValueError("not a point of ristretto255")
    return out.raw


def multiply(scalar: int, point: bytes) -> bytes:
    """Any integer times a point; libsodium reports the identity as an error, so it is answered here."""
    reduced = scalar % ORDER
    if reduced == 0 or is_identity(point):
        return _IDENTITY
    out = ctypes.create_string_buffer(32)
    if _sodium.crypto_scalarmult_ristretto255(out, reduced.to_bytes(32, "little"), point) != 0:
        raise ValueError("not a point of ristretto255")
    return out.raw


def sum_of(terms: Iterable[tuple[int, bytes]]) -> bytes:
    """The sum of scalar times point."""
    total = _IDENTITY
    for scalar, point in terms:
        total = add(total, multiply(scalar, point))
    return total
