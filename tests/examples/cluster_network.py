"""What stands between the processes of a cluster in its test: a bad network, and peers that mean harm.

proxy LISTEN_PORT TARGET_PORT DELAY LIFETIME   forwards TCP, each piece DELAY seconds late; cuts a connection every
                                               LIFETIME seconds
garbage PORT                                   raw TCP: noise, half a greeting, connections that say nothing
hostile PORT TRANSPORT_KEY                     authenticated messages that are no requests; each must have an error
                                               for an answer
"""

import ctypes
import ctypes.util
import os
import random
import socket
import struct
import sys
import threading
import time

REFUSED = 5


def proxy(listen_port, target_port, delay, lifetime):
    def pump(source, target, born):
        try:
            while time.monotonic() - born < lifetime:
                source.settimeout(max(0.05, born + lifetime - time.monotonic()))
                data = source.recv(16384)
                if not data:
                    break
                time.sleep(delay)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    door = socket.create_server(("127.0.0.1", listen_port))
    print("ready", flush=True)
    while True:
        near, _ = door.accept()
        try:
            far = socket.create_connection(("127.0.0.1", target_port), 1)
        except OSError:
            near.close()
            continue
        born = time.monotonic()
        for pair in ((near, far), (far, near)):
            threading.Thread(target=pump, args=(*pair, born), daemon=True).start()


def garbage(port):
    noise = random.Random(1)
    greeting = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"CURVE".ljust(20, b"\0") + b"\x00" + bytes(31)
    messages = [
        b"GET / HTTP/1.1\r\n\r\n",
        noise.randbytes(5000),
        greeting[:20],
        greeting + noise.randbytes(300),
        greeting.replace(b"CURVE", b"NULL\0") + noise.randbytes(50),
        greeting + b"\x04\xff" + b"\x05HELLO" + noise.randbytes(249),  # a command that claims 255 bytes
        b"",
    ]
    silent = []
    for _ in range(3):
        for message in messages:
            peer = socket.create_connection(("127.0.0.1", port), 5)
            peer.sendall(message)
            silent.append(peer)
    for peer in silent[::2]:
        peer.close()
    time.sleep(1)
    print(f"sent noise over {len(silent)} connections")


class Zmq:
    """As much of libzmq as a peer needs."""

    DEALER, RCVTIMEO, SNDMORE, CURVE_PUBLICKEY, CURVE_SECRETKEY, CURVE_SERVERKEY = 5, 27, 2, 48, 49, 50

    def __init__(self, port, key):
        name = ctypes.util.find_library("zmq") or "libzmq.so.5"
        self.lib = lib = ctypes.CDLL(name)
        for function in ("zmq_ctx_new", "zmq_socket"):
            getattr(lib, function).restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(lib.zmq_ctx_new())
        self.socket = ctypes.c_void_p(lib.zmq_socket(self.context, self.DEALER))
        public, secret = ctypes.create_string_buffer(41), ctypes.create_string_buffer(41)
        assert lib.zmq_curve_keypair(public, secret) == 0
        self.set(self.CURVE_SERVERKEY, key)
        self.set(self.CURVE_PUBLICKEY, public.value + b"\0")
        self.set(self.CURVE_SECRETKEY, secret.value + b"\0")
        self.set(self.RCVTIMEO, struct.pack("i", 20000))
        assert lib.zmq_connect(self.socket, f"tcp://127.0.0.1:{port}".encode()) == 0

    def set(self, option, value):
        assert self.lib.zmq_setsockopt(self.socket, option, value, ctypes.c_size_t(len(value))) == 0

    def send(self, *parts):
        for i, part in enumerate(parts):
            flags = self.SNDMORE if i + 1 < len(parts) else 0
            assert self.lib.zmq_send(self.socket, part, ctypes.c_size_t(len(part)), flags) == len(part)

    def receive(self):
        room = ctypes.create_string_buffer(1 << 16)
        length = self.lib.zmq_recv(self.socket, room, ctypes.c_size_t(len(room)), 0)
        return None if length < 0 else room.raw[:length]


def hostile(port, key):
    number = bytes(range(1, 9))
    zero32 = bytes(32)
    noise = random.Random(2)
    # Name, parts, text of the refusal.
    attempts = [
        ("empty", [b""], b"truncated"),
        ("one byte", [b"\x01"], b"truncated"),
        ("version 2", [b"\x02\x01" + number + bytes(8)], b"version"),
        ("kind 0", [b"\x01\x00" + number], b"kind"),
        ("kind 200", [b"\x01\xc8" + number], b"kind"),
        ("half a request", [b"\x01\x01" + number + bytes(3)], b"truncated"),
        ("trailing", [b"\x01\x01" + number + bytes(9)], b"trailing"),
        ("two parts", [b"\x01\x01" + number + bytes(8), b"more"], b"truncated"),
        ("two parts, the first empty", [b"", b"\x01\x01" + number + bytes(8)], b"truncated"),
        ("a length of 4 GiB", [b"\x01\x03" + number + b"\xff\xff\xff\xff"], b"cap"),
        ("no contribution", [b"\x01\x03" + number + b"\x00\x00\x00\x03abc"], b"frame header"),
        ("no partial", [b"\x01\x04" + number + b"\x00\x00\x00\x0cVSUM\x00\x06\x00\x01\x00\x00\x00\x00"], b""),
        ("a body that is not there", [b"\x01\x02" + number + zero32 + bytes(8)], b"missing: body"),
        ("a client that is not there", [b"\x01\x05" + number + zero32], b"missing"),
        *((f"noise {i}", [b"\x01\x03" + number + noise.randbytes(40 + i)], b"") for i in range(20)),
    ]
    peer = Zmq(port, key)
    bad = 0
    for name, parts, text in attempts:
        peer.send(*parts)
        answer = peer.receive()
        whole = len(parts) == 1 and len(parts[0]) >= 10
        wanted = number if whole else bytes(8)
        if answer is None or answer[:2] != bytes([1, REFUSED]) or answer[2:10] != wanted or text not in answer:
            print(f"FAILED: {name}: the answer is {answer!r}")
            bad += 1
    # Records beyond the end are no error, and a connection that sent nonsense can still ask.
    peer.send(b"\x01\x01" + number + b"\xff" * 8)
    answer = peer.receive()
    if answer is None or answer[:10] != b"\x01\x01" + number or b"\n\n\xe2\x80\x94 " not in answer:
        print(f"FAILED: no checkpoint: {answer!r}")
        bad += 1
    # Above the cap the transport drops the peer before the message is read.
    peer.send(b"\x01\x03" + number + b"\x01\x00\x00\x00" + os.urandom(1 << 24))
    peer.set(Zmq.RCVTIMEO, struct.pack("i", 1000))
    if peer.receive() is not None:
        print("FAILED: 16 MiB were answered")
        bad += 1
    print(f"{len(attempts) + 2} attempts, {bad} not as they must be")
    sys.stdout.flush()
    os._exit(bad != 0)  # without waiting for what cannot be sent


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "proxy":
        proxy(int(rest[0]), int(rest[1]), float(rest[2]), float(rest[3]))
    elif what == "garbage":
        garbage(int(rest[0]))
    elif what == "hostile":
        hostile(int(rest[0]), bytes.fromhex(rest[1]))
    else:
        sys.exit(__doc__)
