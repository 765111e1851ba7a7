#!/usr/bin/env python3
"""Aggregate NumPy arrays of four parties so that only their sum is opened.

    cmake --preset release && cmake --build --preset release --target veilsum_c
    python3 aggregate_numpy.py ../../build/release/examples/libveilsum_c.so

All parties are in this process and hand each other bytes, as they would between machines. Exit status 77: there is no
NumPy here.
"""
from __future__ import annotations

import ctypes
import pathlib
import sys
import tempfile
from ctypes import POINTER, byref, c_char, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_uint8, c_uint32
from ctypes import c_uint64, c_void_p

try:
    import numpy as np
except ImportError:
    print(f"skipped: {sys.executable} has no NumPy (Debian: python3-numpy, for /usr/bin/python3)")
    sys.exit(77)

INTERFACE_VERSION = 2
CLIENTS = 4
VALUES = 1000
SCALE_BITS = 12


class VeilsumError(Exception):
    """What a call of the library refused, with the code of veilsum.h and the number of the check."""

    def __init__(self, code: int, check: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.check = check


class _Error(ctypes.Structure):
    _fields_ = [("code", c_int32), ("check", c_uint32), ("message", c_char * 504)]


class RoundPlan(ctypes.Structure):
    _fields_ = [
        ("scale_bits", c_uint32),
        ("value_bits", c_uint32),
        ("clip_l2", c_double),
        ("minimum_cohort", c_uint32),
        ("opens_at", c_uint64),
        ("closes_at", c_uint64),
    ]


class RosterEntry(ctypes.Structure):
    _fields_ = [("client", c_uint8 * 32), ("weight", c_uint32)]


class Expectation(ctypes.Structure):
    _fields_ = [
        ("session", c_uint8 * 32),
        ("key", c_uint8 * 32),
        ("roster", POINTER(RosterEntry)),
        ("roster_size", c_size_t),
        ("minimum_cohort", c_uint32),
    ]


# Arguments of each call, without the error at the end.
CALLS: dict[str, list[object]] = {
    "wipe_gmp_memory": [],
    "deal": [c_char_p, c_uint32, c_uint32, c_uint32],
    "ceremony_key": [c_char_p, c_char_p, c_size_t],
    "aggregator_create": [c_char_p, c_char_p, c_char_p, c_size_t, POINTER(RosterEntry), c_size_t, POINTER(c_void_p)],
    "aggregator_session": [c_void_p, c_char_p, c_size_t],
    "aggregator_enrol": [c_void_p, c_char_p, c_size_t],
    "aggregator_enrolled": [c_void_p, POINTER(RosterEntry), c_size_t, POINTER(c_size_t)],
    "aggregator_remove": [c_void_p, c_char_p, c_size_t],
    "aggregator_open_round": [c_void_p, POINTER(RoundPlan)],
    "aggregator_receive": [c_void_p, c_char_p, c_size_t, c_uint64, POINTER(c_void_p)],
    "aggregator_close": [c_void_p, c_uint64],
    "aggregator_receive_partial": [c_void_p, c_char_p, c_size_t],
    "aggregator_finish": [c_void_p],
    "aggregator_sums": [c_void_p, POINTER(c_int64), c_size_t, POINTER(c_uint64)],
    "aggregator_mean": [c_void_p, POINTER(c_float), c_size_t],
    "aggregator_end": [c_void_p],
    "client_keys": [c_char_p, c_size_t, c_char_p, c_size_t],
    "client_create": [c_char_p, POINTER(Expectation), c_char_p, c_size_t, c_char_p, POINTER(c_void_p)],
    "client_enrol": [c_void_p, POINTER(c_void_p)],
    "client_leave": [c_void_p, POINTER(c_void_p)],
    "client_contribute": [c_void_p, POINTER(c_float), c_size_t, POINTER(c_void_p)],
    "client_confirm": [c_void_p, c_char_p, c_size_t],
    "trustee_create": [c_char_p, c_uint32, c_char_p, c_char_p, POINTER(c_void_p)],
    "trustee_answer": [c_void_p, POINTER(c_void_p)],
    "audit": [c_char_p, c_char_p, c_size_t],
}


class Library:
    """The calls of veilsum.h; a failure is a VeilsumError."""

    def __init__(self, path: str) -> None:
        self._lib = ctypes.CDLL(path)
        self._lib.veilsum_interface_version.restype = c_uint32
        found = self._lib.veilsum_interface_version()
        if found != INTERFACE_VERSION:
            raise SystemExit(f"{path} has interface version {found}, this program knows {INTERFACE_VERSION}")
        for name, arguments in CALLS.items():
            function = getattr(self._lib, "veilsum_" + name)
            function.argtypes = [*arguments, POINTER(_Error)]
            function.restype = c_int32
        self._lib.veilsum_bytes_data.argtypes = [c_void_p]
        self._lib.veilsum_bytes_data.restype = c_void_p
        self._lib.veilsum_bytes_size.argtypes = [c_void_p]
        self._lib.veilsum_bytes_size.restype = c_size_t
        for handle in ("bytes", "aggregator", "client", "trustee"):
            free = getattr(self._lib, f"veilsum_{handle}_free")
            free.argtypes, free.restype = [c_void_p], None
        self.call("wipe_gmp_memory")  # first: this process deals keys, and no other module uses GMP yet

    def call(self, name: str, *arguments: object) -> None:
        error = _Error()
        if getattr(self._lib, "veilsum_" + name)(*arguments, byref(error)) != 0:
            raise VeilsumError(error.code, error.check, error.message.decode("utf-8", "replace"))

    def make(self, kind: str, *arguments: object) -> c_void_p:
        """A new handle, to be freed with `free`."""
        handle = c_void_p()
        self.call(kind + "_create", *arguments, byref(handle))
        return handle

    def free(self, kind: str, handle: c_void_p) -> None:
        getattr(self._lib, f"veilsum_{kind}_free")(handle)

    def fill(self, name: str, *arguments: object) -> bytes:
        """The 32 bytes that a call writes."""
        out = ctypes.create_string_buffer(32)
        self.call(name, *arguments, out, 32)
        return out.raw

    def client_keys(self) -> tuple[bytes, bytes]:
        """Seed and id of a new client."""
        seed, client = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
        self.call("client_keys", seed, 32, client, 32)
        return seed.raw, client.raw

    def message(self, name: str, *arguments: object) -> bytes:
        """The bytes that a call gives back."""
        out = c_void_p()
        self.call(name, *arguments, byref(out))
        try:
            return ctypes.string_at(self._lib.veilsum_bytes_data(out), self._lib.veilsum_bytes_size(out))
        finally:
            self._lib.veilsum_bytes_free(out)


def roster_of(ids: list[bytes]) -> ctypes.Array[RosterEntry]:
    """These clients, each with weight 1."""
    return (RosterEntry * len(ids))(*[RosterEntry((c_uint8 * 32)(*client), 1) for client in ids])


def enrol(lib: Library, aggregator: c_void_p, client: c_void_p) -> None:
    message = lib.message("client_enrol", client)
    lib.call("aggregator_enrol", aggregator, message, len(message))


def floats(array: np.ndarray) -> object:
    """The array as C sees it: contiguous binary32."""
    if array.dtype != np.float32 or not array.flags.c_contiguous:
        raise TypeError("a contiguous array of float32 is needed")
    return array.ctypes.data_as(POINTER(c_float))


def aggregate(lib: Library, folder: pathlib.Path) -> None:
    keys, record = str(folder / "keys").encode(), str(folder / "record").encode()
    lib.call("deal", keys, 2048, 2, 3)
    print("ceremony     2048-bit key, 2 of 3 trustees open")

    # Who takes part is decided before the session, and what clients expect of it reaches them by another way than its
    # record.
    own = [lib.client_keys() for _ in range(CLIENTS)]
    roster = roster_of([client for _, client in own])
    aggregator = lib.make("aggregator", keys, record, b"numpy.example/log", VALUES, roster, CLIENTS)
    session, key = lib.fill("aggregator_session", aggregator), lib.fill("ceremony_key", keys)
    expected = Expectation((c_uint8 * 32)(*session), (c_uint8 * 32)(*key), roster, CLIENTS, 2)
    clients = [lib.make("client", record, byref(expected), seed, len(seed), None) for seed, _ in own]
    for client in clients:
        enrol(lib, aggregator, client)

    seed, uninvited = lib.client_keys()
    with_it = roster_of([*(client for _, client in own), uninvited])
    tolerant = Expectation(expected.session, expected.key, with_it, CLIENTS + 1, 2)
    stranger = lib.make("client", record, byref(tolerant), seed, len(seed), None)
    try:
        enrol(lib, aggregator, stranger)
    except VeilsumError as refused:
        print(f"stranger     {refused}".replace(uninvited.hex(), "..."))
    else:
        raise SystemExit("a client that is not in the roster was enrolled")
    lib.free("client", stranger)

    plan = RoundPlan(SCALE_BITS, 16, 4.0, 2, 1000, 2000)
    lib.call("aggregator_open_round", aggregator, byref(plan))
    rng = np.random.default_rng(1)
    updates = [(0.1 * rng.standard_normal(VALUES)).astype(np.float32) for _ in range(CLIENTS)]
    for number, (client, update) in enumerate(zip(clients, updates), start=1):
        sent = lib.message("client_contribute", client, floats(update), update.size)
        if number == 3:  # somebody on the way changes one byte
            tampered = sent[:-1] + bytes([sent[-1] ^ 1])
            try:
                lib.message("aggregator_receive", aggregator, tampered, len(tampered), 1010)
            except VeilsumError as refused:
                print(f"tampered     {refused}")
                if refused.check != 6:
                    raise SystemExit("refused by another check than the digest's") from refused
            else:
                raise SystemExit("a tampered contribution was accepted")
        receipt = lib.message("aggregator_receive", aggregator, sent, len(sent), 1010)
        lib.call("client_confirm", client, receipt, len(receipt))
        print(f"client {number}     {update.size} values accepted, receipt confirmed")
    lib.call("aggregator_close", aggregator, 1020)

    for index in (1, 3):
        journal = str(folder / f"journal-{index}").encode()
        trustee = lib.make("trustee", keys, index, record, journal)
        answer = lib.message("trustee_answer", trustee)
        lib.call("aggregator_receive_partial", aggregator, answer, len(answer))
        lib.free("trustee", trustee)
        print(f"trustee {index}    answered")
    lib.call("aggregator_finish", aggregator)

    sums, mean, weight = np.zeros(VALUES, np.int64), np.zeros(VALUES, np.float32), c_uint64()
    lib.call("aggregator_sums", aggregator, sums.ctypes.data_as(POINTER(c_int64)), sums.size, byref(weight))
    lib.call("aggregator_mean", aggregator, floats(mean), mean.size)
    lib.call("aggregator_end", aggregator)

    # The same in the clear: clip to norm 4, round to units of 2^-12, half to even, add.
    plain = np.zeros(VALUES, np.int64)
    for update in updates:
        wide = update.astype(np.float64)
        norm = float(np.sqrt(np.sum(wide * wide)))
        plain += np.rint(wide * min(1.0, 4.0 / norm) * 2**SCALE_BITS).astype(np.int64)
    if not np.array_equal(sums, plain):
        raise SystemExit("the opened sum is not the plain sum")
    print(f"sum          equals the plain sum in all {VALUES} values, {weight.value} clients")
    real = np.mean([update.astype(np.float64) for update in updates], axis=0)
    if float(np.max(np.abs(mean - real))) > 2.0 ** -(SCALE_BITS + 1) + 1e-6:
        raise SystemExit("the mean is further from the real one than rounding can be")
    print("mean         within half a unit of 2^-12 of the real mean")

    lib.call("audit", record, session, len(session))
    print("audit        accepted")
    for client in clients:
        lib.free("client", client)
    lib.free("aggregator", aggregator)


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: aggregate_numpy.py LIBRARY", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        try:
            aggregate(Library(sys.argv[1]), pathlib.Path(folder))
        except VeilsumError as failed:
            print(f"aggregate_numpy.py: {failed}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
