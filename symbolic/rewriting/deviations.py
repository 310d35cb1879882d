"""Deviations from a mean add up to 0: Σ_n (u[n] − m) = 0 where m is the mean of u."""

from __future__ import annotations

from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Pow, Sum

from chainrule.symbolic.index.index_letters import names_read, tidy

from .definition_matching import in_sums
from .known_sums import totals, with_totals
from .rule import Facts
from .sum_of_products import Opens, flat, summed


def opens(facts: Facts) -> Opens:
    """Brackets that are multiplied out: those in which adjoints or deltas stand."""
    return lambda expression: bool(expression.has(KroneckerDelta)) or not facts.adjoints.isdisjoint(names_read(expression))


def is_mean(expression: Expr) -> bool:
    """Whether a formula is a sum of entries divided by sizes."""
    front, total = expression.as_independent(Sum, as_Add=False)
    return isinstance(total, Sum) and isinstance(total.function, Indexed) and not front.has(Indexed)


def deviations(expression: Expr, facts: Facts) -> Expr:
    """Σ_n (u[n] − m) = 0 where m is the mean of u."""
    zero = {axis: total for axis, total in totals(facts.equations).items() if total.value == 0}
    return _without_deviations(with_totals(expression, zero), facts)


def _without_deviations(expression: Expr, facts: Facts) -> Expr:
    """Brackets and sums of brackets that are 0 once the totals in them are written by what defines them."""
    if not expression.has(Sum) or isinstance(expression, KroneckerDelta):
        return expression
    match expression:
        case Add() | Sum() if not opens(facts)(expression):
            total = summed(flat(tidy(expression), lambda _: True), frozenset())
            if in_sums(total, facts.equations) == 0:
                return Integer(0)
            return expression
        case Add() | Mul():
            return expression.func(*(_without_deviations(part, facts) for part in expression.args))
        case Pow() if expression.exp.is_positive:
            return _without_deviations(expression.base, facts) ** expression.exp
        case _:
            return expression
