"""No document without evidence for every formula, and of that very formula: each displayed line, and each of a sentence with two sides."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass

from chainrule.symbolic.index.failures import CheckFailed

from .block_walk import sentences
from .document import NAMED, Block, Display, Document, Line, Math
from .evidence import AskedAbout, Defined, Evidence
from .latex_formula import write_latex
from .nodes import RELATIONS, Node, Row, Sign, row


def evidenced(document: Document, questions: Collection[Block] = ()) -> Document:
    """The document itself. In the blocks of `questions`, and nowhere else, a formula may be wrong on purpose or have a gap.

    Raises:
        CheckFailed: at a formula without evidence, at one with that of another formula, and at one that is asked about outside of a
            question.
    """
    for block in _blocks(document):
        for shown in _statements(block):
            evidence = shown.evidence
            if evidence is None:
                raise CheckFailed(f"a document would show what was not evaluated: {write_latex(shown.node)}")
            if not isinstance(evidence, Defined) and not shown.said <= evidence.of:
                raise CheckFailed(f"a document would show the evidence of another formula: {write_latex(shown.node)}")
            if not isinstance(evidence, Defined) and shown.above and evidence.of.isdisjoint(shown.above):
                raise CheckFailed(f"a document would go on from what the line is not equal to: {write_latex(shown.node)}")
            if isinstance(evidence, AskedAbout) and block not in questions:
                raise CheckFailed(f"a document would say what is only asked ({evidence.what}): {write_latex(shown.node)}")
    return document


def formulas(document: Document) -> Iterator[tuple[Node, Evidence | None]]:
    """Every formula that says something, with its evidence."""
    for block in _blocks(document):
        yield from ((shown.node, shown.evidence) for shown in _statements(block))


@dataclass(frozen=True, slots=True)
class _Statement:
    """What is said, by the expressions that it was printed from; a line without a left side goes on from one of those `above`."""

    node: Node
    said: frozenset[Hashable]
    evidence: Evidence | None
    above: frozenset[Hashable] = frozenset()


def _statements(block: Block) -> Iterator[_Statement]:
    if isinstance(block, Display):
        yield from _lines(block.lines)
    for sentence in sentences(block):
        for part in sentence:
            if isinstance(part, Math) and says_something(part.node):
                yield _Statement(part.node, frozenset({part.node}), part.evidence)


def _lines(lines: tuple[Line, ...]) -> Iterator[_Statement]:
    above: frozenset[Hashable] = frozenset()
    for line in lines:
        above = above if line.left.is_empty else frozenset()
        said = frozenset({*(line.left.said if line.relation != NAMED else ()), *line.right.said})
        yield _Statement(row(line.left.node, line.relation, line.right.node), said, line.evidence, above)
        above |= said if line.evidence is None or isinstance(line.evidence, Defined) else said | line.evidence.of


def _blocks(document: Document) -> tuple[Block, ...]:
    return (*document.blocks, *(block for level in document.levels for block in level.blocks))


def says_something(node: Node) -> bool:
    """Whether a sign of a relation stands between two sides, outside of brackets and cases: a = b, but not 1[a = b] or < 10."""
    return isinstance(node, Row) and any(isinstance(part, Sign) and part.text in RELATIONS for part in node.parts[1:])
