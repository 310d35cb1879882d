"""What stands in exponents: the largest of it, and sums of exponentials from which that has been taken out."""

from __future__ import annotations

import sympy
from sympy import Add, Expr, Mul, Piecewise, Symbol

from chainrule.symbolic.index.axes import fresh
from chainrule.symbolic.index.index_letters import bound_sum, letters
from chainrule.symbolic.index.named_functions import axis_max
from chainrule.symbolic.index.real_functions import Abs


def exponent(part: Expr) -> Expr | None:
    """u of exp(u); of where(c, 0, exp(u)), as a mask leaves it, where(c, −∞, u)."""
    match part:
        case sympy.exp():
            return part.args[0]
        case Piecewise() if all(value == 0 or isinstance(value, sympy.exp) for value, _ in part.args):
            return Piecewise(*((-sympy.oo if value == 0 else value.args[0], test) for value, test in part.args))
        case _:
            return None


def largest(over: Expr, *over_letters: Symbol) -> Expr:
    """The largest of an exponent over letters, each of which it binds by another name."""
    for letter in over_letters:
        own = fresh(letter, letters(over))
        over = axis_max(over.xreplace({letter: own}), own)
    return over


def shifted_sum(inside: Expr, weight: Expr, over: list[Symbol]) -> tuple[Expr, Expr]:
    """m and Σ w exp(u − m) of Σ w exp(u), with the largest u of a weight that is not 0 as m."""
    seen = of_weight(inside, weight)
    highest = largest(seen, *over)
    return highest, bound_sum(weight * sympy.exp(seen - highest), *over)


def of_weight(inside: Expr, weight: Expr) -> Expr:
    """u of w exp(u), −∞ where w is 0: what is not there is not the largest."""
    return inside if weight.is_number else Piecewise((inside, Abs(weight) > 0), (-sympy.oo, True))


def is_shifted(inside: Expr) -> bool:
    """Whether the largest of an exponent has been subtracted from it."""
    return any(
        isinstance(term, Mul) and any(isinstance(factor, axis_max | sympy.Max) for factor in term.args) for term in Add.make_args(inside)
    )
