"""A formula as a document holds it: its text, and what it was printed from."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Formula:
    """`of` are the expressions, matrix forms and numbers that a printer wrote `text` from; of a formula written by hand there are none."""

    text: str
    of: tuple[Hashable, ...] = ()

    @property
    def said(self) -> tuple[Hashable, ...]:
        """What evidence for it must be of: what it was printed from, or else the text itself."""
        return self.of or ((self.text,) if self.text else ())

    def rewritten(self, text: str) -> Formula:
        """The same, written in another way: σ(z) for the formula of an activation."""
        return Formula(text, self.said)

    def joined(self, sign: str, other: Formula) -> Formula:
        """Both with a sign between them."""
        return Formula(f"{self.text} {sign} {other.text}", (*self.said, *other.said))


#: The left side of a line that goes on from the one above.
NOTHING = Formula("")
