"""All that blocks show, as one text: words, and formulas as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from chainrule.codegen.document.document import (
    BlankLines,
    Block,
    Display,
    Fields,
    Figure,
    Heading,
    Items,
    Listing,
    Paragraph,
    Sentence,
    Table,
)
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.document.sentence import Code, Math, Reference, Words


def shown_text(blocks: Iterable[Block]) -> str:
    return "\n".join(part for block in blocks for part in _parts(block))


def sizes_said(text: str) -> dict[str, int]:
    """By its letter, the size that a question gives to an axis."""
    said = re.search(r"Let the axes (.+) have the sizes (.+)\.", text)
    assert said, text
    letters, sizes = (part.split(", ") for part in said.groups())
    return {letter: int(size) for letter, size in zip(letters, sizes, strict=True)}


def given_away_in_text(secrets: Sequence[Node], shown: str) -> list[Node]:
    """The secrets that stand in a text; a number must stand there whole."""
    return [secret for secret in secrets if re.search(rf"(?<![\d.]){re.escape(write_latex(secret))}(?![\d.]\d|\d)", shown)]


def _parts(block: Block) -> Iterator[str]:
    match block:
        case Heading(_, title, _):
            yield sentence_text(title)
        case Paragraph(sentence):
            yield sentence_text(sentence)
        case Display(lines, _):
            for line in lines:
                sides = (write_latex(part) for part in (line.left.node, line.relation, line.right.node))
                yield " ".join((*sides, sentence_text(line.reason)))
        case Table(header, rows, _, caption):
            for row in (header, *rows):
                yield " | ".join(sentence_text(cell) for cell in row)
            yield sentence_text(caption)
        case Items(sentences, _):
            yield from map(sentence_text, sentences)
        case Listing():
            yield block.whole
            yield sentence_text(block.caption)
        case Figure():
            yield sentence_text(block.description)
            yield sentence_text(block.caption)
        case Fields(labels):
            yield from map(sentence_text, labels)
        case BlankLines():
            pass


def sentence_text(sentence: Sentence) -> str:
    """Words and formulas one after the other."""
    return "".join(_piece(piece) for piece in sentence)


def _piece(piece: Words | Math | Code | Reference) -> str:
    match piece:
        case Words(text) | Code(text):
            return text
        case Math(node):
            return write_latex(node)
        case Reference(number):
            return f"({number})"
