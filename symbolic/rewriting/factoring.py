"""The last line of a collected formula: what its terms share in front, and one division by the sizes for all of them.

r d[n] − r Σ_n d[n]/N − c r u[n] Σ_n d[n] u[n]/N      is      r (N d[n] − Σ_n d[n] − c u[n] Σ_n d[n] u[n]) / N
"""

from __future__ import annotations

from functools import reduce

import sympy
from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol

from chainrule.symbolic.index.index_letters import names_read

from .algebra import operations


def with_common_front(expression: Expr, adjoints: frozenset[str]) -> Expr:
    """A sum as front × bracket, or one such product for every adjoint that it reads, where that is shorter."""
    if not isinstance(expression, Add):
        return expression
    groups: dict[tuple[str, ...], list[Expr]] = {}
    for term in expression.args:
        groups.setdefault(tuple(sorted(adjoints.intersection(names_read(term)))), []).append(term)
    apart = Add(*(_with_front(Add(*terms)) for terms in groups.values()))
    return min([_with_front(expression), apart], key=operations)


def _with_front(expression: Expr) -> Expr:
    """Whole numbers stay in the terms unless dividing by one for all is shorter."""
    if not isinstance(expression, Add):
        return expression
    return min((_in_front(expression, number) for number in _numbers(expression)), key=operations)


def _numbers(expression: Add) -> list[Expr]:
    """What the terms' numbers may be divided by, the first of equals: their greatest common divisor, or nothing."""
    numbers = [abs(term.as_coeff_Mul()[0]) for term in expression.args]
    rational = [number for number in numbers if number.is_Rational]
    if len(rational) < len(numbers):
        return [Integer(1)]
    shared = reduce(sympy.gcd, rational)
    below = reduce(sympy.lcm, (number.q for number in rational))
    return list(dict.fromkeys([Rational(shared), Rational(1, below), Integer(1)]))


def _in_front(expression: Add, number: Expr) -> Expr:
    every = [_powers(term) for term in expression.args]
    front: dict[Expr, Expr] = {}
    for base in dict.fromkeys(base for found in every for base in found):
        exponents = [found.get(base, Integer(0)) for found in every]
        if isinstance(base, Symbol) and base.is_integer:
            # A size: the terms that are not divided by it are multiplied by it.
            front[base] = min(exponents)
        elif all(exponent.is_positive for exponent in exponents) or all(exponent.is_negative for exponent in exponents):
            front[base] = min(exponents, key=abs)
    shared = Mul(number, *(base**exponent for base, exponent in front.items()))
    bracket = Add(*(_without(term, found, number, front) for term, found in zip(expression.args, every, strict=True)))
    all_negative = all(term.could_extract_minus_sign() for term in Add.make_args(bracket))
    return Mul(-shared, -bracket) if all_negative else Mul(shared, bracket)


def _without(term: Expr, powers: dict[Expr, Expr], number: Expr, front: dict[Expr, Expr]) -> Expr:
    """A term without what stands in front; exponents are subtracted, since a case distinction that may be 0 cannot be divided by."""
    left = {base: powers.get(base, Integer(0)) - front.get(base, Integer(0)) for base in (*powers, *front)}
    return Mul(term.as_coeff_Mul()[0] / number, *(base**exponent for base, exponent in left.items()))


def _powers(term: Expr) -> dict[Expr, Expr]:
    """The exponent of every base but the number: of u**π / u it is π − 1; exp(u) and u**x are bases of their own."""
    found: dict[Expr, Expr] = {}
    for factor in Mul.make_args(term.as_coeff_Mul()[1]):
        base, exponent = factor.args if isinstance(factor, Pow) and factor.exp.is_number else (factor, Integer(1))
        found[base] = found.get(base, Integer(0)) + exponent
    return found
