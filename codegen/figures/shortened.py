"""A long row of nodes in short: the first and the last ones, and one for all in between, which takes over their connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chainrule.codegen.document.drawing import Drawing, page_scale

from .layered import Edge

#: So many nodes are shown one by one; fewer where they are too high or too wide for the page.
MOST_NODES = (22, 19, 16, 13, 11, 9, 7)
#: No fewer than these are left out, as long as two of the end can be shown.
FEWEST = 5
LAST = 2


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


def on_a_page(count: int, edges: Sequence[Edge], draw: Callable[[Shortened], Drawing]) -> Drawing:
    """The drawing of a graph, with so many of its nodes as a page has room for."""
    *more, fewest = MOST_NODES
    pictures = (draw(shortened(count, edges, most)) for most in more)
    return next((picture for picture in pictures if page_scale(picture) == 1), None) or draw(shortened(count, edges, fewest))


def shortened(count: int, edges: Sequence[Edge], most: int = MOST_NODES[0]) -> Shortened:
    """All of a graph of at most so many nodes; of a larger one the beginning and the end."""
    if count <= most:
        return Shortened(tuple(range(count)), tuple(edges))
    first = most // 2
    last = max(LAST, most - FEWEST - first)
    shown: tuple[int | None, ...] = (*range(first), None, *range(count - last, count))
    place = {number: position for position, number in enumerate(shown) if number is not None}
    middle = shown.index(None)
    kept = [(place.get(source, middle), place.get(target, middle)) for source, target in edges]
    return Shortened(shown, tuple(dict.fromkeys(edge for edge in kept if edge != (middle, middle))))
