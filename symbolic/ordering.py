"""In which order the terms of a sum and the factors of a product are written. SymPy keeps them in an order of its own.

Every view and every printer asks here, so a formula has the same order on the page, in a comment and in the code.
"""

from __future__ import annotations

from functools import cache

import sympy
from sympy import Add, Expr, Function, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol


def ordered_terms(expression: Expr) -> list[Expr]:
    """Positive terms first; numbers, then sums, entries, functions, and constants last: Σ_i W[j,i] x[i] + b[j], a + α, 1 − a."""
    terms = Add.make_args(expression)
    if not expression.has(Indexed) and any(isinstance(term, Symbol) and term.is_integer for term in terms):
        # An index sum: 2 i + p − 1.
        return sorted(terms, key=lambda term: (bool(term.is_number), _names(term)))
    has_sum = any(term.has(Sum) for term in terms)
    # What is added to a sum comes after it, whatever the sum's sign: −Σ_n log a[n] + R.
    return sorted(terms, key=lambda term: (has_sum and isinstance(term, Symbol), *_term_key(term)))


def ordered_factors(expression: Expr) -> list[Expr]:
    """Numbers, constants, adjoints, other entries, functions, brackets, sums: 2 λ W, (1 − β) g, da a (1 − a)."""
    return sorted(Mul.make_args(expression), key=_factor_key)


def _term_key(term: Expr) -> tuple[bool, int, tuple[object, ...]]:
    coefficient, rest = term.as_coeff_Mul()
    if rest.is_number:
        kind = 0
    elif rest.has(Sum) or (isinstance(rest, Mul) and _is_written_out(rest)):
        kind = 1
    elif isinstance(rest, Indexed):
        kind = 2
    elif rest.has(Indexed):
        kind = 3
    elif isinstance(rest, Symbol):
        kind = 5
    else:
        kind = 4
    return bool(coefficient.is_negative), kind, _names(rest)


def _is_written_out(product: Mul) -> bool:
    """A product of entries at whole-number indices, one term of a sum written out: w₁₁ x₁ + w₁₂ x₂ + b₁."""
    return all(isinstance(factor, Indexed) and factor.indices[0].is_Integer for factor in product.args)


def _factor_key(factor: Expr) -> tuple[int, tuple[object, ...]]:
    core = factor.base if isinstance(factor, Pow) else factor
    match core:
        case _ if core.is_number:
            kind = 0
        case Add() if not core.has(Indexed):
            kind = 1
        case Symbol():
            kind = 2
        case Indexed() if str(core.base.label).startswith("d"):
            kind = 3
        case KroneckerDelta():
            kind = 4
        case Indexed():
            kind = 5
        case Piecewise() | Add():
            kind = 7
        case Function():
            kind = 6
        case _:
            kind = 8
    return kind, _names(factor)


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


def fraction(expression: Expr) -> tuple[int, list[Expr], list[Expr]]:
    """Sign, factors of the numerator and factors of the denominator, each in order."""
    coefficient, rest = expression.as_coeff_Mul()
    sign = -1 if coefficient.is_negative else 1
    numerator, denominator = sympy.fraction(abs(coefficient))
    above = [numerator] if numerator != 1 else []
    below = [denominator] if denominator != 1 else []
    for factor in ordered_factors(rest) if rest != 1 else []:
        if isinstance(factor, Pow) and factor.exp.is_number and factor.exp.is_negative:
            below.append(factor.base ** (-factor.exp))
        else:
            above.append(factor)
    return sign, above, below
