"""Documents as text: for a terminal, with equals signs one below the other and reasons beside the formulas or below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from chainrule.codegen.document.document import (
    BlankLines,
    Code,
    Display,
    Document,
    Heading,
    Line,
    Math,
    Paragraph,
    Reference,
    Sentence,
    Words,
)
from chainrule.codegen.document.unicode_formula import write_unicode

TITLE, QUIET, LEFT = "bold cyan", "dim", "bold"
#: Where nobody looks at it, as in a file.
PLAIN_WIDTH = 100
INDENT, GAP = 2, 3
#: A column of reasons is at least as wide.
LEAST_ROOM = 24
RELATION = " = "


def text_lines(document: Document, width: int) -> Iterator[Text]:
    """Lines for a terminal of a width; their `plain` is what stands in a file."""
    for block in document.blocks:
        match block:
            case Heading():
                yield Text.assemble(*((_in_title(part), QUIET if isinstance(part, Code) else TITLE) for part in block.title))
            case Display() if any(line.reason or line.left.is_empty for line in block.lines):
                yield from _aligned(block.lines, width)
            case Display():
                for line in block.lines:
                    yield Text.assemble((write_unicode(line.left.node), LEFT), _relation(line) + write_unicode(line.right.node))
            case Paragraph():
                yield Text.assemble(*map(_text, block.sentence))
            case BlankLines():
                yield from (Text() for _ in range(block.lines))
            case _:
                raise TypeError(f"a terminal shows no {type(block).__name__}")


def _relation(line: Line) -> str:
    return f" {write_unicode(line.relation)} "


def _aligned(lines: Sequence[Line], width: int) -> Iterator[Text]:
    sides = [(write_unicode(line.left.node), write_unicode(line.right.node)) for line in lines]
    left, right = (max(map(cell_len, column)) for column in zip(*sides, strict=True))
    start = INDENT + left + len(RELATION) + right + GAP
    longest = max(cell_len(_plain(line.reason)) for line in lines)
    beside = start + max(longest, LEAST_ROOM) <= width
    for line, (own, other) in zip(lines, sides, strict=True):
        space = " " * (INDENT + left - cell_len(own))
        formula = Text.assemble(space, (own, LEFT), _relation(line), other)
        if beside and line.reason:
            yield Text.assemble(formula, " " * (start - cell_len(formula.plain)), (_plain(line.reason), QUIET))
        else:
            yield formula
        if line.reason and not beside:
            yield Text.assemble(" " * (INDENT + left + len(RELATION) + 2), (_plain(line.reason), QUIET))


def _plain(sentence: Sentence) -> str:
    return "".join(map(_text, sentence))


def _in_title(part: Words | Math | Code | Reference) -> str:
    """A shape stands apart."""
    return f"    {part.text}" if isinstance(part, Code) else _text(part)


def _text(part: Words | Math | Code | Reference) -> str:
    match part:
        case Math(node):
            return write_unicode(node)
        case Reference(number):
            return f"({number})"
        case _:
            return part.text
