#!/usr/bin/env python3
"""Runs both verifiers on honest and tampered records and requires one verdict of the full audit, the light one and
that of the log alone: the same step, record, check and culprit.

    compare_verifiers.py --forge forge_session --audit-toy audit_toy [--train train --audit audit]

What the second verifier says at the light level is held against what it says in full, too.

Toy sessions (512-bit keys) carry the corpus of mutate_record.py. With --train and --audit a small session
with real keys is trained too, and judged by the programs as people run them: `audit` and `verify_record.py`,
exit status included.

Exit status: 0 they agree, 1 they do not, 77 something that is needed is not there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

EXIT_SKIPPED = 77

try:
    from mutate_record import corpus
    from mutations.base import Mutation, on_file
    from forgery import copy_folder, flip
    from veilsum_record.session import CEREMONY, CHAIN, CHECKPOINT, FILES, ROUND
    from veilsum_record.audit import FULL, LIGHT, LOG, audit
except Exception as error:  # no libsodium, or a Python without something that is used
    print(f"skipped: {error}")
    sys.exit(EXIT_SKIPPED)

TOY_BITS = frozenset({512})
HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass(frozen=True)
class Answer:
    """What a verifier says, as far as the two must agree; step 0 is accepted."""

    step: int
    record: str = "-"
    check: str = "-"
    culprit: str = "-"

    def __str__(self) -> str:
        if self.step == 0:
            return "accepted"
        return f"step {self.step}, record {self.record}, check {self.check}, {self.culprit}"


class ToyAuditor:
    """The library's auditor for toy keys: one process that answers folder by folder."""

    def __init__(self, program: str) -> None:
        # Toy numbers are too small to share between threads.
        one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=one_thread
        )
        self.last_line = ""

    def ask(self, folder: str, level: str) -> Answer:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(("" if level == FULL else f"--{level} ") + folder + "\n")
        self._process.stdin.flush()
        self.last_line = self._process.stdout.readline().strip()
        if not self.last_line:
            raise RuntimeError(f"the auditor ended on {folder}")
        word, *rest = self.last_line.split(" ")
        if word == "accepted":
            return Answer(0)
        step, record, check, culprit = rest[:4]
        return Answer(int(step), record, check, culprit.replace("_", " "))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def ask_python(folder: str, level: str) -> tuple[Answer, str]:
    """Verdict and reason of the second verifier, for toy keys."""
    verdict = audit(folder, TOY_BITS, level=level)
    if verdict.accepted or verdict.reason is None:
        return Answer(0), ""
    record = "-" if verdict.record is None else str(verdict.record)
    return Answer(verdict.step, record, str(verdict.reason.check), verdict.reason.culprit or "-"), str(
        verdict.reason
    )


ASPECTS = ("step", "record", "check", "culprit")


def aspects_that_differ(ours: Answer, theirs: Answer) -> set[str]:
    if (ours.step == 0) != (theirs.step == 0):
        return {"verdict"}
    return {aspect for aspect in ASPECTS if getattr(ours, aspect) != getattr(theirs, aspect)}


def expected_steps() -> dict[str, int]:
    steps: dict[str, int] = {}
    with open(os.path.join(HERE, "expected_steps.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                step, name = line.split()
                steps[name] = int(step)
    return steps


@dataclass
class Tally:
    compared: int = 0
    unexpected: int = 0
    by_step: Counter[int] = field(default_factory=Counter)


def compare_toys(
    forge: str, auditor_program: str, work: str, verbose: bool, every: int, only: str
) -> Tally:
    sessions = os.path.join(work, "sessions")
    os.mkdir(sessions)
    made = subprocess.run(
        [forge], env={**os.environ, "VEILSUM_FORGE_DIR": sessions}, capture_output=True, text=True
    )
    if made.returncode != 0:
        raise RuntimeError(f"forge_session failed:\n{made.stdout}{made.stderr}")
    auditor = ToyAuditor(auditor_program)
    tally = Tally()
    folder = os.path.join(work, "record")
    mutations = corpus(sessions)
    expected = expected_steps()
    listed = {mutation.name for mutation in mutations if not mutation.name.startswith("random/")}
    for name in sorted(listed ^ expected.keys()):
        tally.unexpected += 1
        print(f"{name}: {'not in' if name in listed else 'no such mutation, but in'} expected_steps.txt")
    chosen = [mutation for mutation in mutations if mutation.name.startswith(only)]
    for mutation in itertools.islice(chosen, 0, None, every):
        mutation.write(folder)
        tally.compared += 1
        full = Answer(0)
        for level in (FULL, LIGHT, LOG):
            ours, reason = ask_python(folder, level)
            theirs = auditor.ask(folder, level)
            differ = aspects_that_differ(ours, theirs)
            if level == FULL:
                full = ours
                tally.by_step[ours.step] += 1
                if ours.step != expected.get(mutation.name, ours.step):
                    differ.add(f"expected step {expected[mutation.name]}")
                if must_be_accepted(mutation.name) != (ours.step == 0):
                    differ.add("expectation")
            elif contradicts(mutation.name, full, ours, level):
                differ.add(f"{full} in full")
            name = mutation.name + ("" if level == FULL else f" --{level}")
            if verbose:
                print(f"{name:60} {ours}  {reason}")
            if not differ:
                continue
            tally.unexpected += 1
            print(f"{name}: {', '.join(sorted(differ))}")
            print(f"    python  {ours}: {reason}\n    C++     {theirs}: {auditor.last_line}")
        shutil.rmtree(folder)
    auditor.close()
    return tally


def contradicts(name: str, full: Answer, ours: Answer, level: str) -> bool:
    """Whether a verdict of another level cannot stand beside that of the full audit."""
    if level == LIGHT:
        # Nothing else is looked at, and some things are not.
        return ours != full and full.step in (0, CHAIN, CHECKPOINT, CEREMONY, ROUND, FILES)
    # A log that was changed without its key fails as before. What its aggregator signed is whole, whatever it says;
    # step 3 begins with the first record, which says whose log it is.
    if full.step == CHECKPOINT or (full.step == CHAIN and not signed_anew(name)):
        return ours != full
    return full.step != CEREMONY and ours.step != 0


def signed_anew(name: str) -> bool:
    """By the name of a mutation: records that the aggregator chains and signs, see mutate_record.py."""
    return not name.startswith(("honest/", "storage/", "note/", "random/"))


def must_be_accepted(name: str) -> bool:
    """By the name of a mutation: changes that no verifier may mind."""
    return name.startswith("honest/") or name.endswith("-ok")


Outcome = tuple[int, int, str, list[int], list[Any]]


def ask_programs(folder: str, audit_program: str) -> tuple[Outcome, Outcome]:
    """Exit status, step and record of verify_record.py and of audit, how much each step checked, and of which log."""
    script = [sys.executable, os.path.join(HERE, "verify_record.py"), folder, "--json"]
    ours = subprocess.run(script, capture_output=True, text=True)
    verdict_file = folder + ".verdict"
    theirs = subprocess.run([audit_program, folder, "--json", verdict_file], capture_output=True, text=True)
    theirs_json = "{}"
    if os.path.exists(verdict_file):
        with open(verdict_file, encoding="utf-8") as file:
            theirs_json = file.read()
        os.unlink(verdict_file)
    return _outcome(ours.returncode, ours.stdout or "{}"), _outcome(theirs.returncode, theirs_json)


def _outcome(status: int, text: str) -> Outcome:
    said = json.loads(text)
    failure = said.get("failure", {})
    counts = [step["checked"] for step in said.get("steps", [])]
    log = [said.get(part) for part in ("records", "root", "head")]
    return status, failure.get("step", 0), str(failure.get("record")), counts, log


def flip_byte_99(data: bytes) -> bytes:
    return flip(data, 99)


def compare_programs(train: str, audit_program: str, work: str) -> Tally:
    """Real keys. Few cases: each costs the second verifier seconds."""
    out = os.path.join(work, "trained")
    size = "--bits 2048 --clients 2 --trustees 3 --quorum 2 --rounds 1 --examples 200 --hidden 3"
    trained = subprocess.run([train, *size.split(), "--out", out], capture_output=True, text=True)
    if trained.returncode != 0:
        raise RuntimeError(f"train failed:\n{trained.stdout}{trained.stderr}")
    record = os.path.join(out, "record")
    source = type("Trained", (), {"folder": record})()
    bodies = os.path.join(record, "bodies")
    by_size = sorted(os.listdir(bodies), key=lambda name: os.path.getsize(os.path.join(bodies, name)))
    cases = [
        Mutation("programs/honest", lambda folder: copy_folder(record, folder)),
        Mutation("programs/log-flipped", on_file(source, "log", lambda data: flip(data, 1000))),
        Mutation("programs/log-cut", on_file(source, "log", lambda data: data[:-30])),
        Mutation("programs/log-without-records", on_file(source, "log", lambda data: data[:8])),
        Mutation("programs/checkpoint-flipped", on_file(source, "checkpoint", lambda data: flip(data, -4))),
        *(
            Mutation(f"programs/body-{number}-flipped", on_file(source, f"bodies/{name}", flip_byte_99))
            for number, name in enumerate(by_size[-3:])
        ),
        Mutation("programs/model-flipped", on_file(source, "model.bin", lambda data: flip(data, 20))),
        Mutation("programs/empty-folder", os.mkdir),
        Mutation("programs/no-folder", lambda folder: None),
    ]
    tally = Tally()
    for case in cases:
        folder = os.path.join(work, "case")
        case.write(folder)
        ours, theirs = ask_programs(folder, audit_program)
        shutil.rmtree(folder, ignore_errors=True)
        tally.compared += 1
        tally.by_step[ours[1]] += 1
        aspects = ("verdict", "step", "record", "counts", "log")
        differ = {aspect for aspect, a, b in zip(aspects, ours, theirs) if a != b}
        expected = {"honest": 0, "empty-folder": 2, "no-folder": 2}.get(case.name.removeprefix("programs/"), 1)
        if ours[0] != expected:
            differ.add(f"status that is not {expected}")
        if not differ:
            continue
        tally.unexpected += 1
        print(f"{case.name}: {', '.join(sorted(differ))}")
        print(f"    python  status, step, record, counts, log {ours}\n    C++     the same {theirs}")
    return tally


def report(title: str, tally: Tally, seconds: float) -> None:
    steps = ", ".join(
        f"{'accepted' if s == 0 else f'step {s}'}: {n}" for s, n in sorted(tally.by_step.items())
    )
    print(f"{title}: {tally.compared} records in {seconds:.1f} s")
    print(f"    {tally.unexpected} differences")
    print(f"    {steps}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Compares the two verifiers of a session record.")
    parser.add_argument("--forge", required=True, help="program forge_session")
    parser.add_argument("--audit-toy", required=True, help="program audit_toy")
    parser.add_argument("--train", help="program train")
    parser.add_argument("--audit", help="program audit")
    parser.add_argument("--every", type=int, default=1, help="compare one mutation of so many")
    parser.add_argument("--only", default="", help="compare mutations whose names begin so")
    parser.add_argument("--verbose", action="store_true", help="print every verdict")
    given = parser.parse_args()
    unexpected = 0
    with tempfile.TemporaryDirectory(prefix="veilsum-interop-") as work:
        start = time.perf_counter()
        toys = compare_toys(given.forge, given.audit_toy, work, given.verbose, given.every, given.only)
        report("toy keys", toys, time.perf_counter() - start)
        unexpected += toys.unexpected
        if given.train and given.audit:
            start = time.perf_counter()
            programs = compare_programs(given.train, given.audit, work)
            report("programs", programs, time.perf_counter() - start)
            unexpected += programs.unexpected
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
