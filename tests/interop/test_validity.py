#!/usr/bin/env python3
"""The second verifier of validity proofs against the published vectors, and its place in the record verifier.

Every number, state, challenge and verdict of tests/vectors/validity-vectors.json is compared; what was
compared is counted and printed.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import unittest
from collections import Counter
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, Callable, Iterator
from unittest import mock

try:
    from veilsum_record import commitments, contributions, messages, rounds, sodium, validity, wire
    from veilsum_record.failure import Refused
    from veilsum_record.layout import FLAG_AUDIT, FLAG_L2, Floors, Layout
    from veilsum_record.light_audit import light_audit
    from veilsum_record.messages import ContributionHeader, RoundHeader
    from veilsum_record.paillier import PublicKey
    from veilsum_record.rounds import PLAINTEXT_KNOWLEDGE, VALIDITY, Round
    from veilsum_record.submission import N, Shape, Submission
    from veilsum_record.transcript import Context, Transcript
except Exception as error:  # no libsodium
    print(f"skipped: {error}")
    sys.exit(77)

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "validity-vectors.json")
with open(VECTORS, encoding="ascii") as _file:
    PUBLISHED: dict[str, Any] = json.load(_file)

TOY = Floors(modulus_bits=512, exponent_bits=64, digit_entropy_bits=25)
compared: Counter[str] = Counter()


def scalar(value: int) -> str:
    return value.to_bytes(32, "little").hex()


@dataclass(frozen=True)
class Vector:
    """One case of the file, as a verifier has it."""

    published: dict[str, Any]
    layout: Layout
    key: PublicKey
    context: Context
    submission: bytes

    @staticmethod
    def of(case: dict[str, Any]) -> Vector:
        p = case["params"]
        names = ("nbits", "b", "max_clients", "wmax", "d", "C", "flags", "a", "md")
        layout = Layout(*(p[name] for name in names), B2=int(p["B2"]).to_bytes(32, "big"))
        n, root = int(case["n_hex"], 16), int(case["h_hex"], 16)
        key = PublicKey(p["nbits"], 1, n, root, bytes.fromhex(case["key_id"]))
        session, client, binding = (bytes.fromhex(case[name]) for name in ("session", "client", "binding"))
        context = Context(session, case["round"], client, key.id, layout.digest(), binding)
        return Vector(case, layout, key, context, bytes.fromhex(case["submission_hex"]))

    @property
    def shape(self) -> Shape:
        return Shape(self.layout)

    def verify(self, data: bytes) -> None:
        validity.verify(data, self.layout, self.key, self.context, TOY)

    def verdict(self, data: bytes) -> int:
        """Reason of the refusal, 0 if accepted."""
        try:
            self.verify(data)
        except Refused as refused:
            return refused.check
        return 0

    def elements(self) -> Iterator[tuple[str, str, slice]]:
        """First and last element of every field: its name, its kind, where it lies."""
        spans = self.shape.spans()
        for name, kind, count in self.shape.fields():
            width = self.shape.width(kind)
            for i in sorted({0, count - 1} if count else ()):
                start = spans[name].start + i * width
                yield name, kind, slice(start, start + width)

    def with_element(self, at: slice, element: bytes) -> bytes:
        return self.submission[: at.start] + element + self.submission[at.stop :]


CASES = [Vector.of(case) for case in PUBLISHED["cases"]]


class Case(unittest.TestCase):
    def equal(self, what: str, ours: object, published: object) -> None:
        self.assertEqual(ours, published, what)
        compared[what] += 1

    def refuses(self, check: int, place: str | None, action: Callable[..., object], *arguments: object) -> None:
        with self.assertRaises(Refused) as caught:
            action(*arguments)
        refused = caught.exception
        self.assertEqual(refused.check, check, str(refused))
        if place is not None:
            self.assertEqual(refused.place, place, str(refused))


class PublishedValues(Case):
    def test_number_of_cases(self) -> None:
        self.equal("cases", len(CASES), 3)

    def test_generators_and_audit_weights(self) -> None:
        for name, encoding in PUBLISHED["generators"].items():
            letter, index = name.rstrip("]").split("[")
            self.equal("generators", commitments.generator(letter, int(index)).hex(), encoding)
        for index, weight in PUBLISHED["audit_weights"].items():
            self.equal("audit weights", scalar(commitments.audit_weight(int(index))), weight)

    def test_parameters_and_digests(self) -> None:
        of_layout = ("w", "S", "J", "K", "Ka", "Kt", "t")
        of_shape = ("Kg", "kp", "kr", "kc", "nu", "kt", "zbits", "zlen")
        for vector in CASES:
            for names, holder in ((of_layout, vector.layout), (of_shape, vector.shape)):
                for name in names:
                    self.equal("parameters", getattr(holder, name), vector.published["params"][name])
            self.equal("digests", vector.layout.digest().hex(), vector.published["params_digest"])
            self.equal("parameters", vector.shape.length, vector.published["submission_len"])
            self.equal("keys", vector.key.residue_base, int(vector.published["hs_hex"], 16))
            n, root = (value.to_bytes(64, "big") for value in (vector.key.n, vector.key.root))
            framed = wire.u64(13) + b"veilsum.key/1"
            key_id = wire.sha512(b"\x14" + framed + wire.u32(vector.layout.nbits) + n + root)[:32]
            self.equal("keys", key_id.hex(), vector.published["key_id"])
            parsed = Submission.parse(vector.submission, vector.shape, vector.key)
            digest = commitments.row_digest(parsed.points["rows"])
            self.equal("digests", digest.hex(), vector.published["row_digest"])

    def test_transcript(self) -> None:
        """What the verifier absorbs and draws while it accepts, step by step."""
        steps: list[dict[str, object]] = []
        states: list[str] = []
        absorb, challenge = Transcript.absorb, Transcript.challenge

        def absorbing(self: Transcript, label: str, data: bytes) -> None:
            absorb(self, label, data)
            step = {"op": "absorb", "label": label, "bytes": len(data), "state_or_output": self.state.hex()}
            steps.append(step)

        def challenging(self: Transcript, label: str) -> bytes:
            out = challenge(self, label)
            steps.append({"op": "challenge", "label": label, "bytes": 64, "state_or_output": out.hex()})
            states.append(self.state.hex())
            return out

        for vector in CASES:
            steps.clear()
            with mock.patch.object(Transcript, "absorb", absorbing):
                with mock.patch.object(Transcript, "challenge", challenging):
                    vector.verify(vector.submission)
            published = vector.published["transcript"]
            self.assertEqual(len(steps), len(published))
            for ours, theirs in zip(steps, published):
                self.equal("transcript states and outputs", ours, theirs)
            self.equal("transcript states and outputs", states[-1], vector.published["final_state"])

    def test_challenges(self) -> None:
        for vector in CASES:
            parsed = Submission.parse(vector.submission, vector.shape, vector.key)
            transcript = vector.context.transcript(validity.PROTOCOL)
            drawn = validity.Challenges.draw(transcript, vector.shape, parsed)
            self.equal("lists of challenges", [f"0x{e:032x}" for e in drawn.e], vector.published["link_e"])
            self.equal("lists of challenges", [scalar(v) for v in drawn.tau], vector.published["tau"])
            self.equal("lists of challenges", [scalar(v) for v in drawn.r], vector.published["r"])

    def test_honest_and_other_accepted_submissions(self) -> None:
        for vector in CASES:
            self.equal("accepted submissions", vector.verdict(vector.submission), 0)
            for other in vector.published["also_accepted"]:
                self.equal("accepted submissions", vector.verdict(bytes.fromhex(other["submission_hex"])), 0)

    def test_refused_submissions_and_their_reasons(self) -> None:
        reasons: set[int] = set()
        for vector in CASES:
            for other in vector.published["negative"]:
                verdict = vector.verdict(bytes.fromhex(other["submission_hex"]))
                self.equal("refused submissions", (other["what"], verdict), (other["what"], other["code"]))
                reasons.add(verdict)
        self.assertEqual(reasons, set(range(2, 12)))

    def test_sizes_of_the_specification(self) -> None:
        # Section 12.
        exponents = {2048: 448, 3072: 512, 4096: 640}
        for n, d, C, b, md, total in (
            (2048, 20_000, 365, 16, 29, 215_581),
            (3072, 20_000, 436, 16, 29, 215_460),
            (4096, 20_000, 438, 16, 29, 215_539),
            (2048, 252_398, 1387, 16, 29, 2_010_491),
            (3072, 252_398, 1417, 16, 29, 2_028_365),
            (4096, 252_398, 1460, 16, 29, 2_013_578),
            (2048, 1_000_000, 2336, 16, 29, 7_524_576),
            (3072, 1_000_000, 2289, 16, 29, 7_542_250),
            (4096, 1_000_000, 2336, 16, 29, 7_523_520),
            (3072, 252_398, 1024, 16, 29, 2_168_618),
            (3072, 20_000, 256, 16, 29, 280_131),
            (3072, 252_398, 1683, 8, 63, 1_480_523),
            (3072, 252_398, 1651, 12, 40, 1_750_349),
            (3072, 252_398, 1635, 16, 29, 2_024_335),
            (3072, 252_398, 1805, 20, 23, 2_300_755),
            (3072, 252_398, 2295, 24, 19, 2_563_035),
        ):
            layout = Layout(n, b, 4096, 1, d, C, 3, exponents[n], md, (1 << 30).to_bytes(32, "big"))
            layout.check()
            self.equal("sizes", Shape(layout).length, total)


class Refusals(Case):
    def test_another_legal_value_in_every_field(self) -> None:
        for vector in CASES:
            with_options = vector.layout.flags != 0
            for name, kind, at in vector.elements():
                # Without options the scalar equations hold for any theta and eps, so a change after the last
                # round is found by the group equations.
                late = name in ("V", "T") and not with_options
                changed = vector.with_element(at, self.another(vector, kind, vector.submission[at]))
                self.assertEqual(vector.verdict(changed), 10 if late else 8, name)

    @staticmethod
    def another(vector: Vector, kind: str, element: bytes) -> bytes:
        if kind == "P":
            return sodium.add(element, commitments.generator("G", 7))
        if kind == "S":
            return ((int.from_bytes(element, "little") + 1) % sodium.ORDER).to_bytes(32, "little")
        value = int.from_bytes(element, "big", signed=kind == "Z")
        if kind == "N":
            value = value * (1 + vector.key.n) % vector.key.modulus
        else:
            value += 1
        return value.to_bytes(len(element), "big", signed=kind == "Z")

    def test_an_illegal_value_in_every_field(self) -> None:
        for vector in CASES:
            shape, key = vector.shape, vector.key
            highest = N - 1 - shape.Smax
            illegal: dict[str, list[tuple[int, bytes]]] = {
                "P": [(3, bytes(32)), (3, b"\x01" + bytes(31)), (3, b"\xff" * 32)],
                "S": [(4, sodium.ORDER.to_bytes(32, "little")), (4, b"\xff" * 32)],
                "N": [(5, v.to_bytes(shape.ctlen, "big")) for v in (0, key.modulus, key.n, 3 * key.n)],
                "Z": [(6, v.to_bytes(32, "big", signed=True)) for v in (highest + 1, -highest - 2)],
                "E": [(7, v.to_bytes(shape.zlen, "big")) for v in (shape.Emin - 1, 1 << shape.zbits)],
            }
            for name, kind, at in vector.elements():
                for reason, element in illegal[kind]:
                    self.assertEqual(vector.verdict(vector.with_element(at, element)), reason, name)
            for name, kind, at in vector.elements():
                if kind == "Z":  # both edges are inside: the next check that can fail is an equation
                    for edge in (highest, -highest - 1):
                        changed = vector.with_element(at, edge.to_bytes(32, "big", signed=True))
                        self.assertEqual(vector.verdict(changed), 8)
                if kind == "E":
                    for edge in (shape.Emin, (1 << shape.zbits) - 1):
                        changed = vector.with_element(at, edge.to_bytes(shape.zlen, "big"))
                        self.assertEqual(vector.verdict(changed), 8)

    def test_the_first_failing_check_gives_the_reason(self) -> None:
        """Illegal elements of ever earlier checks, added one after the other."""
        vector = CASES[0]
        spans, shape = vector.shape.spans(), vector.shape
        data = vector.submission
        for reason, name, element in (
            (7, "zeta", bytes(shape.zlen)),
            (6, "z", b"\x7f" * 32),
            (5, "A", bytes(shape.ctlen)),
            (4, "zr", b"\xff" * 32),
            (3, "T", bytes(32)),
        ):
            start = spans[name].start
            data = data[:start] + element + data[start + len(element) :]
            self.assertEqual(vector.verdict(data), reason)
        self.assertEqual(vector.verdict(data + b"\0"), 2)
        self.assertEqual(vector.verdict(b""), 2)

    def test_another_context(self) -> None:
        for vector in CASES:
            for changes in (
                dict(session=bytes(32)),
                dict(round=43),
                dict(party=bytes(32)),
                dict(binding=bytes(32)),
            ):
                other = replace(vector.context, **changes)  # type: ignore[arg-type]
                self.refuses(
                    8, "E1", validity.verify, vector.submission, vector.layout, vector.key, other, TOY
                )
            for changes in (dict(key=bytes(32)), dict(parameters=bytes(64))):
                other = replace(vector.context, **changes)  # type: ignore[arg-type]
                self.refuses(1, "", validity.verify, vector.submission, vector.layout, vector.key, other, TOY)

    def test_another_statement(self) -> None:
        for vector in CASES:
            for changes in (dict(m=vector.layout.m - 1), dict(d=vector.layout.d - 1), dict(a=63)):
                layout = replace(vector.layout, **changes)  # type: ignore[arg-type]
                floors, context = Floors(512, 63, 25), vector.context
                self.refuses(1, "", validity.verify, vector.submission, layout, vector.key, context, floors)
            # A bound of the same length under its own digest: the proof is about another one.
            if vector.layout.has_l2:
                bound = int.from_bytes(vector.layout.B2, "big") + 1
                layout = replace(vector.layout, B2=bound.to_bytes(32, "big"))
                context = replace(vector.context, parameters=layout.digest())
                self.refuses(8, "E1", validity.verify, vector.submission, layout, vector.key, context, TOY)

    def test_keys_and_floors(self) -> None:
        vector = CASES[0]
        data, layout, context = vector.submission, vector.layout, vector.context
        self.refuses(1, "layout rule 1", validity.verify, data, layout, vector.key, context)
        self.refuses(
            1, "layout rule 7", validity.verify, data, layout, vector.key, context, Floors(512, 65, 25)
        )
        for changes in (
            dict(n=2 * vector.key.n + 1),
            dict(degree=2),
            dict(root=vector.key.n - 1),
            dict(root=1),
            dict(root=0),
        ):
            key = replace(vector.key, **changes)  # type: ignore[arg-type]
            self.refuses(1, "", validity.verify, data, layout, key, context, TOY)


class Equations(Case):
    """Each equation alone: the challenges of the honest submission are kept, so nothing else can fail."""

    def test_each_has_its_announcement(self) -> None:
        for vector in CASES:
            shape, layout = vector.shape, vector.layout
            names = [f"P_{j}" for j in range(shape.nu)] + ["V_b", "V_b2", "V_b2 as a product"]
            if layout.has_l2:
                names += ["V_x", "V_x2", "V_x2 as a product", "V_s"]
            if layout.has_audit:
                names += ["V_d", "Py"]
            names += ["U"]
            for i, name in enumerate(names):
                self.refuses(10, name, self.check, vector, "points", "T", i)
            for i, name in enumerate(("E1", "E2")):
                self.refuses(8, name, self.check, vector, "numbers", "tt", i)
            self.refuses(9, "", self.check, vector, "points", "Y", 0)
            for j in range(layout.J):
                self.refuses(11, f"block {j}", self.check, vector, "numbers", "A", j)
            self.assertEqual(len(vector.submission[shape.spans()["T"]]), 32 * len(names))

    @staticmethod
    def check(vector: Vector, table: str, field: str, index: int) -> None:
        """Checks 8 to 11 with one element exchanged after the challenges were drawn."""
        parsed = Submission.parse(vector.submission, vector.shape, vector.key)
        transcript = vector.context.transcript(validity.PROTOCOL)
        drawn = validity.Challenges.draw(transcript, vector.shape, parsed)
        elements: list[Any] = getattr(parsed, table)[field]
        if table == "points":
            elements[index] = sodium.add(elements[index], commitments.generator("G", 7))
        else:
            elements[index] += 1
        validity.check_equations(vector.shape, parsed, drawn, vector.key)


class Tables(Case):
    def test_eq_table_against_the_formula(self) -> None:
        v = [5, sodium.ORDER - 2, 11]
        expected = []
        for u in range(8):
            product = 1
            for j, v_j in enumerate(v):
                product = product * (v_j if u >> j & 1 else 1 - v_j) % sodium.ORDER
            expected.append(product)
        self.assertEqual(validity.eq_table(v), expected)
        self.assertEqual(validity.eq_table([]), [1])


class OneBody:
    """A body folder that holds this one body."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def get(self, digest: bytes, cap: int) -> bytes:
        if wire.sha256(self._body) != digest:
            raise Refused("missing", "body")
        if len(self._body) > cap:
            raise Refused("out_of_range", "length of the body")
        return self._body


class Contributions(Case):
    """Suite 2 within the checks of a contribution. The clients of the vectors have no signing key, so the header's own
    checks are taken as passed."""

    def check(self, vector: Vector, body: bytes, rows: bytes | None = None) -> contributions.Contribution:
        context, layout = vector.context, vector.layout
        header = RoundHeader(context.round, bytes(32), 0, 1.0, layout, VALIDITY, 1, 2, bytes(32), 0, 1)
        facts = Round(header, {}, context.session, context.key, context.parameters, context.binding)
        if rows is None:
            rows = bytes.fromhex(vector.published["row_digest"])
        sent = ContributionHeader(context.round, context.party, rows, wire.sha256(body), bytes(64))
        session: Any = SimpleNamespace(ceremony=SimpleNamespace(key=vector.key))
        with mock.patch.object(contributions, "check_header", return_value=3):
            return contributions.check(sent, 0, facts, session, OneBody(body))  # type: ignore[arg-type]

    def test_a_submission_is_a_contribution(self) -> None:
        for vector in CASES:
            content = self.check(vector, vector.submission)
            parsed = Submission.parse(vector.submission, vector.shape, vector.key)
            self.assertEqual(content.weight, 3)
            self.assertEqual(content.rows, parsed.points["rows"])
            self.assertEqual(content.ciphertexts, parsed.numbers["cts"])
            for other in vector.published["also_accepted"]:
                body = bytes.fromhex(other["submission_hex"])
                parsed = Submission.parse(body, vector.shape, vector.key)
                self.check(vector, body, commitments.row_digest(parsed.points["rows"]))

    def test_refused_submissions(self) -> None:
        for vector in CASES:
            rows_at = vector.shape.spans()["rows"]
            for other in vector.published["negative"]:
                body, code = bytes.fromhex(other["submission_hex"]), other["code"]
                body_rows = [body[at : at + 32] for at in range(rows_at.start, rows_at.stop, 32)]
                check = 5 if code == 2 else 100 + code
                self.refuses(check, None, self.check, vector, body, commitments.row_digest(body_rows))

    def test_each_check_of_the_body(self) -> None:
        vector = CASES[0]
        spans, width = vector.shape.spans(), vector.shape.ctlen

        def with_first(name: str, element: bytes) -> bytes:
            start = spans[name].start
            return vector.with_element(slice(start, start + len(element)), element)

        for check, place, body in (
            (5, "", vector.submission[:-1]),
            (5, "", vector.submission + b"\0"),
            (7, "row 0", with_first("rows", bytes(32))),
            (103, "aud[0]", with_first("aud", bytes(32))),
            (105, None, with_first("cts", bytes(width))),
            (103, "planes[0]", with_first("planes", bytes(32))),
            (104, "tt[0]", with_first("tt", b"\xff" * 32)),
            (105, None, with_first("A", bytes(width))),
            (108, "E1", with_first("tt", bytes(32))),
        ):
            self.refuses(check, place, self.check, vector, body)
        self.refuses(8, "", self.check, vector, vector.submission, bytes(64))

    def test_suites_and_options_of_a_round(self) -> None:
        bound = (1 << 40).to_bytes(32, "big")
        session: Any = SimpleNamespace(
            header=SimpleNamespace(modulus_bits=3072, exponent_bits=lambda: 512), id=bytes(32), key=bytes(32)
        )
        bodies: Any = None
        roster = {b"a" * 32: 1, b"b" * 32: 1}
        pool: Any = SimpleNamespace(roster=lambda number, drawn, lot: roster)

        def opens(suite: int, version: int, flags: int) -> None:
            audit, l2 = flags & FLAG_AUDIT, flags & FLAG_L2
            layout = Layout(
                3072, 16, 8, 1, 500, 100, flags, 512, 29 if audit else 0, bound if l2 else bytes(32)
            )
            model = messages.Model([0.0] * 500)
            digest = wire.sha256(messages.encode_roster(roster))
            header = RoundHeader(1, model.digest(), 4, 10.0, layout, suite, version, 2, digest, 0, 1)
            rounds.check_round(header, bytes(32), session, rounds.Standing(pool), model, bodies)

        opens(PLAINTEXT_KNOWLEDGE, 1, FLAG_AUDIT)
        opens(VALIDITY, 1, FLAG_AUDIT)
        opens(VALIDITY, 1, FLAG_AUDIT | FLAG_L2)
        for suite, version, flags in (
            (PLAINTEXT_KNOWLEDGE, 1, FLAG_AUDIT | FLAG_L2),
            (PLAINTEXT_KNOWLEDGE, 1, 0),
            (PLAINTEXT_KNOWLEDGE, 2, FLAG_AUDIT),
            (VALIDITY, 1, FLAG_L2),
            (VALIDITY, 1, 0),
            (VALIDITY, 2, FLAG_AUDIT),
            (3, 1, FLAG_AUDIT),
        ):
            self.refuses(6, "", opens, suite, version, flags)


class LightAudit(Case):
    """Three clients with weights 1, 2 and 1, three rows of four values, committed and signed here."""

    def setUp(self) -> None:
        layout = Layout(512, 6, 6, 2, 11, 4, FLAG_AUDIT, 64, 1, bytes(32))
        header = RoundHeader(7, bytes(32), 0, 1.0, layout, VALIDITY, 1, 2, bytes(32), 0, 1)
        pairs = [(sodium.key_pair(bytes([i]) * 32)[0], bytes([i]) * 32) for i in range(3)]
        self.weights = [1, 2, 1]
        self.clients = [client for client, _ in pairs]
        self.seeds = dict(pairs)
        self.round = Round(
            header, dict(zip(self.clients, self.weights)), b"s" * 32, b"k" * 32, b"p" * 64, b"b" * 32
        )
        step = itertools.count()
        values = [[[next(step) * 37 % 15 - 7 for _ in range(4)] for _ in range(3)] for _ in range(3)]
        blindings = [[next(step) ** 50 % sodium.ORDER for _ in range(3)] for _ in range(3)]
        self.lists = [
            b"".join(self.commit(row, r) for row, r in zip(rows, blinds))
            for rows, blinds in zip(values, blindings)
        ]
        self.headers = [self.sign(client, rows) for client, rows in zip(self.clients, self.lists)]
        self.X = [
            [sum(g * values[u][i][c] for u, g in enumerate(self.weights)) for c in range(4)] for i in range(3)
        ]
        self.R = [
            sum(g * blindings[u][i] for u, g in enumerate(self.weights)) % sodium.ORDER for i in range(3)
        ]

    @staticmethod
    def commit(row: list[int], blinding: int) -> bytes:
        terms = [(value, commitments.generator("G", c)) for c, value in enumerate(row)]
        return sodium.sum_of([*terms, (blinding, commitments.generator("H", 0))])

    def sign(self, client: bytes, rows: bytes, facts: Round | None = None) -> ContributionHeader:
        facts = facts or self.round
        digest = commitments.row_digest([rows[at : at + 32] for at in range(0, len(rows), 32)])
        unsigned = ContributionHeader(facts.header.round, client, digest, bytes(32), bytes(64))
        message = contributions.signed_message(unsigned, facts)
        return replace(unsigned, signature=sodium.sign(self.seeds[client], message))

    def audit(self, **changes: Any) -> None:
        X, R = changes.pop("X", self.X), changes.pop("R", self.R)
        arguments: dict[str, Any] = dict(
            round_=self.round,
            accepted=self.clients,
            headers=self.headers,
            lists=self.lists,
            opening=messages.encode_opening(self.round.header.layout, X, R),
        )
        light_audit(**{**arguments, **changes})

    def refused(self, step: int, **changes: Any) -> None:
        with self.assertRaises(Refused) as caught:
            self.audit(**changes)
        self.assertEqual(caught.exception.check, step, str(caught.exception))

    def test_honest(self) -> None:
        self.audit()

    def test_opening(self) -> None:
        self.refused(4, X=[[self.X[0][0] + 1, *self.X[0][1:]], *self.X[1:]])
        self.refused(4, R=[(self.R[0] + 1) % sodium.ORDER, *self.R[1:]])
        self.refused(3, X=[[4 * 31 + 1, *self.X[0][1:]], *self.X[1:]])
        self.refused(3, X=[[-4 * 32 - 1, *self.X[0][1:]], *self.X[1:]])
        self.refused(3, R=[sodium.ORDER, *self.R[1:]])
        self.refused(3, X=self.X[:2])
        self.refused(3, R=self.R[:2])
        self.refused(3, opening=b"")

    def test_lists_and_records(self) -> None:
        other = [self.lists[1], self.lists[0], self.lists[2]]
        self.refused(1, lists=other)
        self.refused(1, lists=[self.lists[0][:-32], *self.lists[1:]])
        self.refused(1, lists=self.lists[:2])
        self.refused(1, headers=self.headers[:2])
        self.refused(1, accepted=[], headers=[], lists=[])
        # Left out, or counted twice with the sum that belongs to it.
        self.refused(4, accepted=self.clients[:2], headers=self.headers[:2], lists=self.lists[:2])
        twice = [0, 1, 2, 2]
        self.refused(
            1,
            accepted=[self.clients[u] for u in twice],
            headers=[self.headers[u] for u in twice],
            lists=[self.lists[u] for u in twice],
        )
        identity = bytes(32) + self.lists[0][32:]
        header = self.sign(self.clients[0], identity)
        self.refused(2, headers=[header, *self.headers[1:]], lists=[identity, *self.lists[1:]])

    def test_records_of_elsewhere(self) -> None:
        for changes in (
            dict(session=bytes(32)),
            dict(key=bytes(32)),
            dict(parameters=bytes(64)),
            dict(binding=bytes(32)),
            dict(header=replace(self.round.header, round=8)),
        ):
            elsewhere = replace(self.round, **changes)  # type: ignore[arg-type]
            header = self.sign(self.clients[0], self.lists[0], elsewhere)
            self.refused(1, headers=[header, *self.headers[1:]])
        stolen = replace(self.headers[0], signature=self.headers[1].signature)
        self.refused(1, headers=[stolen, *self.headers[1:]])
        self.refused(1, headers=[self.headers[1], self.headers[0], self.headers[2]])

    def test_weights(self) -> None:
        def with_weights(*weights: int) -> Round:
            return replace(self.round, roster=dict(zip(self.clients, weights)))

        self.refused(1, round_=with_weights(1, 3, 1))
        self.refused(1, round_=with_weights(1, 0, 1))
        self.refused(1, round_=with_weights(1, 2))
        self.refused(4, round_=with_weights(1, 2, 2))
        narrow = replace(self.round.header.layout, m=3)
        self.refused(1, round_=replace(self.round, header=replace(self.round.header, layout=narrow)))
        plain = replace(self.round.header.layout, flags=0, md=0)
        self.refused(1, round_=replace(self.round, header=replace(self.round.header, layout=plain)))


def main() -> int:
    program = unittest.main(exit=False)
    for what, count in sorted(compared.items()):
        print(f"{what + ':':32} {count:4} agree with the published ones")
    return 0 if program.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
