"""What no machine could try is refused before it is derived: arrays of too many entries, recurrences of too many steps.

A text of a line may ask for them: a stride of a million in two dimensions, a read dilated by 10⁸.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.limits import MOST_BEYOND, MOST_ENTRIES, MOST_STEPS, MOST_TRIED_ENTRIES

from .reach import reaches
from .recurrence import grouped
from .sizes import chosen_sizes
from .small_sizes import small_sizes
from .system import System

#: Of the axes whose sizes a network leaves open; what follows from others may need them longer.
SHORTEST = 2


def refuse_too_large(system: System) -> None:
    """Looks at the sizes that a network fixes, with open axes as short as they can be, and at those at which equations are tried.

    Raises:
        InvalidDescription: at the first tensor or recurrence beyond the limits.
    """
    fixed = {name: axis.size for name, axis in system.axes.items() if axis.size is not None}
    own = chosen_sizes(system.axes, {name: fixed.get(name, SHORTEST) for name in system.axes}, fixed)
    _refuse_entries(system, own, MOST_ENTRIES, "")
    _refuse_entries(system, small_sizes(system), MOST_TRIED_ENTRIES, " at the smallest sizes at which its equations can be tried")
    for reach in reaches(system):
        size = own[reach.axis] if reach.axis else 0
        beyond = max(reach.largest(own) - size + 1, -reach.least(own))
        if reach.axis and beyond > MOST_BEYOND:
            raise InvalidDescription(
                f"axis {reach.axis} of {size:,} positions is read {beyond:,} beyond its ends; at most {MOST_BEYOND:,} are possible: "
                "make strides, dilations or shifts smaller"
            )
    for group in grouped(system.equations):
        if (steps := group.rounds(own)) > MOST_STEPS:
            name, along = group.equations[0].tensor.name, " and ".join(str(direction.letter) for direction in group.directions)
            raise InvalidDescription(f"{name} is computed in {steps:,} steps along {along}; at most {MOST_STEPS:,} are possible")


def _refuse_entries(system: System, sizes: Mapping[str, int], most: int, where: str) -> None:
    for tensor in system.tensors.values():
        count = prod(sizes[axis_name(letter)] for letter in tensor.axes)
        if count > most:
            shape = " × ".join(str(sizes[axis_name(letter)]) for letter in tensor.axes)
            raise InvalidDescription(
                f"{tensor.name} has {shape} = {count:,} entries{where}; at most {most:,} are possible: "
                "make sizes, strides or dilations smaller"
            )
