#!/usr/bin/env python3
"""verify_record.py FOLDER [--json]: checks the record of an aggregation session, step by step, from docs/spec
alone.

Exit status: 0 accepted, 1 refused, 2 not a record folder or not readable.
"""

from __future__ import annotations

import argparse
import json
import sys

from veilsum_record.audit import FULL, LIGHT, LOG, STEPS, Unusable, Verdict, audit
from veilsum_record.failure import Refused
from veilsum_record.witnesses import MAX_POLICY, parse_policy


def print_log(verdict: Verdict) -> None:
    print(f"log        {verdict.records} records")
    print(f"root       {verdict.root.hex()}")
    print(f"head       {verdict.head.hex()}")


def print_verdict(verdict: Verdict, level: str) -> None:
    for number, (name, count) in enumerate(zip(STEPS, verdict.steps), 1):
        outcome = "REFUSED" if number == verdict.step else "ok" if count.items else "-"
        print(f"  {number:2}  {name:52} {count.items:6} checked  {count.seconds:8.3f} s  {outcome}")
    print()
    if verdict.accepted:
        print(f"session    {verdict.session.hex()}")
        print(f"origin     {verdict.origin}, signed by {verdict.aggregator.hex()}")
        print_log(verdict)
        if level == LOG:
            print("level      log: what the records say was not looked at")
        if level == LIGHT:
            print("level      light: proofs, ciphertexts and partial decryptions were not checked")
        if level != LOG and not verdict.ended:
            print("note       the session was not ended: exported files are not covered")
        print("VERDICT    accepted")
        return
    assert verdict.reason is not None
    print(f"VERDICT    refused at step {verdict.step} ({STEPS[verdict.step - 1]})")
    if verdict.record is not None:
        print(f"record     {verdict.record}")
    print(f"reason     {verdict.reason}")
    print(f"culprit    {verdict.reason.culprit or 'not known'}")
    if any(verdict.root):
        print_log(verdict)


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks the record of an aggregation session.")
    parser.add_argument("folder", help="folder with log, checkpoint and bodies")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    levels = parser.add_mutually_exclusive_group()
    levels.add_argument("--log", action="store_true", help="chain, Merkle root and checkpoint only")
    levels.add_argument("--light", action="store_true", help="opened sums against the row commitments only")
    parser.add_argument("--witnesses", help="policy file: who must have cosigned the checkpoint")
    parser.add_argument("--cosigned-since", type=int, default=0, help="oldest cosignature, seconds")
    given = parser.parse_args()
    level = LOG if given.log else LIGHT if given.light else FULL
    try:
        policy = None
        if given.witnesses is not None:
            with open(given.witnesses, "rb") as file:
                policy = parse_policy(file.read(MAX_POLICY + 1))
        verdict = audit(given.folder, policy=policy, oldest=given.cosigned_since, level=level)
    except (Unusable, OSError, Refused) as error:
        print(f"verify_record: {error}", file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(verdict.as_json(), indent=2))
    else:
        print_verdict(verdict, level)
    return 0 if verdict.accepted else 1


if __name__ == "__main__":
    sys.exit(main())
