"""A piece of generated source: its text, and what of it matters for what is written around it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto

from chainrule.codegen.formulas.printer import Precedence


class Memory(Enum):
    """Where the entries of an array are: in memory of its own, in another array's, or in windows of one, which overlap."""

    OWN = auto()
    ANOTHER = auto()
    OVERLAPPING = auto()


@dataclass(frozen=True, slots=True)
class Source:
    """An expression. `uses` names what has to be there for it: functions that a module brings, Python's, sizes, and the parameters.

    `reads` are the arrays and constants that it reads, in the order in which they stand there.
    """

    text: str
    precedence: Precedence = Precedence.ATOM
    uses: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()
    memory: Memory = Memory.OWN

    def within(self, least: Precedence) -> str:
        """The expression, in brackets where it would fall apart."""
        return self.text if self.precedence >= least else f"({self.text})"

    @property
    def bracketed(self) -> str:
        """As a method is called of it."""
        return self.within(Precedence.ATOM)

    def rewritten(self, text: str) -> Source:
        """An atom of the same array."""
        return replace(self, text=text, precedence=Precedence.ATOM)


def made_of(text: str, parts: Iterable[Source], precedence: Precedence = Precedence.ATOM, uses: Collection[str] = ()) -> Source:
    """A new array computed of others, whose sources stand in the text in this order."""
    parts = tuple(parts)
    reads = dict.fromkeys(name for part in parts for name in part.reads)
    return Source(text, precedence, frozenset(uses).union(*(part.uses for part in parts)), tuple(reads))


def tuple_text(parts: list[str]) -> str:
    """(a,), (a, b)."""
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
