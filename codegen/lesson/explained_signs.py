"""Sentences on the signs of formulas, said in a document that has these signs, and in no other.

A section says where an explanation may stand; which signs there are is known when all sections are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chainrule.codegen.document.block_walk import formulas_shown
from chainrule.codegen.document.document import Block, Display, Math, Paragraph, Sentence
from chainrule.codegen.document.node_walk import nodes
from chainrule.codegen.document.nodes import Fenced, Node, Row, Scripts, row
from chainrule.codegen.formulas.function_signs import ONE
from chainrule.symbolic.forms.matrices import Matrix, has_array_fraction


class ShownFormulas:
    """What the formulas of some blocks are made of."""

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self.nodes: set[Node] = set()
        self.has_indicator = self.has_array_fraction = False
        for block in blocks:
            self.add(block)

    def add(self, block: Block) -> None:
        for shown in formulas_shown(block):
            for node in nodes(shown):
                self.nodes.add(node)
                self.has_indicator |= isinstance(node, Row) and any(map(_is_indicator, pairwise(node.parts)))
        if isinstance(block, Display):
            made_of = (source for line in block.lines for source in line.right.of)
            self.has_array_fraction |= any(isinstance(source, Matrix) and has_array_fraction(source) for source in made_of)

    def has(self, sign: Node) -> bool:
        return sign in self.nodes

    def has_below_one(self, below: Node) -> bool:
        """Whether a bold 1 has this size, or these labels, below it."""
        return any(isinstance(node, Scripts) and node.base == ONE and node.below == below for node in self.nodes)


def _is_indicator(side_by_side: tuple[Node, Node]) -> bool:
    """1[…]"""
    one, test = side_by_side
    return one == ONE and isinstance(test, Fenced) and test.left == "["


#: What is to be said beside what is shown, or nothing.
Explanation = Callable[[ShownFormulas], Sentence]


@dataclass
class ExplainedSigns:
    """Where explanations may stand, by their subjects."""

    places: dict[Block, tuple[str, Explanation]] = field(default_factory=dict)

    def place(self, subject: str, explanation: Explanation) -> Block:
        """A mark for the explanation, or for nothing, in the blocks of a section.

        It is an equation without evidence: a document that would show it is refused.
        """
        mark = Paragraph((Math(row("n", "=", str(len(self.places)))),))
        self.places[mark] = (subject, explanation)
        return mark

    def explained(self, *parts: Sequence[Block]) -> list[list[Block]]:
        """The parts of a document without marks: an explanation stands at its first place behind such a sign, or else at the last."""
        blocks = [block for part in parts for block in part]
        shown = ShownFormulas(block for block in blocks if block not in self.places)
        chosen = {subject: mark for mark, subject in self._chosen(blocks)}
        return [list(self._written(part, shown, chosen)) for part in parts]

    def _written(self, blocks: Sequence[Block], shown: ShownFormulas, chosen: Mapping[str, Block]) -> Iterator[Block]:
        for block in blocks:
            subject, explanation = self.places.get(block, ("", None))
            if explanation is None:
                yield block
            elif chosen[subject] == block and (sentence := explanation(shown)):
                yield Paragraph(sentence)

    def _chosen(self, blocks: Sequence[Block]) -> Iterator[tuple[Block, str]]:
        """Marks with their subjects, of which the last of a subject is the one that stands."""
        before, done = ShownFormulas(), set[str]()
        for block in blocks:
            if block not in self.places:
                before.add(block)
                continue
            subject, explanation = self.places[block]
            if subject not in done:
                yield block, subject
                if explanation(before):
                    done.add(subject)
