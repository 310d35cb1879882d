"""How far apart the entries of an array lie, so that dimensions of a view that overlaps itself can still be taken together.

x[c,h,w] read at [c, i + p, w]      i and p are both w-sizes apart; p and then w are one dimension, i and w are too
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chainrule.codegen.backends.fast.ir.operations import Places, Value
from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.symbolic.system.system import System


@dataclass(frozen=True, slots=True)
class Strided:
    """By dimension: how many positions there are, and how many entries one is from the next."""

    sizes: tuple[EntryCount, ...]
    strides: tuple[EntryCount, ...]

    def is_chain(self, places: Sequence[int]) -> bool:
        """Whether dimensions, outermost first, are one dimension when taken together."""
        long = [place for place in places if self.sizes[place] != EntryCount(1)]
        return all(self.strides[outer] == self.strides[inner].times(self.sizes[inner]) for outer, inner in pairwise(long))

    def is_contiguous(self, order: Sequence[int]) -> bool:
        """Whether there are no gaps between the entries, nor between dimensions in an order."""
        inner = [place for place in order if self.sizes[place] != EntryCount(1)]
        return self.is_chain(order) and (not inner or self.strides[inner[-1]] == EntryCount(1))

    def is_matrix(self, rows: Sequence[int], columns: Sequence[int]) -> bool:
        """Whether BLAS takes two groups of dimensions as a matrix: one without gaps, whose lines do not overlap."""
        return self._has_lines(rows, columns) or self._has_lines(columns, rows)

    def _has_lines(self, lines: Sequence[int], within: Sequence[int]) -> bool:
        count = EntryCount(1)
        for place in within:
            count = count.times(self.sizes[place])
        inner = [place for place in within if self.sizes[place] != EntryCount(1)]
        outer = [place for place in lines if self.sizes[place] != EntryCount(1)]
        if inner and self.strides[inner[-1]] != EntryCount(1):
            return False
        return not outer or self.strides[outer[-1]].is_at_least(count)


def whole(value: Value, order: Sequence[int], system: System) -> Strided:
    """An array without gaps, its dimensions in an order, outermost first."""
    sizes = tuple(extent_of((axis,), system) for axis in value.axes)
    strides = {}
    reach = EntryCount(1)
    for place in reversed(order):
        strides[place] = reach
        reach = reach.times(sizes[place])
    return Strided(sizes, tuple(strides[place] for place in range(len(sizes))))


def of_window(value: Value, base: Strided, places: Places, system: System) -> Strided:
    """A view of an array, read at places along its dimensions."""
    steps = [
        EntryCount(step * stride.count, stride.open_sizes)
        for place, stride in zip(places, base.strides, strict=True)
        for _, step in place.steps
    ]
    return Strided(tuple(extent_of((axis,), system) for axis in value.axes), tuple(steps))
