#!/usr/bin/env python3
"""Sessions of `cluster` on loopback: aggregator, clients, trustees and auditor as processes.

    cluster.py --programs FOLDER

attacked  noise and half handshakes on the port; a peer that is not listed, one that expects another aggregator, and a
          listed one that sends what no client would; a client is killed in between and comes back
faults    one client never enrols and one never contributes, one has a slow line that is cut again and again; the
          aggregator is killed (SIGKILL) before and in the middle of the round and started again, a trustee too

In the end of each `audit` accepts the aggregator's record and the auditor's copy, every receipt verifies, and the
model is that of the plain sum of the updates that were counted, computed here.

Exit status: 0 all as expected, 1 not so, 77 something that is needed is not there.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
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
from cluster_network import Peer, SlowLine, attack, free_port, send_garbage

DIMENSION, SCALE_BITS, CLIP = 30, 12, 7.5
PATIENCE = 240.0  # seconds for anything, on a busy machine under sanitisers
OPEN_FOR = (10, 40, 160)  # seconds of the round with faults
MASK = (1 << 64) - 1


class Failed(Exception):
    pass


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
        self.wait_for_match(re.escape(text))

    def wait_for_match(self, pattern: str) -> re.Match[str]:
        """The first match of a regular expression in what it says, since it was started for the first time."""
        found: list[re.Match[str]] = []

        def there() -> bool:
            assert self.process is not None
            ended = self.process.poll()
            if match := re.search(pattern, self.said()):
                found.append(match)
            elif ended is not None:
                raise Failed(f'{self.name} ended with {ended} and never said "{pattern}":\n{self.said()}')
            return bool(found)

        wait_until(f'{self.name} says "{pattern}"', there)
        return found[0]

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


def read_text(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()


class Session:
    def __init__(self, programs: str, work: str, keys: str, weights: list[int], open_for: int = 3600) -> None:
        self.programs, self.work = programs, work
        self.key_id = read_text(os.path.join(keys, "key-id"))
        os.mkdir(work)
        self.cluster = os.path.join(programs, "cluster")
        self.port = free_port()
        self._make_keys("aggregator", "aggregator")
        self.ids = [self._make_keys("client", f"client-{i}") for i in range(len(weights))]
        listed = [f"client-{i}" for i in range(len(weights))]
        for kind, name in (
            ("auditor", "auditor"),
            *(("trustee", f"trustee-{i}") for i in (1, 2, 3)),
            ("auditor", "insider"),
        ):
            self._make_keys(kind, name)
            listed.append(name)
        self._make_keys("client", "outsider")
        with open(self.path("peers"), "w", encoding="ascii") as file:
            file.writelines(read_text(self.path(name + "/peer")) for name in listed)
        self.weights = dict(zip(self.ids, weights))
        self.seeds = {client: 100 + i for i, client in enumerate(self.ids)}
        with open(self.path("clients"), "w", encoding="ascii") as file:
            file.writelines(f"{client.hex()} {weight}\n" for client, weight in self.weights.items())
        files = ["--keys", keys, "--clients", self.path("clients"), "--peers", self.path("peers")]
        plan = ["--dimension", str(DIMENSION), "--rounds", "1", "--minimum-cohort", "2"]
        plan += ["--open-for", str(open_for), "--enrol-for", "3600", "--listen", f"tcp://127.0.0.1:{self.port}"]
        self.aggregator = self._role("aggregator", "aggregator", "aggregator", *files, *plan)
        self.auditor = self._role("auditor", "auditor", "auditor", *self._link())
        self.trustees = [
            self._role(f"trustee-{i}", "trustee", f"trustee-{i}", "--keys", keys, "--index", str(i), *self._link())
            for i in (1, 2, 3)
        ]
        self.roles = [self.aggregator, self.auditor, *self.trustees]

    def path(self, name: str) -> str:
        return os.path.join(self.work, name)

    def _make_keys(self, kind: str, name: str) -> bytes:
        subprocess.run([self.cluster, "keys", kind, self.path(name)], check=True, capture_output=True)
        return bytes.fromhex(read_text(self.path(name + "/id"))) if kind == "client" else b""

    def _link(self, port: int = 0, aggregator: str = "aggregator/public") -> list[str]:
        # Over the slow line, which loses answers, a request is sent again sooner.
        where = ["--connect", f"tcp://127.0.0.1:{port or self.port}", "--aggregator", self.path(aggregator)]
        return [*where, "--poll", "0.2", "--patience", "1" if port else "3"]

    def _role(self, name: str, kind: str, folder: str, *arguments: str) -> Role:
        return Role(self.work, name, [self.cluster, kind, "--folder", self.path(folder), *arguments])

    def client(self, i: int, port: int = 0) -> Role:
        client = self.ids[i]
        own = ["--key", self.key_id, "--weight", str(self.weights[client])]
        own += ["--random-update", str(self.seeds[client])]
        role = self._role(f"client-{i}", "client", f"client-{i}", *own, *self._link(port))
        self.roles.append(role)
        return role

    def strangers(self) -> list[Role]:
        """Who is not listed, and who is but expects an aggregator of another transport key."""
        log_line = read_text(self.path("aggregator/public")).split("\n")[0]
        with open(self.path("other-public"), "w", encoding="ascii") as file:
            file.write(f"{log_line}\ntransport {'5a' * 32}\n")
        made = []
        for name, folder, aggregator in (
            ("unlisted", "outsider", "aggregator/public"),
            ("mistaken", "insider", "other-public"),
        ):
            made.append(self._role(name, "auditor", folder, *self._link(aggregator=aggregator), "--give-up", "3"))
        self.roles += made
        return made

    def peer(self, name: str) -> Peer:
        server = read_text(self.path("aggregator/public")).split()[3]
        with open(self.path(name + "/transport"), "rb") as file:
            secret = file.read()
        return Peer(self.port, bytes.fromhex(server), bytes.fromhex(read_text(self.path(name + "/peer"))), secret)

    def check(self, rounds: int, silent: set[int]) -> None:
        """After everybody has ended; the aggregator goes on serving until it is stopped."""
        record = self.path("aggregator/record")
        for folder in (record, self.path("auditor/record")):
            self._audit([folder])
        counted = check_models(record, self.weights, self.seeds)
        expected = {client for i, client in enumerate(self.ids) if i not in silent}
        if counted != [expected] * rounds:
            raise Failed(f"other clients were counted: {counted}")
        log_key = read_text(self.path("aggregator/public")).split()[1]
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


def attacked(programs: str, work: str, keys: str) -> None:
    """Client 2 is killed once it has enrolled and comes back when the attack is over, so that the round is open."""
    session = Session(programs, work, keys, [1, 2, 1])
    try:
        session.aggregator.start()
        session.aggregator.wait_for("listening")
        clients = [session.client(i) for i in range(3)]
        clients[2].start()
        clients[2].wait_for("enrolled")
        clients[2].kill()
        for role in (*clients[:2], *session.trustees, session.auditor):
            role.start()
        session.aggregator.wait_for("round        1 opened")
        strangers = session.strangers()
        for role in strangers:
            role.start()
        noise = send_garbage(session.port)
        outsider = session.peer("outsider")
        if (status := outsider.refused_with(PATIENCE)) != 400:
            raise Failed(f"who is not listed is refused with {status}")
        insider = session.peer("insider")
        if wrong := attack(insider, PATIENCE):
            raise Failed("\n".join(wrong))
        for peer in (insider, outsider):
            peer.close()
        for role in strangers:
            role.finish(1)
            if "no answer from the aggregator" not in role.said() or "round" in role.said():
                raise Failed(f"{role.name} said {role.said()}")
        clients[2].start()
        for role in (*clients, *session.trustees, session.auditor):
            role.finish()
        for connection in noise:
            connection.close()
        if session.aggregator.process is None or session.aggregator.process.poll() is not None:
            raise Failed(f"the aggregator ended:\n{session.aggregator.said()}")
        session.check(rounds=1, silent=set())
    finally:
        session.stop()


class TooSlow(Exception):
    pass


def faults(programs: str, work: str, keys: str, open_for: int) -> None:
    """Client 5 never comes; client 4 enrols and never comes again, so that the round lasts until its time is over."""
    session = Session(programs, work, keys, [1, 2, 3, 1, 1, 1], open_for)
    try:
        session.aggregator.start()
        session.aggregator.wait_for("listening")
        line = SlowLine(session.port)
        clients = [session.client(i, line.port if i == 2 else 0) for i in range(5)]
        noise = send_garbage(session.port)
        clients[4].start()
        clients[4].wait_for("enrolled")
        clients[4].kill()
        for role in clients[:4]:
            role.start()
        for role in (*session.trustees, session.auditor):
            role.start()
        session.aggregator.wait_for("enrolled     5 of 6")
        session.aggregator.kill()
        command = session.aggregator.command
        command[command.index("--enrol-for") + 1] = "0"  # nobody else is waited for
        session.aggregator.start()
        session.aggregator.wait_for("round        1 opened")
        # Killed as soon as somebody is counted, and before everybody is.
        session.aggregator.wait_for("contribution 1 of")
        session.aggregator.kill()
        session.trustees[0].kill()
        session.aggregator.start()
        session.trustees[0].start()
        session.aggregator.wait_for_match(r"(?s)(listening.*){3}")  # once for each start
        noise += send_garbage(session.port)
        closed = session.aggregator.wait_for_match(r"round +1 closed, (\d+) counted")
        if int(closed.group(1)) < 4:
            raise TooSlow(f"{closed.group(1)} of 4 clients within {open_for} s")
        for role in (*clients[:4], *session.trustees, session.auditor):
            role.finish()
        if line.cuts == 0:
            raise Failed("the slow line was never cut")
        line.close()
        for connection in noise:
            connection.close()
        session.check(rounds=1, silent={4, 5})
    finally:
        session.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description="Sessions of `cluster` on loopback.")
    parser.add_argument("--programs", required=True, help="folder of cluster, audit and keys")
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    given = parser.parse_args()
    programs = os.path.abspath(given.programs)
    work = tempfile.mkdtemp(prefix="veilsum cluster ")  # no part of a path is taken for an argument
    try:
        keys = os.path.join(work, "keys")
        deal = [os.path.join(programs, "keys"), "deal", "--bits", "2048", "--trustees", "3", "--quorum", "2"]
        subprocess.run([*deal, "--out", keys], check=True, capture_output=True)
        show = subprocess.run([deal[0], "show", keys], check=True, capture_output=True, text=True)
        ids = [word for line in show.stdout.split("\n") if "key id" in line for word in line.split() if len(word) == 64]
        if len(ids) != 1:
            raise Failed(f"keys show names no key id:\n{show.stdout}")
        with open(os.path.join(keys, "key-id"), "w", encoding="ascii") as file:
            file.write(ids[0])
        begun = time.monotonic()
        attacked(programs, os.path.join(work, "attacked"), keys)
        print(f"attacked: as expected, {time.monotonic() - begun:.1f} s", flush=True)
        # With a client that stays silent a round cannot be closed before its time. What is enough depends on the
        # machine and on who else uses it.
        for open_for in OPEN_FOR:
            begun = time.monotonic()
            try:
                faults(programs, os.path.join(work, f"faults-{open_for}"), keys, open_for)
            except TooSlow as slow:
                print(f"faults: {slow}, again with more time", flush=True)
                continue
            print(f"faults: as expected, {time.monotonic() - begun:.1f} s", flush=True)
            return 0
        raise Failed("the machine is too slow for a round")
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
