"""What a declared word means: which entries a tensor may have, how that is said, and how such entries are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from chainrule.symbolic.index.tensors import Tensor, Values

from .interval import ANY, NOT_NEGATIVE, POSITIVE, Bounds

#: How close numbers come to their limits, as a part of what lies between them.
CLOSEST = 0.1


@dataclass(frozen=True, slots=True)
class Reals:
    """Numbers of any kind."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Numbers between two, and close to neither."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole numbers from 0, less than `below`, to which comes the size of the axis that they point into."""

    below: int
    is_along_axis: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of these, each with the same probability."""

    choices: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class OneHotRows:
    """One 1 along the axis of classes."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Numbers from 0 that sum to 1 along the axis of classes."""


@dataclass(frozen=True, slots=True)
class OwnTranspose:
    """The mean of an array of any numbers and its transpose."""


Draw: TypeAlias = Reals | Uniform | Whole | Chosen | OneHotRows | Shares | OwnTranspose


@dataclass(frozen=True, slots=True)
class Meaning:
    """Entries lie within `bounds`, and are whole, or one of the `choices`, where there are any; `words` say what one may be.

    `is_checked`: a module refuses arrays with other entries. Those of a cost's own targets it takes as they are.
    """

    words: str
    draw: Draw
    bounds: Bounds = ANY
    is_whole: bool = False
    choices: tuple[int, ...] = ()
    is_checked: bool = True
    is_symmetric: bool = False

    def allows(self, entry: float) -> bool:
        """Whether one entry is right by itself."""
        return self.bounds.hold(entry) and not (self.is_whole and entry != int(entry)) and (not self.choices or entry in self.choices)


#: At least three quarters of a mask are 1, or nothing might be left of a row of which there is a softmax.
MEANINGS: dict[Values, Meaning] = {
    Values.REAL: Meaning("numbers", Reals(), is_checked=False),
    Values.ONE_HOT: Meaning("0 or 1", OneHotRows(), Bounds(0, 1), choices=(0, 1), is_checked=False),
    Values.LABELS: Meaning("whole numbers from 0", Whole(0, is_along_axis=True), NOT_NEGATIVE, is_whole=True, is_checked=False),
    Values.BINARY: Meaning("numbers from 0 to 1", Uniform(0, 1), Bounds(0, 1), is_checked=False),
    Values.SIGNS: Meaning("-1 or 1", Chosen((-1.0, 1.0)), Bounds(-1, 1), choices=(-1, 1), is_checked=False),
    Values.DISTRIBUTION: Meaning("numbers from 0 to 1", Shares(), Bounds(0, 1), is_checked=False),
    Values.POSITIVE: Meaning("numbers above 0", Uniform(0, 2), POSITIVE),
    Values.COUNT: Meaning("whole numbers from 0", Whole(6), NOT_NEGATIVE, is_whole=True),
    Values.MASK: Meaning("0 or 1", Chosen((0.0, 1.0, 1.0, 1.0)), Bounds(0, 1), choices=(0, 1)),
    Values.RANGE: Meaning("numbers within limits", Uniform(0, 1)),
    Values.LENGTHS: Meaning("whole numbers up to the size of an axis", Whole(1, is_along_axis=True), NOT_NEGATIVE, is_whole=True),
    Values.SYMMETRIC: Meaning("an array that is its own transpose", OwnTranspose(), is_symmetric=True),
}


def meaning(tensor: Tensor) -> Meaning:
    """Of what a tensor is declared to hold; numbers within limits have their own, and lengths say along which axis they are."""
    known = MEANINGS[tensor.values]
    if tensor.values is Values.LENGTHS:
        return replace(known, words=f"whole numbers up to the size of axis {tensor.points_into}")
    if tensor.limits is None:
        return known
    first, last = tensor.limits
    return replace(known, words=f"numbers from {first:g} to {last:g}", draw=Uniform(first, last), bounds=Bounds(first, last))
