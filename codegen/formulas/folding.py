"""Lines that are too wide go on below: broken before a sign between terms, and where it is wanted also inside of a term.

What has to be broken inside of a term is first written so that it can be: a long fraction as a product, e to a long power as exp(…).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from chainrule.codegen.document.document import Line
from chainrule.codegen.document.formula import NOTHING
from chainrule.codegen.document.nodes import (
    EMPTY,
    MINUS,
    QUAD,
    RELATIONS,
    THIN,
    Cases,
    Fenced,
    Form,
    Fraction,
    Function,
    Letter,
    Node,
    Root,
    Row,
    Scripts,
    Sign,
    Space,
    bracketed,
    fraction,
    row,
    scripted,
)

from .measure import RELATION, formula_width, sides_width

_CUT_BEFORE = frozenset(map(Sign, "+−="))
_RELATIONS = frozenset(map(Sign, RELATIONS))
#: Signs of products that begin a new row themselves.
_PRODUCTS = frozenset(map(Sign, "⊙⊗⊘∘·×*"))
_TIMES, _COMMA = Sign("·"), Sign(",", Form.POSTFIX)
#: A left side that is wider than this part of the room has a row of its own.
_WIDEST_LEFT = 0.4
#: No part is made narrower, in em: what is as narrow is in no way of what stands beside it.
_NARROWEST = 4.0
_BRACKET = 0.8
_BETWEEN_CELLS = 1.3


def folded(lines: tuple[Line, ...], room: float, inside: bool = False) -> tuple[Line, ...]:
    """The same lines, each within `room` em where it can be broken before a sign that no bracket encloses.

    With `inside`, also between the factors of a product, in brackets, fractions and case distinctions.
    """
    if inside:
        lines = tuple(part for line in lines for part in _with_left_apart(line, _WIDEST_LEFT * room))
    left = max(formula_width(line.left.node) for line in lines) + RELATION
    return tuple(part for line in lines for part in _folded(line, room - left, inside))


def folded_to_fit(lines: tuple[Line, ...], room: float) -> tuple[Line, ...]:
    """The same lines, broken inside of their terms alone where they would not be within `room` em otherwise."""
    between_terms = folded(lines, room)
    return between_terms if sides_width(between_terms) <= room else folded(lines, room, inside=True)


def _with_left_apart(line: Line, widest: float) -> tuple[Line, ...]:
    """A line whose left side is too wide, on two rows."""
    if formula_width(line.left.node) <= widest:
        return (line,)
    above = Line(NOTHING, line.left, relation=EMPTY, evidence=line.evidence)
    return (above, replace(line, left=NOTHING))


def _folded(line: Line, room: float, inside: bool) -> tuple[Line, ...]:
    whole = line.right.node
    if formula_width(whole) <= room:
        return (line,)
    rows = _rows(_pieces(whole, room - QUAD.room.value) if inside else map(_Piece, terms(whole)), room)
    if len(rows) == 1:
        return (replace(line, right=line.right.rewritten(rows[0])),)
    first, *parts = map(line.right.rewritten, rows)
    *middle, last = (Line(NOTHING, part, relation=EMPTY, evidence=line.evidence) for part in parts)
    return (replace(line, right=first, reason=()), *middle, replace(last, reason=line.reason))


def terms(node: Node) -> list[Node]:
    """Cut before each plus, minus and equals sign at the outermost level."""
    return _cut(node, _CUT_BEFORE)


def _cut(node: Node, before: frozenset[Node]) -> list[Node]:
    cut: list[list[Node]] = [[]]
    for part in node.parts if isinstance(node, Row) else (node,):
        if cut[-1] and part in before:
            cut.append([])
        cut[-1].append(part)
    return [row(*parts) for parts in cut]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part that is not broken: what stands before it beside its neighbour, and what where it begins a row."""

    node: Node
    before: Node = EMPTY
    sign: Node = EMPTY


def _rows(pieces: Iterable[_Piece], room: float) -> list[Node]:
    """As many pieces on each row as there is room for."""
    rows: list[Node] = []
    for piece in pieces:
        if rows and formula_width(joined := row(rows[-1], piece.before, piece.node)) <= room:
            rows[-1] = joined
        else:
            rows.append(row(QUAD, piece.sign, piece.node) if rows else piece.node)
    return rows


def _pieces(node: Node, room: float) -> Iterator[_Piece]:
    """The parts of a formula from left to right, none wider than the room where that can be."""
    if formula_width(node) <= room:
        yield _Piece(node)
        return
    cut = [_Piece(term) for term in _cut(node, _RELATIONS)]
    if len(cut) == 1:
        cut = [_Piece(term) for term in terms(node)]
    if len(cut) == 1:
        cut = _factors(node)
    if len(cut) == 1:
        yield from _inside(node, room)
        return
    for part in cut:
        first, *others = _pieces(part.node, room)
        # A sum that stood behind a factor keeps its sign, whatever it begins with.
        yield replace(first, before=row(part.before, first.before), sign=row(part.sign, first.sign))
        yield from others


def _factors(node: Node) -> list[_Piece]:
    """Cut between the factors of a product; the sign of a sum stays with what it adds up, and a minus with its term."""
    cut: list[list[Node]] = [[]]
    starts: list[tuple[Node, Node]] = [(EMPTY, EMPTY)]
    spaces: list[Node] = []
    for part in node.parts if isinstance(node, Row) else (node,):
        if isinstance(part, Space):
            spaces.append(part)
            continue
        last = cut[-1][-1] if cut[-1] else None
        if last is not None and part in _PRODUCTS:
            starts.append((row(*spaces, part), part))
            cut.append([])
        elif last is not None and spaces and (last == _COMMA or not _announces(last)):
            starts.append((row(*spaces), EMPTY if last == _COMMA else _TIMES))
            cut.append([part])
        else:
            cut[-1] += [*spaces, part]
        spaces = []
    cut[-1] += spaces
    return [_Piece(row(*parts), before, sign) for parts, (before, sign) in zip(cut, starts, strict=True)]


def _announces(node: Node) -> bool:
    """Whether it says nothing without what stands behind it: a sum, the name of a function, a sign."""
    base = node.base if isinstance(node, Scripts) else node
    return node in _CUT_BEFORE or node == MINUS or isinstance(base, Function | Sign)


def _inside(node: Node, room: float) -> Iterator[_Piece]:
    """The parts of what has no terms and no factors; the widest of several that stand side by side is broken."""
    room = max(room, _NARROWEST)
    match node:
        case Row(parts):
            widest = max(range(len(parts)), key=lambda place: formula_width(parts[place]))
            before, after = row(*parts[:widest]), row(*parts[widest + 1 :])
            left = room - formula_width(before) - formula_width(after)
            pieces = [_Piece(parts[widest])] if left < _NARROWEST else list(_inside(parts[widest], left))
            pieces[0] = replace(pieces[0], node=row(before, pieces[0].node))
            pieces[-1] = replace(pieces[-1], node=row(pieces[-1].node, after))
            yield from pieces
        case Fenced(left, body, right, grows):
            pieces = list(_pieces(body, room - 2 * _BRACKET))
            if len(pieces) == 1:
                yield _Piece(node)
                return
            first, *middle, last = pieces
            yield replace(first, node=Fenced(left, first.node, "", grows))
            yield from middle
            yield replace(last, node=Fenced("", last.node, right, grows))
        case Scripts(Letter("e"), None, above) if above is not None:
            yield from _pieces(row(Function("exp"), bracketed(above, grows=True)), room)
        case Scripts(Fenced() as base, below, above):
            *pieces, last = _inside(base, room)
            yield from (*pieces, replace(last, node=scripted(last.node, below, above)))
        case Root(body):
            yield from _pieces(scripted(bracketed(body, grows=True), above=row("1", "/", "2")), room)
        case Fraction(above, below):
            yield from _quotient(node, above, below, room)
        case Cases(rows):
            yield _Piece(Cases(tuple(cells for value, test in rows for cells in _case(value, test, room - 2 * _BRACKET))))
        case _:
            yield _Piece(node)


def _quotient(whole: Node, above: Node, below: Node, room: float) -> Iterator[_Piece]:
    """A fraction as a product, with what is too long behind it."""
    if formula_width(below) > room:
        power = scripted(bracketed(below, grows=True), above=row(MINUS, "1"))
        yield from _pieces(power if above == row("1") else row(bracketed(above, grows=True), THIN, power), room)
    elif formula_width(above) > room:
        yield from _pieces(row(fraction("1", below), THIN, bracketed(above, grows=True)), room)
    else:
        yield _Piece(whole)


def _case(value: Node, test: Node, room: float) -> list[tuple[Node, Node]]:
    """A value with its condition, each on as many rows as it needs side by side with the other."""
    values = conditions = room - _BETWEEN_CELLS
    if formula_width(value) + formula_width(test) > values:
        conditions = min(formula_width(test), max(values / 2, values - formula_width(value)))
        values -= conditions
    beside = (_rows(_pieces(cell, width - QUAD.room.value), width) for cell, width in ((value, values), (test, conditions)))
    return [(left, right) for left, right in zip_longest(*beside, fillvalue=EMPTY)]
