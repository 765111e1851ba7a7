"""The light audit: rows and opening of a round against each other, without the submissions (spec: validity,
section 10.3).

The fold of `session` decrypts, so it knows the digits and computes the blindings. Here the opening is what
somebody says it is, and the summed row commitments show whether it is.
"""

from __future__ import annotations

from . import sodium
from .commitments import check_opening, parse_rows, row_digest
from .contributions import signed_message
from .failure import Refused
from .layout import Layout
from .messages import ContributionHeader
from .rounds import Round
from .wire import OPENING, unframe


def light_audit(
    round_: Round,
    accepted: list[bytes],
    headers: list[ContributionHeader],
    lists: list[bytes],
    opening: bytes,
) -> None:
    """Steps 1 to 4; `accepted` are the client ids of the round's closing, in its order.

    The signature of a header covers session, round, key, parameters and binding as the verifier has them.
    """
    layout = round_.header.layout
    if not accepted or not len(accepted) == len(headers) == len(lists):
        raise Refused("missing", "records and lists of the accepted clients", 1)
    if not layout.has_audit:
        raise Refused("bad_parameter", "options of the layout for a light audit", 1)
    if len(set(accepted)) != len(accepted):
        raise Refused("duplicate", "accepted client", 1)
    weights: list[int] = []
    for client, header, rows in zip(accepted, headers, lists):
        weights.append(_check_record(round_, client, header, rows))
    if sum(weights) > layout.m:
        raise Refused("out_of_range", "sum of the weights", 1)

    decoded: list[list[bytes]] = []
    for header, rows in zip(headers, lists):
        try:
            decoded.append(parse_rows(rows, layout.K))
        except Refused as refused:
            raise refused.within(check=2, culprit=header.culprit) from None

    values, blindings = parse_opening(layout, opening)
    try:
        layout.check_sums(values, sum(weights))
    except Refused as refused:
        raise refused.within(check=3) from None

    summed = [
        sodium.sum_of((weight, rows[i]) for weight, rows in zip(weights, decoded)) for i in range(layout.K)
    ]
    check_opening(summed, values, blindings)


def _check_record(round_: Round, client: bytes, header: ContributionHeader, rows: bytes) -> int:
    """Step 1 for one client. Returns its weight."""
    if (header.client, header.round) != (client, round_.header.round):
        raise Refused("wrong_context", "client and round of the record", 1)
    weight = round_.roster.get(client)
    if weight is None or not 1 <= weight <= round_.header.layout.wmax:
        raise Refused("refused", "weight of the client", 1)
    if not sodium.verify(client, signed_message(header, round_), header.signature):
        raise Refused("bad_signature", "signature of the record", 1)
    if len(rows) != 32 * round_.header.layout.K:
        raise Refused("malformed", "length of the list of rows", 1, culprit=header.culprit)
    if row_digest([rows[at : at + 32] for at in range(0, len(rows), 32)]) != header.rows:
        raise Refused("mismatch", "row digest", 1)
    return weight


def parse_opening(layout: Layout, opening: bytes) -> tuple[list[list[int]], list[int]]:
    """X and R of an opening's frame; its length follows from the layout."""
    width = (layout.w + 7) // 8
    values_end = layout.K * layout.C * width
    try:
        body = unframe(opening, OPENING, 1, values_end + 32 * layout.K)
    except Refused as refused:
        raise refused.within(check=3, place=f"frame check {refused.check}") from None
    if len(body) != values_end + 32 * layout.K:
        raise Refused("malformed", "length of the opening", 3)
    row_bytes = layout.C * width
    values = [
        [
            int.from_bytes(body[at : at + width], "big", signed=True)
            for at in range(start, start + row_bytes, width)
        ]
        for start in range(0, values_end, row_bytes)
    ]
    blindings = [int.from_bytes(body[at : at + 32], "little") for at in range(values_end, len(body), 32)]
    if any(blinding >= sodium.ORDER for blinding in blindings):
        raise Refused("out_of_range", "blinding of the opening", 3)
    return values, blindings
