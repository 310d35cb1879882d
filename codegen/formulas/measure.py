"""How wide and how high a formula will be, in em, well enough to choose a layout; lines that are too wide go on below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.codegen.document.chinese_letters import letters_width
from chainrule.codegen.document.document import Code, Line, Math, Reference, Sentence, Words
from chainrule.codegen.document.formula import NOTHING
from chainrule.codegen.document.node_walk import parts
from chainrule.codegen.document.nodes import (
    EMPTY,
    QUAD,
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
    row,
    together,
)

_SCRIPT = 0.72
_RELATION = 1.4
_LETTER = 1.0
_RAISED = 0.4
_BAR = 0.35
#: Rows of a matrix stand so far apart.
_ROW_GAP = 0.25
#: A sign between two things with its room, and a bracket or another sign with little.
_SIGN, _BRACKET = 1.3, 0.4
_CUT_BEFORE = frozenset(map(Sign, "+−="))


def sides_width(lines: tuple[Line, ...]) -> float:
    """The width of an aligned display without its reasons."""
    left = max(formula_width(line.left.node) for line in lines)
    right = max(formula_width(line.right.node) for line in lines)
    return left + _RELATION + right


def folded(lines: tuple[Line, ...], room: float) -> tuple[Line, ...]:
    """The same lines, each within `room` em where it can be broken before a sign that no bracket encloses."""
    left = max(formula_width(line.left.node) for line in lines) + _RELATION
    return tuple(part for line in lines for part in _folded(line, room - left))


def _folded(line: Line, room: float) -> tuple[Line, ...]:
    if formula_width(line.right.node) <= room:
        return (line,)
    rows: list[list[Node]] = [[]]
    for term in terms(line.right.node):
        if rows[-1] and formula_width(row(*rows[-1], term)) > room:
            rows.append([QUAD])
        rows[-1].append(term)
    if len(rows) == 1:
        return (line,)
    first, *parts = (line.right.rewritten(row(*each)) for each in rows)
    *middle, last = (Line(NOTHING, part, relation=EMPTY, evidence=line.evidence) for part in parts)
    return (replace(line, right=first, reason=()), *middle, replace(last, reason=line.reason))


def terms(node: Node) -> list[Node]:
    """Cut before each plus, minus and equals sign at the outermost level."""
    cut: list[list[Node]] = [[]]
    for part in node.parts if isinstance(node, Row) else (node,):
        if cut[-1] and part in _CUT_BEFORE:
            cut.append([])
        cut[-1].append(part)
    return [row(*parts) for parts in cut]


def sentence_width(sentence: Sentence) -> float:
    return sum(_piece_width(piece) for piece in sentence)


def _piece_width(piece: Words | Math | Code | Reference) -> float:
    match piece:
        case Words(text):
            return letters_width(text, 0.45)
        case Math(node):
            return formula_width(node)
        case Code(text):
            return 0.55 * len(text)
        case Reference(number):
            return 0.5 * len(str(number)) + 0.8


def formula_width(node: Node) -> float:
    """In em, as a displayed formula."""
    match node:
        case Letter(text) | Number(text) | Text(text):
            return letters_width(text, 0.52)
        case Function(name):
            return letters_width(name, 0.52)
        case Sign("∑"):
            return 1.6
        case Sign(text, form):
            return _BRACKET if form is not Form.INFIX else _SIGN
        case Space(room):
            return room.value
        case Fraction(above, below):
            return max(formula_width(above), formula_width(below)) + 0.2
        case Scripts():
            base, *scripts = map(formula_width, parts(together(node)))
            beside = _SCRIPT * max(scripts)
            return max(base, beside) if has_limits(node) else base + beside
        case Primed(base, count):
            return formula_width(base) + letters_width("′", 0.52) * count
        case Accent(base):
            return formula_width(base)
        case Braced(base, below):
            return max(formula_width(base), _SCRIPT * formula_width(below))
        case Root(body):
            return formula_width(body) + 0.8
        case Fenced(left, body, right):
            return formula_width(body) + _BRACKET * (bool(left) + bool(right))
        case Cases(rows):
            return _BRACKET + _table_width(rows)
        case Grid(rows):
            return 2 * _BRACKET + _table_width(rows)
        case Row(inside):
            return sum(map(formula_width, inside))


def _table_width(rows: Sequence[Sequence[Node]]) -> float:
    columns = [max(map(formula_width, column)) for column in zip(*rows, strict=True)]
    return sum(columns) + 0.9 * (len(columns) - 1)


def formula_height(node: Node) -> float:
    """From its highest point to its lowest; a letter with its room above and below is 1, and nothing is 0."""
    heights = [formula_height(part) for part in parts(together(node) if isinstance(node, Scripts) else node)]
    match node:
        case Sign("∑"):
            return 1.5
        case Space():
            return 0.0
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
        case Cases(rows) | Grid(rows):
            return sum(max(map(formula_height, line)) + _ROW_GAP for line in rows)
        case Row():
            return max(heights, default=0.0)
        case _:
            return max(heights, default=_LETTER)
