"""Last entries by equations of their own, counted from the end of an axis: h[T-1] = e beside h[t] = f, in a recurrence that runs back.

    h[t] = [t = N_t - 1]*e + where(t < N_t - 1, f, 0)

Where the size of the axis is fixed, T - 1 is a whole number, and such a line is that of a place like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from chainrule.symbolic.index.axes import PRIME, size_symbol
from chainrule.symbolic.index.failures import InvalidDescription, located

from .equation_lines import EquationLine, LeftIndex
from .shorthand import Meanings
from .syntax import Syntax
from .trees import filled, names_in, names_of, subscript

Parts: TypeAlias = Mapping[str, Sequence[ast.expr]]


@dataclass(frozen=True, slots=True)
class _End:
    """N_letter + offset at one position of a left side."""

    position: int
    letter: str
    offset: int


def with_last_places(lines: Sequence[EquationLine], meanings: Meanings) -> list[EquationLine]:
    """The lines with a letter or a whole number for every index that counts from the end of an axis.

    Raises:
        InvalidDescription: with the equation, where such a place is not one of the last, or nothing says the other entries.
    """
    lines = [_with_numbers(line, meanings) for line in lines]
    ends = {line.key: end for line in lines if (end := _end(line, meanings)) is not None}
    if not ends:
        return lines
    return [_written(line, lines, ends) for line in lines]


def _written(line: EquationLine, lines: Sequence[EquationLine], ends: dict[tuple[int, int], _End]) -> EquationLine:
    own = [other for other in lines if other.name == line.name and other.key in ends]
    if not own or not (line.is_plain or line.key in ends):
        return line
    with located(line.at, f"{line.title}: "):
        number = len(own) if line.is_plain else own.index(line)
        earlier = dict.fromkeys(ends[other.key].position for other in own[:number])
        if line.key not in ends:
            return _where(line, [(line.places[position], position) for position in earlier], own, ends)
        end = ends[line.key]
        _check(line, own, ends, lines)
        letter = next(name for name in _twins(end.letter) if name not in names_in(line.right.tree) and name not in line.letters)
        places = tuple(letter if position == end.position else place for position, place in enumerate(line.places))
        parts: Parts = {"t": names_of([letter], line.right.tree), "T": [_size(end)], "K": [ast.Constant(-end.offset)]}
        value = _Here(ast.dump(line.places[end.position]), letter).visit(line.right.tree)  # type: ignore[arg-type]
        there = filled("[t == T - K]*E", {**parts, "E": [value]}, line.right.tree)
        others = [(places[position], position) for position in earlier if position != end.position]
        placed = replace(line, places=places, right=replace(line.right, tree=there), is_part=True)
        return _where(placed, others, own, ends)


def _where(
    line: EquationLine, letters: Sequence[tuple[object, int]], own: Sequence[EquationLine], ends: dict[tuple[int, int], _End]
) -> EquationLine:
    """The line before the last places along some axes, which have equations of their own."""
    right: Syntax = line.right
    for letter, position in letters:
        given = [ends[other.key] for other in own if ends[other.key].position == position]
        last = ast.Constant(max(-end.offset for end in given))
        parts: Parts = {"t": [ast.Name(str(letter))], "T": [_size(given[0])], "K": [last], "E": [right.tree]}
        right = replace(right, tree=filled("where(t < T - K, E, 0)", parts, right.tree))
    return replace(line, right=right, is_part=True)


def _check(line: EquationLine, own: Sequence[EquationLine], ends: dict[tuple[int, int], _End], lines: Sequence[EquationLine]) -> None:
    """The places given are the last ones of the axis, and an equation says the others."""
    end = ends[line.key]
    size = size_symbol(end.letter).name
    if end.offset >= 0:
        raise InvalidDescription(
            f"{line.left.text} lies behind the last place; give the axis a number, as in sizes = {{ {end.letter} = 5 }}, "
            f"or the last place an equation of its own, {line.name}[…{size} - 1…]"
        )
    if not any(other.name == line.name and other.is_plain for other in lines):
        letters = ",".join(end.letter if position == end.position else str(place) for position, place in enumerate(line.places))
        raise InvalidDescription(f"{line.left.text} is one entry; an equation for {line.name}[{letters}] says the others")
    given = sorted(-ends[other.key].offset for other in own if ends[other.key].position == end.position)
    if given != list(range(1, len(given) + 1)):
        found = ", ".join(f"{size} - {place}" for place in given)
        raise InvalidDescription(f"equations for the places {found} alone, expected the last ones of the axis: {size} - 1, {size} - 2, …")


@dataclass
class _Here(ast.NodeTransformer):
    """Reads of other tensors at the same place, w[T-1], by the letter that stands for it: w[t]."""

    place: str
    letter: str

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        found = [names_of([self.letter], part)[0] if ast.dump(part) == self.place else self.visit(part) for part in parts]
        return subscript(ast.unparse(node.value), found, node)


def _twins(letter: str) -> Sequence[str]:
    return [letter + PRIME * number for number in range(9)]


def _size(end: _End) -> ast.expr:
    return ast.Name(size_symbol(end.letter).name)


def _end(line: EquationLine, meanings: Meanings) -> _End | None:
    """Where the one index of a line is that counts from the end of an axis."""
    found = [(position, place) for position, place in enumerate(line.places) if not isinstance(place, str | int)]
    if len(found) != 1 or (counted := _counted(found[0][1], meanings)) is None:
        return None
    return _End(found[0][0], *counted)


def _with_numbers(line: EquationLine, meanings: Meanings) -> EquationLine:
    """The line with numbers for the indices that count from the end of an axis of fixed size, and from 0."""
    places: list[LeftIndex] = [
        ast.Name(place) if isinstance(place, str) and meanings.counted_letter(place) else place for place in line.places
    ]
    for position, place in enumerate(places):
        if not isinstance(place, str | int) and (counted := _counted(place, meanings)) is not None:
            letter, offset = counted
            if letter in meanings.fixed:
                places[position] = meanings.fixed[letter] + offset
    return replace(line, places=tuple(places))


def _counted(place: ast.expr, meanings: Meanings) -> tuple[str, int] | None:
    """The letter whose places are counted and what is added: T - 1 is (t, -1)."""
    match place:
        case ast.Name(id=name):
            letter = meanings.counted_letter(name)
            return None if letter is None else (letter, 0)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=ast.Constant(value=int(value))) if not isinstance(value, bool):
            counted = _counted(left, meanings)
            return None if counted is None else (counted[0], counted[1] + (value if isinstance(sign, ast.Add) else -value))
        case _:
            return None
