"""What a verifier says when it refuses: one exception with the fields of the library's error."""

from __future__ import annotations

AGGREGATOR = "aggregator"


class Refused(Exception):
    """A check that does not hold.

    code      kind of failure, in the words of the spec's tables ("mismatch", "bad_proof", ...)
    what      what was checked
    check     number of the check within its numbered list, 0 where the list has no numbers
    place     where ("record 7", "ciphertext 3")
    culprit   who provably did it: "client <hex>", "trustee <i>", "aggregator", or "" for nobody
    """

    def __init__(self, code: str, what: str, check: int = 0, place: str = "", culprit: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.check = check
        self.place = place
        self.culprit = culprit

    def within(
        self, check: int | None = None, place: str | None = None, culprit: str | None = None
    ) -> Refused:
        """The same failure as a check of a longer list sees it."""
        return Refused(
            self.code,
            self.what,
            self.check if check is None else check,
            self.place if place is None else place,
            self.culprit if culprit is None else culprit,
        )

    def __str__(self) -> str:
        text = f"{self.code}: {self.what}"
        if self.check:
            text += f" (check {self.check})"
        if self.place:
            text += f" at {self.place}"
        return text
