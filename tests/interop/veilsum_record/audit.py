"""The thirteen steps of an audit over a record folder (spec: aggregation, section 7)."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field
from typing import Any

from . import merkle, messages, note
from .ceremony import open_session
from .failure import AGGREGATOR, Refused
from .log import Bodies, Log, open_regular
from .messages import SessionHeader
from .paillier import MODULUS_BITS
from .light_session import LightState
from .session import CEREMONY, CHAIN, CHECKPOINT, FILES, Phase, SessionState
from .witnesses import Policy

STEPS = (
    "log: framing and hash chain",
    "checkpoint: Merkle root and signature",
    "ceremony: key and its proof, verification keys, acknowledgements",
    "rounds: parameters, roster, model",
    "contributions: signatures, ciphertexts, proofs",
    "refusals: evidence",
    "closings: accepted set, product of ciphertexts",
    "opening policy",
    "partial decryptions: signatures, proofs",
    "combination of the quorum",
    "opening against row commitments",
    "update and new model",
    "files named by the record",
)

FULL, LIGHT, LOG = "full", "light", "log"  # how deep to look


class Unusable(Exception):
    """Not a record folder, or not readable: no verdict."""


@dataclass
class StepCount:
    items: int = 0
    seconds: float = 0.0


@dataclass
class Verdict:
    """`step` is 0 when the record is accepted; else step, record and reason of the first failure."""

    step: int = 0
    record: int | None = None
    reason: Refused | None = None
    steps: list[StepCount] = field(default_factory=lambda: [StepCount() for _ in STEPS])
    session: bytes = b""
    origin: str = ""
    aggregator: bytes = b""
    records: int = 0
    root: bytes = bytes(32)  # Merkle root over them; zeros when the log could not be read
    head: bytes = bytes(32)  # hash of the last of them
    counts: dict[int, int] = field(default_factory=dict)  # record type to number of records
    models: list[bytes] = field(default_factory=list)  # by number
    ended: bool = False

    @property
    def accepted(self) -> bool:
        return self.step == 0

    def as_json(self) -> dict[str, Any]:
        report: dict[str, Any] = {
            "accepted": self.accepted,
            "session": self.session.hex(),
            "origin": self.origin,
            "aggregator": self.aggregator.hex(),
            "records": self.records,
            "root": self.root.hex(),
            "head": self.head.hex(),
            "contributions": self.counts.get(messages.CONTRIBUTION, 0),
            "refusals": self.counts.get(messages.REFUSAL, 0),
            "partial_decryptions": self.counts.get(messages.PARTIAL, 0),
            "rounds_opened": self.counts.get(messages.ROUND_RESULT, 0),
            "ended": self.ended,
            "steps": [
                {"number": number, "name": name, "checked": count.items, "seconds": round(count.seconds, 6)}
                for number, (name, count) in enumerate(zip(STEPS, self.steps), 1)
            ],
        }
        if self.reason is not None:
            report["failure"] = {
                "step": self.step,
                "record": self.record,
                "code": self.reason.code,
                "what": self.reason.what,
                "check": self.reason.check,
                "place": self.reason.place,
                "culprit": self.reason.culprit,
            }
        return report


class Audit:
    """One audit. The order is that of the spec: the whole log (1), the checkpoint (2), the first record and
    the ceremony (3), then the records one by one, each with the steps of its kind, then the files (13). The
    first failure ends it."""

    def __init__(
        self,
        folder: str,
        modulus_bits: frozenset[int] = MODULUS_BITS,
        policy: Policy | None = None,
        oldest: int = 0,
        level: str = FULL,
    ) -> None:
        if not os.path.isdir(folder):
            raise Unusable(f"no such folder: {folder}")
        if not any(os.path.lexists(os.path.join(folder, part)) for part in ("log", "checkpoint", "bodies")):
            raise Unusable(f"no record in this folder: {folder}")
        self._folder = folder
        self._modulus_bits = modulus_bits
        self._policy = policy
        self._oldest = oldest
        self._level = level
        self._verdict = Verdict()
        self._step = CHAIN
        self._record: int | None = None
        self._since = time.perf_counter()
        # The fold up to where the audit came; makers of test records go on from it.
        self.state: SessionState | None = None

    def run(self) -> Verdict:
        try:
            self._run()
        except Refused as refused:
            self._verdict.step, self._verdict.record, self._verdict.reason = self._step, self._record, refused
        self._leave()
        return self._verdict

    def _leave(self) -> None:
        now = time.perf_counter()
        self._verdict.steps[self._step - 1].seconds += now - self._since
        self._since = now

    def _enter(self, step: int) -> None:
        self._leave()
        self._step = step
        if step != CHAIN:  # its items are the records
            self._verdict.steps[step - 1].items += 1

    def _run(self) -> None:
        verdict = self._verdict
        self._enter(CHAIN)
        log = Log(os.path.join(self._folder, "log"))
        verdict.records = verdict.steps[CHAIN - 1].items = len(log)
        verdict.root, verdict.head = merkle.root_of(log.leaves()), log.head
        if len(log) == 0:
            raise Refused("missing", "first record")

        # The header says whose checkpoint it must be, so it is read before step 2; its failures are step 3's.
        self._enter(CEREMONY)
        self._record = 0
        first = log[0]
        header = SessionHeader.parse(first.body)
        self._record = None

        self._enter(CHECKPOINT)
        self._check_tip(log, header)
        if self._level == LOG:
            verdict.session, verdict.origin, verdict.aggregator = first.hash(), header.origin, header.aggregator
            return

        self._enter(CEREMONY)
        self._record = 0
        bodies = Bodies(os.path.join(self._folder, "bodies"))
        try:
            session = open_session(first, bodies, self._modulus_bits)
        except Refused as refused:
            # The checkpoint makes the first record the aggregator's, as it does all others.
            names_nobody = refused.code == "unsupported" or not bodies.complete
            raise refused.within(culprit="" if names_nobody else AGGREGATOR) from None
        verdict.session, verdict.origin, verdict.aggregator = session.id, header.origin, header.aggregator

        fold = LightState if self._level == LIGHT else SessionState
        state = self.state = fold(session, bodies, self._enter)
        for index in range(1, len(log)):
            self._record = index
            record = log[index]
            state.apply(record)
            verdict.counts[record.type] = verdict.counts.get(record.type, 0) + 1
        verdict.models = [model.digest() for model in state.standing.models]
        verdict.ended = state.phase is Phase.ENDED
        for name, digest in state.files:
            self._enter(FILES)
            self._check_file(name, digest)

    def _check_tip(self, log: Log, header: SessionHeader) -> None:
        """Step 2: signed by the session's aggregator, and about exactly this log."""
        path = os.path.join(self._folder, "checkpoint")
        try:
            with open_regular(path) as file:
                data = file.read(note.MAX_NOTE + 1)
        except FileNotFoundError as error:
            raise Refused("missing", "checkpoint") from error
        except OSError as error:
            raise Refused("io", f"checkpoint ({error.strerror or error})") from error
        tip = note.verify_checkpoint(data, header.origin, header.aggregator)
        if tip.size != len(log):
            self._record = min(tip.size, len(log))
            what = "record that the checkpoint covers" if tip.size > len(
                log
            ) else "record that no checkpoint covers"
            raise Refused("missing" if tip.size > len(log) else "mismatch", what)
        if tip.root != self._verdict.root:
            raise Refused("mismatch", "Merkle root of the log")
        if self._policy is not None:
            self._policy.verify(data, header.origin, header.aggregator, self._oldest)

    def _check_file(self, name: str, digest: bytes) -> None:
        """Step 13: names are plain (messages.SessionEnd), so joining them does not leave the folder."""
        path = os.path.join(self._folder, name)
        try:
            with open_regular(path) as file:
                hasher = hashlib.sha256()
                while piece := file.read(1 << 16):
                    hasher.update(piece)
        except OSError as error:
            raise Refused("io", f"file that the record names ({error.strerror or error})", 0, name) from error
        if hasher.digest() != digest:
            raise Refused("mismatch", "digest of a file that the record names", 0, name)


def audit(
    folder: str,
    modulus_bits: frozenset[int] = MODULUS_BITS,
    policy: Policy | None = None,
    oldest: int = 0,
    level: str = FULL,
) -> Verdict:
    """LOG: steps 1 and 2 and nothing else."""
    return Audit(folder, modulus_bits, policy, oldest, level).run()
