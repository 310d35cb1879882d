"""No document without evidence for every formula: each displayed line, and each formula of a sentence with two sides."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from chainrule.symbolic.index.failures import CheckFailed

from .document import Block, Display, Document, Figure, Heading, Items, Listing, Math, Paragraph, Sentence, Table
from .evidence import AskedAbout, Evidence

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
RELATIONS = frozenset({"=", "<", ">", r"\approx", r"\le", r"\ge", r"\leftarrow", ":="})
_OPENING, _CLOSING = frozenset({*"{[(", r"\begin"}), frozenset({*"}])", r"\end"})


def evidenced(document: Document, questions: Collection[Block] = ()) -> Document:
    """The document itself. In the blocks of `questions`, and nowhere else, a formula may be wrong on purpose or have a gap.

    Raises:
        CheckFailed: at a formula without evidence, and at one that is asked about outside of a question.
    """
    for block in _blocks(document):
        for formula, evidence in formulas_of(block):
            if evidence is None:
                raise CheckFailed(f"a document would show what was not evaluated: {formula}")
            if isinstance(evidence, AskedAbout) and block not in questions:
                raise CheckFailed(f"a document would say what is only asked ({evidence.what}): {formula}")
    return document


def formulas(document: Document) -> Iterator[tuple[str, Evidence | None]]:
    """Every formula that says something, with its evidence."""
    for block in _blocks(document):
        yield from formulas_of(block)


def formulas_of(block: Block) -> Iterator[tuple[str, Evidence | None]]:
    """The same of one block."""
    if isinstance(block, Display):
        yield from ((f"{line.left} {line.relation} {line.right}".strip(), line.evidence) for line in block.lines)
    for sentence in sentences(block):
        for part in sentence:
            if isinstance(part, Math) and says_something(part.latex):
                yield part.latex, part.evidence


def _blocks(document: Document) -> tuple[Block, ...]:
    return (*document.blocks, *(block for level in document.levels for block in level.blocks))


def sentences(block: Block) -> Iterator[Sentence]:
    """All sentences of a block."""
    match block:
        case Heading():
            yield block.title
        case Paragraph():
            yield block.sentence
        case Display():
            yield from (line.reason for line in block.lines)
        case Table():
            yield from (*block.header, *(cell for row in block.rows for cell in row), block.caption)
        case Listing():
            yield block.caption
        case Items():
            yield from block.sentences
        case Figure():
            yield from (block.title, block.description, block.caption)


def says_something(latex: str) -> bool:
    """Whether a sign of a relation stands between two sides, outside of brackets and cases: a = b, but not 1[a = b] or < 10."""
    depth, before = 0, False
    for token in _TOKEN.findall(latex):
        depth += (token in _OPENING) - (token in _CLOSING)
        if token in RELATIONS and depth == 0 and before:
            return True
        before = before or bool(token.strip())
    return False
