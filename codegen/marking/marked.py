"""What comes out of marking: a verdict on each line of each work."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .convention import Convention


class Verdict(StrEnum):
    """What is said of a line: it follows where it is what the right rule makes of an earlier wrong value."""

    RIGHT = "right"
    WRONG = "wrong"
    FOLLOWS = "follows"
    UNKNOWN = "unknown"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of a work: `name` as its author wrote it, `quantity` as the module calls it, None where it is none of the network.

    `mistake` is the word of its kind, `message` says it in the language that was spoken, and `correction` is the line as it is when right.
    """

    line: int
    name: str
    quantity: str | None
    verdict: Verdict
    mistake: str | None = None
    message: str | None = None
    correction: str | None = None


@dataclass(frozen=True, slots=True)
class MarkedWork:
    """All lines of a work under the convention that most of them have; `missing` are the gradients that it says nothing of.

    Of a work that cannot be read `problem` says why.
    """

    file: str
    convention: Convention
    lines: tuple[MarkedLine, ...]
    missing: tuple[str, ...]
    right: int
    of: int
    problem: str | None = None

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong and nothing is missing."""
        verdicts = {line.verdict for line in self.lines}
        return not self.missing and not verdicts & {Verdict.WRONG, Verdict.FOLLOWS} and self.right == self.of

    @property
    def first_wrong(self) -> MarkedLine | None:
        return next((line for line in self.lines if line.verdict is Verdict.WRONG), None)
