"""The light audit's fold: the same records without proofs, ciphertexts and partial decryptions (spec: aggregation,
section 7; validity, 10.3).

It reads of each contribution only the row commitments, and takes the stored opening for what it says: whether it
opens the summed commitments is checked. That somebody honest ran the full audit is trusted.
"""

from __future__ import annotations

from . import commitments, contributions, messages
from .commitments import parse_rows, row_digest
from .failure import Refused
from .light_audit import parse_opening
from .log import Record
from .messages import RoundClosed, RoundResult
from .session import COMMITMENTS, PARTIAL, SessionState, wrong


class LightState(SessionState):
    def _check_contribution(
        self, header: contributions.ContributionHeader, at: int
    ) -> contributions.Contribution:
        """Checks 1 to 4, 7 and 8; of the body the rows are read, at its front."""
        facts = self.current.facts
        layout = facts.header.layout
        weight = contributions.check_header(header, at, facts)
        body = contributions.fetch_body(header, facts, self.session, self.bodies, 32 * layout.K)
        try:
            rows = parse_rows(body, layout.K)
        except Refused as refused:
            raise refused.within(check=7, culprit=header.culprit) from None
        if row_digest(rows) != header.rows:
            raise Refused("mismatch", "row digest", 8, culprit=header.culprit)
        return contributions.Contribution(header, weight, rows, [])

    def _check_reason(
        self, header: contributions.ContributionHeader, received_at: int, reason: int, late: bool
    ) -> None:
        """Is for the full audit."""

    def _check_aggregate(self, closed: RoundClosed, enough: bool) -> None:
        """The product is not known."""

    def _partial(self, record: Record) -> None:
        """Is for the full audit; so is what a trustee's wrong answer looks like."""
        self._enter(PARTIAL)

    def _partial_refusal(self, record: Record) -> None:
        """Likewise."""

    def _result(self, record: Record) -> None:
        round_ = self.current
        claimed = RoundResult.parse(record.body)
        if claimed.round != round_.facts.header.round:
            raise wrong("wrong_context", "round of the result")
        self._enter(COMMITMENTS)
        layout = round_.facts.header.layout
        opening = self.bodies.get(claimed.opening, messages.opening_bytes(layout))
        rows, blindings = parse_opening(layout, opening)
        layout.check_sums(rows, round_.weight)
        commitments.check_opening(round_.row_sums, rows, blindings)
        self._take_model(claimed, rows)

    def _check_abandoned(self, reason: int) -> None:
        """Which answers there are is not known here."""

