"""In which order the terms of a sum and the factors of a product are written. SymPy keeps them in an order of its own.

Every view and every printer asks here, so a formula has the same order on the page, in a comment and in the code.
"""

from __future__ import annotations

import sympy
from sympy import Add, Expr, Function, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol


def ordered_terms(expression: Expr) -> list[Expr]:
    """Positive terms first; numbers, then sums, entries, functions, and constants last: Σ_i W[j,i] x[i] + b[j], a + α, 1 − a."""
    return sorted(Add.make_args(expression), key=_term_key)


def ordered_factors(expression: Expr) -> list[Expr]:
    """Numbers, constants, adjoints, other entries, functions, brackets, sums: 2 λ W, da a (1 − a)."""
    return sorted(Mul.make_args(expression), key=_factor_key)


def _term_key(term: Expr) -> tuple[bool, int, tuple[object, ...]]:
    coefficient, rest = term.as_coeff_Mul()
    if rest.is_number:
        kind = 0
    elif rest.has(Sum):
        kind = 1
    elif isinstance(rest, Indexed):
        kind = 2
    elif rest.has(Indexed):
        kind = 3
    else:
        kind = 4
    return bool(coefficient.is_negative), kind, _names(rest)


def _factor_key(factor: Expr) -> tuple[int, tuple[object, ...]]:
    core = factor.base if isinstance(factor, Pow) else factor
    match core:
        case _ if core.is_number:
            kind = 0
        case Symbol():
            kind = 1
        case Indexed() if str(core.base.label).startswith("d"):
            kind = 2
        case KroneckerDelta():
            kind = 3
        case Indexed():
            kind = 4
        case Piecewise() | Add():
            kind = 6
        case Function():
            kind = 5
        case _:
            kind = 7
    return kind, _names(factor)


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
