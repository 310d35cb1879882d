"""Labels on the edges between two columns of neurons: each on its own edge, none on another label, and off the other edges if possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.codegen.document.shapes import BoundingBox, Label, Point

#: Parts of the way along an edge at which a label may stand, the best first.
PLACES = tuple(part / 100 for part in (30, 34, 26, 38, 22, 42, 46, 18, 50, 54, 58, 62, 66, 70, 74, 78, 82))
#: Between labels at least, and rather than less.
DISTANCE, NEAR = 1.0, 4.0
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class LabelledEdge:
    """An edge from `start` to `end`, and the labels that belong on it, placed as if the edge passed through (0, 0)."""

    start: Point
    end: Point
    labels: tuple[Label, ...]

    def at(self, part: float) -> Point:
        return self.start[0] + part * (self.end[0] - self.start[0]), self.start[1] + part * (self.end[1] - self.start[1])

    def labels_at(self, part: float) -> tuple[Label, ...]:
        return tuple(label.moved(*self.at(part)) for label in self.labels)

    def room_at(self, part: float) -> BoundingBox:
        first, *others = self.labels_at(part)
        extent = first.extent
        for label in others:
            extent = extent.around(label.extent)
        return extent


def placed(edges: Sequence[LabelledEdge], obstacles: Sequence[BoundingBox] = ()) -> tuple[tuple[Label, ...], ...] | None:
    """The labels of every edge at their places, off the obstacles; None where the edges are too close for that."""
    chosen = [PLACES[0]] * len(edges)
    rooms = [[edge.room_at(part) for part in PLACES] for edge in edges]
    crossed = [
        [sum(_crosses(other, rooms[number][place].wider(DISTANCE)) for other in edges if other is not edge) for place in range(len(PLACES))]
        for number, edge in enumerate(edges)
    ]
    covered = [[sum(room.overlaps(obstacle, DISTANCE) for obstacle in obstacles) for room in row] for row in rooms]
    for _ in range(ROUNDS):
        before = list(chosen)
        for number in range(len(edges)):
            taken = [rooms[other][PLACES.index(part)] for other, part in enumerate(chosen) if other != number]

            def badness(place: int, number: int = number, taken: list[BoundingBox] = taken) -> tuple[int, int, int, int]:
                overlaps, near = (sum(rooms[number][place].overlaps(room, distance) for room in taken) for distance in (DISTANCE, NEAR))
                return overlaps + covered[number][place], crossed[number][place], near, place

            chosen[number] = PLACES[min(range(len(PLACES)), key=badness)]
        if chosen == before:
            break
    found = [rooms[number][PLACES.index(part)] for number, part in enumerate(chosen)]
    if any(room.overlaps(other, DISTANCE) for number, room in enumerate(found) for other in (*obstacles, *found[:number])):
        return None
    return tuple(tuple(replace(label, backed=True) for label in edge.labels_at(part)) for edge, part in zip(edges, chosen, strict=True))


def _crosses(edge: LabelledEdge, room: BoundingBox) -> bool:
    """Whether an edge runs through a rectangle: whether its corners lie on both sides of it, within its length."""
    (x0, y0), (x1, y1) = edge.start, edge.end
    left, right = max(min(x0, x1), room.left), min(max(x0, x1), room.right)
    if left > right:
        return False
    slope = (y1 - y0) / (x1 - x0)
    first, last = sorted((y0 + slope * (left - x0), y0 + slope * (right - x0)))
    return first < room.bottom and last > room.top
