"""An array as cells in rows and columns: some of them marked or framed, those outside of it as zeros."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from chainrule.codegen.document.drawing import dots
from chainrule.codegen.document.nodes import node
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.document.shapes import Box, Circle, Curve, DrawnShape, Ink, Label, Point

CELL, DOT, SMALL = 12.0, 2.5, 8

Cell = tuple[int, ...]


@dataclass(frozen=True)
class Grid:
    """Cells around which `ranges` say which places they are, as rows and columns with its corner at `corner`."""

    corner: Point
    ranges: tuple[range, range]

    @property
    def width(self) -> float:
        return CELL * len(self.ranges[1])

    @property
    def height(self) -> float:
        return CELL * len(self.ranges[0])

    def middle(self, cell: Cell) -> Point:
        x, y = self.corner
        down, across = (place - within.start + 0.5 for place, within in zip(cell, self.ranges, strict=True))
        return x + CELL * across, y + CELL * down

    def cells(self) -> Iterator[Cell]:
        return product(*self.ranges)

    def drawn(self, is_inside: Callable[[Cell], bool]) -> Iterator[DrawnShape]:
        """Boxes; what lies outside of the array has a 0 between dashes."""
        for cell in self.cells():
            x, y = self.middle(cell)
            corner = x - CELL / 2, y - CELL / 2
            if is_inside(cell):
                yield Box(corner, CELL, CELL, ink=Ink.QUIET)
        for cell in self.cells():
            if not is_inside(cell):
                yield from self._outside(cell)

    def _outside(self, cell: Cell) -> Iterator[DrawnShape]:
        yield self.frame([cell], Ink.FAINT, dashed=True, width=0.6)
        yield Label(self.middle(cell), (Math(node("0")),), SMALL, Ink.QUIET)

    def marked(self, cells: Sequence[Cell], ink: Ink) -> Iterator[DrawnShape]:
        yield from (Circle(self.middle(cell), DOT, ink, filled=True) for cell in cells)

    def frame(self, cells: Sequence[Cell], ink: Ink, dashed: bool = False, width: float = 1.6, apart: float = 0.0) -> Curve:
        """A line around all cells of a rectangle, and so far apart from them."""
        (left, top), (right, bottom) = self.middle(min(cells)), self.middle(max(cells))
        half = CELL / 2 + apart
        left, top, right, bottom = left - half, top - half, right + half, bottom + half
        return Curve((left, top), (((right, top),), ((right, bottom),), ((left, bottom),), ((left, top),)), ink, width, dashed)

    def named(self, text: Sentence, ink: Ink = Ink.INK) -> Label:
        x, y = self.corner
        return Label((x + self.width / 2, y + self.height + 12), text, ink=ink)

    def goes_on(self, right: bool, down: bool) -> Iterator[DrawnShape]:
        """Dots where not all is shown: to the right, below, or beyond the corner."""
        x, y = self.corner
        right_edge, lower_edge = x + self.width, y + self.height
        if right and down:
            yield from (Circle((right_edge + far, lower_edge + far), 1.2, Ink.QUIET, filled=True) for far in (3.0, 6.5, 10.0))
        elif right:
            yield from dots((right_edge + 9, lower_edge - CELL / 2), across=True, distance=4.0, ink=Ink.QUIET)
        elif down:
            yield from dots((x + self.width / 2, lower_edge + 26), distance=4.0, ink=Ink.QUIET)
