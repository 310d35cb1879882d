"""A layout of nodes in ranks: what a node reads stands above it.

The longest way to the last node runs straight down in the middle. Everything else is a straight track in a column of its own beside it:
nodes one below the other, or a connection that goes past some ranks. Between two ranks there is nothing but curves from one column to
another, so no connection ever crosses a node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.codegen.document.shapes import DrawnShape

#: An edge from one node to another, by their numbers. Nodes are in order; an edge to an earlier one is read in the next step.
Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """What is drawn for a node around (0, 0), and how far it reaches. A round node is met on its circle."""

    shapes: tuple[DrawnShape, ...]
    left: float
    right: float
    half: float
    is_round: bool = False

    @property
    def half_width(self) -> float:
        """How far from the middle a connection may arrive."""
        return 0.7 * self.half if self.is_round else min(self.right, self.left) - 3


@dataclass(frozen=True, slots=True)
class Track:
    """A connection past the ranks from `first` to `last`, from one node to any number of others; one that climbs leads up."""

    source: int
    targets: tuple[int, ...]
    first: int
    last: int
    climbs: bool


@dataclass(frozen=True)
class Layered:
    """Where everything is: ranks and columns of the nodes, and the columns of the tracks."""

    ranks: tuple[int, ...]
    columns: tuple[int, ...]
    tracks: tuple[tuple[Track, int], ...]


def layered(count: int, edges: Sequence[Edge]) -> Layered:
    """Ranks and columns for `count` nodes; the last one is the aim of the longest way."""
    forward = [(source, target) for source, target in edges if source < target]
    depths = _depths(count, forward)
    ranks = _ranks(depths, forward)
    taken: dict[int, set[int]] = {}
    columns = _columns(depths, ranks, forward, taken)
    tracks = []
    for track in _tracks(ranks, edges):
        own = columns[track.source]
        order = _outwards(-1 if track.climbs else 1)
        tried = order if track.climbs or own == 0 else [own, *order]
        tracks.append((track, _take(taken, tried, range(track.first, track.last + 1))))
    return Layered(tuple(ranks), tuple(columns), tuple(tracks))


def _depths(count: int, forward: Sequence[Edge]) -> list[int]:
    """How many nodes stand above a node on the longest way to it."""
    depths = [0] * count
    for node in range(count):
        depths[node] = max((depths[source] + 1 for source, target in forward if target == node), default=0)
    return depths


def _ranks(depths: Sequence[int], forward: Sequence[Edge]) -> list[int]:
    """The depths, but what reads nothing stands directly above its first reader."""
    reading = {target for _, target in forward}
    return [
        depth if node in reading else min((depths[target] - 1 for source, target in forward if source == node), default=0)
        for node, depth in enumerate(depths)
    ]


def _columns(depths: Sequence[int], ranks: Sequence[int], forward: Sequence[Edge], taken: dict[int, set[int]]) -> list[int]:
    """The middle column for the longest way, the nearest free column for every other row of nodes."""
    columns: dict[int, int] = {}
    middle = _spine(depths, forward)
    for node in middle:
        columns[node] = 0
    taken[0] = {ranks[node] for node in middle}
    at_rank = {ranks[node]: node for node in middle}
    for node in sorted(range(len(ranks)), key=lambda node: (ranks[node], node)):
        if node in columns:
            continue
        chain = [node]
        while following := [
            target for source, target in forward if source == chain[-1] and target not in columns and ranks[target] == ranks[source] + 1
        ]:
            chain.append(following[0])
        side = -1 if node < at_rank.get(ranks[node], -1) else 1
        column = _take(taken, _outwards(side), [ranks[member] for member in chain])
        columns.update(dict.fromkeys(chain, column))
    return [columns[node] for node in range(len(ranks))]


def _spine(depths: Sequence[int], forward: Sequence[Edge]) -> list[int]:
    """The longest way to the last node; of several, the one in the middle."""
    found = [len(depths) - 1]
    while before := [source for source, target in forward if target == found[-1] and depths[source] == depths[target] - 1]:
        found.append(sorted(set(before))[(len(set(before)) - 1) // 2])
    return found


def _tracks(ranks: Sequence[int], edges: Sequence[Edge]) -> list[Track]:
    """One track for all connections of a node that go past some rank, one for those to the next step, and one for those that climb."""
    found = []
    for node in range(len(ranks)):
        own = ranks[node]
        others = sorted({target for source, target in edges if source == node})
        far = [target for target in others if ranks[target] > own + 1]
        for group in ([target for target in far if target > node], [target for target in far if target <= node]):
            if group:
                found.append(Track(node, tuple(group), own + 1, max(ranks[target] for target in group) - 1, climbs=False))
        back = [target for target in others if ranks[target] <= own]
        if back:
            found.append(Track(node, tuple(back), min(ranks[target] for target in back), own, climbs=True))
    # Short ones first: they stand nearer to the middle.
    return sorted(found, key=lambda track: (track.last - track.first, track.source))


def _outwards(side: int) -> list[int]:
    """1, -1, 2, -2, …, or the other side first."""
    return [sign * distance for distance in range(1, 100) for sign in (side, -side)]


def _take(taken: dict[int, set[int]], tried: Sequence[int], ranks: Sequence[int]) -> int:
    """The first column that is free at these ranks, which are taken then."""
    column = next(column for column in tried if taken.get(column, set()).isdisjoint(ranks))
    taken.setdefault(column, set()).update(ranks)
    return column
