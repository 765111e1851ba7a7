"""Who takes part: enrolments, removals, and the roster that follows (spec: wire-format, sections 4.1 and 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

from . import sodium
from .failure import Refused
from .messages import MAX_CLIENTS, Enrolment, client_name, parse_removal
from .wire import labelled, sha256, u32, u64

ENROLMENT = "veilsum/aggregation/v1/enrolment"
DRAW = b"veilsum/aggregation/v1/draw"


def enrolment_message(session: bytes, enrolment: Enrolment) -> bytes:
    message = session + enrolment.client + u32(enrolment.weight) + u64(enrolment.serial)
    return labelled(ENROLMENT, message)


@dataclass(frozen=True)
class Lot:
    """What a cohort is drawn by: the last round with a result."""

    opened: int  # sequence number of its round_opened record
    opening: bytes


@dataclass(frozen=True)
class _Member:
    weight: int
    began: int  # sequence number of the enrolment that put the client in


class Pool:
    def __init__(self, session: bytes) -> None:
        self._session = session
        self._members: dict[bytes, _Member] = {}
        self._serials: dict[bytes, int] = {}  # enrolment records of a client so far

    def __len__(self) -> int:
        return len(self._members)

    def serial(self, client: bytes) -> int:
        """The one that the client's next enrolment has."""
        return self._serials.get(client, 0)

    def enrol(self, body: bytes, sequence: int) -> None:
        enrolment = Enrolment.parse(body)
        client = enrolment.client
        if not sodium.is_verifying_key(client):
            raise Refused("malformed", "client id")
        place = client_name(client)
        if enrolment.serial != self.serial(client):
            raise Refused("mismatch", "serial of the enrolment", 0, place)
        if not sodium.verify(client, enrolment_message(self._session, enrolment), enrolment.signature):
            raise Refused("bad_signature", "signature of the enrolment", 0, place)
        before = self._members.get(client)
        if enrolment.weight == 0:
            if before is None:
                raise Refused("missing", "client that leaves", 0, place)
            del self._members[client]
        else:
            if before is None and len(self._members) == MAX_CLIENTS:
                raise Refused("overflow", "number of clients", 0, place)
            self._members[client] = _Member(enrolment.weight, sequence if before is None else before.began)
        self._serials[client] = enrolment.serial + 1

    def remove(self, body: bytes) -> None:
        client = parse_removal(body)
        if client not in self._members:
            raise Refused("missing", "client that is removed", 0, client_name(client))
        del self._members[client]

    def roster(self, round_: int, drawn: int, lot: Lot | None) -> dict[bytes, int]:
        """Clients of a round with their weights, in rising order."""
        clients = list(self._members)
        if drawn:
            if lot is None:
                raise Refused("missing", "result to draw the cohort from")
            clients = [client for client in clients if self._members[client].began < lot.opened]
            if drawn > len(clients):
                raise Refused("out_of_range", "number of clients to be drawn")
            prefix = DRAW + self._session + lot.opening + u64(round_)
            clients = sorted(clients, key=lambda client: sha256(prefix + client))[:drawn]
        return {client: self._members[client].weight for client in sorted(clients)}
