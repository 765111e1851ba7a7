"""Validity of a submission: range, norm, link to the ciphertexts, digits of the blindings (spec: validity).

Every equation is checked by itself, in the order of section 9.1. Nothing is folded, so the reason of a
refusal is exact. The checks of lengths and elements are in `submission`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from . import sodium
from .commitments import audit_weight, generator, row_digest
from .failure import Refused
from .layout import Floors, Layout
from .paillier import PublicKey, multi_power
from .submission import STATEMENT, Shape, Submission
from .transcript import Context, Transcript

PROTOCOL = "veilsum.validity/1"

# Reasons of section 9.1 that are equations; 1 to 7 are in `submission`.
SCALAR_EQUATION, LINK_GROUP, GROUP_EQUATION, LINK_PAILLIER = 8, 9, 10, 11

Term = tuple[int, bytes]

_l = sodium.ORDER
_half = (_l + 1) // 2


def verify(data: bytes, layout: Layout, key: PublicKey, context: Context, floors: Floors = Floors()) -> None:
    """All of section 9.1. Raises Refused: `check` is the reason, 1 to 11, `place` says where.

    The key is certified (section 2); context and layout are the verifier's own.
    """
    check_statement(layout, key, context, floors)
    check_submission(data, layout, key, context)


def check_statement(layout: Layout, key: PublicKey, context: Context, floors: Floors = Floors()) -> None:
    """Reason 1, without the certificate of the key."""
    try:
        layout.check(floors)
    except Refused as refused:
        raise refused.within(check=STATEMENT, place=f"layout rule {refused.check}") from None
    if key.degree != 1 or key.n.bit_length() != layout.nbits:
        raise Refused("bad_parameter", "size or degree of the key", STATEMENT)
    base = key.residue_base
    if gcd(base, key.n) != 1 or base in (1, key.modulus - 1):
        raise Refused("bad_parameter", "base h_s of the key", STATEMENT)
    if context.parameters != layout.digest():
        raise Refused("wrong_context", "parameters digest", STATEMENT)
    if context.key != key.id:
        raise Refused("wrong_context", "key id", STATEMENT)


def check_submission(data: bytes, layout: Layout, key: PublicKey, context: Context) -> None:
    """Reasons 2 to 11, for a statement that passed."""
    shape = Shape(layout)
    submission = Submission.parse(data, shape, key)
    drawn = Challenges.draw(context.transcript(PROTOCOL), shape, submission)
    check_equations(shape, submission, drawn, key)


def check_equations(shape: Shape, submission: Submission, drawn: Challenges, key: PublicKey) -> None:
    """Reasons 8 to 11."""
    at = Point.of(shape, drawn)
    responses = Responses.of(shape, submission)
    _check_scalar_equations(shape, submission, drawn, at, responses)
    _check_link_group(submission, drawn)
    _check_group_equations(shape, submission, drawn, at, responses)
    _check_link_paillier(shape, submission, drawn, key)


@dataclass(frozen=True)
class Challenges:
    e: list[int]
    tau: list[int]
    gamma: int
    r: list[int]
    theta: int
    eps: int

    @staticmethod
    def draw(transcript: Transcript, shape: Shape, submission: Submission) -> Challenges:
        """The twenty steps of 6.2."""
        raw = submission.raw
        transcript.absorb("rows", row_digest(submission.points["rows"]))
        for name in ("aud", "planes", "slack", "cts"):
            transcript.absorb(name, raw[name])
        for label, name in (("link.Y", "Y"), ("link.A", "A"), ("link.P", "Py")):
            transcript.absorb(label, raw[name])
        e = transcript.integers("link.e", shape.layout.Kt)
        for name in ("z", "zr", "zeta"):
            transcript.absorb(f"link.{name}", raw[name])
        tau = transcript.scalars("sc.tau", shape.nu)
        gamma = transcript.scalar("sc.gamma")
        r: list[int] = []
        for coefficients in submission.points["P"]:
            transcript.absorb("sc.P", coefficients)
            r.append(transcript.scalar("sc.r"))
        transcript.absorb("fin.V", raw["V"])
        theta = transcript.scalar("fin.theta")
        transcript.absorb("fin.T", raw["T"])
        transcript.absorb("fin.t", raw["tt"])
        return Challenges(e, tau, gamma, r, theta, transcript.scalar("fin.e"))


def eq_table(v: list[int]) -> list[int]:
    """eqtab(v)[u] = prod_j (v_j if bit_j(u) else 1 - v_j)"""
    table = [1]
    for v_j in v:
        # Bit j is the highest so far: its half with a one follows the half with a zero.
        ones = [value * v_j % _l for value in table]
        zeros = [(value - one) % _l for value, one in zip(table, ones)]
        table = zeros + ones
    return table


@dataclass(frozen=True)
class Point:
    """Public values at the point r (8.6)."""

    qv: list[int]
    lv: list[int]
    Rv: list[int]
    E: int
    ls: int
    wt: int
    Wd: int

    @property
    def delta(self) -> int:
        return self.qv[0]

    @staticmethod
    def of(shape: Shape, drawn: Challenges) -> Point:
        g, r = shape.layout, drawn.r
        qv = eq_table(r[: shape.kp])
        lv = eq_table(r[shape.kp : shape.kp + shape.kr])
        Rv = eq_table(r[shape.kp + shape.kr :])[: g.C]
        E = 1
        for u, v in zip(drawn.tau, r):
            E = E * (u * v + (1 - u) * (1 - v)) % _l
        ls = lv[g.Kt] if g.has_l2 else 0
        wt = sum(Rv[c] << c for c in range(g.t)) % _l
        Wd = 0
        if g.has_audit:
            for i in range(g.K):
                weighted = 0
                for t in range(g.md):
                    row, column = g.digit_position(i, t)
                    weighted += audit_weight(t) * Rv[column]
                Wd += drawn.e[i] * lv[row] * (weighted % _l)
        return Point(qv, lv, Rv, E, ls, wt, Wd % _l)


@dataclass(frozen=True)
class Responses:
    """Field 16 by the unknowns of 8.7."""

    rounds: list[list[int]]  # c_{j,1}, c_{j,2}, c_{j,3}, s_j
    of_name: dict[str, int]
    u: list[int]

    @staticmethod
    def of(shape: Shape, submission: Submission) -> Responses:
        names = ["v_b", "s_b", "v_b2", "s_b2", "p_b"]
        if shape.layout.has_l2:
            names += ["v_x", "s_x", "v_x2", "s_x2", "p_x", "v_s", "s_s"]
        if shape.layout.has_audit:
            names += ["v_d", "s_d", "y_r", "s_y"]
        names += ["r_u"]
        all_, first, last = submission.numbers["resp"], 4 * shape.nu, 4 * shape.nu + len(names)
        rounds = [all_[at : at + 4] for at in range(0, first, 4)]
        return Responses(rounds, dict(zip(names, all_[first:last])), all_[last:])

    def __getitem__(self, name: str) -> int:
        return self.of_name[name]


def _check_scalar_equations(
    shape: Shape, submission: Submission, drawn: Challenges, at: Point, w: Responses
) -> None:
    g, gamma, theta = shape.layout, drawn.gamma, drawn.theta
    (zr,) = submission.numbers["zr"]

    # E1: the evaluations are those of the opened vector; its right side is 0.
    e1 = sum(weight * u for weight, u in zip(at.Rv, w.u)) - w["v_b"]
    # E2: the last claim of the sumcheck, (5).
    e2 = at.E * (w["v_b"] - w["v_b2"])
    for j, coefficients in enumerate(w.rounds):
        inner = sum((drawn.r[j] ** (k + 1) - _half) * c for k, c in enumerate(coefficients[:3]))
        e2 += pow(_half, shape.nu - 1 - j, _l) * inner
    half_nu, claim = pow(_half, shape.nu, _l), 0
    if g.has_l2:
        e1 -= theta * w["v_x"] + theta**3 * w["v_s"]
        e2 -= gamma * at.delta * (w["v_x2"] + at.ls * at.wt * w["v_s"])
        claim += gamma * int.from_bytes(g.B2, "big")
    if g.has_audit:
        e1 -= theta**2 * w["v_d"]
        e2 -= gamma**2 * (at.delta * at.Wd * w["v_d"] + half_nu * w["y_r"])
        claim += gamma**2 * zr

    announced = submission.numbers["tt"]
    if (e1 - announced[0]) % _l:
        raise Refused("bad_proof", "scalar equation", SCALAR_EQUATION, "E1")
    if (e2 - announced[1] + drawn.eps * half_nu * claim) % _l:
        raise Refused("bad_proof", "scalar equation", SCALAR_EQUATION, "E2")


def _check_link_group(submission: Submission, drawn: Challenges) -> None:
    """sum_i e_i C_i + Y = sum_c z_c G_c + z_r H"""
    rows = submission.points["rows"] + submission.points["aud"]
    left = sodium.add(sodium.sum_of(zip(drawn.e, rows)), submission.points["Y"][0])
    (zr,) = submission.numbers["zr"]
    if left != _commit(submission.numbers["z"], zr):
        raise Refused("bad_proof", "link of the rows", LINK_GROUP)


def _check_group_equations(
    shape: Shape, submission: Submission, drawn: Challenges, at: Point, w: Responses
) -> None:
    """T_a + eps B_a is what the responses give, for each group equation of 8.7 in order."""
    H, Q = generator("H", 0), [generator("Q", i) for i in range(3)]

    def pair(value: str, blinding: str, base: bytes = Q[0]) -> list[Term]:
        return [(w[value], base), (w[blinding], H)]

    equations: list[tuple[str, list[Term], bytes]] = []  # name, sum of responses, B_a
    for j, (P_j, c) in enumerate(zip(submission.points["P"], w.rounds)):
        equations.append((f"P_{j}", list(zip(c, [*Q, H])), P_j))
    V = iter(submission.points["V"])
    V_b, V_b2 = next(V), next(V)
    equations.append(("V_b", pair("v_b", "s_b"), V_b))
    equations.append(("V_b2", pair("v_b2", "s_b2"), V_b2))
    equations.append(("V_b2 as a product", pair("v_b", "p_b", V_b), V_b2))
    if shape.layout.has_l2:
        V_x, V_x2, V_s = next(V), next(V), next(V)
        equations.append(("V_x", pair("v_x", "s_x"), V_x))
        equations.append(("V_x2", pair("v_x2", "s_x2"), V_x2))
        equations.append(("V_x2 as a product", pair("v_x", "p_x", V_x), V_x2))
        equations.append(("V_s", pair("v_s", "s_s"), V_s))
    if shape.layout.has_audit:
        equations.append(("V_d", pair("v_d", "s_d"), next(V)))
        equations.append(("Py", pair("y_r", "s_y"), submission.points["Py"][0]))

    announced = submission.points["T"]
    for (name, terms, target), T_a in zip(equations, announced):
        _check_group_equation(name, sodium.sum_of(terms), T_a, drawn.eps, target)
    U = opened_element(shape, submission, drawn, at)
    _check_group_equation("U", _commit(w.u, w["r_u"]), announced[-1], drawn.eps, U)


def _check_group_equation(name: str, left: bytes, T_a: bytes, eps: int, target: bytes) -> None:
    if left != sodium.add(T_a, sodium.multiply(eps, target)):
        raise Refused("bad_proof", "group equation", GROUP_EQUATION, name)


def opened_element(shape: Shape, submission: Submission, drawn: Challenges, at: Point) -> bytes:
    """U of (7), with plane 0 multiplied out by (4)."""
    g, theta = shape.layout, drawn.theta
    q0 = at.qv[0]
    rows = submission.points["rows"] + submission.points["aud"]
    planes = submission.points["planes"]
    terms: list[Term] = []
    for i in range(g.Kt):
        if i >= g.K:
            kappa = q0 + theta**2
        else:
            kappa = q0 + theta if g.has_l2 else q0
        terms.append((at.lv[i] * kappa, rows[i]))
        for k in range(1, g.b):
            terms.append((at.lv[i] * (at.qv[k] - (q0 << k)), planes[i * (g.b - 1) + k - 1]))
    if g.has_l2:
        terms.append((at.ls * q0 + theta**3, submission.points["slack"][0]))
    offset = 1 << (g.b - 1)
    terms.append((offset * q0 * sum(at.lv[: g.Kt]), _sum_of_generators(g.C)))
    return sodium.sum_of(terms)


@lru_cache(maxsize=16)
def _sum_of_generators(count: int) -> bytes:
    """Gsum"""
    return sodium.sum_of((1, generator("G", c)) for c in range(count))


def _commit(values: list[int], blinding: int) -> bytes:
    """sum_c values_c G_c + blinding H"""
    total = sodium.sum_of((value, generator("G", c)) for c, value in enumerate(values))
    return sodium.add(total, sodium.multiply(blinding, generator("H", 0)))


def _check_link_paillier(shape: Shape, submission: Submission, drawn: Challenges, key: PublicKey) -> None:
    """A_j prod_i c_{i,j}^{e_i} = + or - (1+n)^pack(z,j) h_s^zeta_j mod n^2"""
    g, numbers, modulus = shape.layout, submission.numbers, key.modulus
    for j in range(g.J):
        column = numbers["cts"][j :: g.J]
        left = numbers["A"][j] * multi_power(column, drawn.e, modulus) % modulus
        block = numbers["z"][j * g.S : (j + 1) * g.S]
        packed = sum(value << (g.w * k) for k, value in enumerate(block))
        right = key.power_of_one_plus_n(packed) * pow(key.residue_base, numbers["zeta"][j], modulus) % modulus
        if left not in (right, modulus - right):
            raise Refused("bad_proof", "link of the ciphertexts", LINK_PAILLIER, f"block {j}")
