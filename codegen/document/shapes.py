"""What a drawing is made of: labels, circles, boxes, polygons and lines at their places.

Lengths are points of a page, x to the right and y downwards; a label of size 10 is as high as the text around the picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from .sentence import Sentence
from .text_runs import MIDDLE, label_ascent, label_descent, label_width

Point = tuple[float, float]


class Ink(Enum):
    """What a line or a letter is drawn with; a format chooses the colour. Each can be told from the others without colour."""

    INK = "ink"
    QUIET = "quiet"
    FAINT = "faint"
    GRADIENT = "gradient"


class Anchor(Enum):
    """Which part of a label stands at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """The rectangle that something lies in."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: BoundingBox, distance: float = 0.0) -> bool:
        """Whether two rectangles are nearer to each other than `distance`."""
        beside = self.right + distance <= other.left or other.right + distance <= self.left
        above = self.bottom + distance <= other.top or other.bottom + distance <= self.top
        return not (beside or above)

    def wider(self, distance: float) -> BoundingBox:
        return BoundingBox(self.left - distance, self.top - distance, self.right + distance, self.bottom + distance)

    def around(self, other: BoundingBox) -> BoundingBox:
        return BoundingBox(
            min(self.left, other.left), min(self.top, other.top), max(self.right, other.right), max(self.bottom, other.bottom)
        )


@dataclass(frozen=True, slots=True)
class Label:
    """Words and formulas on one line; `place` is at half the height of its letters. A backed label blots out what is under it.

    `size` is 8 to 10 points, sizes in which there are letters for printing.
    """

    place: Point
    text: Sentence
    size: int = 9
    ink: Ink = Ink.INK
    anchor: Anchor = Anchor.MIDDLE
    backed: bool = False

    @property
    def width(self) -> float:
        return self.size * label_width(self.text, self.size)

    @property
    def base_line(self) -> float:
        return self.place[1] + MIDDLE * self.size

    @property
    def extent(self) -> BoundingBox:
        x, _ = self.place
        left = {Anchor.START: x, Anchor.MIDDLE: x - self.width / 2, Anchor.END: x - self.width}[self.anchor]
        above, below = self.size * label_ascent(self.text), self.size * label_descent(self.text)
        return BoundingBox(left, self.base_line - above, left + self.width, self.base_line + below)

    @property
    def backing(self) -> BoundingBox:
        """What a backed label blots out: with a little air at its sides."""
        room = self.extent
        return BoundingBox(room.left - 1.5, room.top, room.right + 1.5, room.bottom)

    def moved(self, right: float, down: float) -> Label:
        return replace(self, place=_moved(self.place, right, down))


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle with paper inside, or with ink where `filled`."""

    centre: Point
    radius: float
    ink: Ink = Ink.INK
    filled: bool = False

    @property
    def extent(self) -> BoundingBox:
        (x, y), radius = self.centre, self.radius
        return BoundingBox(x - radius, y - radius, x + radius, y + radius)

    def moved(self, right: float, down: float) -> Circle:
        return replace(self, centre=_moved(self.centre, right, down))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with paper inside; `rounding` is the radius of its corners."""

    corner: Point
    width: float
    height: float
    rounding: float = 0.0
    ink: Ink = Ink.INK

    @property
    def extent(self) -> BoundingBox:
        x, y = self.corner
        return BoundingBox(x, y, x + self.width, y + self.height)

    def moved(self, right: float, down: float) -> Box:
        return replace(self, corner=_moved(self.corner, right, down))


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed line with paper inside, or with ink where `filled`, as the head of an arrow is."""

    points: tuple[Point, ...]
    ink: Ink = Ink.INK
    filled: bool = False

    @property
    def extent(self) -> BoundingBox:
        return _hull(self.points)

    def moved(self, right: float, down: float) -> Polygon:
        return replace(self, points=tuple(_moved(point, right, down) for point in self.points))


#: Where a part of a line goes: straight to a point, or by two control points to a third (a cubic Bézier curve).
Segment = tuple[Point] | tuple[Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of straight and curved parts."""

    start: Point
    segments: tuple[Segment, ...]
    ink: Ink = Ink.INK
    width: float = 0.6
    dashed: bool = False

    @property
    def points(self) -> tuple[Point, ...]:
        return (self.start, *(point for segment in self.segments for point in segment))

    @property
    def extent(self) -> BoundingBox:
        # A Bézier curve stays inside of the hull of its control points.
        return _hull(self.points)

    def moved(self, right: float, down: float) -> Curve:
        segments = tuple(_moved_segment(segment, right, down) for segment in self.segments)
        return replace(self, start=_moved(self.start, right, down), segments=segments)


DrawnShape = Label | Circle | Box | Polygon | Curve


def _moved(point: Point, right: float, down: float) -> Point:
    return point[0] + right, point[1] + down


def _moved_segment(segment: Segment, right: float, down: float) -> Segment:
    if len(segment) == 1:
        return (_moved(segment[0], right, down),)
    first, second, end = segment
    return _moved(first, right, down), _moved(second, right, down), _moved(end, right, down)


def _hull(points: Iterable[Point]) -> BoundingBox:
    across, down = zip(*points, strict=True)
    return BoundingBox(min(across), min(down), max(across), max(down))
