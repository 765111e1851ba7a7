"""A round of many clients, each party a process of its own: time, memory, and whether all came out as planned.

    stress.py --program STRESS --audit AUDIT [--clients 100,300,1000] [--dimension 10000] [--modulus 3072]

Of the roster a tenth is silent and one in a hundred cheats, at least one client for each way to cheat
(tests/stress/stress_plan.hpp). The aggregator gets the contributions through a pipe, one at a time. Then trustees
1, 3 and 4 of five answer, trustee 2 answers wrongly, trustee 5 not at all; `audit` checks the record; a referee
compares it with the plan. With several numbers of clients, one run each: the memory of the aggregator must not
grow with them by more than --slope bytes a client. Everything that is written is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any

ANSWERING = (1, 2, 3, 4)  # trustee 2 wrongly
# What the referee must notice when it is made to expect something else.
PLANTED = {
    "sum": "the opened sums",
    "counted": "who is counted",
    "refused": "who is refused, and for what",
    "silent": "who is silent",
    "trustee": "the refused answers",
}
MEBIBYTE = 1 << 20
MOST_MEMORY = 1 << 30


class Failed(Exception):
    pass


@dataclass
class Part:
    """What one process took."""

    name: str
    wall: float
    processor: float
    peak: int
    detail: dict[str, Any] = field(default_factory=dict)


def say(text: str) -> None:
    print(text, flush=True)


class Process:
    def __init__(self, name: str, command: list[str], **streams: Any) -> None:
        self.name = name
        self._begun = time.monotonic()
        # Threads that wait must not spin: others run on the same processors, and it would count as time used.
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
        self._process = subprocess.Popen(command, env=environment, **streams)

    def finish(self) -> Part:
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode != 0:
            raise Failed(f"{self.name} ended with {self._process.returncode}")
        return Part(self.name, time.monotonic() - self._begun, used.ru_utime + used.ru_stime, 0)

    def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()


class Round:
    """One run in a folder of its own."""

    def __init__(self, given: argparse.Namespace, clients: int, folder: str) -> None:
        self._given = given
        self._clients = clients
        self._folder = folder
        self.parts: dict[str, Part] = {}

    def _command(self, role: str, *more: str) -> list[str]:
        given = self._given
        numbers = ["--clients", str(self._clients), "--dimension", str(given.dimension)]
        numbers += ["--modulus", str(given.modulus), "--seed", str(given.seed)]
        return [given.program, role, "--folder", self._folder, *numbers, *more]

    def _report(self, name: str) -> dict[str, Any]:
        with open(os.path.join(self._folder, name + ".json"), encoding="utf-8") as file:
            return json.load(file)

    def _keep(self, part: Part) -> Part:
        part.detail = self._report(part.name)
        part.peak = part.detail["peak_bytes"]
        self.parts[part.name] = part
        return part

    def play(self) -> None:
        self._set_up()
        self._send_and_answer()
        for level in ("full", "light"):
            self._audit(level)
        referee = self._keep(Process("referee", self._command("referee")).finish()).detail
        say(
            f"   as planned: {referee['counted']} counted, their plain sum is what was opened;"
            f" {referee['refused']} refused and named, each by its check; {referee['silent']} silent"
        )
        for fault, noticed in PLANTED.items():
            command = self._command("referee", "--planted", fault)
            said = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
            if said.returncode != 1 or f"wrong: {noticed}" not in said.stderr:
                raise Failed(f"the referee does not notice {fault}: {said.stderr}")

    def _set_up(self) -> None:
        facts = self._keep(Process("setup", self._command("setup")).finish()).detail
        seconds = facts["seconds"]
        # The record: a body for each message that is kept. Trustees and audits only read.
        disk = self._clients * (facts["message_bytes"] + 16384) + 64 * MEBIBYTE
        free = shutil.disk_usage(self._folder).free
        say(
            f"   {self._clients} clients: {facts['honest']} honest, {facts['silent']} silent, {facts['cheats']} cheat;"
            f" {facts['ciphertexts']} ciphertexts of {facts['values_a_ciphertext']} values,"
            f" {facts['rows']} + {facts['audit_rows']} rows of {facts['columns']}"
        )
        # Clients make, and aggregator, four trustees and the full audit check.
        whole = self._clients * (seconds["make one"] + 6 * seconds["check one"])
        say(
            f"   one contribution: {facts['message_bytes']} bytes, {1e3 * seconds['make one']:.1f} ms to make,"
            f" {1e3 * seconds['check one']:.1f} ms to check; all of them about {whole:.0f} s of processor time;"
            f" at most {disk / 1e6:.0f} MB in {self._folder}"
        )
        if disk > free:
            raise Failed(f"{disk / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free")

    def _send_and_answer(self) -> None:
        to_aggregator, from_parties = os.pipe()
        to_parties, from_aggregator = os.pipe()
        aggregator = Process(
            "aggregator", self._command("aggregator"), stdin=to_aggregator, stdout=from_aggregator
        )
        try:
            os.close(to_aggregator)
            os.close(from_aggregator)
            pipes = {"stdin": to_parties, "stdout": from_parties}
            self._keep(Process("clients", self._command("clients"), **pipes).finish())
            for trustee in ANSWERING:
                command = self._command("trustee", "--trustee", str(trustee))
                self._keep(Process(f"trustee-{trustee}", command, **pipes).finish())
            os.close(from_parties)
            os.close(to_parties)
            self._keep(aggregator.finish())
        finally:
            aggregator.stop()

    def _audit(self, level: str) -> None:
        verdict = os.path.join(self._folder, f"audit-{level}.json")
        command = [self._given.audit, os.path.join(self._folder, "record"), "--json", verdict]
        if level == "light":
            command.append("--light")
        # `audit` asks the kernel for the most memory that its process held, and that counts whoever started it: a
        # shell is smaller than this.
        shell = ["/bin/sh", "-c", '"$@"; exit $?', "sh"]
        part = Process(f"audit-{level}", shell + command, stdout=subprocess.DEVNULL).finish()
        part.detail = self._report(part.name)
        part.peak = part.detail["peak_memory_bytes"]
        self.parts[part.name] = part
        counts = [part.detail[name] for name in ("accepted", "ended", "partial_decryptions")]
        if counts != [True, True, 3]:
            raise Failed(f"the {level} audit says {counts}")

    def show(self) -> None:
        say(f"   {'':14} {'processor s':>12} {'wall s':>8} {'peak MiB':>9}")
        for part in self.parts.values():
            say(f"   {part.name:14} {part.processor:12.1f} {part.wall:8.1f} {part.peak / MEBIBYTE:9.1f}")
            phases = part.detail.get("seconds", {})
            for phase, seconds in sorted(phases.items(), key=lambda each: -each[1]):
                if seconds >= 0.05:
                    say(f"      {phase:40} {seconds:8.2f}")
        total = sum(part.processor for part in self.parts.values())
        say(f"   {'all':14} {total:12.1f}")
        aggregator = self.parts["aggregator"].detail
        say(f"   received by the aggregator: {aggregator['received_bytes'] / 1e6:.1f} MB")
        for phase, peak, now in aggregator["memory"]:
            say(f"      after {phase:34} peak {peak / MEBIBYTE:7.1f} MiB, held {now / MEBIBYTE:7.1f} MiB")
        for messages, peak in aggregator.get("after_messages", []):
            say(f"      after {messages:5} messages {'':19} peak {peak / MEBIBYTE:7.1f} MiB")
        for kind, answers in self.parts["clients"].detail["answers"].items():
            text = re.sub("([0-9a-f]{8})[0-9a-f]{56}", r"\1...", "; then ".join(dict.fromkeys(answers)))
            say(f"      {kind:20} {text}")

    def working_memory(self) -> int:
        """The most that the aggregator held after its start, which checks the ceremony and is the same for all."""
        phases = self.parts["aggregator"].detail["memory"]
        return max(peak for phase, peak, _ in phases if phase != "start")


def main() -> int:
    parser = argparse.ArgumentParser(description="A round of many clients, each party a process of its own.")
    parser.add_argument("--program", required=True, help="the program `stress`")
    parser.add_argument("--audit", required=True, help="the program `audit`")
    parser.add_argument("--clients", default="100,300,1000", help="on the roster; several: one run each")
    parser.add_argument("--dimension", type=int, default=10000)
    parser.add_argument("--modulus", type=int, default=3072, choices=(2048, 3072))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slope", type=float, default=8192, help="bytes a client that the aggregator may grow")
    parser.add_argument("--any-memory", action="store_true", help="do not judge memory: the program is sanitised")
    parser.add_argument("--scratch", default=None, help="where the record goes while it is needed")
    parser.add_argument("--json", default=None, help="write all figures to this file")
    given = parser.parse_args()
    sizes = [int(size) for size in given.clients.split(",")]
    peaks: list[tuple[int, int]] = []
    figures: dict[str, Any] = {}
    begun = time.monotonic()
    for clients in sizes:
        say(f"stress: {clients} clients, {given.dimension} values, {given.modulus} bits")
        with tempfile.TemporaryDirectory(prefix="stress-", dir=given.scratch) as folder:
            round_ = Round(given, clients, folder)
            try:
                round_.play()
            except Failed as failure:
                say(f"stress: FAILED: {failure}")
                return 1
            round_.show()
        peaks.append((clients, round_.working_memory()))
        figures[str(clients)] = {name: vars(part) for name, part in round_.parts.items()}
        if not given.any_memory and round_.parts["aggregator"].peak > MOST_MEMORY:
            say("stress: FAILED: the aggregator held more than 1 GiB")
            return 1
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)
    if len(peaks) > 1:
        (few, low), (many, high) = peaks[0], peaks[-1]
        slope = (high - low) / (many - few)
        say(f"stress: memory of the aggregator: {slope:.0f} bytes a client, from {few} to {many} clients")
        if slope > given.slope:
            say(f"stress: FAILED: more than {given.slope:.0f} bytes a client")
            return 1
    say(f"stress: passed in {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
