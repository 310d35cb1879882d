"""Sums and products of arrays: numbers are gathered, terms and factors with few dimensions come first.

2 (r − m) g / s      multiply  few = 2 / s           few entries
                     multiply  r − m, g, few         numbers stand with the factor that has fewest
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sympy import S

from chainrule.symbolic.forms.arrays import Apply, Array, Number

from .builder import Builder, Scaled
from .coefficients import ONE, divided, is_negative, of_sign, product_of, sum_of, times, unless_one, without_sign
from .operations import ArrayOperand, Operand, Scalar


def total(builder: Builder, array: Apply) -> Scaled:
    """Terms in the order that is chosen, what depends on a recurrence last; numbers are added to the first."""
    terms = [(sign, builder.scaled(term)) for sign, term in _terms(array)]
    numbers = [
        times(*(part for part in (of_sign(sign), coefficient, operand.array) if part is not None))
        for sign, (coefficient, operand) in terms
        if isinstance(operand, Scalar)
    ]
    arrays = [(sign, coefficient, operand) for sign, (coefficient, operand) in terms if isinstance(operand, ArrayOperand)]
    arrays = [
        (-sign, without_sign(coefficient), operand) if is_negative(coefficient) else (sign, coefficient, operand)
        for sign, coefficient, operand in arrays
    ]
    arrays = [arrays[place] for place in builder.order.terms([operand.letters for _, _, operand in arrays])]
    arrays.sort(key=lambda term: builder.depends(term[2:]))
    first = next((place for place, term in enumerate(arrays) if term[0] > 0), None)
    constant = sum_of(numbers)
    result: Operand | None = None
    if first is not None:
        _, coefficient, operand = arrays.pop(first)
        result = builder.whole((coefficient, operand))
        if constant is not None:
            result = builder.emit("add", (result, Scalar(constant)))
    elif constant is not None:
        result = Scalar(constant)
    outer = None
    if result is None:
        # −a − b is −(a + b).
        _, coefficient, operand = arrays.pop(0)
        result, outer = builder.whole((coefficient, operand)), Number(S.NegativeOne)
        arrays = [(-sign, coefficient, operand) for sign, coefficient, operand in arrays]
    for sign, coefficient, operand in arrays:
        result = builder.emit("add" if sign > 0 else "subtract", (result, builder.whole((coefficient, operand))))
    return outer, result


def quotient(builder: Builder, array: Apply) -> Scaled:
    """Factors in the order that is chosen, divisors inverted or divided by, and the number that stands before all of it."""
    above, below = _factors(array)
    numbers, factors = _numbers_apart(builder, above)
    coefficient = product_of(*numbers)
    numbers, divisors = _numbers_apart(builder, below)
    for number in numbers:
        coefficient = divided(coefficient or ONE, number)
    every = {letter for entry in (*factors, *divisors) for letter in entry.letters}
    small = builder.order.inverted(divisors, every)
    full = [entry for entry in divisors if entry not in small]
    if small:
        inverse = builder.emit("divide", (Scalar(ONE), multiplied(builder, small)))
        factors.append(inverse)
    if not factors:
        result: Operand = builder.emit("divide", (Scalar(coefficient or ONE), multiplied(builder, full)))
        return None, result
    few = builder.order.scaled(factors, every)
    if few is not None and coefficient is not None and coefficient != Number(S.NegativeOne):
        factors[factors.index(few)] = builder.emit("multiply", (few, Scalar(coefficient)))
        coefficient = None
    result = multiplied(builder, factors)
    if full:
        result = builder.emit("divide", (result, multiplied(builder, full)))
    return unless_one(coefficient), result


def _numbers_apart(builder: Builder, parts: Sequence[Array]) -> tuple[list[Array], list[ArrayOperand]]:
    """The number of each part, where it has one, and what is an array."""
    numbers: list[Array] = []
    arrays: list[ArrayOperand] = []
    for part in parts:
        own, operand = builder.scaled(part)
        if isinstance(operand, Scalar):
            own = product_of(own, operand.array)
        else:
            arrays.append(operand)
        numbers += [] if own is None else [own]
    return numbers, arrays


def multiplied(builder: Builder, factors: Sequence[ArrayOperand]) -> ArrayOperand:
    """A product of arrays, in the order that is chosen; what depends on a recurrence last."""
    apart = [[factor for factor in factors if builder.depends([factor]) == depends] for depends in (False, True)]
    groups = [
        reduce(lambda left, right: product_of_two(builder, left, right), group) for part in apart for group in builder.order.factors(part)
    ]
    return reduce(lambda left, right: builder.emit("multiply", (left, right)), groups)


def product_of_two(builder: Builder, left: ArrayOperand, right: ArrayOperand) -> ArrayOperand:
    return squared(builder, left) if left == right else builder.emit("multiply", (left, right))


def squared(builder: Builder, entry: ArrayOperand) -> ArrayOperand:
    return builder.emit("square", (entry,))


def _terms(array: Array) -> list[tuple[int, Array]]:
    match array:
        case Apply(function="add", arguments=(left, right)):
            return [*_terms(left), *_terms(right)]
        case Apply(function="subtract", arguments=(left, right)):
            return [*_terms(left), *((-sign, term) for sign, term in _terms(right))]
        case Apply(function="negative", arguments=(inner,)):
            return [(-sign, term) for sign, term in _terms(inner)]
        case _:
            return [(1, array)]


def _factors(array: Array) -> tuple[list[Array], list[Array]]:
    """What stands above and below the fraction bar."""
    match array:
        case Apply(function="multiply", arguments=(left, right)):
            (above, below), (more_above, more_below) = _factors(left), _factors(right)
            return above + more_above, below + more_below
        case Apply(function="divide", arguments=(left, right)):
            (above, below), (more_above, more_below) = _factors(left), _factors(right)
            return above + more_below, below + more_above
        case Apply(function="negative", arguments=(inner,)):
            above, below = _factors(inner)
            return [Number(S.NegativeOne), *above], below
        case _:
            return [array], []
