"""Ordinary algebra on index expressions: what an expression costs, and its cheapest rational form.

Entries, sums and case distinctions are opaque here: they are replaced by plain symbols while SymPy cancels and factors.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import combinations
from math import comb, prod

import sympy
from sympy import Add, Expr, Function, Indexed, Integer, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol

SUM_WEIGHT = 4
FUNCTION_COST = 10
DIVISION_COST = 2
#: Symbols, and terms multiplied out over one denominator, beyond which cancelling takes seconds and may take minutes.
MOST_SYMBOLS = 13
MOST_TERMS = 1200
#: And both together beyond which factoring may, where the symbols are more than a few: that depends on their order.
FEW_SYMBOLS = 6
MOST_SYMBOLS_TIMES_TERMS = 400


@cache
def operations(expression: Expr) -> int:
    """A rough count of the work to evaluate an expression: a sum counts its inside several times, a function's value once."""
    functions = expression.atoms(Function)
    distinct: int = sum(1 for function in functions if not isinstance(function, Piecewise | KroneckerDelta))
    return FUNCTION_COST * distinct + _arithmetic(expression)


@cache
def _arithmetic(expression: Expr) -> int:
    match expression:
        case Indexed() | KroneckerDelta():
            return 0
        case Sum():
            return SUM_WEIGHT * (_arithmetic(expression.function) + 1)
        case Add():
            return len(expression.args) - 1 + sum(_arithmetic(part) for part in expression.args)
        case Mul():
            signs = sum(part == -1 for part in expression.args)
            inverted = sum(_is_inverted(part) for part in expression.args)
            # One division for all denominators together.
            divisions = (DIVISION_COST - 1) * min(inverted, 1) - (DIVISION_COST - 1) * inverted
            inside = sum(_arithmetic(part) for part in expression.args)
            return int(len(expression.args) - 1 - signs + divisions + inside)
        case Pow():
            base, exponent = expression.args
            if exponent.is_Integer:
                inversion = DIVISION_COST - 1 if exponent.is_negative else 0
                return _arithmetic(base) + abs(int(exponent)) - 1 + inversion
            return _arithmetic(base) + _arithmetic(exponent) + FUNCTION_COST
        case Piecewise():
            return sum(1 + _arithmetic(value) for value, _ in expression.args)
        case _:
            return sum(_arithmetic(part) for part in expression.args)


def _is_inverted(part: Expr) -> bool:
    return isinstance(part, Pow) and bool(part.exp.is_negative)


@cache
def cheapest(expression: Expr) -> Expr:
    """The expression as it is, factored, or cancelled: whichever costs least; the earlier one in a tie."""
    has_front = isinstance(expression, Mul) and expression.has(Indexed)
    front, rest = expression.as_independent(Indexed, as_Add=False) if has_front else (Integer(1), expression)
    masked, names = _masked(rest)
    if not masked.has(Pow) and not isinstance(masked, Add):
        return expression
    terms = _expanded_terms(masked)
    if len(names) > MOST_SYMBOLS or terms > MOST_TERMS:
        return expression
    is_long = len(names) > FEW_SYMBOLS and len(names) * terms > MOST_SYMBOLS_TIMES_TERMS
    candidates = [masked, *([] if is_long else [_transformed(masked, sympy.factor)]), _transformed(masked, sympy.cancel)]
    # With the factors in front: 6 (1/4 - a²/4) becomes 3 (1 - a²)/2, as the numbers meet.
    best = min(candidates, key=lambda candidate: operations(front * candidate))
    return expression if best is masked else turn_signs(front * best.xreplace(names))


@cache
def _transformed(masked: Expr, transform: Callable[[Expr], Expr]) -> Expr:
    """Factored or cancelled; kept by itself, as formulas that read other tensors are masked alike."""
    return turn_signs(_conjugates_multiplied(transform(masked)))


def _conjugates_multiplied(expression: Expr) -> Expr:
    """(1 + a) (1 - a) as 1 - a², (x - m + s) (x - m - s) as (x - m)² - s²: two brackets made one where that is shorter."""
    if not isinstance(expression, Mul):
        return expression
    brackets = [factor for factor in expression.args if isinstance(factor, Add)]
    for first, second in combinations(sorted(brackets, key=sympy.default_sort_key), 2):
        shared, other = (first + second) / 2, (first - second) / 2
        product = min(sympy.expand(first * second), shared**2 - other**2, key=operations)
        if operations(product) < operations(first * second):
            others = [factor for factor in expression.args if factor not in (first, second)]
            return _conjugates_multiplied(Mul(*others, product))
    return expression


def _masked(expression: Expr) -> tuple[Expr, dict[Symbol, Expr]]:
    """The expression with everything that is not rational replaced by symbols named after their position."""
    names: dict[Expr, Symbol] = {}

    def mask(part: Expr) -> Expr:
        match part:
            case Add() | Mul():
                return part.func(*(mask(inner) for inner in part.args))
            case Pow() if part.exp.is_Integer:
                return mask(part.base) ** part.exp
            case _ if part.is_Number:
                return part
            case _:
                return names.setdefault(part, Symbol(f"m{len(names)}@", real=True))

    result = mask(expression)
    return result, {symbol: part for part, symbol in names.items()}


def _expanded_terms(masked: Expr) -> int:
    """About how many terms there are, above and below together, once all stands multiplied out over one denominator."""
    above, below = _terms_of_fraction(masked)
    return above + below


def _terms_of_fraction(part: Expr) -> tuple[int, int]:
    match part:
        case Add():
            fractions = [_terms_of_fraction(term) for term in part.args]
            below = prod(count for _, count in fractions)
            return sum(above * below // own for above, own in fractions), below
        case Mul():
            fractions = [_terms_of_fraction(factor) for factor in part.args]
            return prod(above for above, _ in fractions), prod(below for _, below in fractions)
        case Pow() if part.exp.is_Integer:
            above, below = _terms_of_fraction(part.base)
            # Terms of a sum of that many terms to that power.
            power = abs(int(part.exp))
            raised = comb(above + power - 1, power), comb(below + power - 1, power)
            return raised if part.exp.is_positive else raised[::-1]
        case _:
            return 1, 1


def turn_signs(expression: Expr) -> Expr:
    """-(a - 1) as 1 - a and (y - p)/(p (p - 1)) as (p - y)/(p (1 - p)).

    In a bracket with a number that is positive; then a leading minus goes into the first bracket without one that it makes no longer.
    """
    if not isinstance(expression, Mul):
        return expression
    coefficient, rest = expression.as_coeff_Mul()
    factors = list(rest.args if isinstance(rest, Mul) else [rest])
    for place, factor in enumerate(factors):
        if _turns(factor) and any(term.is_number and term.is_negative for term in base_of(factor).args):
            coefficient, factors[place] = -coefficient, _turned(factor)
    if coefficient.is_negative:
        turning = [factor for factor in sorted(factors, key=sympy.default_sort_key) if _turns(factor)]
        free = [factor for factor in turning if not any(term.is_number for term in base_of(factor).args)]
        if chosen := (free or turning)[:1]:
            coefficient, factors[factors.index(chosen[0])] = -coefficient, _turned(chosen[0])
    return Mul(coefficient, *factors)


def base_of(factor: Expr) -> Expr:
    return factor.base if isinstance(factor, Pow) else factor


def _turns(factor: Expr) -> bool:
    """Whether it is a bracket, or one to an odd power, that has as few signs the other way round."""
    is_odd = not isinstance(factor, Pow) or bool(factor.exp.is_Integer and factor.exp.is_odd)
    base = base_of(factor)
    return is_odd and isinstance(base, Add) and any(term.could_extract_minus_sign() for term in base.args)


def _turned(factor: Expr) -> Expr:
    turned = Add(*(-term for term in base_of(factor).args))
    return turned**factor.exp if isinstance(factor, Pow) else turned


def common_factor(expression: Expr) -> Expr:
    """What all terms share, in front: a b − a c = a (b − c).

    Factors are compared as they stand, a power with its exponent: u**x and 1/u are two factors of one base. What is shared is left out
    and not divided by, since a case distinction may be 0.
    """
    if not isinstance(expression, Add):
        return expression
    first, *others = (Mul.make_args(term) for term in expression.args)
    shared = {factor for factor in first if not factor.is_Number and all(factor in factors for factors in others)}
    if not shared:
        return expression
    rest = (Mul(*(factor for factor in factors if factor not in shared)) for factors in (first, *others))
    return Mul(*shared, Add(*rest), evaluate=True)
