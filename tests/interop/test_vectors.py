#!/usr/bin/env python3
"""The second verifier on the vectors of keys, key proofs, threshold decryption and receipts that the
library wrote."""

from __future__ import annotations

import json
import os
import sys
import unittest
from collections.abc import Callable

try:
    from veilsum_record import key_validity, note, paillier, receipts, residue_root, threshold, witnesses
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


class Receipts(Case):
    vectors = load("receipts.json")
    origin = vectors["expected"]["origin"]
    key = bytes.fromhex(vectors["expected"]["aggregator"])

    def policy(self, name: str) -> witnesses.Policy:
        (text,) = [each["text"] for each in self.vectors["policies"] if each["name"] == name]
        return witnesses.parse_policy(text.encode())

    def test_policies(self) -> None:
        for case in self.vectors["policies"]:
            with self.subTest(case["name"]):
                if "code" not in case:
                    policy = self.policy(case["name"])
                    self.assertEqual(policy.threshold, case["threshold"])
                    if case["witnesses"]:
                        self.assertEqual([w.name for w in policy.witnesses], case["witnesses"])
                    continue
                with self.assertRaises(Refused) as raised:
                    self.policy(case["name"])
                line = f"line {case['line']}" if case["line"] else ""
                self.assertEqual((raised.exception.code, raised.exception.place), (case["code"], line))

    def test_notes(self) -> None:
        for case in self.vectors["notes"]:
            with self.subTest(case["name"]):
                policy, data = self.policy(case["policy"]), case["note"].encode()
                oldest = case["oldest"]
                self.gives(case["verdict"], lambda: policy.verify(data, self.origin, self.key, oldest))
                if case["verdict"] == "accepted":
                    counted = policy.verify(data, self.origin, self.key, oldest)
                    self.assertEqual(counted, case["witnesses"])

    def test_inclusion(self) -> None:
        cases = {case["name"]: case for case in self.vectors["inclusions"]}
        for case in cases.values():
            data = bytes.fromhex(cases[case.get("of", case["name"])]["receipt"])
            receipt = receipts.Receipt.parse(altered(data, case.get("replace", [])))
            if "note" in case:
                receipt = receipts.Receipt(receipt.entry, case["note"].encode())
            with self.subTest(case["name"]):
                self.gives(case["verdict"], lambda: receipt.verify(self.origin, self.key))
                if case["verdict"] == "accepted":
                    self.assertEqual(receipt.encode(), data)
                    record, _ = receipt.verify(self.origin, self.key)
                    self.assertEqual(str(receipts.subject_of(record)), case["subject"])

    def test_exclusion(self) -> None:
        for case in self.vectors["exclusions"]:
            expected = expected_of(case.get("expected", self.vectors["expected"]))
            receipt = receipts.ExclusionReceipt.parse(bytes.fromhex(case["receipt"]))
            with self.subTest(case["name"]):
                self.assertEqual(receipt.encode().hex(), case["receipt"])
                self.gives(case["verdict"], lambda: receipt.verify(expected))
                if case["verdict"] == "accepted":
                    found = receipt.verify(expected)
                    self.assertEqual((found.why, found.reason), (case["why"], case["reason"]))
                    about = found.closing.round, found.client.hex()
                    self.assertEqual(about, (case["round"], case["client"]))

    def test_later_checkpoints(self) -> None:
        known = self.vectors["extensions"]["known"]
        tip = note.Checkpoint(self.origin, known["size"], bytes.fromhex(known["root"]))

        def verify(data: bytes) -> None:
            later = receipts.Extension.parse(data)
            receipts.verify_later(tip, later.old_size, later.proof, later.note, self.origin, self.key)

        for case in self.vectors["extensions"]["cases"]:
            with self.subTest(case["name"]):
                self.gives(case["verdict"], lambda: verify(case["text"].encode()))


def expected_of(given: dict) -> receipts.Expected:
    fields = {name: given[name] for name in ("origin", "round") if name in given}
    for name in ("session", "aggregator", "client"):
        if name in given:
            fields[name] = bytes.fromhex(given[name])
    return receipts.Expected(**fields)


if __name__ == "__main__":
    unittest.main()
