"""What runs over the positions of a letter, written out at each of them: sums as their terms, maxima as the largest of so many.

The place of a largest entry is found case by case: the first u[p] that none behind it is larger than,

    f[argmax_p u[p]] = f[0] if u[0] ≥ max(u[1], u[2]), f[1] if u[1] ≥ u[2], else f[2]

so that of equal ones the first is taken, as everywhere.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from itertools import product

import sympy
from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Piecewise, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import free_letters
from chainrule.symbolic.index.named_functions import BINDERS, arg_max, axis_max, cases, log_sum_exp
from chainrule.symbolic.language.functions import where


def written_out_over(expression: Expr, sizes: Mapping[str, int]) -> Expr:
    """The expression without sums and maxima over letters; letters that are free in it stay.

    Raises:
        NotExpressible: where too many case distinctions meet in the place of a largest entry.
    """
    if not expression.has(Sum, *BINDERS):
        return expression
    match expression:
        case Sum():
            return Add(*_at_each(expression.function, [limit[0] for limit in expression.limits], sizes))
        case log_sum_exp(args=(inside, letter)):
            return sympy.log(Add(*_at_each(sympy.exp(inside), [letter], sizes)))
        case axis_max(args=(inside, letter)):
            return sympy.Max(*_at_each(inside, [letter], sizes))
        case Mul() if place := _place_of_a_largest(expression):
            # δ(p, argmax) u[argmax] is one distinction, not two.
            rest, reading = expression.as_independent(place, as_Add=False)
            return written_out_over(rest, sizes) * _case_by_case(reading, place, sizes)
        case Indexed() | KroneckerDelta() if place := _place_of_a_largest(expression):
            return _case_by_case(expression, place, sizes)
        case Piecewise() if place := next(filter(None, (_place_of_a_largest(test) for _, test in expression.args)), None):
            return _case_by_case(expression, place, sizes)
        case _:
            return expression.func(*(written_out_over(part, sizes) for part in expression.args))


def _at_each(inside: Expr, letters: list[Symbol], sizes: Mapping[str, int]) -> list[Expr]:
    """An expression at all positions of some letters, in their order."""
    found = []
    for positions in product(*(range(sizes[axis_name(letter)]) for letter in letters)):
        here: dict[Symbol, Expr] = {letter: Integer(position) for letter, position in zip(letters, positions, strict=True)}
        found.append(written_out_over(inside.xreplace(here), sizes))
    return found


def _place_of_a_largest(node: sympy.Basic) -> arg_max | None:
    """One that depends on no other, and has no letter left."""
    found = [place for place in node.atoms(arg_max) if not free_letters(place) and not place.args[0].has(arg_max)]
    return min(found, key=str, default=None)


def _case_by_case(expression: Expr, place: arg_max, sizes: Mapping[str, int]) -> Expr:
    """What reads at the place of a largest entry, for each place that it may be."""
    inside, letter = place.args
    inside = inside.replace(cases, lambda *parts: cases(*parts).distinction)
    entries = _at_each(inside, [letter], sizes)
    values = [written_out_over(expression.xreplace({place: Integer(position)}), sizes) for position in range(len(entries))]
    result = values[-1]
    for position in reversed(range(len(entries) - 1)):
        result = where(operator.ge, entries[position], sympy.Max(*entries[position + 1 :]), values[position], result)
    return result
