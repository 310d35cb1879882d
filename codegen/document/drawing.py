"""A drawing: shapes in the order in which they are drawn, so that later ones cover earlier ones, with no format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import sqrt

from .shapes import Circle, Curve, DrawnShape, Ink, Label, Point, Polygon, Segment

MARGIN = 3.0
#: What a picture may fill of a page of A4 with margins of 25 mm.
PAGE = (453.5, 560.0)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes between 0 and `width`, 0 and `height`.

    On slides a picture can fill in: `steps` has, for each shape, the number of the step with which it appears; without any, all is there.
    """

    width: float
    height: float
    shapes: tuple[DrawnShape, ...]
    steps: tuple[int, ...] = ()

    @property
    def labels(self) -> tuple[Label, ...]:
        return tuple(shape for shape in self.shapes if isinstance(shape, Label))


def drawing(shapes: Iterable[DrawnShape], steps: tuple[int, ...] = ()) -> Drawing:
    """A drawing of shapes that may lie anywhere, moved so that nothing is cut off."""
    kept = tuple(shapes)
    extent = kept[0].extent
    for shape in kept[1:]:
        extent = extent.around(shape.extent)
    right, down = MARGIN - extent.left, MARGIN - extent.top
    width, height = extent.right - extent.left + 2 * MARGIN, extent.bottom - extent.top + 2 * MARGIN
    return Drawing(width, height, tuple(shape.moved(right, down) for shape in kept), steps)


def page_scale(picture: Drawing, room: tuple[float, float] = PAGE) -> float:
    """1, or less where a picture would be wider or higher than the room that there is for it."""
    return min(1.0, room[0] / picture.width, room[1] / picture.height)


def is_turned(picture: Drawing) -> bool:
    """Whether a picture is too wide for a page on which it has room when it is turned by a quarter."""
    across, down = PAGE
    return page_scale(picture) < 1 and page_scale(picture, (down, across)) == 1


def decimal(length: float) -> str:
    """With two decimals, which no difference between machines reaches."""
    written = f"{length:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def line(start: Point, end: Point, ink: Ink = Ink.INK, width: float = 0.6) -> Curve:
    return Curve(start, ((end,),), ink, width)


def arrow(path: Curve) -> tuple[Curve, Polygon]:
    """A path with a filled triangle at its end. The line ends inside of the triangle, so that it does not stick out at the tip."""
    length = 5.0
    *_, before, end = path.points
    across, down = end[0] - before[0], end[1] - before[1]
    distance = sqrt(across * across + down * down)
    across, down = across / distance, down / distance
    back, side = (end[0] - length * across, end[1] - length * down), 0.38 * length
    corners = (back[0] - side * down, back[1] + side * across), (back[0] + side * down, back[1] - side * across)
    stop = (end[0] - length / 2 * across, end[1] - length / 2 * down)
    last = path.segments[-1]
    shorter: Segment = (stop,) if len(last) == 1 else (last[0], last[1], stop)
    return replace(path, segments=(*path.segments[:-1], shorter)), Polygon((end, *corners), path.ink, filled=True)


def dots(centre: Point, across: bool = False, distance: float = 6.0, ink: Ink = Ink.INK) -> tuple[Circle, ...]:
    """Three dots for what is left out, one below the other or side by side."""
    x, y = centre
    places = [(x + step * distance, y) if across else (x, y + step * distance) for step in (-1, 0, 1)]
    return tuple(Circle(place, 1.2, ink, filled=True) for place in places)
