"""Derivatives along a line by central differences, extrapolated, with an estimate of their own error; no step over a kink.

    D(h) = (f(h) − f(−h))/(2h) = f′(0) + c₂ h² + c₄ h⁴ + …

Halving h and eliminating one power after the other (Richardson, 1911) gives a triangle of values; the one whose neighbours in it agree best
is taken, and their difference is the estimate of its error (Ridders, 1982). Where f(h), f(0) and f(−h) are not on the same side of every
kink, a shorter step is taken: such differences say nothing of a derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Expr

from chainrule.symbolic.index.numeric_array import NumericArray

Sides = Sequence[tuple[Expr, NumericArray]]

EXTENDED = np.longdouble
LEVELS = 9
#: Halvings after which a kink is no longer stepped around but reported.
MOST_HALVINGS = 24
#: An error that is small beside the rounding of the modules, which compute with 53 bits.
EXACT = 1e-15
#: Values whose estimated errors have grown so much since the best one only get worse: rounding has taken over.
WORSE = 4.0


def is_wider() -> bool:
    """Whether this machine has floats of more than 64 bits."""
    return bool(np.finfo(EXTENDED).eps < np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Sample:
    """Some numbers, and on which side of every kink they were computed."""

    values: NumericArray
    sides: Sides

    def crossed(self, other: Sample) -> Expr | None:
        """The first kink between the two; None where they are on the same branch of every formula."""
        for (kink, side), (_, there) in zip(self.sides, other.sides, strict=True):
            if not np.array_equal(side, there):
                return kink
        return None


@dataclass(frozen=True, slots=True)
class Slopes:
    """Derivatives, the estimates of their errors, and the kinks for which steps were shortened. Without `values`, a kink was at hand."""

    values: NumericArray | None
    errors: NumericArray | None
    kinks: tuple[Expr, ...] = ()


def slopes(function: Callable[[np.longdouble], Sample], start: Sample, first_step: float) -> Slopes:
    """The derivatives of a function of one number at 0, where its value is `start`."""
    kinks: dict[Expr, None] = {}
    triangle = Triangle.empty(start)
    step = EXTENDED(first_step)
    for _ in range(MOST_HALVINGS):
        above, below = function(step), function(-step)
        crossed = [kink for side in (above, below) if (kink := side.crossed(start)) is not None]
        kinks |= dict.fromkeys(crossed)
        if crossed or not (np.all(np.isfinite(above.values)) and np.all(np.isfinite(below.values))):
            triangle = Triangle.empty(start)
        else:
            triangle = triangle.with_row(above.values, below.values, step)
            if triangle.is_done:
                break
        step = step / 2
    found = bool(np.all(np.isfinite(triangle.errors)))
    return Slopes(triangle.best if found else None, triangle.errors if found else None, tuple(kinks))


@dataclass(frozen=True, slots=True)
class Triangle:
    """The last row of the triangle, and for every number the best value so far with its estimated error."""

    row: tuple[NumericArray, ...]
    best: NumericArray
    errors: NumericArray
    is_done: bool = False

    @classmethod
    def empty(cls, start: Sample) -> Triangle:
        return cls((), np.zeros_like(start.values), np.full(start.values.shape, EXTENDED(np.inf)))

    def with_row(self, above: NumericArray, below: NumericArray, step: np.longdouble) -> Triangle:
        """T[i][j] = (4^j T[i][j−1] − T[i−1][j−1])/(4^j − 1): each column has eliminated one more power of h²."""
        row = [(above - below) / (2 * step)]
        for power, shorter in enumerate(self.row, 1):
            row.append((EXTENDED(4) ** power * row[-1] - shorter) / (EXTENDED(4) ** power - 1))
        if not self.row:
            return Triangle(tuple(row), self.best, self.errors)
        rounding = np.finfo(EXTENDED).eps * np.maximum(np.abs(above), np.abs(below)) / step
        error = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - self.row[-1])) + rounding
        is_better = error < self.errors
        best, errors = np.where(is_better, row[-1], self.best), np.where(is_better, error, self.errors)
        is_exact = bool(np.all(errors <= EXACT * np.max(np.abs(best))))
        is_done = is_exact or len(row) >= LEVELS or (len(row) > 3 and bool(np.all(error > WORSE * errors)))
        return Triangle(tuple(row), best, errors, is_done)
