"""A letter over part of its axis, as a range given with the sum: sum(t < T - 1, …), mean(1 <= t < T, …)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection

from chainrule.symbolic.index.axes import size_symbol

from .conditions import comparisons, is_condition
from .syntax import Syntax
from .trees import joined

ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
#: (how often the size of the axis, a whole number): an end of a range.
End = tuple[int, int]
RANGE = "the letter of a range stands first or between its ends, as in sum(t < T - 1, …) and sum(1 <= t < T, …)"


def bound_letters(node: ast.Call, name: str, syntax: Syntax) -> tuple[tuple[str, ...], ast.expr | None]:
    """The letters over which a function runs, and the condition that its ranges make together, if there is one.

    Raises:
        InvalidDescription: where an argument is neither a letter nor a range of one.
    """
    letters: tuple[str, ...] = ()
    conditions = []
    for part in node.args[:-1]:
        if isinstance(part, ast.Name):
            letters = joined(letters, (part.id,))
        elif is_condition(part):
            letters = joined(letters, (letter_of(part, syntax),))
            conditions.append(part)
        else:
            remedy = "; the larger of two values is maximum(u, v)" if name == "max" else ""
            raise syntax.at(part, f"a letter was expected here, as in {name}(k, u[k]){remedy}")
    if not conditions:
        return letters, None
    whole = conditions[0] if len(conditions) == 1 else ast.copy_location(ast.BoolOp(ast.And(), list(conditions)), conditions[0])
    return letters, whole


def letter_of(condition: ast.expr, syntax: Syntax) -> str:
    """The letter of a range: t of t < 5, 1 <= t < 5, t < 5 and t != s."""
    first = condition
    while isinstance(first, ast.BoolOp | ast.UnaryOp):
        first = first.values[0] if isinstance(first, ast.BoolOp) else first.operand
    letter = (first.left if len(first.ops) == 1 else first.comparators[0]) if isinstance(first, ast.Compare) else first
    if not isinstance(letter, ast.Name):
        raise syntax.at(letter, RANGE)
    return letter.id


def is_never_empty(condition: ast.expr, letter: str, places: Collection[str], sizes: Callable[[str], int | None]) -> bool:
    """Whether a range has a first place for certain: s <= t has 0, whatever place t is, and 2 <= t < 5 has 2.

    `places` are the letters that have a place here, and `sizes` says of a name the least that it can be as a number of places.
    """
    if not isinstance(condition, ast.Compare) or not all(isinstance(link.ops[0], ORDERS) for link in comparisons(condition)):
        return False
    ordered = []
    for link in comparisons(condition):
        sign, sides = link.ops[0], (link.left, link.comparators[0])
        low, high = sides if isinstance(sign, ast.Lt | ast.LtE) else sides[::-1]
        ordered.append((low, high, int(isinstance(sign, ast.Lt | ast.Gt))))
    starts = [least + strict for low, high, strict in ordered if _is(high, letter) and (least := _least(low, places, sizes)) is not None]
    first = max([0, *starts])
    for low, high, strict in ordered:
        if _is(high, letter) and isinstance(low, ast.Constant):
            continue
        most = _least(high, places, sizes)
        if not _is(low, letter) or most is None or first + strict > most:
            return False
    return True


def _is(node: ast.expr, letter: str) -> bool:
    return isinstance(node, ast.Name) and node.id == letter


def _least(node: ast.expr, places: Collection[str], sizes: Callable[[str], int | None]) -> int | None:
    """The least that one end of a range can be."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.Name(id=name):
            return 0 if name in places else sizes(name)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=ast.Constant(value=int(value))) if not isinstance(value, bool):
            least = _least(left, places, sizes)
            return None if least is None else least + (value if isinstance(sign, ast.Add) else -value)
        case _:
            return None


def number_of_places(condition: ast.expr, letter: str, counted: Callable[[str], str | None]) -> ast.expr | None:
    """How many places a range has, N_t - 1 for t < T - 1, where that is a difference of its ends; `counted` says of which letter T is."""
    if not isinstance(condition, ast.Compare):
        return None
    low: End = (0, 0)
    high: End = (1, 0)
    for link in comparisons(condition):
        sign, other = type(link.ops[0]), link.comparators[0]
        if isinstance(other, ast.Name) and other.id == letter:
            sign, other = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}.get(sign, sign), link.left
        elif not (isinstance(link.left, ast.Name) and link.left.id == letter):
            return None
        end = _end(other, letter, counted)
        if end is None:
            return None
        of_size, start = end
        if sign in (ast.Gt, ast.GtE) and of_size == 0 and start >= 0 and low == (0, 0):
            low = (0, start + (sign is ast.Gt))
        elif sign in (ast.Lt, ast.LtE) and of_size == 1 and start + (sign is ast.LtE) <= 0 and high == (1, 0):
            high = (1, start + (sign is ast.LtE))
        else:
            return None
    size, less = ast.copy_location(ast.Name(size_symbol(letter).name), condition), low[1] - high[1]
    if less == 0:
        return size
    return ast.copy_location(ast.BinOp(size, ast.Sub(), ast.copy_location(ast.Constant(less), condition)), condition)


def _end(node: ast.expr, letter: str, counted: Callable[[str], str | None]) -> End | None:
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return 0, value
        case ast.Name(id=name):
            return (1, 0) if counted(name) == letter else None
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=int(value))) if not isinstance(value, bool):
            end = _end(left, letter, counted)
            return None if end is None else (end[0], end[1] + (value if isinstance(node.op, ast.Add) else -value))
        case _:
            return None
