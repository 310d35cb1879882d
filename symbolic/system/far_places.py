"""A place far along an axis, tried nearer: equations that read h[n,3000] hold as those that read h[n,20] do.

What lies between places that are near each other stays, so h[n,2999] is then tried at h[n,19]; only long gaps get shorter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from sympy import Expr

from chainrule.symbolic.index.affine_index import affine
from chainrule.symbolic.index.limits import MOST_TRIED_POSITIONS

from .reach import Reach, reaches
from .system import System

#: What is left of a gap between two places; only those that are twice as long get shorter.
GAP = 20


@dataclass(frozen=True, slots=True)
class Nearer:
    """Beyond which places all are so many positions nearer, the farthest first."""

    moves: tuple[tuple[int, int], ...]

    def start(self, start: int) -> int:
        by = next((by for beyond, by in self.moves if abs(start) > beyond), 0)
        return start - by if start > 0 else start + by

    def place(self, index: Expr) -> Expr:
        """A place, or one side of a comparison of places, as it is tried."""
        found = affine(index)
        return index if found is None else index + self.start(found.start) - found.start

    def reach(self, reach: Reach) -> Reach:
        return Reach(replace(reach.place, start=self.start(reach.place.start)), reach.axis)


def nearer(system: System) -> Nearer | None:
    """How far places are moved; None where none is far, where they are still far after that, or where a shift is, as that of x[t-3000]."""
    found = reaches(system)
    far = [reach for reach in found if abs(reach.place.start) >= MOST_TRIED_POSITIONS]
    if not far or not all(map(_is_fixed, far)):
        return None
    by, moves = 0, []
    for place, following in pairwise(sorted({0, *(abs(reach.place.start) for reach in found)})):
        if following - place > 2 * GAP:
            by += following - place - GAP
            # What derivatives shift lies near one of the two.
            moves.append(((place + following) // 2, by))
    made = Nearer(tuple(reversed(moves)))
    return made if max(abs(made.start(reach.place.start)) for reach in far) < MOST_TRIED_POSITIONS else None


def _is_fixed(reach: Reach) -> bool:
    """Whether a place is a number, or is counted back from one; a comparison is of two such."""
    return all(abs(step) == 1 and (step < 0 or reach.axis is None) for _, step in reach.place.steps)
