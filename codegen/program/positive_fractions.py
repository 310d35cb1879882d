"""Fractions in unknowns that are known to be above 0, exponentials, by their logarithms."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import sympy
from sympy import Add, Dummy, Expr, Integer, Mul

from chainrule.symbolic.index.named_functions import softplus
from chainrule.symbolic.index.real_functions import Abs


def of_lowest_powers(fraction: Expr, masks: dict[Dummy, Expr]) -> tuple[Expr, dict[Dummy, Expr]]:
    """exp(3 u) as an unknown of its own where exp(u) is not there by itself: 1 + e³ has a factor 1 − e + e²."""
    found: dict[Dummy, Expr] = {}
    for unknown, logarithm in masks.items():
        powers = _powers_of(unknown, fraction)
        lowest = gcd(*powers) or 1
        fraction = fraction.xreplace({unknown**power: unknown ** (power // lowest) for power in powers})
        found[unknown] = lowest * logarithm
    return fraction, found


def _powers_of(unknown: Dummy, part: Expr) -> set[int]:
    base, exponent = part.as_base_exp()
    return {int(exponent)} if base == unknown else set().union(*(_powers_of(unknown, inner) for inner in part.args))


def log_of_fraction(fraction: Expr, masks: dict[Dummy, Expr]) -> Expr | None:
    """The logarithm of a fraction that is made of positive terms alone."""
    factors = [factor.as_base_exp() for factor in Mul.make_args(sympy.factor(sympy.together(fraction)))]
    leading = [_log_of_monomial(base, masks) for base, _ in factors if base in masks]
    result: Expr = Integer(0)
    for base, power in factors:
        terms = [term.as_coeff_Mul() for term in Add.make_args(sympy.expand(base))]
        if not all(coefficient.is_positive for coefficient, _ in terms):
            return None
        logarithms = [sympy.log(coefficient) + _log_of_monomial(monomial, masks) for coefficient, monomial in terms]
        result += power * (log_of_sum(logarithms, leading) if len(logarithms) > 1 else logarithms[0])
    return result


def mask(logarithm: Expr, masks: dict[Dummy, Expr]) -> Dummy:
    known = next((unknown for unknown, value in masks.items() if value == logarithm), None)
    if known is None:
        known = Dummy(f"exponential{len(masks)}", positive=True)
        masks[known] = logarithm
    return known


def _log_of_monomial(monomial: Expr, masks: dict[Dummy, Expr]) -> Expr:
    return Add(*(power * masks[unknown] for unknown, power in monomial.as_powers_dict().items() if unknown in masks))


def log_of_sum(logarithms: list[Expr], leading: Sequence[Expr] = ()) -> Expr:
    """log(exp(u) + exp(v) + …): u + softplus(v − u) where u is a number or is divided by, of others the larger one is taken out.

    With u = −1e30, as a mask has it, u + (v − u) is no longer v.
    """
    ordered = sorted(logarithms, key=lambda part: (part not in leading, not part.is_number, sympy.default_sort_key(part)))
    total, *others = ordered
    for other in others:
        if total.is_number or total in leading:
            total += softplus(other - total)
        else:
            total = sympy.Max(total, other) + softplus(-Abs(other - total))
    return total
