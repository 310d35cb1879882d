"""The numbers of one student: an example and parameters drawn from the seed, with one decimal, so that they can be worked by hand.

What is asked for is computed twice: entry by entry as on paper, and by the interpreter of whole arrays, which knows nothing of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sympy import Expr, Indexed, Integer, Symbol

from chainrule.codegen.lesson.worked_values import entry_value, with_labels
from chainrule.symbolic.checking.comparison import difference
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.random_array import Shape, in_tenths, random_array
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.scalar_form import ScalarEquation, fixed_sizes, scalar_form
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role, entry_indices, entry_name, scalar
from chainrule.symbolic.system.system import System

from .draw import QuestionDraw

#: Of larger networks nobody works a gradient by hand.
MOST_EQUATIONS = 90
MOST_GIVEN = 60
#: From one draw of numbers to the next, so that no question has the draw of any.
FURTHER = 1 << 8
#: How often numbers are drawn until the cost is a moderate number.
TRIES = 20
LARGEST_COST = 100.0
#: One step of gradient descent takes one of these learning rates.
RATES = (0.1, 0.2, 0.5)
#: How far given numbers move, and what no smooth formula changes by then.
NUDGE, LEAP = 1e-9, 1e-5
#: Numbers with one decimal often add up to 0: what a computer leaves of them then is rounding, and on paper it is 0.
ROUNDING = 1e-13


@dataclass(frozen=True)
class StudentNumbers:
    """Given arrays, the equations entry by entry, and every array that follows from the given ones."""

    system: System
    given: Mapping[str, NumericArray]
    rate: float
    equations: Mapping[Expr, ScalarEquation]
    numbers: Numbers

    @cached_property
    def given_values(self) -> dict[Expr, float]:
        """Every entry that is given, by itself; labels are whole numbers."""
        values: dict[Expr, float] = {}
        for name, array in self.given.items():
            tensor = self.system.tensors[name]
            for position in np.ndindex(array.shape):
                values[tensor.at(*map(Integer, position))] = array[position].item()
        return values | {scalar(name): value for name, value in self.system.constants.items()}

    @cached_property
    def values(self) -> dict[Expr, float]:
        """Every entry of the forward and of the backward pass, as on paper."""
        values = dict(self.given_values)
        for equation in self.equations.values():
            for step in self.way_to(equation.entry, values):
                values[step.entry] = as_on_paper(entry_value(step.expression, values))
        return values

    def way_to(self, entry: Expr, known: Mapping[Expr, float]) -> list[ScalarEquation]:
        """The equations that lead from what is known to an entry, in the order in which they are computed."""
        found: dict[Expr, ScalarEquation] = {}

        def visit(wanted: Expr) -> None:
            if wanted in known or wanted in found or wanted not in self.equations:
                return
            equation = self.equations[wanted]
            for read in sorted(with_labels(equation.expression, self.given_values).atoms(Indexed, Symbol), key=str):
                visit(read)
            found[wanted] = equation

        visit(entry)
        order = self._order
        return sorted(found.values(), key=lambda equation: order[equation.entry]) if self._is_in_order else list(found.values())

    @cached_property
    def _order(self) -> dict[Expr, int]:
        return {entry: place for place, entry in enumerate(self.equations)}

    @cached_property
    def _is_in_order(self) -> bool:
        """Whether no equation reads what comes after it, as those of a recurrence do."""
        order = self._order
        return all(
            order.get(read, -1) < order[equation.entry]
            for equation in self.equations.values()
            for read in with_labels(equation.expression, self.given_values).atoms(Indexed, Symbol)
        )

    def in_other_way(self, entry: Expr) -> float:
        """The entry's value in the arrays that the interpreter found."""
        name, position = name_and_position(entry)
        return float(np.real(self.numbers.arrays[name][position]))

    def with_array(self, name: str, array: NumericArray) -> StudentNumbers:
        """The forward pass where one given array is another; the interpreter's arrays hold nothing of the backward pass then."""
        given = {**self.given, name: array}
        return replace(self, given=given, numbers=forward(self.system, given, self.numbers.sizes))

    def cost_moved_by(self, entry: Expr, step: float) -> float:
        """The cost where one given entry is larger by a step."""
        name, position = name_and_position(entry)
        array = np.array(self.given[name], dtype=float)
        array[position] += step
        return self.with_array(name, array).in_other_way(self.system.cost.tensor.own_entry)


def as_on_paper(value: float) -> float:
    """0.1 + 0.2 − 0.3 is 0."""
    return 0.0 if abs(value) < ROUNDING else value


def name_and_position(entry: Expr) -> tuple[str, tuple[int, ...]]:
    """W1[0, 2] → W1, (0, 2); a single number has no position."""
    return entry_name(entry), tuple(map(int, entry_indices(entry)))


def student_numbers(derivation: Derivation, seed: int, further: int = 0) -> StudentNumbers | None:
    """The numbers of the student of a seed, or further ones; None where the network is too large, or no draw gives a moderate cost."""
    system = derivation.system
    try:
        sizes = fixed_sizes(system, 1)
        given = (*system.inputs, *system.targets, *system.parameters)
        if sum(int(np.prod([sizes[axis_name(letter)] for letter in tensor.axes])) for tensor in given) > MOST_GIVEN:
            return None
        form = scalar_form(derivation, 1)
    except NotExpressible:
        return None
    equations = {equation.entry: equation for equation in (*form.forward, *form.backward)}
    if len(equations) > MOST_EQUATIONS:
        return None
    draw = QuestionDraw(seed, FURTHER * further)
    for _ in range(TRIES):
        arrays = {tensor.name: random_array(tensor, sizes, system.batch, _OneDecimal(draw)) for tensor in given}
        numbers = _both_passes(derivation, arrays, sizes)
        cost = complex(numbers.arrays[system.cost.tensor.name])
        is_finite = all(np.all(np.isfinite(array)) for array in numbers.arrays.values())
        if is_finite and cost.imag == 0 and abs(cost) < LARGEST_COST and not _is_on_a_jump(derivation, arrays, numbers):
            return StudentNumbers(system, arrays, draw.one_of(RATES), equations, numbers)
    return None


def _both_passes(derivation: Derivation, given: Mapping[str, NumericArray], sizes: Mapping[str, int]) -> Numbers:
    numbers = forward(derivation.system, given, sizes)
    return solved([adjoint.equation for adjoint in derivation.adjoints.values()], numbers)


def _is_on_a_jump(derivation: Derivation, given: Mapping[str, NumericArray], numbers: Numbers) -> bool:
    """Whether anything leaps where the given numbers move a little: 0.1 + 0.2 − 0.3 has no sign on paper, and one in a computer."""
    for step in (NUDGE, -NUDGE):
        moved = {name: array if array.dtype.kind in "iu" else array + _uneven(array.shape) * step for name, array in given.items()}
        other = _both_passes(derivation, moved, numbers.sizes)
        if any(difference(array, other.arrays[name]) > LEAP for name, array in numbers.arrays.items()):
            return True
    return False


def _uneven(shape: Shape) -> NumericArray:
    """1 to 2, another number at each place, so that no sum stays as it is."""
    return np.linspace(1, 2, int(np.prod(shape)) or 1).reshape(shape)


@dataclass(frozen=True, slots=True)
class _OneDecimal:
    """Numbers of a student, entry by entry: 0.1 to 0.9, with a sign but in targets."""

    draw: QuestionDraw

    def below(self, count: int, shape: Shape) -> NumericArray:
        return _filled(np.zeros(shape, dtype=int), lambda: self.draw.below(count))

    def shares(self, shape: Shape) -> NumericArray:
        return in_tenths(self, shape)

    def fractions(self, shape: Shape) -> NumericArray:
        return self.below(2, shape).astype(float)

    def reals(self, shape: Shape, role: Role) -> NumericArray:
        def number() -> float:
            sign = 1.0 if role is Role.TARGET else self.draw.one_of((-1.0, 1.0))
            return sign * (1 + self.draw.below(9)) / 10

        return _filled(np.zeros(shape), number)


def _filled(array: NumericArray, number: Callable[[], float]) -> NumericArray:
    for position in np.ndindex(array.shape):
        array[position] = number()
    return array
