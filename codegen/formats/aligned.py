"""Displays as rows of an `aligned` or an `align` environment: too long formulas go on below, reasons stand beside the formulas or below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chainrule.codegen.document.document import Line, Sentence
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.formulas.folding import folded
from chainrule.codegen.formulas.measure import formula_width, sentence_width, sides_width
from chainrule.codegen.formulas.sentence_folding import folded_sentence

#: In em: between a formula and what stands beside it, and before a reason below one.
GAP, INDENT = 2.0, 2.0


@dataclass(frozen=True, slots=True)
class Rows:
    """How the rows of a page are written: its formulas, the sentences of reasons, and the room in em.

    With `inside`, a formula may be broken inside of its terms, and a reason between words. `beside` and `below` stand before a reason.
    """

    formula: Callable[[Node], str]
    reason: Callable[[Sentence], str]
    room: float
    inside: bool = False
    beside: str = r"&&\quad"
    below: str = r"&\qquad"

    def written(self, lines: tuple[Line, ...]) -> Iterator[str]:
        """The rows, without what ends them."""
        lines = folded(lines, self.room, self.inside)
        widest = max(sentence_width(line.reason) for line in lines)
        beside = sides_width(lines) + GAP + widest <= self.room
        for line in lines:
            left, relation, right = (self.formula(part) for part in (line.left.node, line.relation, line.right.node))
            # A bracket or a star after the end of a line would be read as its option.
            start = "{}" + left if left[:1] in {"[", "*"} else left
            row = f"{start} &{relation} {right}"
            if not line.reason:
                yield row
            elif beside:
                yield f"{row} {self.beside} {self.reason(line.reason)}"
            else:
                yield row
                below = folded_sentence(line.reason, self.room_below(lines)) if self.inside else (line.reason,)
                yield from (f"{self.below} {self.reason(part)}" for part in below)

    def room_below(self, lines: tuple[Line, ...]) -> float:
        """For a reason below a formula."""
        return self.room - INDENT - max(formula_width(line.left.node) for line in lines)
