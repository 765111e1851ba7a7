"""What stands between the processes of a cluster in its test: a bad line, and peers that mean harm."""

from __future__ import annotations

import ctypes
import ctypes.util
import random
import socket
import struct
import threading
import time


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SlowLine:
    """A proxy that delays what it forwards and cuts every connection after a while."""

    def __init__(self, target: int) -> None:
        self.target, self.cuts = target, 0
        self._dice = random.Random(1)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()  # nobody is there: the caller comes again
                continue
            allowed = self._dice.randrange(15_000, 60_000)
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(a, b, allowed), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, allowed: int) -> None:
        try:
            while allowed > 0 and (data := source.recv(2048)):
                time.sleep(0.02)
                target.sendall(data[:allowed])
                allowed -= len(data)
            self.cuts += allowed <= 0
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0") + bytes(32)


def send_garbage(port: int) -> list[socket.socket]:
    """Bytes that are no handshake, handshakes that stop, connections that say nothing. They stay open."""
    dice = random.Random(2)
    peers = []
    for data in (
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(1000),
        b"\xff" * 64,
        dice.randbytes(5000),
        GREETING,
        GREETING + b"\x04\xc8\x05HELLO" + dice.randbytes(194),  # a command of the right length
        GREETING + b"\x04\xff\x05HELLO" + dice.randbytes(249),  # of another one
        GREETING + b"\x06\xff\xff\xff\xff\xff\xff\xff\xff",  # of 2^64 - 1 bytes
        GREETING.replace(b"CURVE", b"NULL\0") + b"\x04\x19\x05READY" + dice.randbytes(19),
        GREETING[:20],
        b"",
    ):
        peer = socket.create_connection(("127.0.0.1", port), timeout=10)
        peers.append(peer)
        try:
            peer.sendall(data)
        except OSError:
            pass  # it was cut off already
    return peers


class Peer:
    """As much of libzmq as a peer needs that says what no program of ours would."""

    PAIR, DEALER = 0, 5
    LINGER, RCVTIMEO, SNDMORE = 17, 27, 2
    CURVE_PUBLICKEY, CURVE_SECRETKEY, CURVE_SERVERKEY = 48, 49, 50
    HANDSHAKE_FAILED_AUTH = 0x4000

    def __init__(self, port: int, server: bytes, public: bytes, secret: bytes) -> None:
        self._lib = ctypes.CDLL(ctypes.util.find_library("zmq") or "libzmq.so.5")
        for function in ("zmq_ctx_new", "zmq_socket"):
            getattr(self._lib, function).restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._lib.zmq_ctx_new())
        self._socket = self._open(self.DEALER)
        assert self._lib.zmq_socket_monitor(self._socket, b"inproc://events", self.HANDSHAKE_FAILED_AUTH) == 0
        self._events = self._open(self.PAIR)
        assert self._lib.zmq_connect(self._events, b"inproc://events") == 0
        for option, key in (
            (self.CURVE_SERVERKEY, server),
            (self.CURVE_PUBLICKEY, public),
            (self.CURVE_SECRETKEY, secret),
        ):
            self._set(self._socket, option, key)
        assert self._lib.zmq_connect(self._socket, f"tcp://127.0.0.1:{port}".encode()) == 0

    def _open(self, kind: int) -> ctypes.c_void_p:
        made = ctypes.c_void_p(self._lib.zmq_socket(self._context, kind))
        self._set(made, self.LINGER, struct.pack("i", 0))
        return made

    def _set(self, at: ctypes.c_void_p, option: int, value: bytes) -> None:
        assert self._lib.zmq_setsockopt(at, option, value, ctypes.c_size_t(len(value))) == 0

    def send(self, *parts: bytes) -> None:
        for i, part in enumerate(parts):
            flags = self.SNDMORE if i + 1 < len(parts) else 0
            assert self._lib.zmq_send(self._socket, part, ctypes.c_size_t(len(part)), flags) == len(part)

    def receive(self, seconds: float) -> bytes | None:
        return self._receive(self._socket, seconds)

    def refused_with(self, seconds: float) -> int | None:
        """The status with which the other end refused our key; nothing if it did not."""
        event = self._receive(self._events, seconds)
        return None if event is None else int(struct.unpack("=HI", event)[1])

    def _receive(self, at: ctypes.c_void_p, seconds: float) -> bytes | None:
        self._set(at, self.RCVTIMEO, struct.pack("i", int(1000 * seconds)))
        room = ctypes.create_string_buffer(1 << 16)
        length = self._lib.zmq_recv(at, room, ctypes.c_size_t(len(room)), 0)
        return None if length < 0 else room.raw[:length]

    def close(self) -> None:
        self._lib.zmq_socket_monitor(self._socket, None, 0)
        for each in (self._socket, self._events):
            self._lib.zmq_close(each)
        self._lib.zmq_ctx_term(self._context)


REFUSED = 5
NUMBER = bytes(range(1, 9))
CONTRIBUTE = b"\x01\x03" + NUMBER + struct.pack(">I", 40)
# Of a request: name, parts, the text of its refusal.
ATTEMPTS: list[tuple[str, list[bytes], bytes]] = [
    ("empty", [b""], b"truncated"),
    ("one byte", [b"\x01"], b"truncated"),
    ("version 2", [b"\x02\x01" + NUMBER + bytes(8)], b"unsupported: version of the cluster protocol"),
    ("kind 0", [b"\x01\x00" + NUMBER], b"unsupported: kind of message"),
    ("kind 200", [b"\x01\xc8" + NUMBER], b"unsupported: kind of message"),
    ("half a request", [b"\x01\x01" + NUMBER + bytes(3)], b"truncated"),
    ("trailing", [b"\x01\x01" + NUMBER + bytes(9)], b"trailing bytes"),
    ("two parts", [b"\x01\x01" + NUMBER + bytes(8), b"more"], b"truncated"),
    ("two parts, the first empty", [b"", b"\x01\x01" + NUMBER + bytes(8)], b"truncated"),
    ("ten thousand parts", [b"\x01\x01" + NUMBER + bytes(8)] * 10_000, b"truncated"),
    ("a length of 4 GiB", [b"\x01\x03" + NUMBER + b"\xff\xff\xff\xff"], b"length above its cap"),
    ("no contribution", [b"\x01\x03" + NUMBER + b"\x00\x00\x00\x03abc"], b"malformed: frame header"),
    ("no enrolment", [b"\x01\x06" + NUMBER + b"\x00\x00\x00\x03abc"], b"refused: clients enrol between rounds"),
    ("no partial", [b"\x01\x04" + NUMBER + b"\x00\x00\x00\x03abc"], b"refused: no round is open for decryption"),
    ("a body that is not there", [b"\x01\x02" + NUMBER + bytes(40)], b"missing: body"),
    ("a client that is not there", [b"\x01\x05" + NUMBER + bytes(32)], b"missing: "),
    *((f"noise {i}", [CONTRIBUTE + random.Random(i).randbytes(40)], b"malformed: frame magic") for i in range(10)),
]


def attack(peer: Peer, seconds: float) -> list[str]:
    """As a listed peer, while a round takes contributions: what was not answered as it must be."""
    wrong = []
    for name, parts, text in ATTEMPTS:
        peer.send(*parts)
        answer = peer.receive(seconds)
        number = NUMBER if len(parts) == 1 and len(parts[0]) >= 10 else bytes(8)
        if answer is None or answer[:10] != bytes([1, REFUSED]) + number or text not in answer:
            wrong.append(f"{name}: the answer is {answer!r}")
    # Records beyond the end are no error, and who sent nonsense can still ask.
    peer.send(b"\x01\x01" + NUMBER + b"\xff" * 8)
    answer = peer.receive(seconds)
    if answer is None or answer[:10] != b"\x01\x01" + NUMBER or "\n\n— ".encode() not in answer:
        wrong.append(f"records beyond the end: no checkpoint in {answer!r}")
    # Above the cap the transport drops the peer before the message is read: there is no answer, not to this, and the
    # next request comes over a new connection.
    peer.send(b"\x01\x03" + NUMBER + b"\x01\x00\x00\x00" + bytes(1 << 24))
    answer = peer.receive(1.0)
    if answer is not None:
        wrong.append(f"16 MiB: the answer is {answer!r}")
    peer.send(b"\x01\x01" + NUMBER + b"\xff" * 8)
    answer = peer.receive(seconds)
    if answer is None or answer[:10] != b"\x01\x01" + NUMBER:
        wrong.append(f"after 16 MiB: the answer is {answer!r}")
    return wrong
