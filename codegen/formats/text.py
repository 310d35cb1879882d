"""Documents as text: for a terminal, with equals signs one below the other and reasons beside the formulas or below; or LaTeX to paste."""

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

TITLE, QUIET, LEFT = "bold cyan", "dim", "bold"
#: Where nobody looks at it, as in a file.
PLAIN_WIDTH = 100
INDENT, GAP = 2, 3
#: A column of reasons is at least as wide.
LEAST_ROOM = 24
RELATION = " = "


def text_lines(document: Document, width: int) -> Iterator[Text]:
    """Lines for a terminal of a width, of formulas that are Unicode; their `plain` is what stands in a file."""
    for block in document.blocks:
        match block:
            case Heading():
                styles = (("    ", QUIET) if isinstance(part, Code) else ("", TITLE) for part in block.title)
                yield Text.assemble(*((f"{space}{_text(part)}", style) for (space, style), part in zip(styles, block.title, strict=True)))
            case Display() if any(line.reason for line in block.lines):
                yield from _aligned(block.lines, width)
            case Display():
                yield from (_formula(f"{line.left.text}{RELATION}{line.right.text}") for line in block.lines)
            case Paragraph():
                yield Text.assemble(*(_formula(part.latex) if isinstance(part, Math) else _text(part) for part in block.sentence))
            case BlankLines():
                yield from (Text() for _ in range(block.lines))
            case _:
                raise TypeError(f"a terminal shows no {type(block).__name__}")


def latex_lines(document: Document) -> Iterator[str]:
    """Lines for an `align` environment; words are comments."""
    for block in document.blocks:
        match block:
            case Heading():
                yield f"% {_plain(block.title)}"
            case Display():
                for line in block.lines:
                    reason = rf" && \text{{{_plain(line.reason)}}}" if line.reason else ""
                    yield rf"{line.left.text} &{line.relation} {line.right.text}{reason} \\"
            case Paragraph():
                is_comment = any(isinstance(part, Words) for part in block.sentence)
                yield f"{'% ' if is_comment else ''}{_plain(block.sentence)}"
            case BlankLines():
                yield from [""] * block.lines
            case _:
                raise TypeError(f"lines of LaTeX show no {type(block).__name__}")


def _formula(written: str) -> Text:
    left, relation, right = written.partition(RELATION)
    return Text.assemble((left, LEFT), relation + right) if relation else Text(written)


def _aligned(lines: Sequence[Line], width: int) -> Iterator[Text]:
    left = max(cell_len(line.left.text) for line in lines)
    right = max(cell_len(line.right.text) for line in lines)
    start = INDENT + left + len(RELATION) + right + GAP
    longest = max(cell_len(_plain(line.reason)) for line in lines)
    beside = start + max(longest, LEAST_ROOM) <= width
    for line in lines:
        space = " " * (INDENT + left - cell_len(line.left.text))
        formula = Text.assemble(space, (line.left.text, LEFT), RELATION, line.right.text)
        if beside:
            yield Text.assemble(formula, " " * (start - cell_len(formula.plain)), (_plain(line.reason), QUIET))
        else:
            yield formula
            yield Text.assemble(" " * (INDENT + left + len(RELATION) + 2), (_plain(line.reason), QUIET))


def _plain(sentence: Sentence) -> str:
    return "".join(map(_text, sentence))


def _text(part: Words | Math | Code | Reference) -> str:
    match part:
        case Math(latex):
            return latex
        case Reference(number):
            return f"({number})"
        case _:
            return part.text
