"""A long row of nodes in short: the first and the last ones, and one for all in between, which takes over their connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .layered import Edge

MOST_NODES = 22
FIRST, LAST = 11, 6


@dataclass(frozen=True, slots=True)
class Shortened:
    """The numbers of the nodes that are shown, None for those left out, and the edges between places of this list."""

    shown: tuple[int | None, ...]
    edges: tuple[Edge, ...]

    @property
    def left_out(self) -> int:
        """How many nodes are left out."""
        if None not in self.shown:
            return 0
        place = self.shown.index(None)
        before, behind = self.shown[place - 1], self.shown[place + 1]
        assert before is not None
        assert behind is not None
        return behind - before - 1


def shortened(count: int, edges: Sequence[Edge]) -> Shortened:
    """All of a graph that fits on a page; of a larger one the beginning and the end."""
    if count <= MOST_NODES:
        return Shortened(tuple(range(count)), tuple(edges))
    shown: tuple[int | None, ...] = (*range(FIRST), None, *range(count - LAST, count))
    place = {number: position for position, number in enumerate(shown) if number is not None}
    middle = shown.index(None)
    kept = [(place.get(source, middle), place.get(target, middle)) for source, target in edges]
    return Shortened(shown, tuple(dict.fromkeys(edge for edge in kept if edge != (middle, middle))))
