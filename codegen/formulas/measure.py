"""How wide and how high a formula will be, in em, well enough to choose a layout."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.codegen.document.chinese_letters import letters_width
from chainrule.codegen.document.document import Code, Line, Math, Reference, Sentence, Words
from chainrule.codegen.document.letter_widths import text_width
from chainrule.codegen.document.node_walk import parts
from chainrule.codegen.document.nodes import (
    THIN,
    Accent,
    Braced,
    Cases,
    Fenced,
    Form,
    Fraction,
    Function,
    Grid,
    Letter,
    Node,
    Number,
    Primed,
    Root,
    Row,
    Scripts,
    Sign,
    Space,
    Text,
    has_limits,
    together,
)

#: Small letters are wider for their size than others.
_SCRIPT, _SCRIPT_WIDTH = 0.72, 0.8
#: A sign between two sides with its room.
RELATION = 1.4
_LETTER = 1.0
_RAISED = 0.4
_BAR = 0.35
#: Rows of a matrix stand so far apart.
_ROW_GAP = 0.25
#: A sign between two things with its room, and a bracket or another sign with little.
_SIGN, _BRACKET = 1.3, 0.4
#: What brackets around something higher take, by its height.
_HIGH_BRACKETS = ((2.6, 0.78), (2.0, 0.74), (1.6, 0.6), (1.25, 0.46))
#: The brace of a case distinction, with the room behind it.
_CASES = 1.4
#: The least width of a brace below something.
_BRACE = 1.8


def sides_width(lines: tuple[Line, ...]) -> float:
    """The width of an aligned display without its reasons."""
    left = max(formula_width(line.left.node) for line in lines)
    right = max(formula_width(line.right.node) for line in lines)
    return left + RELATION + right


def sentence_width(sentence: Sentence) -> float:
    return sum(_piece_width(piece) for piece in sentence)


def _piece_width(piece: Words | Math | Code | Reference) -> float:
    match piece:
        case Words(text):
            return letters_width(text, 0.45)
        case Math():
            return formula_width(piece.shown)
        case Code(text):
            return 0.55 * len(text)
        case Reference(number):
            return 0.5 * len(str(number)) + 0.8


def formula_width(node: Node) -> float:
    """In em, as a displayed formula."""
    match node:
        case Letter(text) | Number(text) | Text(text) | Function(text):
            return text_width(text)
        case Row(inside):
            return sum(map(formula_width, inside))
        case Sign("∑"):
            return 1.6
        case Sign(text, form):
            return _SIGN if form is Form.INFIX else max(_BRACKET, text_width(text))
        case Space(room):
            return room.value
        case Fraction(above, below):
            return max(formula_width(above), formula_width(below)) + 0.2
        case Scripts():
            base, *scripts = map(formula_width, parts(together(node)))
            beside = _SCRIPT_WIDTH * max(scripts)
            return max(base, beside) if has_limits(node) else base + beside
        case Primed(base, count):
            return formula_width(base) + letters_width("′", 0.52) * count
        case Accent(base):
            return formula_width(base)
        case Braced(base, below):
            return max(_BRACE, formula_width(base), _SCRIPT_WIDTH * formula_width(below))
        case Root(body):
            return formula_width(body) + 0.8
        case Fenced(left, body, right, grows):
            return formula_width(body) + _bracket_width(body, grows) * (bool(left) + bool(right))
        case Cases(rows):
            return _CASES + _table_width(rows)
        case Grid(rows):
            return 2 * _BRACKET + _table_width(rows)


def _bracket_width(body: Node, grows: bool) -> float:
    """With the thin space that TeX sets around those that grow."""
    if not grows:
        return _BRACKET
    height = formula_height(body)
    return THIN.room.value / 2 + next((width for least, width in _HIGH_BRACKETS if height >= least), _BRACKET)


def _table_width(rows: Sequence[Sequence[Node]]) -> float:
    columns = [max(map(formula_width, column)) for column in zip(*rows, strict=True)]
    return sum(columns) + 0.9 * (len(columns) - 1)


def formula_height(node: Node) -> float:
    """From its highest point to its lowest; a letter with its room above and below is 1, and nothing is 0."""
    match node:
        case Sign("∑"):
            return 1.5
        case Letter() | Number() | Sign() | Text() | Function():
            return _LETTER
        case Space():
            return 0.0
        case Row(inside):
            return max(map(formula_height, inside), default=0.0)
        case Cases(rows) | Grid(rows):
            return sum(max(map(formula_height, line)) + _ROW_GAP for line in rows)
    heights = [formula_height(part) for part in parts(together(node) if isinstance(node, Scripts) else node)]
    match node:
        case Fraction():
            return sum(heights) + _BAR
        case Scripts():
            base, *scripts = heights
            return base + _SCRIPT * sum(scripts) * (1 if has_limits(node) else _RAISED)
        case Accent():
            return heights[0] + _SCRIPT
        case Braced():
            return heights[0] + _SCRIPT * (1 + heights[1])
        case Root():
            return heights[0] + 0.2
        case _:
            return max(heights, default=_LETTER)
