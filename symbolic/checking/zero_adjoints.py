"""Which adjoints are 0 by their formulas, whatever the numbers: of these no check of numbers can say anything."""

from __future__ import annotations

from collections.abc import Collection
from math import gcd

import numpy as np
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Sum, Symbol

from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.affine_index import AffineIndex, affine


def vanishing(derivation: Derivation) -> frozenset[str]:
    """The names of the adjoints that are 0 by their formulas: those of what has no slope, as sign(u), and what only leads there."""
    found: set[str] = set()
    while True:
        more = {own.as_tensor.name for own in derivation.adjoints.values() if is_zero(own.expression, found)} - found
        if not more:
            return frozenset(found)
        found |= more


def with_slopes(derivation: Derivation) -> list[str]:
    """The parameters whose gradients are not 0 by their formulas."""
    zeros, adjoints = vanishing(derivation), derivation.adjoints
    return [own.name for own in derivation.system.parameters if own.name in adjoints and adjoints[own.name].as_tensor.name not in zeros]


def is_zero(expression: Expr, zeros: Collection[str]) -> bool:
    """Whether an expression is 0 where these tensors are, whatever all others and the sizes of axes are."""
    match expression:
        case Indexed():
            return expression.base.name in zeros or any(map(_is_before_the_start, expression.indices))
        case KroneckerDelta():
            return _is_never_zero(expression.args[0] - expression.args[1])
        case Mul():
            return any(is_zero(part, zeros) for part in expression.args)
        case Add():
            return all(is_zero(part, zeros) for part in expression.args)
        case Sum():
            return is_zero(expression.function, zeros)
        case Piecewise():
            return all(is_zero(value, zeros) for value, _ in expression.args)
        case Symbol() if expression.name in zeros:
            return True
        case _:
            return bool(expression.is_zero)


def _is_never_zero(place: Expr) -> bool:
    """Whether a place is 0 for no letters that count from 0: 3 j + 1, and 3 j − 1 too."""
    found = affine(place)
    if found is None or not found.start:
        return False
    steps = [step for _, step in found.steps]
    return found.start % gcd(*steps) != 0 if steps and _is_of_both_signs(found) else True


def _is_of_both_signs(place: AffineIndex) -> bool:
    return len({int(np.sign(number)) for number in (place.start, *(step for _, step in place.steps))}) > 1


def _is_before_the_start(place: Expr) -> bool:
    found = affine(place)
    return found is not None and found.start < 0 and not _is_of_both_signs(found)
