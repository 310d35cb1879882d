"""Derivatives of the cost by complex steps through a whole network: with u moved by i h, ∂C/∂u = Im C/h, without subtraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sympy import Add

from chainrule.symbolic.index.implicit import with_added
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import entry
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import Equation, System

from .numbers import Numbers
from .side_by_side import side_by_side
from .solving import solved, solved_in_order

#: No tensor is called so.
STEP_NAME = "bump@"
#: Of differences to either side, short beside the values and long beside their rounding; and how far they differ where nothing is bent.
REAL_STEP = 1e-6
MOST_BENT = 1e-3


def slope_of_all(moves: Mapping[str, NumericArray], numbers: Numbers) -> NumericArray:
    """Along a direction in all tensors at once: Σ_v ⟨∂C/∂v, w[v]⟩."""
    return numbers.slope(_moved(moves, numbers, 1j * numbers.step))


def is_smooth(moves: Mapping[str, NumericArray], numbers: Numbers) -> bool:
    """Whether the cost's slopes to either side along a direction agree, as they do not at a kink, or at √v with a v of 0."""
    name = numbers.system.cost.tensor.name
    behind, here, ahead = (
        np.real(at.arrays[name]) for at in (_moved(moves, numbers, -REAL_STEP), numbers, _moved(moves, numbers, REAL_STEP))
    )
    bent = np.abs((ahead - here) - (here - behind))
    return bool(np.all(bent <= MOST_BENT * np.maximum(np.abs(ahead - here), np.abs(here - behind))))


def _moved(moves: Mapping[str, NumericArray], numbers: Numbers, step: complex | np.complexfloating[Any]) -> Numbers:
    """The step is added to what is given, and to the right sides of the equations of what is defined."""
    system = numbers.system
    arrays = dict(numbers.arrays)
    moved = []
    for equation in system.equations:
        name = equation.tensor.name
        own = [entry(f"step of {name}", equation.indices)] if name in moves else []
        moved.append(Equation(equation.tensor, with_added(equation.expression, Add(*own))))
    for name, move in moves.items():
        if name in system.definition:
            arrays[f"step of {name}"] = step * move
        else:
            arrays[name] = arrays[name] + step * move
    return solved(moved, numbers.with_arrays(arrays))


def slopes(name: str, positions: Sequence[tuple[int, ...]], numbers: Numbers) -> NumericArray:
    """In single entries of a tensor: each is moved, and everything after it is computed again."""
    start, after = _moved_by(name, numbers.system)
    groups = grouped(after)
    before = np.asarray(numbers.arrays[name])
    found: list[NumericArray] = []
    for some in side_by_side(positions, after, numbers):
        moved = numbers.with_entries_moved(start, before if start == name else np.zeros(before.shape), some)
        found.extend(numbers.slope(solved_in_order(groups, moved)))
    return np.array(found)


def _moved_by(name: str, system: System) -> tuple[str, list[Equation]]:
    """The array that moves a tensor, itself or a step that is added to it, and the equations that are computed again then."""
    changed = system.depending_on([name])
    if name not in system.definition or not _depends_on_itself(name, system):
        return name, [equation for equation in system.equations if equation.tensor.name in changed - {name}]
    # The step is added to the entry's own equation: what follows in the recurrence then follows from it.
    own = system.definition[name]
    moved = Equation(own.tensor, with_added(own.expression, entry(STEP_NAME, own.indices)))
    return STEP_NAME, [moved if equation is own else equation for equation in system.equations if equation.tensor.name in changed]


def _depends_on_itself(name: str, system: System) -> bool:
    return any(group.is_of_steps and name in group.names for group in grouped(system.equations))
