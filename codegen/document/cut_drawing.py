"""A drawing that is much higher than the room for it is cut between its shapes, so that the pieces can stand side by side."""

from __future__ import annotations

from itertools import pairwise

from .drawing import Drawing
from .shapes import Curve

#: In points: what stands between two pieces.
GAP = 24.0
MOST_PIECES = 3
#: Made larger than this, a small picture would look coarse.
LARGEST = 1.25
#: In points.
SMALLEST_LETTERS = 8.0

Room = tuple[float, float]


def cuts_of(drawing: Drawing, room: Room) -> list[float]:
    """Where pieces begin and end, from 0 to the height; two values where it stays whole."""
    best = [0.0, drawing.height]
    for count in range(2, MOST_PIECES + 1):
        if scale_of(drawing, best, room) >= 1:
            break
        places = [_free(drawing, drawing.height * number / count) for number in range(1, count)]
        cuts = [0.0, *(place for place in places if place is not None), drawing.height]
        if len(cuts) == count + 1 and scale_of(drawing, cuts, room) > scale_of(drawing, best, room):
            best = cuts
    return best


def scale_of(drawing: Drawing, cuts: list[float], room: Room) -> float:
    """How large the pieces can be."""
    count = len(cuts) - 1
    highest = max(bottom - top for top, bottom in pairwise(cuts))
    return min(LARGEST, room[0] / (count * drawing.width + (count - 1) * GAP), room[1] / highest)


def can_be_read(drawing: Drawing, room: Room) -> bool:
    """Whether no letter is too small where the drawing, cut or not, is made to fit."""
    smallest = min((label.size for label in drawing.labels), default=SMALLEST_LETTERS)
    return smallest * scale_of(drawing, cuts_of(drawing, room), room) >= SMALLEST_LETTERS


def _free(drawing: Drawing, wanted: float) -> float | None:
    """The height nearest to the wanted one at which a cut goes through lines alone."""
    taken = [shape.extent for shape in drawing.shapes if not isinstance(shape, Curve)]
    for distance in range(int(drawing.height / 6)):
        for place in (wanted - distance, wanted + distance):
            if not any(extent.top <= place <= extent.bottom for extent in taken):
                return place
    return None
