"""The window of a convolution: which entries one output reads, and backward which outputs one entry of the kernel touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from chainrule.codegen.document.drawing import Drawing, arrow, drawing, line
from chainrule.codegen.document.nodes import node
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.document.shapes import DrawnShape, Ink, Label
from chainrule.codegen.formulas.index_printer import IndexPrinter

from .cell_grid import CELL, SMALL, Cell, Grid
from .letters import on_one_line
from .window import Window, WindowAxis

APART = 30.0
#: Outputs that are shown along an axis, where there are one or two; a larger window shows the first alone.
MOST_OUTPUTS = {1: 6, 2: 3}
#: The window of the next output is drawn so far outside of it, where no other line is.
BESIDE = 2.5
#: Forward and backward stand side by side where there is so much room.
WIDEST = 446.0


@dataclass(frozen=True)
class WindowDrawing:
    """What is read, the kernel, and what comes out, side by side; an array with one axis is a row."""

    window: Window
    printer: IndexPrinter

    @property
    def axes(self) -> tuple[WindowAxis, WindowAxis]:
        """Downwards and to the right."""
        *above, across = self.window.axes
        return (above[0] if above else WindowAxis(1, 1, 1, 1)), across

    @property
    def outputs(self) -> tuple[range, range]:
        down, across = (range(axis.shown(MOST_OUTPUTS[len(self.window.axes)])) for axis in self.axes)
        return down, across

    @property
    def kernel_places(self) -> tuple[range, range]:
        down, across = (range(axis.places) for axis in self.axes)
        return down, across

    def grids(self, top: float) -> tuple[Grid, Grid, Grid]:
        """Input, kernel and output, each in the middle of the highest."""
        down, across = (axis.cells(len(shown)) for axis, shown in zip(self.axes, self.outputs, strict=True))
        x, found = 0.0, []
        all_ranges = ((down, across), self.kernel_places, self.outputs)
        highest = max(len(ranges[0]) for ranges in all_ranges)
        for ranges in all_ranges:
            grid = Grid((x, top + CELL * (highest - len(ranges[0])) / 2), ranges)
            found.append(grid)
            x += grid.width + APART
        read, kernel, output = found
        return read, kernel, output

    def forward(self, top: float) -> Iterator[DrawnShape]:
        read, kernel, output = self.grids(top)
        at, following = self.chosen()
        yield from self._grids(top, Ink.INK)
        seen, further = self.seen(at), self.seen(following)
        if following != at:
            yield read.frame(further, Ink.INK, dashed=True, width=1.0, apart=BESIDE)
            yield from self._step(read, seen, further)
        yield read.frame(seen, Ink.INK)
        yield kernel.frame(list(kernel.cells()), Ink.INK)
        yield from read.marked(list(filter(self.is_inside, seen)), Ink.INK)
        yield output.frame([at], Ink.INK)
        yield from output.marked([at], Ink.INK)
        yield from _between(read, kernel, Ink.INK)
        yield from _between(kernel, output, Ink.INK)

    def backward(self, top: float) -> Iterator[DrawnShape]:
        read, kernel, output = self.grids(top)
        place = self.kernel_entry()
        yield from self._grids(top, Ink.GRADIENT)
        yield from read.marked(list(filter(self.is_inside, (self.met(at, place) for at in output.cells()))), Ink.INK)
        yield from output.marked(list(output.cells()), Ink.GRADIENT)
        yield kernel.frame([place], Ink.GRADIENT)
        yield from kernel.marked([place], Ink.GRADIENT)
        yield from _between(read, kernel, Ink.INK)
        yield from _between(kernel, output, Ink.GRADIENT, is_back=True)

    def _grids(self, top: float, ink: Ink) -> Iterator[DrawnShape]:
        """The cells and the names of the arrays; backward those of the gradients."""
        read, kernel, output = self.grids(top)
        yield from read.drawn(self.is_inside)
        yield from kernel.drawn(lambda _: True)
        yield from output.drawn(lambda _: True)
        is_gradient = ink is Ink.GRADIENT
        yield read.named((Math(self.printer.entry(self.window.read, ())),))
        yield kernel.named(self._name(self.window.kernel, is_gradient), ink)
        yield output.named(self._name(self.window.output, is_gradient), ink)
        cut = [len(shown) < axis.outputs for axis, shown in zip(self.axes, self.outputs, strict=True)]
        for grid in (read, output):
            yield from grid.goes_on(right=cut[1], down=cut[0])

    def is_inside(self, cell: Cell) -> bool:
        """Whether what is read has such a place."""
        return all(0 <= place < axis.read for place, axis in zip(cell, self.axes, strict=True))

    def _name(self, tensor: str, is_gradient: bool) -> Sentence:
        name = self.printer.system.adjoint_name(tensor) if is_gradient else tensor
        return (Math(on_one_line(self.printer.entry(name, ()))),)

    def _step(self, read: Grid, seen: Sequence[Cell], further: Sequence[Cell]) -> Iterator[DrawnShape]:
        """How far the window moves from one output to the next."""
        (start, _), (end, _) = read.middle(seen[0]), read.middle(further[0])
        y = read.corner[1] - 7
        yield from arrow(line((start - CELL / 2, y), (end - CELL / 2, y)))
        yield Label(((start + end - CELL) / 2, y - 7), (Math(node(str(self.axes[1].step))),), SMALL)

    def chosen(self) -> tuple[Cell, Cell]:
        """The output whose window is shown, and the next."""
        across = len(self.outputs[1])
        at = min(1, max(0, across - 2))
        return (0, at), (0, min(at + 1, across - 1))

    def kernel_entry(self) -> Cell:
        return 0, self.axes[1].places - 1

    def seen(self, at: Cell) -> list[Cell]:
        return [self.met(at, place) for place in product(*self.kernel_places)]

    def met(self, at: Cell, place: Cell) -> Cell:
        return tuple(axis.met(output, within) for axis, output, within in zip(self.axes, at, place, strict=True))


def _between(first: Grid, second: Grid, ink: Ink, is_back: bool = False) -> Iterator[DrawnShape]:
    """An arrow in the middle between two arrays."""
    y = first.corner[1] + first.height / 2
    # To the right of a single row are its dots.
    right, left = second.corner[0] - 7, first.corner[0] + first.width + (18 if len(first.ranges[0]) == 1 else 7)
    yield from arrow(line((right, y), (left, y), ink) if is_back else line((left, y), (right, y), ink))


def window_parts(printer: IndexPrinter, window: Window) -> tuple[Drawing, Drawing]:
    """Forward and backward, a drawing each."""
    picture = WindowDrawing(window, printer)
    return drawing(picture.forward(0.0)), drawing(picture.backward(0.0))


def window_drawing(printer: IndexPrinter, window: Window) -> Drawing:
    """Forward, and backward beside or below it."""
    picture = WindowDrawing(window, printer)
    forward, backward = list(picture.forward(0.0)), list(picture.backward(0.0))
    left, right = window_parts(printer, window)
    if left.width + APART + right.width <= WIDEST:
        return drawing([*forward, *(shape.moved(left.width + APART / 2, 0.0) for shape in backward)])
    return drawing([*forward, *(shape.moved(0.0, left.height + 10) for shape in backward)])
