"""What the entries of a tensor, or their squares, add up to along one of its axes, where the equations say so.

d[n] = u[n] − m,  m = Σ_n u[n]/N        Σ_n d[n] = Σ_n u[n] − N m = 0
p[k] = c[k] r,  r = 1/s,  s = Σ_k c[k]  Σ_k p[k] = r Σ_k c[k] = r s = 1
x̂[n] = d[n] r,  v = Σ_n d[n]²/N         Σ_n x̂[n]² = r² Σ_n d[n]² = N r² v
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sympy import Expr, Indexed, Integer, Mul, Pow, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, is_position, substitute, tidy
from chainrule.symbolic.system.system import Equation

from .definition_matching import in_product, in_sums
from .deltas import Term
from .substitution import substituted
from .sum_of_products import flat, summed


@dataclass(frozen=True, slots=True)
class Total:
    """The value of Σ tensor[letters]^power over one of the letters."""

    letters: tuple[Symbol, ...]
    value: Expr


#: Tensor, place of the axis, and power → total.
Totals = Mapping[tuple[str, int, int], Total]


@cache
def totals(equations: tuple[Equation, ...]) -> Totals:
    """Sums that are numbers."""
    found: dict[tuple[str, int, int], Total] = {}
    for equation in equations:
        for place, letter in enumerate(equation.indices):
            value = _total(equation, letter, equations, found)
            if value.is_number:
                found[equation.tensor.name, place, 1] = Total(equation.indices, value)
    return found


@cache
def totals_of_squares(equations: tuple[Equation, ...]) -> Totals:
    """Sums of squares that are known without a sum."""
    found: dict[tuple[str, int, int], Total] = {}
    for equation in equations:
        for place, letter in enumerate(equation.indices):
            outside = frozenset(equation.indices) - {letter}
            own = [in_product(term, equations) for term in _summed_over(equation.tensor.own_entry**2, letter, outside)]
            for terms in (own, _summed_over(equation.expression**2, letter, outside)):
                value = in_sums(summed(terms, outside), equations)
                if not value.has(Sum):
                    found.setdefault((equation.tensor.name, place, 2), Total(equation.indices, value))
    return found


def _summed_over(expression: Expr, letter: Symbol, outside: frozenset[Symbol]) -> list[Term]:
    return flat(tidy(bound_sum(tidy(expression), letter), outside), lambda _: True)


def _total(equation: Equation, letter: Symbol, equations: tuple[Equation, ...], known: Totals) -> Expr:
    outside = frozenset(equation.indices) - {letter}
    total = in_sums(summed(_summed_over(equation.expression, letter, outside), outside), equations)
    total = with_totals(total, known)
    # What remains may cancel once it is written out: r s where r = 1/s.
    for other in reversed(equations):
        if not other.expression.has(Sum):
            total = substituted(total, other, outside)
    return in_sums(summed(flat(total, lambda _: True), outside), equations)


def with_totals(expression: Expr, known: Totals) -> Expr:
    """Every sum over a letter on which one factor alone depends, by the total of that factor where it is known."""
    if isinstance(expression, Indexed) or not known or not expression.has(Sum):
        return expression
    if not isinstance(expression, Sum):
        return expression.func(*(with_totals(part, known) for part in expression.args))
    inside = with_totals(expression.function, known)
    own = [limit[0] for limit in expression.limits]
    factors = Mul.make_args(inside)
    for letter in own:
        reading = [factor for factor in factors if letter in free_letters(factor)]
        value = _value(reading[0], letter, known) if len(reading) == 1 else None
        if value is not None:
            rest = [factor for factor in factors if factor is not reading[0]]
            term = Term(tuple(other for other in own if other != letter), (value, *rest))
            return with_totals(summed([term], frozenset(free_letters(expression))), known)
    return bound_sum(inside, *own)


def _value(factor: Expr, letter: Symbol, known: Totals) -> Expr | None:
    base, power = factor.args if isinstance(factor, Pow) else (factor, Integer(1))
    if not power.is_Integer or not isinstance(base, Indexed) or base.indices.count(letter) != 1:
        return None
    place = base.indices.index(letter)
    total = known.get((base.base.name, place, int(power)))
    others = [(index, own) for index, own in zip(base.indices, total.letters if total else (), strict=False) if index != letter]
    if total is None or axis_name(total.letters[place]) != axis_name(letter) or any(letter in free_letters(index) for index, _ in others):
        return None
    if total.value == 0:
        return total.value
    # A shifted index may be out of range, where an entry is 0 and its total is not.
    inside = all(is_position(index, own) for index, own in others)
    return substitute(total.value, dict(zip(total.letters, base.indices, strict=True))) if inside else None
