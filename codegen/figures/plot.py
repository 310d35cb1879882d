"""Curves between two axes with few, round numbers at them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chainrule.codegen.document.drawing import Drawing, drawing, line
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.document.shapes import Anchor, Circle, Curve, DrawnShape, Ink, Label, Point
from chainrule.codegen.formulas.printed_number import number

WIDTH, HEIGHT = 190.0, 74.0
#: Numbers at an axis, at most.
MOST_TICKS = 5
TICK = 2.5
SMALL = 8
#: Between the names of two curves that end at one edge.
APART = 9.5
#: Of the smallest and the largest value, so that no curve runs along the frame.
AIR = 0.06


@dataclass(frozen=True, slots=True)
class PlottedCurve:
    """Points from left to right; `name` stands at the end of the curve."""

    points: tuple[Point, ...]
    name: Sentence = ()
    ink: Ink = Ink.INK
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Where numbers between two others lie on an axis of a length; downwards the larger ones come first."""

    least: float
    most: float
    length: float
    is_upwards: bool = False

    def at(self, value: float) -> float:
        share = (value - self.least) / (self.most - self.least)
        return self.length * (1 - share if self.is_upwards else share)

    @property
    def ticks(self) -> tuple[float, ...]:
        """Multiples of 1, 2 or 5 times a power of ten: the most that are not too many."""
        rough = (self.most - self.least) / MOST_TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
        first = math.ceil(self.least / step - 1e-9)
        return tuple(count * step for count in range(first, math.floor(self.most / step + 1e-9) + 1))


def plot(
    curves: Sequence[PlottedCurve], across: Sentence, up: Sentence, marked: Sequence[Point] = (), frame: Sequence[Point] = ()
) -> Drawing:
    """All curves in one frame, with what is counted along its axes and points that are marked. What leaves the frame is cut off.

    The frame is that of the given points, and without them that of the first curve; the others, such as a tangent, are drawn as far as
    they lie in it.
    """
    first = frame or curves[0].points
    right = Scale(min(x for x, _ in first), max(x for x, _ in first), WIDTH)
    least, most = min(y for _, y in first), max(y for _, y in first)
    air = AIR * (most - least or 1.0)
    upwards = Scale(least - air, most + air, HEIGHT, is_upwards=True)
    shapes: list[DrawnShape] = [line((0, HEIGHT), (WIDTH, HEIGHT), Ink.QUIET), line((0, 0), (0, HEIGHT), Ink.QUIET)]
    shapes += [*_ticks_across(right), *_ticks_up(upwards)]
    shapes += [Label((WIDTH, HEIGHT + 22), across, SMALL, anchor=Anchor.END)] if across else []
    shapes += [Label((-3, -9), up, SMALL)] if up else []
    drawn = [(curve, inside) for curve in curves if len(inside := _inside(curve, right, upwards)) > 1]
    shapes += [Curve(inside[0], tuple((point,) for point in inside[1:]), curve.ink, 0.9, curve.dashed) for curve, inside in drawn]
    shapes += _names([(curve, inside[-1]) for curve, inside in drawn if curve.name])
    shapes += [Circle((right.at(x), upwards.at(y)), 2.0, Ink.GRADIENT, filled=True) for x, y in marked]
    return drawing(shapes)


def _ticks_across(scale: Scale) -> Iterator[DrawnShape]:
    for tick in scale.ticks:
        x = scale.at(tick)
        yield line((x, HEIGHT), (x, HEIGHT + TICK), Ink.QUIET)
        yield Label((x, HEIGHT + 10), _number(tick), SMALL)


def _ticks_up(scale: Scale) -> Iterator[DrawnShape]:
    for tick in scale.ticks:
        y = scale.at(tick)
        yield line((-TICK, y), (0, y), Ink.QUIET)
        yield Label((-TICK - 2, y), _number(tick), SMALL, anchor=Anchor.END)


def _number(value: float) -> Sentence:
    return (Math(number(value, 3)),)


def _inside(curve: PlottedCurve, right: Scale, upwards: Scale) -> list[Point]:
    return [(right.at(x), upwards.at(y)) for x, y in _within(curve.points, right, upwards)]


def _names(ends: Sequence[tuple[PlottedCurve, Point]]) -> Iterator[DrawnShape]:
    """Behind the ends of the curves; where two end close together, the lower name is moved down until it can be read."""
    last = -math.inf
    for curve, (x, y) in sorted(ends, key=lambda end: end[1][1]):
        y = max(y, last + APART if x > WIDTH - APART else y)
        last = y
        yield Label((x + 3, y), curve.name, SMALL, curve.ink, Anchor.START)


def _within(points: Sequence[Point], right: Scale, upwards: Scale) -> list[Point]:
    """The points inside of the frame, and where the line between two of them leaves it at the top or the bottom."""
    found: list[Point] = []
    for place, (x, y) in enumerate(points):
        if place:
            found += _crossings(points[place - 1], (x, y), upwards)
        if right.least <= x <= right.most and upwards.least <= y <= upwards.most:
            found.append((x, y))
    return found


def _crossings(start: Point, end: Point, upwards: Scale) -> list[Point]:
    """Where the line from one point to the next crosses the top or the bottom, from left to right."""
    bounds = [bound for bound in (upwards.least, upwards.most) if (start[1] - bound) * (end[1] - bound) < 0]
    shares = sorted((bound - start[1]) / (end[1] - start[1]) for bound in bounds)
    return [(start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])) for share in shares]
