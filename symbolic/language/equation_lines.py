"""The text of a system as lines, one an equation: a line goes on while a bracket is open, and # begins a remark."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chainrule.symbolic.index.failures import InvalidDescription, KeyPath, located
from chainrule.symbolic.index.limits import LARGEST_PLACE, LONGEST_TEXT, MOST_INDICES

from .conditions import is_condition
from .declarations import check_letters
from .part_of_axis import letter_of
from .syntax import Syntax, TextPlaces, refusal, syntax_of, unclosed_bracket, with_double_signs
from .trees import filled, moved

#: An = that is no part of a comparison; inside of an expression there is none.
EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
EXPECTED = "expected name[indices] = expression"
#: What an index on the left is: a letter, a whole number, or an index sum.
LeftIndex = str | int | ast.expr


@dataclass(frozen=True, slots=True)
class EquationLine:
    """One equation as written, with its number in the text and the character at which it begins; what it needs beside it is a `part`."""

    number: int
    name: str
    places: tuple[LeftIndex, ...]
    left: Syntax
    right: Syntax
    begin: int
    #: Whether the left side has a range, y[t < 5], outside of which this line says 0.
    is_part: bool = False
    part: int = 0

    @property
    def key(self) -> tuple[int, int]:
        return self.number, self.part

    @property
    def letters(self) -> tuple[str, ...]:
        """The indices on the left that are plain letters."""
        return tuple(place for place in self.places if isinstance(place, str))

    @property
    def is_plain(self) -> bool:
        """Whether every index on the left is a letter."""
        return all(isinstance(place, str) for place in self.places)

    @property
    def title(self) -> str:
        return f"equation {self.number} ({self.name})"

    @property
    def at(self) -> KeyPath:
        """Its place in a description."""
        return ("equations", self.begin)


def read_lines(text: str) -> list[EquationLine]:
    """The equations of a text.

    Raises:
        InvalidDescription: with the number of the equation and a mark under the place, for a text that is none.
    """
    lines = []
    for number, (written, places) in enumerate(_joined(text), 1):
        with located(("equations", places.of(0))):
            lines.append(_line(written, places, number))
    if not lines:
        raise InvalidDescription("there is no equation; the last one is the cost, as in C = sum(n, (a[n] - y[n])**2)", ("equations",))
    return lines


def _joined(text: str) -> Iterator[tuple[str, TextPlaces]]:
    """Rows put together to equations."""
    rows: list[str] = []
    begins: list[tuple[int, int]] = []
    depth = number = length = end = 0
    for line in text.splitlines(keepends=True):
        begin, end = end + len(line) - len(line.lstrip()), end + len(line)
        row = with_double_signs(line.split("#", 1)[0].strip())
        if not row:
            continue
        if rows and EQUALS.search(row):
            # An equation begins while the one before is not at its end.
            raise _not_closed(rows, begins, number + 1)
        begins.append((length + len(rows), begin))
        rows.append(row)
        length += len(row)
        depth += row.count("(") + row.count("[") - row.count(")") - row.count("]")
        if length > LONGEST_TEXT:
            message = f"equation {number + 1}: an equation of more than {LONGEST_TEXT} characters"
            raise InvalidDescription(message, ("equations", begins[0][1]))
        if depth <= 0:
            number += 1
            yield " ".join(rows), TextPlaces(tuple(begins))
            rows, begins, depth, length = [], [], 0, 0
    if rows:
        raise _not_closed(rows, begins, number + 1)


def _not_closed(rows: list[str], begins: list[tuple[int, int]], number: int) -> InvalidDescription:
    written = " ".join(rows)
    place, message = unclosed_bracket(written) or (len(written), "a bracket is not closed")
    problem = refusal(written, place, message, TextPlaces(tuple(begins)))
    return InvalidDescription(f"equation {number}: {problem}", ("equations", begins[0][1], *problem.at))


def _line(text: str, places: TextPlaces, number: int) -> EquationLine:
    sign = EQUALS.search(text)
    where = f"equation {number}"
    if sign is None:
        hint = "; one = sign stands between the sides" if "==" in text else ""
        with located((), f"{where}: "):
            raise refusal(text, 0, f"{EXPECTED}, found no = sign{hint}", places)
    left, right = text[: sign.start()], text[sign.end() :]
    if not right.strip():
        with located((), f"{where}: "):
            raise refusal(text, sign.end(), f"{EXPECTED}, found nothing after the = sign", places)
    with located((), f"{where}: the left side is a name with its indices, as in z[n,j]: "):
        left_side = syntax_of(left, places)
        name, indices, ranges = _places(left_side)
    with located((), f"{where} ({name}): "):
        behind = places.behind(sign.end() + len(right) - len(right.lstrip()))
        if second := EQUALS.search(right.strip()):
            raise refusal(
                right.strip(), second.start(), "a second = sign; an equation has one, and a comparison for equality is ==", behind
            )
        right_side = syntax_of(right.strip(), behind)
    with located((), f"{where}: "):
        check_letters([index for index in indices if isinstance(index, str)])
    for condition in reversed(ranges):
        parts = {"C": [moved(condition, right_side.tree)], "E": [right_side.tree]}
        right_side = replace(right_side, tree=filled("where(C, E, 0)", parts, right_side.tree))
    return EquationLine(number, name, indices, left_side, right_side, places.of(0), bool(ranges))


def _places(left: Syntax) -> tuple[str, tuple[LeftIndex, ...], list[ast.expr]]:
    """The name on the left, its indices, and the ranges of those letters that have one."""
    match left.tree:
        case ast.Name(id=name):
            return name, (), []
        case ast.Subscript(value=ast.Name(id=name), slice=inside):
            parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            if len(parts) > MOST_INDICES:
                raise left.at(parts[MOST_INDICES], f"more than {MOST_INDICES} indices")
            return name, tuple(_place(part, left) for part in parts), [part for part in parts if is_condition(part)]
        case _:
            raise left.at(left.tree, "this is none")


def _place(node: ast.expr, left: Syntax) -> LeftIndex:
    if is_condition(node):
        return letter_of(node, left)
    match node:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=int(value)) if not isinstance(value, bool) and value < LARGEST_PLACE:
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))) if not isinstance(value, bool) and value < LARGEST_PLACE:
            return -value
        case ast.BinOp() | ast.UnaryOp() | ast.Subscript():
            return node
        case _:
            raise left.at(node, "an index on the left is a letter, one with its range, a whole number or an index sum")
