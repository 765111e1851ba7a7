#!/usr/bin/env python3
"""mutate_record.py SESSIONS OUT [--seed N] [--list]: tampered copies of honest records, one folder each.

SESSIONS is what forge_session wrote. The same seed gives the same folders. Groups, by the front of the name:

    honest/    unchanged sessions, and changes that a verifier must not mind
    storage/   what a disk or whoever keeps the folder can do, without a key
    note/      the checkpoint alone
    signed/    records changed by an aggregator, which chains and signs anew
    ceremony/  a ceremony replaced, acknowledged by all trustees and named by the first record
    client/    a client signs what it should not, and the aggregator puts it on the record
    refusal/   refusals that the aggregator should not write
    closing/   closings that count wrongly
    trustee/   a trustee signs what it should not
    result/    results that do not follow
    replay/    records of another round or session in place of the right ones
    standing/  enrolments, removals, drawn cohorts and model numbers that do not follow
    rotation/  another ceremony that the trustees did not decide, or not so
    abandoned/ rounds that are given up without cause
    ledger/    privacy ledgers that do not say what the round is
    book/      rounds made to fit other ledgers, right and wrong
    draw/      cohorts and models after several results
    moved/     answers and results after a change of the key
    tried/     a set whose round was given up, once more
    validity/  contributions with validity proofs, bent field by field
    random/    bit flips at random places
"""

from __future__ import annotations

import argparse
import os
import sys

from mutations.base import Mutation, Sources
from mutations.moved import answers, books, openings, tries
from mutations.moved import draws as later_draws
from mutations.parties import clients, closings, refusals, results, trustees
from mutations.signed import ceremonies, replays, rounds, session_headers, signed_fields, signed_shapes
from mutations.standing import clients as enrolments
from mutations.standing import draws, given_up, ledgers, rotations
from mutations.stored import checkpoints, honest, random_flips, storage
from mutations.validity import proofs


def corpus(sessions: str, seed: int = 1) -> list[Mutation]:
    s = Sources(sessions)
    groups = [honest, storage, checkpoints, signed_fields, signed_shapes, session_headers, ceremonies, rounds]
    groups += [clients, refusals, closings, trustees, results, replays, proofs]
    groups += [enrolments, draws, rotations, given_up, ledgers, later_draws, openings, answers, tries, books]
    found = [mutation for group in groups for mutation in group(s)]
    found += random_flips(s, seed)
    names = [mutation.name for mutation in found]
    if len(set(names)) != len(names):
        raise ValueError("two mutations of one name")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Tampered copies of honest records, one folder each.")
    parser.add_argument("sessions", help="folder that forge_session wrote")
    parser.add_argument("out", nargs="?", help="where to write; must not exist")
    parser.add_argument("--seed", type=int, default=1, help="of the random bit flips")
    parser.add_argument("--list", action="store_true", help="names only")
    given = parser.parse_args()
    mutations = corpus(given.sessions, given.seed)
    if given.list or given.out is None:
        print("\n".join(mutation.name for mutation in mutations))
        return 0
    os.mkdir(given.out)
    for mutation in mutations:
        mutation.write(os.path.join(given.out, mutation.name.replace("/", ".")))
    print(f"{len(mutations)} folders")
    return 0


if __name__ == "__main__":
    sys.exit(main())
