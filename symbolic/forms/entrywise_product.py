"""Products and quotients of entries, all with the same axes together: numbers in front, vectors multiplied before they are repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from sympy import Mul, S, Symbol

from .arrays import Apply, Array, Letters, Number
from .matrices import Constant, Entrywise, Matrix, OuterProduct, repeated

#: An array as a matrix whose letters stand in an order.
Oriented = Callable[[Array, Letters], Matrix]


@dataclass(slots=True)
class _Quotient:
    """Arrays along the same axes that are multiplied, and what their product is divided by."""

    above: list[Array] = field(default_factory=list)
    below: list[Array] = field(default_factory=list)

    def form(self, own: Letters, oriented: Oriented) -> Matrix:
        whole = _times([oriented(array, own) for array in self.above] or [Constant(S.One)], own)
        if not self.below:
            return whole
        return Entrywise("divide", (whole, _times([oriented(array, own) for array in self.below], own)), own)


def _times(parts: Sequence[Matrix], own: Letters) -> Matrix:
    """The product, its numbers as one in front: 2 N for 2 and N."""
    numbers = [part.value for part in parts if isinstance(part, Constant)]
    if len(numbers) > 1:
        parts = [Constant(Mul(*numbers)), *(part for part in parts if not isinstance(part, Constant))]
    return reduce(lambda left, right: Entrywise("multiply", (left, right), own), parts)


def entrywise_product(array: Apply, own: Letters, oriented: Oriented) -> Matrix:
    """A product with all that has the same axes together: numbers in front, vectors multiplied before they are repeated."""
    by_axes: dict[frozenset[Symbol], _Quotient] = {}
    is_negative = _sorted_by_axes(array, by_axes, False)
    numbers = by_axes.pop(frozenset(), _Quotient())
    whole = _product_of_groups(by_axes, own, oriented)
    if numbers.above and whole is not None:
        whole = Entrywise("multiply", (_times([oriented(part, ()) for part in numbers.above], ()), whole), own)
    if whole is None:
        whole = numbers.form((), oriented)
    elif numbers.below:
        whole = _divided(whole, _times([oriented(part, ()) for part in numbers.below], ()), own)
    return Entrywise("negative", (whole,), own) if is_negative else whole


def _divided(whole: Matrix, number: Matrix, own: Letters) -> Matrix:
    """A / (N B) for A / B / N."""
    match whole:
        case Entrywise(function="divide", arguments=(above, below)) if below.letters:
            return Entrywise("divide", (above, Entrywise("multiply", (number, below), own)), own)
        case _:
            return Entrywise("divide", (whole, number), own)


def _sorted_by_axes(array: Array, found: dict[frozenset[Symbol], _Quotient], is_below: bool) -> bool:
    """Puts the factors where they belong; whether their signs leave a minus."""
    match array:
        case Apply(function="negative"):
            return not _sorted_by_axes(array.arguments[0], found, is_below)
        case Apply(function="multiply" | "divide", arguments=(first, second)):
            negative = _sorted_by_axes(first, found, is_below)
            return negative != _sorted_by_axes(second, found, is_below != (array.function == "divide"))
        case Apply(function="where", arguments=(test, Number(value=value), Number(value=0))) if value.is_negative:
            return not _sorted_by_axes(Apply("where", (test, Number(-value), Number(S.Zero)), array.axes), found, is_below)
        case Number(value=value) if value == 1:
            return False
        case Number(value=value) if value.is_negative:
            return not _sorted_by_axes(Number(-value), found, is_below)
        case _:
            quotient = found.setdefault(frozenset(array.axes), _Quotient())
            (quotient.below if is_below else quotient.above).append(array)
            return False


def _product_of_groups(by_axes: Mapping[frozenset[Symbol], _Quotient], own: Letters, oriented: Oriented) -> Matrix | None:
    """The groups as one array: u vᵀ of a column and a row, else each repeated along the axis that it lacks."""
    column, row = (by_axes.get(frozenset({letter})) for letter in own) if len(own) == 2 else (None, None)
    whole: Matrix | None = None
    divisors: list[Matrix] = []
    pair: tuple[_Quotient, ...] = ()
    if column is not None and row is not None and column.above and row.above:
        pair = column, row
        whole = OuterProduct(column.form(own[:1], oriented), row.form(own[1:], oriented), own)
    for axes, quotient in by_axes.items():
        letters = tuple(letter for letter in own if letter in axes)
        if any(quotient is part for part in pair):
            continue
        if not quotient.above and len(by_axes) > 1:
            divisors.append(repeated(_times([oriented(part, letters) for part in quotient.below], letters), own))
            continue
        part = repeated(quotient.form(letters, oriented), own)
        whole = part if whole is None else Entrywise("multiply", (whole, part), own)
    for divisor in divisors:
        whole = Entrywise("divide", (Constant(S.One) if whole is None else whole, divisor), own)
    return whole
