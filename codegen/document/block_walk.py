"""What is inside of a block."""

from __future__ import annotations

from collections.abc import Iterator

from .document import Block, Display, Fields, Figure, Heading, Items, Listing, Math, Paragraph, Sentence, Table
from .nodes import Node, row


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
        case Fields():
            yield from block.labels
        case Figure():
            yield from (block.title, block.description, block.caption)


def formulas_shown(block: Block) -> Iterator[Node]:
    """All formulas of a block, a displayed line as one."""
    if isinstance(block, Display):
        yield from (row(line.left.node, line.relation, line.right.node) for line in block.lines)
    yield from (piece.node for sentence in sentences(block) for piece in sentence if isinstance(piece, Math))
