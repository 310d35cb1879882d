"""First entries by equations of their own: with `h[0,j] = h0[j]` beside `h[t,j] = f(h[t-1,j])`, the second holds from place 1 on.

    h[t,j] = δ(t, 0) h0[j] + where(t > 0, f(h[t−1,j]), 0)

The places given so are the first ones of an axis, or its last ones. Where two axes have some, D[0,j] and D[i,0], the line written first
says what both could say, D[0,0].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Piecewise, S, Symbol
from sympy.core.relational import Relational

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.placements import placements_in


@dataclass(frozen=True, slots=True)
class Start:
    """At the index `at` in position `place` the entries are `value`, a formula in the other letters."""

    place: int
    at: int
    value: Expr


def with_starts(tensor: Tensor, starts: Sequence[Start], rest: Expr, sizes: Sequence[int | None]) -> Expr:
    """The entries that have equations of their own, and `rest` for all others; `sizes` are those of the axes that are fixed.

    Raises:
        InvalidDescription: where the places are neither the first ones of an axis nor its last ones.
    """
    terms: list[Expr] = []
    earlier: list[int] = []
    for start in starts:
        here = KroneckerDelta(tensor.axes[start.place], start.at) * start.value
        terms.append(_where(_beyond(tensor, starts, sizes, [place for place in earlier if place != start.place]), here))
        earlier += [start.place] if start.place not in earlier else []
    return Add(*terms, _where(_beyond(tensor, starts, sizes, earlier), rest))


def _beyond(tensor: Tensor, starts: Sequence[Start], sizes: Sequence[int | None], positions: Sequence[int]) -> list[Relational]:
    """Where none of the equations for entries along these positions holds."""
    return [_others(tensor.axes[place], {start.at for start in starts if start.place == place}, sizes[place]) for place in positions]


def _others(letter: Symbol, given: set[int], size: int | None) -> Relational:
    """The places after the first ones, or before the last ones, that are given."""
    if given == set(range(len(given))):
        return sympy.StrictGreaterThan(letter, len(given) - 1)
    if size is not None and given == set(range(size - len(given), size)):
        return sympy.StrictLessThan(letter, size - len(given))
    found = ", ".join(map(str, sorted(given)))
    last = "its last ones" if size is not None else f"its last ones where sizes gives the size of {letter}"
    raise InvalidDescription(
        f"equations for the places {found} of {letter} alone, expected the first ones of the axis, 0, 1, …, or {last}; "
        "a boundary value stands before the first place (-1) or after the last"
    )


def _where(conditions: Sequence[Relational], value: Expr) -> Expr:
    for condition in reversed(conditions):
        value = Piecewise((value, condition), (S.Zero, True)) if value != 0 else value
    return value


def written_apart(expression: Expr, tensor: Tensor) -> list[tuple[tuple[Expr, ...], Expr]] | None:
    """Left indices and right sides as they were written, the equation of all other entries last; None where an equation has no starts.

    Conditions that follow from the order of the lines are not said.
    """
    apart: list[tuple[int, tuple[Expr, ...], Expr]] = []
    rest: list[Expr] = []
    for term in Add.make_args(expression):
        inside, depth = term, 0
        while (within := _branch(inside)) is not None:
            inside, depth = within, depth + 1
        placed = placements_in(inside, tensor.axes) or []
        if len(placed) == 1 and any(isinstance(place, Integer) for place in placed[0].indices):
            apart.append((depth, placed[0].indices, placed[0].value))
        else:
            rest.append(term)
    if not apart or len(rest) > 1:
        return None
    other = rest[0] if rest else S.Zero
    for _ in {place for _, indices, _ in apart for place, index in enumerate(indices) if isinstance(index, Integer)}:
        # A value of 0 leaves no trace; then the condition is said.
        other = _branch(other) or other
    return [*((indices, value) for _, indices, value in sorted(apart, key=lambda part: part[0])), (tensor.axes, other)]


def _branch(expression: Expr) -> Expr | None:
    """u of where(c, u, 0) with a condition on places."""
    if not isinstance(expression, Piecewise) or len(expression.args) != 2 or expression.args[1][0] != 0:
        return None
    value, condition = expression.args[0]
    return None if condition.has(Indexed) else value
