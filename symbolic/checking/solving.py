"""The value of every equation of a system: dependencies first, and a recurrence step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sympy import Symbol

from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.system.far_places import Nearer
from chainrule.symbolic.system.recurrence import Group, grouped
from chainrule.symbolic.system.system import Equation, System

from .implicit_solutions import solution
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
        if not group.is_recurrence:
            for equation in group.equations:
                numbers = numbers.with_array(equation.tensor.name, _value(equation, numbers))
        else:
            numbers = _step_by_step(group, numbers)
    return numbers


def _step_by_step(group: Group, numbers: Numbers) -> Numbers:
    """What is not computed yet is 0 when it is read, as everything outside of an axis is."""
    own = {equation.tensor.name: group.own_letters(equation) for equation in group.equations}
    moves, every = ((numbers.moves,), (slice(None),)) if numbers.moved else ((), ())
    for equation in group.equations:
        numbers = numbers.with_array(equation.tensor.name, np.zeros((*moves, *numbers.shape(equation.tensor)), numbers.element))
    for step in group.places(numbers.sizes):
        for equation in group.equations:
            at = dict(zip(own[equation.tensor.name], step, strict=True))
            place = tuple(slice(at[letter], at[letter] + 1) if letter in at else slice(None) for letter in equation.indices)
            numbers.arrays[equation.tensor.name][every + place] = _value(equation, numbers, at)
    return numbers


def _value(equation: Equation, numbers: Numbers, at: Mapping[Symbol, int] | None = None) -> NumericArray:
    """Of what is solved, moves that are made side by side each by itself."""
    if isinstance(equation.expression, implicit):
        if numbers.moved:
            return np.stack([solution(equation, each, at) for each in numbers.each_move()])
        return solution(equation, numbers, at)
    is_adjoint = equation.tensor.role is Role.ADJOINT
    return evaluated_by(Interpreter, equation.expression, numbers, equation.indices, is_adjoint, at)
