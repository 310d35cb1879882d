"""In which order the terms of a sum and the factors of a product are written. SymPy keeps them in an order of its own.

Every view and every printer asks here, so a formula has the same order on the page, in a comment and in the code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache
from operator import itemgetter

import sympy
from sympy import Add, Expr, Function, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol


def ordered_terms(expression: Expr) -> list[Expr]:
    """Positive terms first; numbers, then sums, entries, functions, and constants last: Σ_i W[j,i] x[i] + b[j], a + α, 1 − a.

    Of entries a bias comes last: z[n,j] + b[j].
    """
    terms = Add.make_args(expression)
    if not expression.has(Indexed) and any(isinstance(term, Symbol) and term.is_integer for term in terms):
        # An index sum: 2 i + p − 1.
        return _by_kind(terms, [bool(term.is_number) for term in terms], terms)
    has_sum = any(term.has(Sum) for term in terms)
    split = [term.as_coeff_Mul() for term in terms]
    # What is added to a sum comes after it, whatever the sum's sign: −Σ_n log a[n] + R.
    kinds = [
        (has_sum and isinstance(term, Symbol), bool(number.is_negative), _term_kind(rest))
        for term, (number, rest) in zip(terms, split, strict=True)
    ]
    return _by_kind(terms, kinds, [rest for _, rest in split])


def ordered_factors(expression: Expr, gradients: Collection[str] = ()) -> list[Expr]:
    """Numbers, constants, adjoints, other entries, functions, brackets, sums: 2 λ W, (1 − β) g, da a (1 − a).

    `gradients` are the names of the adjoints.
    """
    factors = Mul.make_args(expression)
    return _by_kind(factors, [_factor_kind(factor, gradients) for factor in factors], factors)


def _by_kind(parts: Sequence[Expr], kinds: Sequence[object], named: Sequence[Expr]) -> list[Expr]:
    """Parts in the order of their kinds; those of one kind in the order of names, which take long to write and are left alone otherwise."""
    shared = {kind for kind, times in Counter(kinds).items() if times > 1}
    keys = [(kind, _names(name) if kind in shared else ()) for kind, name in zip(kinds, named, strict=True)]
    return [part for _, part in sorted(zip(keys, parts, strict=True), key=itemgetter(0))]


def _term_kind(rest: Expr) -> float:
    """The kind of a term without its number."""
    if rest.is_number:
        return 0
    if rest.has(Sum) or (isinstance(rest, Mul) and _is_written_out(rest)):
        return 1
    if isinstance(rest, Indexed):
        return 2.5 if rest.base.name.startswith("b") else 2
    if rest.has(Indexed):
        return 3
    return 5 if isinstance(rest, Symbol) else 4


def _is_written_out(product: Mul) -> bool:
    """A product of entries at whole-number indices, one term of a sum written out: w₁₁ x₁ + w₁₂ x₂ + b₁."""
    return all(isinstance(factor, Indexed) and factor.indices[0].is_Integer for factor in product.args)


def _factor_kind(factor: Expr, gradients: Collection[str]) -> int:
    core = factor.base if isinstance(factor, Pow) else factor
    match core:
        case Indexed():
            return 3 if core.base.name in gradients else 5
        case _ if core.is_number:
            return 0
        case Add() if not core.has(Indexed):
            return 1
        case Symbol():
            return 2
        case KroneckerDelta():
            return 4
        case Piecewise() | Add():
            return 7
        case Function():
            return 6
        case _:
            return 8


@cache
def _names(expression: Expr) -> tuple[object, ...]:
    """The order of names as people count: a2 before a10."""
    written = str(expression)
    parts: list[object] = []
    number = ""
    for character in written:
        if character.isdigit():
            number += character
        else:
            parts += [(1, int(number), "")] if number else []
            parts.append((0, 0, character))
            number = ""
    parts += [(1, int(number), "")] if number else []
    return tuple(parts)


def fraction(expression: Expr, gradients: Collection[str] = ()) -> tuple[int, list[Expr], list[Expr]]:
    """Sign, factors of the numerator and factors of the denominator, each in order."""
    coefficient, rest = expression.as_coeff_Mul()
    sign = -1 if coefficient.is_negative else 1
    numerator, denominator = sympy.fraction(abs(coefficient))
    above = [numerator] if numerator != 1 else []
    below = [denominator] if denominator != 1 else []
    for factor in ordered_factors(rest, gradients) if rest != 1 else []:
        if isinstance(factor, Pow) and factor.exp.is_number and factor.exp.is_negative:
            below.append(factor.base ** (-factor.exp))
        else:
            above.append(factor)
    return sign, above, below
