"""Numbers that are known before any data is: what is multiplied and added of numbers, sizes and constants, as array expressions."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integer, S

from chainrule.symbolic.forms.arrays import Apply, Array, Number, apply

ONE, ZERO = Number(S.One), Number(S.Zero)


def of_sign(sign: int) -> Array | None:
    """−1, or nothing."""
    return None if sign > 0 else Number(S.NegativeOne)


def times(*factors: Array) -> Array:
    """A product of numbers that are known before any data."""
    value: Expr = Integer(1)
    rest: list[Array] = []
    for factor in factors:
        if isinstance(factor, Number):
            value = value * factor.value
        else:
            rest.append(factor)
    result: Array | None = None if value == 1 and rest else Number(value)
    for part in rest:
        result = part if result is None else apply("multiply", result, part)
    assert result is not None
    return result


def divided(above: Array, below: Array) -> Array:
    """1/2 is the number itself, as it is where it comes as one."""
    match above, below:
        case Number(value=first), Number(value=second) if first.is_Rational and second.is_Rational:
            return Number(first / second)
        case _:
            return apply("divide", above, below)


def product_of(*numbers: Array | None) -> Array | None:
    """Of coefficients, some of which may not be there."""
    there = [number for number in numbers if number is not None]
    return times(*there) if there else None


def sum_of(numbers: Sequence[Array]) -> Array | None:
    """Their sum; nothing where there are none."""
    result: Array | None = None
    for number in numbers:
        result = (
            number
            if result is None
            else Number(result.value + number.value)
            if isinstance(result, Number) and isinstance(number, Number)
            else apply("add", result, number)
        )
    return result


def unless_one(coefficient: Array | None) -> Array | None:
    """A coefficient that has to be multiplied."""
    return None if coefficient == ONE else coefficient


def is_negative(coefficient: Array | None) -> bool:
    """Whether its sign shows: in a product, that of the first factor."""
    match coefficient:
        case Number():
            return bool(coefficient.value.is_negative)
        case Apply(function="multiply" | "divide", arguments=(first, _)):
            return is_negative(first)
        case _:
            return False


def without_sign(coefficient: Array | None) -> Array | None:
    """What is negative, as a positive number; nothing for 1."""
    match coefficient:
        case Number():
            return unless_one(Number(-coefficient.value))
        case Apply(function=function, arguments=(first, second)):
            inner = without_sign(first)
            return apply(function, inner or ONE, second) if inner is not None or function == "divide" else second
        case _:
            return coefficient


def size_of(coefficient: Array) -> Expr | None:
    """The absolute value of what is made of numbers alone, such as √2 / 2."""
    match coefficient:
        case Number():
            return abs(coefficient.value).evalf()
        case Apply(function="multiply" | "divide" as function, arguments=(first, second)):
            sizes = size_of(first), size_of(second)
            if sizes[0] is None or not sizes[1]:
                return None
            return sizes[0] * sizes[1] if function == "multiply" else sizes[0] / sizes[1]
        case Apply(function="power", arguments=(Number(value=base), Number(value=exponent))):
            return abs(base**exponent).evalf()
        case _:
            return None
