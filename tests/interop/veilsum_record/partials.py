"""A trustee's answer and when it may be given (spec: wire-format, partial; aggregation, section 6)."""

from __future__ import annotations

from dataclasses import dataclass

from . import sodium, threshold
from .ceremony import Session
from .failure import Refused
from .log import Bodies
from .messages import PartialHeader
from .rounds import Round
from .wire import labelled, u16, u64

SIGNATURE_LABEL = "veilsum/aggregation/v1/partial"
PROTOCOL = "veilsum.partial-decryption/1"


@dataclass(frozen=True)
class OpenedSet:
    """Whose sum was opened: clients with their weights, the model, the promised cohort."""

    round: int
    minimum_cohort: int
    model: bytes
    aggregate: bytes
    members: dict[bytes, int]

    def difference(self, other: OpenedSet) -> int:
        """Clients in one only, or in both with different weights."""
        clients = self.members.keys() | other.members.keys()
        return sum(self.members.get(client) != other.members.get(client) for client in clients)


def may_open(candidate: OpenedSet, earlier: list[OpenedSet]) -> None:
    """The opening policy. Rule 2 cannot fail here: the fold counts no client twice."""
    if len(candidate.members) < max(2, candidate.minimum_cohort):
        raise Refused("refused", "fewer clients than the minimum cohort", 1)
    for before in earlier:
        if before.round == candidate.round:
            if before.aggregate != candidate.aggregate or before.difference(candidate) != 0:
                raise Refused("refused", "round was opened before", 3, f"round {before.round}")
            continue
        cohort = max(before.minimum_cohort, candidate.minimum_cohort)
        if before.model == candidate.model and before.difference(candidate) < cohort:
            what = "an earlier opened set of this model differs by fewer than the minimum cohort"
            raise Refused("refused", what, 4, f"round {before.round}")


def signed_message(header: PartialHeader, round_: Round, aggregate: bytes) -> bytes:
    message = round_.session + u64(header.round) + round_.binding + aggregate + u16(
        header.trustee
    ) + header.body
    return labelled(SIGNATURE_LABEL, message)


def check(
    header: PartialHeader, round_: Round, aggregate: bytes, product: list[
        int
    ], session: Session, bodies: Bodies
) -> threshold.Partial:
    """The six checks. `product` are the aggregated ciphertexts, `aggregate` is their digest."""
    keys = session.ceremony.verification
    if header.round != round_.header.round:
        raise Refused("wrong_context", "round of the partial decryption", 1)
    if not 1 <= header.trustee <= keys.trustees:
        raise Refused("out_of_range", "trustee index", 2)
    signer = session.ceremony.trustees[header.trustee - 1]
    if not sodium.verify(signer, signed_message(header, round_, aggregate), header.signature):
        raise Refused("bad_signature", "signature of the partial decryption", 3)
    culprit = threshold.trustee_name(header.trustee)
    length = keys.partial_bytes(len(product))
    try:
        body = bodies.get(header.body, length)
    except Refused as refused:
        raise refused.within(check=4) from None
    if len(body) != length:
        raise Refused("malformed", "length of the partial decryption", 4)
    try:
        partial = threshold.parse_partial(keys, len(product), body)
    except Refused as refused:
        raise refused.within(check=5, culprit=culprit) from None
    if partial.index != header.trustee:
        raise Refused("wrong_context", "index inside the partial decryption", 5, culprit=culprit)
    try:
        threshold.verify_partial(keys, product, partial, round_.context(signer).transcript(PROTOCOL))
    except Refused as refused:
        raise refused.within(check=6, place=f"share proof check {refused.check}", culprit=culprit) from None
    return partial
