"""The value of every equation of a system: dependencies first, and a recurrence step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sympy import Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.system.far_places import Nearer
from chainrule.symbolic.system.recurrence import Group, grouped
from chainrule.symbolic.system.system import Equation, System

from .interpreter import Interpreter, evaluated_by
from .numbers import Numbers


def forward(
    system: System,
    arrays: Mapping[str, NumericArray],
    sizes: Mapping[str, int],
    element: type[np.inexact[Any]] = np.complex128,
    nearer: Nearer | None = None,
) -> Numbers:
    """The given inputs, targets and parameters together with the value of every equation, in order."""
    return solved(system.equations, Numbers(system, dict(arrays), sizes, element=element, nearer=nearer))


def solved(equations: Sequence[Equation], numbers: Numbers) -> Numbers:
    """The value of every equation, dependencies first; a recurrence step by step."""
    return solved_in_order(grouped(equations), numbers)


def solved_in_order(groups: Sequence[Group], numbers: Numbers) -> Numbers:
    """The same of equations that are grouped already."""
    for group in groups:
        if group.letter is None:
            for equation in group.equations:
                numbers = numbers.with_array(equation.tensor.name, _right_side(equation, numbers))
        else:
            numbers = _step_by_step(group, group.letter, numbers)
    return numbers


def _step_by_step(group: Group, letter: Symbol, numbers: Numbers) -> Numbers:
    """What is not computed yet is 0 when it is read, as everything outside of an axis is."""
    own = {
        equation.tensor.name: next(index for index in equation.indices if axis_name(index) == axis_name(letter))
        for equation in group.equations
    }
    for equation in group.equations:
        numbers = numbers.with_array(equation.tensor.name, np.zeros(numbers.shape(equation.tensor), numbers.element))
    steps = range(numbers.sizes[axis_name(letter)])
    for step in reversed(steps) if group.backwards else steps:
        for equation in group.equations:
            name, index = equation.tensor.name, own[equation.tensor.name]
            place = tuple(slice(step, step + 1) if other == index else slice(None) for other in equation.indices)
            numbers.arrays[name][place] = _right_side(equation, numbers, {index: step})
    return numbers


def _right_side(equation: Equation, numbers: Numbers, at: Mapping[Symbol, int] | None = None) -> NumericArray:
    is_adjoint = equation.tensor.role is Role.ADJOINT
    return evaluated_by(Interpreter, equation.expression, numbers, equation.indices, is_adjoint, at)
