"""How many entries are moved at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.system.system import Equation

from .numbers import Numbers

#: Entries of an array over all letters up to which moves are made side by side.
MOST_SIDE_BY_SIDE = 1 << 16


def side_by_side(
    positions: Sequence[tuple[int, ...]], equations: Sequence[Equation], numbers: Numbers
) -> Iterator[Sequence[tuple[int, ...]]]:
    """Positions to be moved, as many at once as leave the arrays of these equations, which have a dimension for every letter, small."""
    over = (letters(equation.expression) | set(equation.indices) for equation in equations)
    largest = max((prod(numbers.sizes[axis_name(letter)] for letter in own) for own in over), default=1)
    count = max(1, MOST_SIDE_BY_SIDE // max(1, largest))
    for start in range(0, len(positions), count):
        yield positions[start : start + count]
