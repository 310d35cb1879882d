"""Why a formula may stand in a document: its two sides were evaluated, or it gives a name to something and there is nothing to evaluate.

A sheet of exercises also shows formulas that are asked about, which have something missing or are wrong on purpose.

Every displayed line, and every formula with a relation inside of a sentence, has one; a document with a formula that lacks it is not made.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

#: All that documents define. Each names something; none says that two known things are equal.
DEFINITIONS = {
    "all parameters": "θ = {w₁, …}: one letter for all weights and biases",
    "gradient": "∇C is the column of all derivatives",
    "any functions": "y = g(x): functions that are not specified, for the general rule",
    "prediction": "ŷ = a⁽ᴸ⁾: a second letter for the output of the last layer",
    "update": "w ← w − η ∂C/∂w: what a step of learning puts in the place of a parameter",
    "given": "x₁ = 0.05: a number that the reader is given",
    "condition": "y = 0, which may be so or not: what a bracket asks",
}

#: All that a question may show beside what holds.
ASKED = {
    "gap": "∂C/∂w = □ x: something is left out; with it, the formula was evaluated and holds",
    "wrong": "∂C/∂w = −z: wrong on purpose; it was evaluated and does not hold",
}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Both sides were evaluated; `error` is their largest difference. Only the checker makes one, after it has evaluated them.

    `of` is what was evaluated, and no formula of anything else can be shown with it.
    """

    error: float
    of: frozenset[Hashable]


@dataclass(frozen=True, slots=True)
class Defined:
    """`what` is one of `DEFINITIONS`."""

    what: str

    def __post_init__(self) -> None:
        if self.what not in DEFINITIONS:
            raise ValueError(f"found the definition {self.what!r}, expected one of {', '.join(DEFINITIONS)}")


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """A formula that a question asks about; `what` is one of `ASKED`. Only the checker makes one, after it has evaluated the formula.

    `difference` is what was found: of the whole formula without its gap, or of the two sides of a wrong one. `of`
    is as that of `Evaluated`.
    """

    what: str
    difference: float
    of: frozenset[Hashable]

    def __post_init__(self) -> None:
        if self.what not in ASKED:
            raise ValueError(f"found the formula {self.what!r} to ask about, expected one of {', '.join(ASKED)}")


Evidence = Evaluated | Defined | AskedAbout
