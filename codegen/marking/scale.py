"""How many times one quantity is another: the same number at both draws, or a number times a power of a size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray

#: Relative to the largest entry: an epsilon of 1e-8 that a work adds to what it divides by is no mistake.
TOLERANCE = 1e-6
#: What is left of numbers around 1 that cancel: a largest entry up to here is 0.
ROUNDING = 1e-13
POWERS = (1, -1, 2, -2)


@dataclass(frozen=True, slots=True)
class Scale:
    """`factor` times the size of an axis to a `power`."""

    factor: float = 1.0
    axis: str | None = None
    power: int = 0

    def value(self, sizes: Mapping[str, int]) -> float:
        return self.factor if self.axis is None else self.factor * float(sizes[self.axis]) ** self.power

    @property
    def is_one(self) -> bool:
        return self.axis is None and abs(self.factor - 1) <= TOLERANCE

    def is_near(self, other: Scale) -> bool:
        """Whether it is another one up to rounding."""
        return (self.axis, self.power) == (other.axis, other.power) and _near(self.factor, other.factor)

    def over(self, other: Scale) -> Scale | None:
        """How many times as large it is as another one; None where that is no power of one size."""
        factor = self.factor / other.factor
        if self.axis == other.axis:
            return Scale(factor, self.axis if self.power != other.power else None, self.power - other.power)
        if other.axis is None:
            return Scale(factor, self.axis, self.power)
        return Scale(factor, other.axis, -other.power) if self.axis is None else None


ONE = Scale()
Pair = tuple[NumericArray, NumericArray]
Sizes = tuple[Mapping[str, int], Mapping[str, int]]


def equal(found: NumericArray, right: NumericArray) -> bool:
    """Whether two arrays have one shape and the same entries, but for rounding."""
    if found.shape != right.shape:
        return False
    bound = max(TOLERANCE * _largest(right), ROUNDING)
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(found - right) <= bound))


def is_zero(array: NumericArray) -> bool:
    """Whether all entries are 0, but for rounding."""
    return _largest(array) <= ROUNDING


def _largest(array: NumericArray) -> float:
    return float(np.max(np.abs(array), initial=0))


def proportion(found: Sequence[NumericArray], right: Sequence[NumericArray], sizes: Sizes, first_axis: str | None) -> Scale | None:
    """How many times the right arrays the found ones are; None where they are no multiple. Of several axes the examples' comes first.

    Arrays that are 0 at one draw, as behind a kink, are as many times each other as those of the other draw.
    """
    pairs = [(each, own) for each, own in zip(found, right, strict=True) if not (is_zero(each) and is_zero(own)) or each.shape != own.shape]
    numbers = [multiple(each, own) for each, own in pairs]
    if not numbers or any(number is None for number in numbers):
        return None
    first, second = (float(number) for number in (numbers * 2)[:2] if number is not None)
    if _near(first, second):
        return Scale(first)
    axes = sorted(sizes[0], key=lambda name: name != first_axis)
    scales = [
        Scale(first / sizes[0][axis] ** power, axis, power)
        for power in POWERS
        for axis in axes
        if _near(first / sizes[0][axis] ** power, second / sizes[1][axis] ** power)
    ]
    return min(scales, key=lambda scale: (scale.axis != first_axis, abs(scale.power)), default=None)


def _near(first: float, second: float) -> bool:
    return abs(first - second) <= TOLERANCE * max(abs(first), abs(second))


def multiple(found: NumericArray, right: NumericArray) -> float | None:
    """How many times one array another one is."""
    if found.shape != right.shape:
        return None
    with np.errstate(all="ignore"):
        square = float(np.sum(right * right))
        number = float(np.sum(found * right)) / square if square else 0.0
        if not number or not np.isfinite(number):
            return None
        return number if equal(found, number * right) else None
