#!/usr/bin/env python3
"""The second verifier on the vectors of keys, key proofs and threshold decryption that the library wrote."""

from __future__ import annotations

import json
import os
import sys
import unittest
from collections.abc import Callable

try:
    from veilsum_record import key_validity, paillier, residue_root, threshold
    from veilsum_record.failure import Refused
    from veilsum_record.transcript import Transcript
except Exception as error:  # no libsodium
    print(f"skipped: {error}")
    sys.exit(77)

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "vectors")


def load(name: str) -> dict:
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return json.load(file)


def script_of(context: dict) -> Transcript:
    made = Transcript(context["protocol"])
    for label, data in context["items"]:
        made.absorb(label, bytes.fromhex(data))
    return made


def altered(data: bytes, changes: list) -> bytes:
    for offset, instead in changes:
        new = bytes.fromhex(instead)
        data = data[:offset] + new + data[offset + len(new) :]
    return data


def key_of(case: dict) -> paillier.PublicKey:
    return paillier.PublicKey.parse(bytes.fromhex(case["key"]), case["modulus_bits"], case["degree"])


def resolved(cases: list, case: dict) -> dict:
    """The case as it is, or the one that it alters, altered."""
    if "of" not in case:
        return case
    (base,) = [each for each in cases if each["name"] == case["of"]]
    proof = altered(bytes.fromhex(base["proof"]), case["replace"]).hex()
    return {**base, "proof": proof, "verdict": case["verdict"]}


class Case(unittest.TestCase):
    def gives(self, verdict: object, action: Callable[[], object]) -> None:
        try:
            action()
        except Refused as refused:
            self.assertNotEqual(verdict, "accepted", str(refused))
            assert isinstance(verdict, dict)
            self.assertEqual((refused.code, refused.check), (verdict["code"], verdict["check"]))
            part = verdict.get("part", "")
            self.assertEqual(refused.place[: len(part)], part)
        else:
            self.assertEqual(verdict, "accepted")


class KeyProofs(Case):
    vectors = load("key-proofs.json")

    def test_keys(self) -> None:
        for case in self.vectors["keys"]:
            with self.subTest(case["name"]):
                self.gives(case["verdict"], lambda: key_of(case))

    def test_proofs_of_key_validity(self) -> None:
        cases = self.vectors["key_proofs"]
        for listed in cases:
            case = resolved(cases, listed)
            script = script_of(case.get("context", self.vectors["context"]))
            proof = bytes.fromhex(case["proof"])
            with self.subTest(listed["name"]):
                self.gives(case["verdict"], lambda: key_validity.verify(script, key_of(case), proof))

    def test_proofs_of_a_residue_root(self) -> None:
        cases = self.vectors["residue_roots"]
        for listed in cases:
            case = resolved(cases, listed)
            script = script_of(self.vectors["context"])
            residue, proof = bytes.fromhex(case["residue"]), bytes.fromhex(case["proof"])
            with self.subTest(listed["name"]):
                self.gives(case["verdict"], lambda: residue_root.verify(script, key_of(case), residue, proof))


class Threshold(Case):
    vectors = load("threshold.json")

    def test_ceremonies(self) -> None:
        for case in self.vectors["ceremonies"]:
            with self.subTest(case["name"]):
                self.replay(case)

    def replay(self, case: dict) -> None:
        key = key_of(case)
        frame = bytes.fromhex(case["verification_keys"])
        keys = threshold.VerificationKeys.parse(key, frame)
        self.assertEqual(keys.epoch, case["epoch"])
        keys.check()
        count = len(case["plaintexts"])
        ciphertexts = key.parse_units(bytes.fromhex(case["ciphertexts"]), count)

        def verify(message: bytes, context: dict) -> threshold.Partial:
            partial = threshold.parse_partial(keys, count, message)
            threshold.verify_partial(keys, ciphertexts, partial, script_of(context))
            return partial

        context = self.vectors["context"]
        messages = [bytes.fromhex(partial["message"]) for partial in case["partials"]]
        partials = [verify(message, context) for message in messages]
        self.assertEqual([p.index for p in partials], list(range(1, keys.trustees + 1)))
        expected = [int(text) for text in case["plaintexts"]]
        for quorum in case["quorums"]:
            self.assertEqual(threshold.combine(keys, [partials[i - 1] for i in quorum]), expected)

        for change in case["altered"]:
            message = altered(messages[1], change["replace"])
            with self.subTest(change["name"]):
                self.gives(change["verdict"], lambda: verify(message, change.get("context", context)))
        for change in case["bad_verification_keys"]:
            bad = threshold.VerificationKeys.parse(key, altered(frame, change["replace"]))
            with self.subTest(change["name"]):
                self.gives(change["verdict"], bad.check)


if __name__ == "__main__":
    unittest.main()
