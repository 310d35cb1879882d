"""How high the parts of a slide will be, in lines of its text, well enough to choose what stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from chainrule.codegen.document.document import (
    BlankLines,
    Block,
    Display,
    Fields,
    Figure,
    Heading,
    Items,
    Line,
    Listing,
    Math,
    Paragraph,
    Table,
)
from chainrule.codegen.document.node_walk import nodes
from chainrule.codegen.document.nodes import Braced, Fenced, Node, Sign
from chainrule.codegen.document.sentence import Sentence

from .folding import folded
from .measure import formula_height, formula_width, sentence_width, sides_width

#: What fits on a slide; in points, a line of text.
ROOM, LINE = 14.6, 13.6
#: In em of the text.
TEXT_WIDTH = 38.0
DISPLAY_WIDTH = 35.0
#: In points: how wide a picture may be, one alone on its slide how high, and how wide one beside text.
PICTURE_WIDTH, PICTURE_HEIGHT, BESIDE = 430.0, 200.0, 232.0
#: What is then left for formulas.
WIDTH_BESIDE = 14.8
#: Of tables and reasons, whose letters are smaller, to the text.
SMALL = 0.91
#: In em, of the smaller letters of tables.
TABLE_WIDTH = 40.0
COLUMN_WIDTH = 14.0
#: In points.
CODE_SIZE = 8.0
TABLE_ROW, TABLE_FRAME = 1.19, 0.4


def stands_beside(figure: Figure, others: Sequence[Block]) -> bool:
    """Whether a picture stands beside the other blocks of a frame: a narrow one does, where it is the only one."""
    return bool(others) and figure.drawing.width <= BESIDE and not any(isinstance(block, Figure) for block in others)


def picture_room(figure: Figure, others: Sequence[Block]) -> tuple[float, float]:
    """For a picture beside or among the other blocks of a frame, in points."""
    if stands_beside(figure, others):
        return BESIDE, PICTURE_HEIGHT - LINE * _caption_height(figure.caption, BESIDE / LINE)
    return PICTURE_WIDTH, PICTURE_HEIGHT - LINE * (height(others) + _caption_height(figure.caption, TEXT_WIDTH))


def _caption_height(caption: Sentence, width: float) -> float:
    return SMALL * (0.7 + lines_of(caption, width)) if caption else 0.0


def height(blocks: Sequence[Block]) -> float:
    """Of all blocks, one below the other."""
    return sum(map(block_height, blocks))


def block_height(block: Block) -> float:
    """A heading is the title of a slide."""
    match block:
        case Heading() | BlankLines() | Fields():
            return 0.0
        case Paragraph(sentence):
            return paragraph_height(sentence)
        case Display(lines):
            return display_height(lines)
        case Table():
            return table_height(block)
        case Items(sentences):
            return sum(0.3 + lines_of(sentence) for sentence in sentences)
        case Figure(drawing=drawing, caption=caption):
            return drawing.height / LINE + _caption_height(caption, TEXT_WIDTH)
        case Listing():
            return 0.4 + len(block.whole.splitlines()) * 1.25 * CODE_SIZE / LINE


def table_columns(table: Table) -> str:
    """The columns' letters; where rows are too wide, long columns, X, share what the others leave."""
    widths = _widths(table)
    if sum(widths) + 1.2 * (len(widths) - 1) <= TABLE_WIDTH:
        return table.align
    return "".join("X" if width > COLUMN_WIDTH else letter for letter, width in zip(table.align, widths, strict=True))


def _widths(table: Table) -> list[float]:
    return [max(sentence_width(row[column]) for row in (table.header, *table.rows)) for column in range(len(table.align))]


def table_height(table: Table) -> float:
    columns = table_columns(table)
    taken = sum(width for width, letter in zip(_widths(table), columns, strict=True) if letter != "X")
    room = max(8.0, (TABLE_WIDTH - taken) / max(1, columns.count("X")) - 1.2)
    return TABLE_FRAME + sum(_row_height(row, columns, room) for row in (table.header, *table.rows))


def _row_height(row: Sequence[Sentence], columns: str, room: float) -> float:
    wrapped = (SMALL * lines_of(cell, room) for cell, letter in zip(row, columns, strict=True) if letter == "X")
    return max(TABLE_ROW, *(0.8 * _tallest(cell) - 0.2 for cell in row), *(TABLE_ROW - SMALL + lines for lines in wrapped))


def lines_of(sentence: Sentence, width: float = TEXT_WIDTH) -> float:
    return float(max(1, ceil(sentence_width(sentence) / width)))


def paragraph_height(sentence: Sentence) -> float:
    return lines_of(sentence) + 0.35 + max(0.0, min(_tallest(sentence), 2.0) - 1.6)


def _tallest(sentence: Sentence) -> float:
    return max((_formula(piece.shown) for piece in sentence if isinstance(piece, Math)), default=1.0)


def _formula(node: Node) -> float:
    """A sum, a brace under a matrix and a bracket around that take a little more than their parts."""
    inside = list(nodes(node))
    braced = any(isinstance(part, Braced) for part in inside)
    fenced = any(isinstance(part, Fenced) and any(isinstance(each, Braced) for each in nodes(part)) for part in inside)
    return formula_height(node) + 0.4 * (Sign("∑") in inside) + 0.9 * braced + 0.6 * fenced


def shown_lines(lines: Sequence[Line], width: float = DISPLAY_WIDTH) -> tuple[Line, ...]:
    """The lines of a derivation, those that are too wide broken at their signs."""
    return folded(tuple(lines), width)


def is_too_wide(lines: Sequence[Line], width: float = DISPLAY_WIDTH) -> bool:
    """Whether a line cannot be broken so that it fits."""
    return sides_width(shown_lines(lines, width)) > width


def reasons_stand_beside(lines: Sequence[Line], width: float = DISPLAY_WIDTH) -> bool:
    """Whether there is room for all reasons beside their lines; else they stand below."""
    return sides_width(tuple(lines)) + 2.0 + SMALL * max(sentence_width(line.reason) for line in lines) <= width


def display_height(lines: Sequence[Line], width: float = DISPLAY_WIDTH) -> float:
    shown = shown_lines(lines, width)
    beside = reasons_stand_beside(shown, width)
    return 0.6 + sum(_line_height(line, beside, width) for line in shown)


def _line_height(line: Line, beside: bool, width: float) -> float:
    formula = 0.32 + 0.62 * max(_formula(line.left.node), _formula(line.right.node), 1.4)
    return formula if beside or not line.reason else formula + 0.3 + SMALL * lines_of(line.reason, 1.1 * reason_width(line, width))


def reason_width(line: Line, width: float = DISPLAY_WIDTH) -> float:
    """What there is for a reason below its line, in em."""
    return max(12.0, width + 0.6 - max(5.0, formula_width(line.left.node)))
