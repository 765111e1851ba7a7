"""What all groups of mutations are made of."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Callable

from forgery import Draft, Source, copy_folder, replace_file
from veilsum_record.audit import Audit
from veilsum_record.ceremony import open_session
from veilsum_record.session import SessionState

TOY_BITS = frozenset({512})


@dataclass(frozen=True)
class Mutation:
    name: str
    write: Callable[[str], None]  # makes the folder of this name


class Sources:
    """The honest sessions of forge_session.cpp."""

    def __init__(self, folder: str) -> None:
        self.honest = Source(os.path.join(folder, "honest"))
        self.second = Source(os.path.join(folder, "second"))
        self.silent = Source(os.path.join(folder, "silent"))
        self.repeated = Source(os.path.join(folder, "repeated"))
        self.spoiled = Source(os.path.join(folder, "spoiled"))
        self.wrapped = Source(os.path.join(folder, "wrapped"))
        self.exceeding = Source(os.path.join(folder, "exceeding"))
        self.proved = Source(os.path.join(folder, "proved"))
        self.budget = Source(os.path.join(folder, "budget"))
        self.tried = Source(os.path.join(folder, "tried"))
        self.moved = Source(os.path.join(folder, "moved"))

    def all(self) -> dict[str, Source]:
        return vars(self)


def folded(source: Source, records: int) -> SessionState:
    """The verifier's own state after so many records: how a forger knows what to write next."""
    audit = Audit(source.folder, TOY_BITS)
    if not audit.run().accepted or audit.state is None:
        raise ValueError(f"{source.folder} is not an honest session")
    state = SessionState(open_session(source.records[0], audit.state.bodies, TOY_BITS), audit.state.bodies)
    for record in source.records[1:records]:
        state.apply(record)
    return state


def on_copy(source: Source, change: Callable[[str], None]) -> Callable[[str], None]:
    """A mutation of stored bytes: copy the folder, then change it."""

    def write(folder: str) -> None:
        copy_folder(source.folder, folder)
        change(folder)

    return write


def on_draft(source: Source, change: Callable[[Draft], None]) -> Callable[[str], None]:
    """A mutation that the aggregator signs."""

    def write(folder: str) -> None:
        draft = Draft(source)
        change(draft)
        draft.write(folder)

    return write


def on_file(source: Source, name: str, change: Callable[[bytes], bytes]) -> Callable[[str], None]:
    """One file of the folder rewritten."""

    def rewrite(folder: str) -> None:
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            data = file.read()
        replace_file(path, change(data))

    return on_copy(source, rewrite)
