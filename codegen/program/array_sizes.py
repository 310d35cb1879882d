"""What is known of sizes before any back end prints: how long axes are, and what a place meets of one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Symbol

from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name, size_symbol
from chainrule.symbolic.system.system import System

from .index_sums import stored_axes


@dataclass(frozen=True)
class ArraySizes:
    """Of one system."""

    system: System

    def fixed_size(self, axis: str) -> int | None:
        return self.system.axes[axis].size

    def stored_axes(self, name: str) -> tuple[str, ...] | None:
        """The axes of a tensor or an adjoint, by name; None of anything else."""
        axes = stored_axes(name, self.system)
        return None if axes is None else tuple(map(axis_name, axes))

    def is_whole(self, name: str, letters: Sequence[Symbol | None]) -> bool:
        """Whether letters run over all of a tensor's axes (None: whatever is read along that axis)."""
        known = self.system.stored.get(name)
        if known is None or known.axes == letters:
            return True
        stored = self.stored_axes(name)
        if not letters or stored is None:
            return True
        return all(letter is None or self.is_as_long(letter, axis) for letter, axis in zip(letters, stored, strict=True))

    def is_as_long(self, letter: Symbol, axis: str) -> bool:
        """Whether a letter runs over the positions of an axis, from the first to the last."""
        size = self.fixed_size(axis)
        return axis_name(letter) == axis or (size is not None and size == self.fixed_size(axis_name(letter)))

    def count(self, letter: Symbol) -> int:
        """How many positions a letter has, or more than any other where that is not fixed."""
        return self.fixed_size(axis_name(letter)) or sys.maxsize

    def ends(self, place: AffineIndex) -> tuple[int, int] | None:
        """The first and the last position of a place; None where that depends on an array."""
        first = last = place.start
        for letter, step in place.steps:
            size = self.fixed_size(axis_name(letter))
            if size is None:
                return None
            reach = step * (size - 1)
            first, last = first + min(reach, 0), last + max(reach, 0)
        return first, last

    def is_dense(self, place: AffineIndex) -> bool:
        """Whether all positions from the first to the last come once, in order: 12 a + 4 b + c with b < 3 and c < 4."""
        expected = 1
        for letter, step in reversed(place.steps):
            size = self.fixed_size(axis_name(letter))
            if size is None or step != expected:
                return False
            expected *= size
        return True

    def is_filled(self, place: AffineIndex, into: Symbol) -> bool:
        """Whether a place meets every position of an axis once, in order."""
        size = self.fixed_size(axis_name(into))
        return size is not None and self.is_dense(place) and self.ends(place) == (0, size - 1)

    def short_first(self, place: AffineIndex) -> AffineIndex:
        """The letter with most positions last: its positions are written by one slice, next to each other."""
        return AffineIndex(tuple(sorted(place.steps, key=lambda pair: self.count(pair[0]))), place.start)


def size_name(axis: str) -> str:
    """N for the examples, N_k for another axis."""
    return str(size_symbol(axis).name)
