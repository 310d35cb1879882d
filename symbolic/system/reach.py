"""How long axes must be for anything to be read along them: h[n,10] needs 11 positions, x[n,t-3] a t of 4, where(k == 6, …) a k of 7.

A read at Σ c · letter + c₀ is inside of its axis somewhere when its least place is not past the end and its largest not before the start;
a comparison of letters is decided by whether their difference takes the value 0, as a read along an axis of one position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Indexed, KroneckerDelta
from sympy.core.relational import Relational

from chainrule.symbolic.index.affine_index import AffineIndex, affine
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.limits import MOST_TRIED_POSITIONS

from .sizes import behind, followed
from .system import System

#: Under what a system has its reaches when they were looked for.
KEPT = "reaches"


@dataclass(frozen=True, slots=True)
class Reach:
    """Places along an axis; without one, differences of which one must be 0."""

    place: AffineIndex
    axis: str | None = None

    def least(self, sizes: Mapping[str, int]) -> int:
        return self.place.start + sum(step * (sizes[axis_name(letter)] - 1) for letter, step in self.place.steps if step < 0)

    def largest(self, sizes: Mapping[str, int]) -> int:
        return self.place.start + sum(step * (sizes[axis_name(letter)] - 1) for letter, step in self.place.steps if step > 0)

    @property
    def is_mirrored(self) -> bool:
        """Whether an axis is read backwards along itself, x[5 - i]: every position has one only where the axis is 6 long."""
        return [(axis_name(letter), step) for letter, step in self.place.steps] == [(self.axis, -1)]

    def is_inside(self, sizes: Mapping[str, int]) -> bool:
        """Whether some position of the letters is inside of the axis; the first one, where it is read backwards."""
        start = self.largest(sizes) if self.is_mirrored else self.least(sizes)
        return start < (sizes[self.axis] if self.axis else 1) and self.largest(sizes) >= 0

    def is_all_inside(self, sizes: Mapping[str, int]) -> bool:
        """Whether every position of the letters is inside, at the end of an axis that is not their own."""
        own = self.axis in {axis_name(letter) for letter in self.place.letters}
        return self.is_inside(sizes) and (self.axis is None or own or self.largest(sizes) < sizes[self.axis])

    def lengthening(self, sizes: Mapping[str, int]) -> set[str]:
        """The axes that bring a place inside when they get longer."""
        is_past = self.largest(sizes) >= 0
        own = {self.axis} if is_past and self.axis else set()
        return own | {axis_name(letter) for letter, step in self.place.steps if (step < 0) == is_past}


#: Of a read, at the sizes of axes.
IsReached = Callable[[Reach, Mapping[str, int]], bool]


def reaches(system: System) -> tuple[Reach, ...]:
    """Every place at which a system reads or compares, but for letters by themselves. Looked for once in a system."""
    kept: dict[str, tuple[Reach, ...]] = vars(system)
    if KEPT not in kept:
        kept[KEPT] = tuple(dict.fromkeys(reach for equation in system.equations for reach in _in(equation.expression, system)))
    return kept[KEPT]


def _in(expression: Expr, system: System) -> Iterator[Reach]:
    for node in nodes(expression):
        match node:
            case Indexed() if node.base.name in system.tensors:
                for index, own in zip(node.indices, system.tensors[node.base.name].axes, strict=True):
                    if (place := affine(index)) is not None and not place.is_plain:
                        yield Reach(place, axis_name(own))
            case KroneckerDelta() | Relational():
                if (place := affine(node.args[0] - node.args[1])) is not None and place.steps:
                    yield Reach(place)


def long_enough(
    system: System,
    sizes: Mapping[str, int],
    longest: Mapping[str, int],
    is_reached: IsReached = Reach.is_inside,
    wanted: Sequence[Reach] | None = None,
    most: int = MOST_TRIED_POSITIONS,
) -> dict[str, int]:
    """The sizes with axes made longer, none beyond its `longest`, until every read is inside somewhere, as far as that can be had.

    `is_reached` may ask for more than that; `wanted` are the system's own reads unless others are given. Sizes that follow from others do
    so here too.
    """
    own = {name: size for name, size in sizes.items() if system.axes[name].rule is None}
    wanted = reaches(system) if wanted is None else wanted
    for reach in wanted:
        if reach.axis in own and not reach.place.steps:
            # What is read at a number alone is as far as that says.
            own[reach.axis] = max(own[reach.axis], min(reach.place.start + 1, longest.get(reach.axis, most)))
    while True:
        current = followed(own, system.axes)
        outside = {name for reach in wanted if not is_reached(reach, current) for name in reach.lengthening(current)}
        outside |= {name for name, size in current.items() if size < 1}
        longer = {name for axis in outside for name in behind(axis, system.axes, own) if own[name] < longest.get(name, own[name] + 1)}
        if not longer:
            return current
        if any(own[name] >= most for name in longer):
            # What is read beyond is not reached by getting nearer.
            return dict(sizes)
        own |= {name: own[name] + 1 for name in longer}
