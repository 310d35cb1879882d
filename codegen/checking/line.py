"""A network's equations along a straight line through a point: numeric derivatives, and the exact one by a complex step."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from sympy import Expr

from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import solved
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.system import Equation

from .extrapolation import EXTENDED, Sample, Slopes, slopes
from .point import TrialPoint

Direction = Mapping[str, NumericArray]
#: The longest step, for a direction of length 1.
FIRST_STEP = 0.125


def cost_of(numbers: Numbers) -> NumericArray:
    """The cost as a list of one number."""
    return np.reshape(numbers.arrays[numbers.system.cost.tensor.name], 1)


@dataclass(frozen=True)
class LineThroughPoint:
    """The values of `equations` at point + t · direction; `read` says which of them are wanted, as a list of numbers.

    What stands in stop(…) is everywhere what it is at the point itself, which is computed first.
    """

    point: TrialPoint
    equations: Sequence[Equation]
    read: Callable[[Numbers], NumericArray] = cost_of
    held: dict[Hashable, NumericArray] = field(default_factory=dict)

    @cached_property
    def start(self) -> Sample:
        return self.at({}, EXTENDED(0))

    def at(self, direction: Direction, t: np.longdouble) -> Sample:
        sides: list[tuple[Expr, NumericArray]] = []
        numbers = self.point.numbers(EXTENDED)
        arrays = {**numbers.arrays, **{name: numbers.arrays[name] + t * along for name, along in direction.items()}}
        moved = Numbers(self.point.system, arrays, self.point.sizes, element=EXTENDED, sides=sides, held=self.held)
        return Sample(self.read(solved(self.equations, moved)), sides)

    def slopes(self, direction: Direction) -> Slopes:
        """The derivatives by t at 0, with their estimated errors."""
        length = float(np.sqrt(sum(np.sum(along**2) for along in direction.values())))
        start = self.start
        return slopes(lambda t: self.at(direction, t), start, FIRST_STEP / max(length, 1.0))

    def complex_slopes(self, direction: Direction) -> NumericArray:
        """The same by one step in the imaginary direction, which subtracts nothing: Im f(i h)/h."""
        numbers = self.point.numbers(np.clongdouble)
        moved = {name: numbers.arrays[name] + 1j * numbers.step * along for name, along in direction.items()}
        found = solved(self.equations, numbers.with_arrays({**numbers.arrays, **moved}))
        along_it: NumericArray = np.imag(self.read(found)) / numbers.step
        return along_it
