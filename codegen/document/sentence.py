"""What a sentence is made of: plain words, formulas, code and references to equations. Each format renders the same parts."""

from __future__ import annotations

from dataclasses import dataclass

from .evidence import Evidence
from .nodes import Node
from .on_a_line import on_a_line


@dataclass(frozen=True, slots=True)
class Words:
    """Plain text; each format escapes it in its own way."""

    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """A formula inside a sentence. One that says that two things are equal needs a `evidence` to say so."""

    node: Node
    evidence: Evidence | None = None

    @property
    def shown(self) -> Node:
        """As it is written there: with slashes for fractions."""
        return on_a_line(self.node)


@dataclass(frozen=True, slots=True)
class Code:
    """A name of the generated module inside a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The number of an equation, as a link to it."""

    number: int


Sentence = tuple[Words | Math | Code | Reference, ...]
