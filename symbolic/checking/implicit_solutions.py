"""What solves x = f(x, …): Newton's method, whose matrix is in double precision while what is left over is in that of the numbers.

Each step makes the error smaller by as much as double precision is exact, so that numbers of extended precision and complex steps get
right in a few: the part that a complex step adds is solved for by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sympy import Expr, Symbol

from chainrule.symbolic.derivation.implicit_equations import ImplicitEquation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.system.system import Equation

from .interpreter import Interpreter, evaluated_by
from .numbers import Numbers

#: Steps after which there is no solution, and those that are made when the numbers no longer change.
MOST_STEPS, FURTHER_STEPS = 60, 3
#: A change that is rounding, as a part of the largest entry.
ROUNDING = 1e-13
#: |M| |M⁻¹| from which on a matrix is singular but for rounding, as XᵀX is of fewer examples than features.
SINGULAR = 1e14


def solution(equation: Equation, numbers: Numbers, at: Mapping[Symbol, int] | None = None) -> NumericArray:
    """x at every position, or `at` one position of some letters; no numbers where there is none, or Newton's method from 0 finds none."""
    found = _Newton(ImplicitEquation(equation, numbers.system.stored), numbers, at or {})
    with np.errstate(all="ignore"):
        return found.solution()


class _Newton:
    def __init__(self, form: ImplicitEquation, numbers: Numbers, at: Mapping[Symbol, int]) -> None:
        self.form, self.numbers, self.at = form, numbers, at
        self.tensor = form.equation.tensor
        self.is_adjoint = self.tensor.role is Role.ADJOINT
        #: Those of which each position is a system by itself, then its rows.
        self.order = (*(letter for letter in self.tensor.axes if letter not in form.rows), *form.rows)
        self.places = [self.tensor.axes.index(letter) for letter in self.order]

    def solution(self) -> NumericArray:
        values = self.start()
        settled = 0
        for _ in range(MOST_STEPS):
            change = self.change(values)
            values = values + change
            largest = np.max(np.abs(np.real(values)), initial=0)
            if not np.isfinite(largest):
                break
            settled += bool(np.max(np.abs(np.real(change)), initial=0) <= ROUNDING * max(largest, 1))
            if settled > FURTHER_STEPS:
                return values
        return np.full(values.shape, np.nan, values.dtype)

    def start(self) -> NumericArray:
        sizes = zip(self.tensor.axes, self.numbers.shape(self.tensor), strict=True)
        shape = tuple(1 if letter in self.at else size for letter, size in sizes)
        element = np.result_type(self.numbers.element, *(np.asarray(array).dtype for array in self.numbers.arrays.values()))
        zeros: NumericArray = np.zeros(shape, element)
        known = self.numbers.arrays.get(self.tensor.name)
        if known is not None and not self.at and np.shape(known) == shape and np.all(np.isfinite(known)):
            # From where it was before something moved.
            before: NumericArray = zeros + np.real(known)
            return before
        if self.form.factored is None:
            return zeros
        try:
            factor: NumericArray = zeros + np.linalg.cholesky(np.real(self.value(self.form.factored, self.numbers)).astype(float))
        except np.linalg.LinAlgError:
            return zeros
        return factor

    def value(self, expression: Expr, numbers: Numbers) -> NumericArray:
        return self.evaluated(expression, numbers, self.tensor.axes)

    def evaluated(self, expression: Expr, numbers: Numbers, over: tuple[Symbol, ...]) -> NumericArray:
        return evaluated_by(Interpreter, expression, numbers, over, self.is_adjoint, self.at)

    def whole(self, values: NumericArray) -> NumericArray:
        """All of the tensor, with what is known of it where it is not being solved."""
        if not self.at:
            return values
        array = np.array(self.numbers.arrays[self.tensor.name])
        places = ((self.at[letter], self.at[letter] + 1) if letter in self.at else (None, None) for letter in self.tensor.axes)
        array[tuple(slice(*place) for place in places)] = values
        return array

    def change(self, values: NumericArray) -> NumericArray:
        """M⁻¹ (f(x) − x), M = 1 − ∂f/∂x."""
        here = self.numbers.with_array(self.tensor.name, self.whole(values))
        left_over = self.value(self.form.value, here) - values
        columns = self.form.columns
        matrix = np.real(self.evaluated(self.form.matrix, here, (*self.order, *columns))).astype(float)
        size = int(np.prod([self.numbers.sizes[axis_name(letter)] for letter in columns]))
        turned = np.transpose(left_over, self.places)
        batch = turned.shape[: turned.ndim - len(columns)]
        rows = turned.reshape(*batch, size, 1)
        matrix = matrix.reshape(*batch, size, size)
        try:
            inverse = np.linalg.inv(matrix)
        except np.linalg.LinAlgError:
            return np.full(values.shape, np.nan)
        if np.max(np.linalg.norm(matrix, axis=(-2, -1)) * np.linalg.norm(inverse, axis=(-2, -1)), initial=0) > SINGULAR:
            return np.full(values.shape, np.nan)
        # Each part by itself: that of a complex step is far below the rounding of the other.
        parts = inverse @ (np.real(rows) if np.iscomplexobj(rows) else rows)
        if np.iscomplexobj(rows):
            parts = parts + 1j * (inverse @ (np.imag(rows) / self.numbers.step)) * self.numbers.step
        return np.transpose(parts.reshape(turned.shape), np.argsort(self.places))
