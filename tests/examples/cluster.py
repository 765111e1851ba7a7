#!/usr/bin/env python3
"""Sessions of `cluster` on loopback: aggregator, clients, trustees and auditor as processes.

    cluster.py --programs FOLDER

honest    everybody does what it should
faults    two clients never come, one has a slow line that is cut again and again, a trustee and the aggregator are
          killed (SIGKILL) in the middle of a round and started again, somebody sends garbage and half messages
stranger  a client that expects another transport key of the aggregator cannot talk to it

In the end of each `audit` accepts the aggregator's record and the auditor's copy, every receipt verifies, and the
model is that of the plain sum of the updates that were counted, computed here.

Exit status: 0 all as expected, 1 not so, 77 something that is needed is not there.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from typing import Callable

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "interop"))
try:
    from veilsum_record import messages
    from veilsum_record.log import Log
except Exception as error:
    print(f"skipped: {error}")
    sys.exit(77)

DIMENSION, SCALE_BITS, CLIP = 30, 12, 7.5
PATIENCE = 240.0  # seconds for anything, on a busy machine under sanitisers
MASK = (1 << 64) - 1


class Failed(Exception):
    pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(what: str, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise Failed(f"waited {PATIENCE:.0f} s for: {what}")
        time.sleep(0.05)


class Role:
    """One process; started again, it has the same command line and the same folder."""

    def __init__(self, work: str, name: str, command: list[str]) -> None:
        self.name, self.command = name, command
        self.log = os.path.join(work, name + ".txt")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(self.command, stdout=out, stderr=out, env=ENVIRONMENT)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for(self, text: str) -> None:
        def there() -> bool:
            assert self.process is not None
            if text in self.said():
                return True
            if self.process.poll() not in (None, 0):
                raise Failed(f"{self.name} ended with {self.process.returncode}:\n{self.said()}")
            return False

        wait_until(f'{self.name} says "{text}"', there)

    def finish(self, status: int = 0) -> None:
        assert self.process is not None
        try:
            ended = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} does not end:\n{self.said()}") from None
        if ended != status:
            raise Failed(f"{self.name} ended with {ended}, expected {status}:\n{self.said()}")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


# Room for several processes on few processors.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}


class SlowLine:
    """A proxy that delays what it forwards and cuts every connection after a while."""

    def __init__(self, target: int) -> None:
        self.target, self.port, self.cuts = target, free_port(), 0
        self._dice = random.Random(1)
        self._door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                continue  # nobody is there: the caller comes again
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


def send_garbage(port: int) -> None:
    """Bytes that are no handshake, a handshake that stops, and connections that say nothing."""
    dice = random.Random(2)
    silent = []
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE" + bytes(15) + b"\0" + bytes(31)
    for data in (
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(1000),
        b"\xff" * 64,
        dice.randbytes(5000),
        greeting,
        greeting + b"\x04\xc8\x05HELLO" + dice.randbytes(194),
        greeting[:20],
        b"",
    ):
        try:
            peer = socket.create_connection(("127.0.0.1", port), timeout=5)
            peer.sendall(data)
            silent.append(peer)
        except OSError:
            pass
    time.sleep(0.3)
    for peer in silent:
        peer.close()


# --- What the sum must be ---


def random_update(seed: int, round_: int) -> list[float]:
    """As `--random-update` makes it (examples/cluster/client_role.hpp)."""
    state = (seed * 0x9E3779B97F4A7C15 + round_) & MASK
    update = []
    for _ in range(DIMENSION):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        update.append(((z ^ (z >> 31)) >> 40) / 16777216.0 - 0.5)
    return update


def quantised(update: list[float]) -> list[int]:
    """Norms are below the clip here. round() is half to even, as the encoding."""
    assert math.sqrt(sum(value * value for value in update)) < CLIP
    return [round(value * 2.0**SCALE_BITS) for value in update]


def check_models(record: str, weights: dict[bytes, int], seeds: dict[bytes, int]) -> list[set[bytes]]:
    """Every model of the record against the counted updates; the counted clients of each round."""
    log = Log(os.path.join(record, "log"))
    model = messages.Model([0.0] * DIMENSION)
    counted: list[set[bytes]] = []
    for record_ in (log[i] for i in range(len(log))):
        if record_.type == messages.ROUND_CLOSED:
            counted.append(set(messages.RoundClosed.parse(record_.body).accepted))
        if record_.type != messages.ROUND_RESULT:
            continue
        sums = [0] * DIMENSION
        for client in counted[-1]:
            for j, value in enumerate(quantised(random_update(seeds[client], len(counted)))):
                sums[j] += weights[client] * value
        total = sum(weights[client] for client in counted[-1])
        model = model.updated(sums, SCALE_BITS, total)
        if model.digest() != messages.RoundResult.parse(record_.body).model:
            raise Failed(f"the model of round {len(counted)} is not that of the plain sum")
    return counted


class Session:
    def __init__(self, programs: str, work: str, keys: str, weights: list[int], **options: int) -> None:
        self.programs, self.work, self.keys = programs, work, keys
        os.mkdir(work)
        self.cluster = os.path.join(programs, "cluster")
        self.port = free_port()
        self._make_keys("aggregator", "aggregator")
        self.ids = [self._make_keys("client", f"client-{i}") for i in range(len(weights))]
        self.weights = dict(zip(self.ids, weights))
        self.seeds = {client: 100 + i for i, client in enumerate(self.ids)}
        with open(self.path("clients"), "w", encoding="ascii") as file:
            file.writelines(f"{client.hex()} {weight}\n" for client, weight in self.weights.items())
        settings = {"rounds": 1, "open-for": 600, "enrol-for": 600, "minimum-cohort": 2, **options}
        command = f"aggregator --folder {self.path('aggregator')} --keys {keys} --clients {self.path('clients')}"
        command += f" --listen tcp://127.0.0.1:{self.port} --dimension {DIMENSION}"
        command += "".join(f" --{name} {value}" for name, value in settings.items())
        self.aggregator = self._role("aggregator", command)
        self.auditor = self._role("auditor", f"auditor --folder {self.path('auditor')} {self._link()}")
        self.trustees = [
            self._role(f"trustee-{i}", f"trustee --folder {self.path(f'trustee-{i}')} --keys {keys} --index {i} {self._link()}")
            for i in (1, 2, 3)
        ]
        self.roles = [self.aggregator, self.auditor, *self.trustees]

    def path(self, name: str) -> str:
        return os.path.join(self.work, name)

    def _make_keys(self, kind: str, name: str) -> bytes:
        subprocess.run([self.cluster, "keys", kind, self.path(name)], check=True, capture_output=True)
        if kind == "aggregator":
            return b""
        with open(os.path.join(self.path(name), "id"), encoding="ascii") as file:
            return bytes.fromhex(file.read().strip())

    def _link(self, port: int = 0) -> str:
        where = f"--connect tcp://127.0.0.1:{port or self.port}"
        return f"{where} --aggregator {self.path('aggregator/public')} --poll 0.2 --patience 3"

    def _role(self, name: str, arguments: str) -> Role:
        return Role(self.work, name, [self.cluster, *arguments.split()])

    def client(self, i: int, port: int = 0, extra: str = "") -> Role:
        client = self.ids[i]
        with open(os.path.join(self.keys, "key-id"), encoding="ascii") as file:
            key = file.read()
        role = self._role(
            f"client-{i}.log",
            f"client --folder {self.path(f'client-{i}')} --key {key} --weight {self.weights[client]}"
            f" --random-update {self.seeds[client]} {self._link(port)} {extra}",
        )
        self.roles.append(role)
        return role

    def check(self, rounds: int, silent: set[int]) -> None:
        """After everybody has ended; the aggregator goes on serving until it is stopped."""
        record = self.path("aggregator/record")
        for folder in (record, self.path("auditor/record")):
            self._audit([folder])
        counted = check_models(record, self.weights, self.seeds)
        expected = {client for i, client in enumerate(self.ids) if i not in silent}
        if counted != [expected] * rounds:
            raise Failed(f"other clients were counted: {counted}")
        with open(os.path.join(self.path("aggregator"), "public"), encoding="ascii") as file:
            log_key = file.readline().split()[1]
        for i in range(len(self.ids)):
            for number in range(1, rounds + 1):
                receipt = os.path.join(self.path(f"client-{i}"), "receipts", f"round-{number}")
                if os.path.exists(receipt) != (i not in silent):
                    raise Failed(f"receipt of client {i} in round {number}: there {os.path.exists(receipt)}")
                if i not in silent:
                    self._audit(["receipt", receipt, "--aggregator", log_key, "--client", self.ids[i].hex()])

    def _audit(self, arguments: list[str]) -> None:
        audit = os.path.join(self.programs, "audit")
        done = subprocess.run([audit, *arguments], capture_output=True, text=True, env=ENVIRONMENT)
        if done.returncode != 0:
            raise Failed(f"audit {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")

    def stop(self) -> None:
        for role in self.roles:
            role.stop()


def honest(programs: str, work: str, keys: str) -> None:
    session = Session(programs, work, keys, [1, 2, 1])
    try:
        clients = [session.client(i) for i in range(3)]
        for role in session.roles:
            role.start()
        for role in (*clients, *session.trustees, session.auditor):
            role.finish()
        session.check(rounds=1, silent=set())
    finally:
        session.stop()


def faults(programs: str, work: str, keys: str) -> None:
    """Client 4 enrols and then never comes again, client 5 never comes at all."""
    options = {"rounds": 1, "open-for": 45, "enrol-for": 600}
    session = Session(programs, work, keys, [1, 2, 3, 1, 1], **options)
    try:
        session.aggregator.start()
        session.aggregator.wait_for("listening")
        line = SlowLine(session.port)
        clients = [session.client(i, line.port if i == 2 else 0) for i in range(5)]
        for role in (session.auditor, *session.trustees):
            role.start()
        send_garbage(session.port)
        absent = clients[4]
        absent.start()
        absent.wait_for("enrolled")
        absent.kill()
        for role in clients[:4]:
            role.start()
        session.aggregator.wait_for("round        1 opened")
        # Killed as soon as somebody is counted, and before everybody is.
        session.aggregator.wait_for("contribution 1 of")
        session.aggregator.kill()
        session.trustees[0].kill()
        send_garbage(session.port)
        session.aggregator.start()
        session.aggregator.wait_for("resumed")
        session.trustees[0].start()
        send_garbage(session.port)
        for role in (*clients[:4], *session.trustees, session.auditor):
            role.finish()
        if line.cuts == 0:
            raise Failed("the slow line was never cut")
        session.check(rounds=1, silent={4})
    finally:
        session.stop()


def stranger(programs: str, work: str, keys: str) -> None:
    session = Session(programs, work, keys, [1, 1])
    try:
        session.aggregator.start()
        session.aggregator.wait_for("listening")
        with open(session.path("aggregator/public"), encoding="ascii") as file:
            lines = file.read().split("\n")
        shutil.copytree(session.path("aggregator"), session.path("real"))
        other = "transport " + ("5a" * 32)
        with open(session.path("aggregator/public"), "w", encoding="ascii") as file:
            file.write("\n".join([lines[0], other, ""]))
        client = session.client(0, extra="--give-up 4")
        client.start()
        client.finish(1)
        if "no answer from the aggregator" not in client.said():
            raise Failed(f"a client with another transport key: {client.said()}")
        if "enrolled" in session.aggregator.said():
            raise Failed("the aggregator took a message of a stranger")
    finally:
        session.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description="Sessions of `cluster` on loopback.")
    parser.add_argument("--programs", required=True, help="folder of cluster, audit and keys")
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    given = parser.parse_args()
    programs = os.path.abspath(given.programs)
    work = tempfile.mkdtemp(prefix="veilsum-cluster-")
    try:
        keys = os.path.join(work, "keys")
        deal = [os.path.join(programs, "keys"), "deal", "--bits", "2048", "--trustees", "3", "--quorum", "2"]
        subprocess.run([*deal, "--out", keys], check=True, capture_output=True)
        show = subprocess.run([os.path.join(programs, "keys"), "show", keys], check=True, capture_output=True, text=True)
        ids = [word for line in show.stdout.split("\n") if "key id" in line for word in line.split() if len(word) == 64]
        if len(ids) != 1:
            raise Failed(f"keys show names no key id:\n{show.stdout}")
        with open(os.path.join(keys, "key-id"), "w", encoding="ascii") as file:
            file.write(ids[0])
        for case in (honest, faults, stranger):
            begun = time.monotonic()
            case(programs, os.path.join(work, case.__name__), keys)
            print(f"{case.__name__}: as expected, {time.monotonic() - begun:.1f} s", flush=True)
    except Failed as failure:
        print(f"FAILED: {failure}")
        if given.keep:
            print(f"kept in {work}")
        return 1
    finally:
        if not given.keep:
            shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
