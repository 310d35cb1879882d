"""Nodes in ranks as a drawing: how wide columns and how high ranks are, and the way of every connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from chainrule.codegen.document.drawing import PAGE, Drawing, arrow, drawing
from chainrule.codegen.document.shapes import Curve, DrawnShape, Point, Segment

from .layered import DrawnNode, Edge, Layered, Track, layered

#: Between the nodes of neighbouring columns, and the half width of a column that holds connections alone.
BETWEEN, LANE = 12.0, 3.0
PORT_DISTANCE = 9.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """Between two ranks: where connections go straight down, where some change their column, and more for each of many."""

    straight: float = 14.0
    curved: float = 22.0
    more: float = 2.0


#: For a picture that would be higher than the page.
CLOSE = Gaps(8.0, 15.0)


def layered_drawing(nodes: Sequence[DrawnNode], edges: Sequence[Edge]) -> Drawing:
    """Every node at its place and an arrow for every edge; one to an earlier node, which reads in the next step, is dashed."""
    picture = _drawn(LayeredDrawing(nodes, edges))
    return picture if picture.height <= PAGE[1] else _drawn(LayeredDrawing(nodes, edges, CLOSE))


def _drawn(layout: LayeredDrawing) -> Drawing:
    return drawing([*layout.connections(), *(shape for number in range(len(layout.nodes)) for shape in layout.node(number))])


class LayeredDrawing:
    """Places in points: `x` of every column, top and bottom of every rank."""

    def __init__(self, nodes: Sequence[DrawnNode], edges: Sequence[Edge], gaps: Gaps = Gaps()) -> None:
        self.nodes = nodes
        self.gaps = gaps
        self.edges = tuple(dict.fromkeys(edges))
        self.layout: Layered = layered(len(nodes), self.edges)
        self.track: dict[Edge, tuple[Track, int]] = {
            (track.source, target): (track, column) for track, column in self.layout.tracks for target in track.targets
        }
        self.x = self._columns()
        self.tops, self.bottoms = self._ranks()
        self.ports = self._ports()

    def _columns(self) -> dict[int, float]:
        used = {*self.layout.columns, *(column for _, column in self.layout.tracks)}
        left, right = dict.fromkeys(used, LANE), dict.fromkeys(used, LANE)
        for node, column in zip(self.nodes, self.layout.columns, strict=True):
            left[column], right[column] = max(left[column], node.left), max(right[column], node.right)
        x = {0: 0.0}
        for before, column in [(column - 1, column) for column in range(1, max(used) + 1)]:
            x[column] = x[before] + right.get(before, 0.0) + BETWEEN + left.get(column, 0.0)
        for behind, column in [(column + 1, column) for column in range(-1, min(used) - 1, -1)]:
            x[column] = x[behind] - left.get(behind, 0.0) - BETWEEN - right.get(column, 0.0)
        return x

    def _ranks(self) -> tuple[list[float], list[float]]:
        count = max(self.layout.ranks) + 1
        halves = [0.0] * count
        for node, rank in zip(self.nodes, self.layout.ranks, strict=True):
            halves[rank] = max(halves[rank], node.half)
        tops, bottoms = [0.0], [2 * halves[0]]
        for rank in range(1, count):
            curves = self._curves(rank)
            gap = self.gaps.curved + self.gaps.more * max(0, curves - 2) if curves else self.gaps.straight
            tops.append(bottoms[-1] + gap)
            bottoms.append(tops[-1] + 2 * halves[rank])
        return tops, bottoms

    def _curves(self, rank: int) -> int:
        """How many connections change their column right above a rank."""
        found = 0
        for edge in self.edges:
            source, target = edge
            start, end = (self.layout.columns[node] for node in edge)
            above, below = self.layout.ranks[source] + 1, self.layout.ranks[target]
            if edge not in self.track:
                found += rank == below and start != end
                continue
            track, column = self.track[edge]
            found += (rank == below and (track.climbs or column != end)) + (rank == above and (track.climbs or column != start))
        return found

    def arrival(self, edge: Edge) -> float:
        """Where a connection comes from, seen from its target."""
        return self.x[self.track[edge][1] if edge in self.track else self.layout.columns[edge[0]]]

    def _ports(self) -> dict[Edge, float]:
        """How far from the middle of its target each connection arrives; one from straight above arrives in the middle."""
        found: dict[Edge, float] = {}
        for number, node in enumerate(self.nodes):
            middle = self.x[self.layout.columns[number]]
            arriving = sorted((edge for edge in self.edges if edge[1] == number), key=lambda edge: (self.arrival(edge), edge[0]))
            straight = [place for place, edge in enumerate(arriving) if self.arrival(edge) == middle]
            zero = float(straight[0]) if straight else (len(arriving) - 1) / 2
            most = max(zero, len(arriving) - 1 - zero)
            distance = min(PORT_DISTANCE, node.half_width / most) if most else 0.0
            found.update({edge: (place - zero) * distance for place, edge in enumerate(arriving)})
        return found

    def place(self, number: int) -> Point:
        rank = self.layout.ranks[number]
        return self.x[self.layout.columns[number]], (self.tops[rank] + self.bottoms[rank]) / 2

    def node(self, number: int) -> list[DrawnShape]:
        return [shape.moved(*self.place(number)) for shape in self.nodes[number].shapes]

    def connections(self) -> Iterator[DrawnShape]:
        for edge in self.edges:
            yield from arrow(self.way(edge))

    def way(self, edge: Edge) -> Curve:
        """The whole way, or, where the track of its source leads to a farther target as well, what branches off."""
        source, target = edge
        is_dashed = source >= target
        (x, y), bottom = self.place(source), self.bottoms[self.layout.ranks[source]]
        start, (end, above) = (x, y + self.nodes[source].half), self.landing(edge)
        if edge not in self.track:
            return _path(start, [((x, bottom),), _curve((x, bottom), (end[0], above)), (end,)], is_dashed)
        track, column = self.track[edge]
        lane, stop = self.x[column], self.layout.ranks[target]
        is_branch = target != self.farthest(track)
        if track.climbs:
            # Around the bottom of its rank, up along the lane, and from above into the target.
            depth, top = 0.9 * self.gaps.curved, self.tops[stop]
            around: Segment = ((x, bottom + depth), (lane, bottom + depth), (lane, bottom))
            over: Segment = ((lane, top - depth), (end[0], top - depth), end)
            if is_branch:
                return _path((lane, top), [over], is_dashed)
            return _path(start, [((x, bottom),), around, ((lane, top),), over], is_dashed)
        leave = (lane, self.bottoms[stop - 1])
        into = [_curve(leave, (end[0], above)), (end,)]
        if is_branch:
            return _path(leave, into, is_dashed)
        enter = _curve((x, bottom), (lane, self.tops[self.layout.ranks[source] + 1]))
        return _path(start, [((x, bottom),), enter, (leave,), *into], is_dashed)

    def farthest(self, track: Track) -> int:
        """The target at the end of a track."""
        ranks = self.layout.ranks
        return min(track.targets, key=lambda target: (ranks[target] if track.climbs else -ranks[target], target))

    def landing(self, edge: Edge) -> tuple[Point, float]:
        """Where a connection meets its target, and the height at which it must be above it; a straight end shows the arrow's direction."""
        number = edge[1]
        node, offset = self.nodes[number], self.ports[edge]
        x, y = self.place(number)
        rise = sqrt(node.half**2 - offset**2) if node.is_round else node.half
        return (x + offset, y - rise), min(self.tops[self.layout.ranks[number]], y - rise) - 5.0


def _curve(start: Point, end: Point) -> Segment:
    """Straight down at both ends."""
    if start[0] == end[0]:
        return (end,)
    middle = (start[1] + end[1]) / 2
    return ((start[0], middle), (end[0], middle), end)


def _path(start: Point, segments: Sequence[Segment], dashed: bool) -> Curve:
    """Without parts of no length."""
    kept: list[Segment] = []
    place = start
    for segment in segments:
        if segment[-1] != place:
            kept.append(segment)
            place = segment[-1]
    return Curve(start, tuple(kept), width=0.7, dashed=dashed)
