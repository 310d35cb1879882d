"""What the right answer of a question is, as data: the key's sentences say it in words, and a file for a course says it to a machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chainrule.codegen.document.nodes import Node
from chainrule.codegen.document.sentence import Math, Sentence


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """A number, rounded as results are; `shown` is the formula that says it. An answer that is off by `tolerance` is right, too."""

    shown: Math
    value: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class ChoiceAnswer:
    """One of several; `right` is its place, from 0."""

    options: tuple[Sentence, ...]
    right: int

    @property
    def chosen(self) -> Sentence:
        return self.options[self.right]


@dataclass(frozen=True, slots=True)
class SelectionAnswer:
    """Some of several; `right` are their places, from 0."""

    options: tuple[Sentence, ...]
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TruthAnswer:
    """True or false."""

    is_true: bool


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """The letters of lines, in the order in which the lines follow from each other."""

    letters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapAnswer:
    """What fills the one gap of a formula; with each of the `others` in it, the formula was evaluated and does not hold."""

    missing: Node
    others: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ShapesAnswer:
    """Arrays, each with its shape."""

    shapes: tuple[tuple[Node, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class CountsAnswer:
    """Whole numbers, each with what is counted."""

    counts: tuple[tuple[Sentence, int], ...]


@dataclass(frozen=True, slots=True)
class FormulaAnswer:
    """The formula of a gradient; who writes it in another way is right, too."""

    gradient: Node
    formula: Node


Answer: TypeAlias = (
    NumberAnswer | ChoiceAnswer | SelectionAnswer | TruthAnswer | OrderAnswer | GapAnswer | ShapesAnswer | CountsAnswer | FormulaAnswer
)
