"""Derivatives of the cost by complex steps through a whole network: with u moved by i h, ∂C/∂u = Im C/h, without subtraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sympy import Add

from .equations import Equation, System
from .evaluate import Array, Numbers, solved, solved_in_order
from .recurrence import grouped
from .tensors import entry

#: No tensor is called so.
STEP_NAME = "bump@"


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


def slopes(name: str, positions: Sequence[tuple[int, ...]], numbers: Numbers) -> Array:
    """In single entries of a tensor: each is moved, and everything after it is computed again."""
    system = numbers.system
    start, after = _moved_by(name, system)
    groups, found = grouped(after), []
    for position in positions:
        moved = np.zeros(numbers.arrays[name].shape) if start != name else numbers.arrays[name]
        moved = np.array(moved, dtype=numbers.complex_element)
        moved[position] += 1j * numbers.step
        found.append(numbers.slope(solved_in_order(groups, numbers.with_array(start, moved))))
    return np.array(found)


def _moved_by(name: str, system: System) -> tuple[str, list[Equation]]:
    """The array that moves a tensor, itself or a step that is added to it, and the equations that are computed again then."""
    changed = {name}
    while True:
        found = {equation.tensor.name for equation in system.equations if changed.intersection(equation.reads)} - changed
        if not found:
            break
        changed |= found
    if name not in system.definition or not _depends_on_itself(name, system):
        return name, [equation for equation in system.equations if equation.tensor.name in changed - {name}]
    # The step is added to the entry's own equation: what follows in the recurrence then follows from it.
    own = system.definition[name]
    moved = Equation(own.tensor, own.expression + entry(STEP_NAME, own.indices))
    return STEP_NAME, [moved if equation is own else equation for equation in system.equations if equation.tensor.name in changed]


def _depends_on_itself(name: str, system: System) -> bool:
    return any(group.letter is not None and name in group.names for group in grouped(system.equations))
