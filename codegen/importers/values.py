"""What an operator reads: the entry of an array at any place, as text of the equation language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .places import Axis, Place


@dataclass(frozen=True)
class Value:
    """An array by its axes; `read` writes its entry at a place along each.

    What has an equation or is given is `is_stored`: there a read outside of an axis is 0. Others are views: a transposed array, a part, an
    axis that was split.
    """

    axes: tuple[Axis, ...]
    read: Callable[[Sequence[Place]], str]
    is_stored: bool = False

    @property
    def shape(self) -> tuple[int | str, ...]:
        return tuple(axis.size for axis in self.axes)

    def at(self, *places: Place | Axis | int) -> str:
        return self.read([Place.at(place) for place in places])

    def viewed(self, axes: Sequence[Axis], places: Callable[[Sequence[Place]], Sequence[Place]]) -> Value:
        """The same entries by other axes: `places` says where a place along these is."""
        return Value(tuple(axes), lambda found: self.read([Place.at(place) for place in places(found)]))


def broadcast(values: Sequence[Value]) -> tuple[Axis, ...]:
    """The axes of what is computed entry by entry, as NumPy has it: an axis of 1 is the same all along another's.

    The first value whose axis is not 1 gives it; one that would stand twice is a new one of the same size.
    """
    rank = max((len(value.axes) for value in values), default=0)
    found: list[Axis] = []
    for place in range(-rank, 0):
        here = [value.axes[place] for value in values if len(value.axes) >= -place]
        axis = next((axis for axis in here if axis.size != 1), here[0])
        found.append(Axis.new(axis.size, axis.hint) if axis in found else axis)
    return tuple(found)


def entry(value: Value, axes: Sequence[Axis]) -> str:
    """The entry of a value that belongs to a place of what it is broadcast to."""
    own = axes[len(axes) - len(value.axes) :]
    places = [Place.at(0) if axis.size == 1 and of.size != 1 else Place.at(of) for axis, of in zip(value.axes, own, strict=True)]
    return value.read(places)
