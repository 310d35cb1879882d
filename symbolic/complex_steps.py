"""Derivatives of the cost by complex steps through a whole network: with u moved by i h, ∂C/∂u = Im C/h, without subtraction."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sympy import Add

from .equations import Equation, System
from .evaluate import Array, Numbers, solved
from .recurrence import grouped
from .tensors import entry


def slope_of_all(moves: Mapping[str, Array], numbers: Numbers) -> float:
    """Along a direction in all tensors at once: Σ_v ⟨∂C/∂v, w[v]⟩.

    The step is added to what is given, and to the right sides of the equations of what is defined.
    """
    system = numbers.system
    arrays = dict(numbers.arrays)
    moved = []
    for equation in system.equations:
        name = equation.tensor.name
        own = [entry(f"step of {name}", equation.indices)] if name in moves else []
        moved.append(Equation(equation.tensor, Add(equation.expression, *own)))
    for name, move in moves.items():
        if name in system.definition:
            arrays[f"step of {name}"] = 1j * numbers.step * move
        else:
            arrays[name] = arrays[name] + 1j * numbers.step * move
    return numbers.slope(solved(moved, numbers.with_arrays(arrays)))


def slope(name: str, position: tuple[int, ...], numbers: Numbers) -> float:
    """In one entry of a tensor: it is moved, and everything after it is computed again."""
    system = numbers.system
    moved = np.array(numbers.arrays[name], dtype=numbers.complex_element)
    moved[position] += 1j * numbers.step
    changed = {name}
    while True:
        found = {equation.tensor.name for equation in system.equations if changed.intersection(equation.reads)} - changed
        if not found:
            break
        changed |= found
    if name in system.definition and _depends_on_itself(name, system):
        # The step is added to the entry's own equation: what follows in the recurrence then follows from it.
        return _slope_within(name, position, numbers, changed)
    affected = [equation for equation in system.equations if equation.tensor.name in changed - {name}]
    return numbers.slope(solved(affected, numbers.with_array(name, moved)))


def _depends_on_itself(name: str, system: System) -> bool:
    return any(group.letter is not None and name in group.names for group in grouped(system.equations))


def _slope_within(name: str, position: tuple[int, ...], numbers: Numbers, changed: set[str]) -> float:
    system = numbers.system
    bump = np.zeros(numbers.arrays[name].shape, dtype=numbers.complex_element)
    bump[position] = 1j * numbers.step
    own = system.definition[name]
    moved = Equation(own.tensor, own.expression + entry("bump@", own.indices))
    affected = [moved if equation is own else equation for equation in system.equations if equation.tensor.name in changed]
    return numbers.slope(solved(affected, numbers.with_array("bump@", bump)))
