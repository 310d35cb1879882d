"""A recurrence at three steps side by side: what a step hands to the next, the parameters that all steps share, and the gradients back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from chainrule.codegen.document.drawing import PAGE, Drawing, arrow, dots, drawing, line
from chainrule.codegen.document.nodes import Letter
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.document.shapes import Box, DrawnShape, Ink, Label
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.words.sentences import listed
from chainrule.symbolic.index.tensors import Tensor

from .letters import on_one_line
from .unrolled import MOST_STATES, Recurrence

SMALL, PADDING, LINE = 8, 6.0, 12.0
#: Letters on one line, of which more are dots; in the line below all steps.
MOST_NAMED, MOST_SHARED = 5, 12
#: How far the ways lead up and down out of a step, how far forward and backward ways lie apart, and how far they lead on beyond the steps.
UP, DOWN, BESIDE, OUT = 26.0, 24.0, 7.0, 24.0
ELLIPSIS: Sentence = (Math(Letter("…")),)


@dataclass(frozen=True)
class UnrolledDrawing:
    """Three boxes from left to right in the order in which they are computed, each with at most so many letters on a line."""

    recurrence: Recurrence
    printer: IndexPrinter
    most_named: int = MOST_NAMED

    @property
    def places(self) -> tuple[Expr, ...]:
        """t − 1, t, t + 1; of a loop from the last step the other way round."""
        letter, shift = self.recurrence.direction.letter, self.recurrence.shift
        return letter + shift, letter, letter - shift

    def entry(self, tensor: Tensor, place: Expr) -> Sentence:
        return (Math(self.printer.entry(tensor.name, self.recurrence.at(tensor, place))),)

    def gradient(self, tensor: Tensor, place: Expr) -> Sentence:
        """∂C/∂h_t on one line."""
        name = self.printer.system.adjoint_name(tensor.name)
        return (Math(on_one_line(self.printer.entry(name, self.recurrence.at(tensor, place)))),)

    def lines(self, place: Expr) -> list[Label]:
        """What a step computes, and below it the states that it hands on."""
        states = self.recurrence.states
        inner = self.recurrence.inner if self.most_named else ()
        texts = [self._named(group, place) for group in (inner, states) if group]
        return [Label((0.0, LINE * (row - (len(texts) - 1) / 2)), text, SMALL) for row, text in enumerate(texts)]

    def _named(self, tensors: Sequence[Tensor], place: Expr) -> Sentence:
        most = max(self.most_named, MOST_STATES)
        names = [self.entry(tensor, place) for tensor in tensors]
        return listed(names if len(names) <= most else [*names[: most - 1], ELLIPSIS])

    @cached_property
    def half_width(self) -> float:
        return max(24.0, *(label.width / 2 + PADDING for place in self.places for label in self.lines(place)))

    @cached_property
    def half_height(self) -> float:
        return max(2.0 * LINE, 1.5 * LINE * len(self.recurrence.states) + 4)

    @cached_property
    def gap(self) -> float:
        """Between two boxes, wide enough for what stands at the ways."""
        return 12 + max(
            Label((0.0, 0.0), text, SMALL).width
            for place in self.places[:2]
            for state in self.recurrence.states
            for text in (self.entry(state, place), self.gradient(state, place))
        )

    def middle(self, column: int) -> float:
        return column * (2 * self.half_width + self.gap)

    def shapes(self) -> Iterator[DrawnShape]:
        for column, place in enumerate(self.places):
            x = self.middle(column)
            yield Box((x - self.half_width, -self.half_height), 2 * self.half_width, 2 * self.half_height, 2.0)
            yield from (label.moved(x, 0.0) for label in self.lines(place))
            yield from self._read_by(x, place)
            yield from self._given(x, place)
            yield from self._ways(x - self.half_width, -(self.gap if column else OUT))
        for column, place in enumerate(self.places[:2]):
            yield from self._at_ways(self.middle(column) + self.half_width + self.gap / 2, place)
        left, right = self.middle(0) - self.half_width, self.middle(2) + self.half_width
        yield from self._ways(right + OUT, -OUT)
        for x in (left - OUT - 10, right + OUT + 10):
            yield from dots((x, 0.0), across=True, distance=4.0, ink=Ink.QUIET)
        yield from self._shared()

    def _heights(self) -> Iterator[tuple[Tensor, float]]:
        states = self.recurrence.states
        for row, state in enumerate(states):
            yield state, 3 * LINE * (row - (len(states) - 1) / 2)

    def _ways(self, x: float, across: float) -> Iterator[DrawnShape]:
        """Every state to the step at x, and below it its gradient back."""
        for _, y in self._heights():
            yield from arrow(line((x + across, y - 3), (x, y - 3)))
            yield from arrow(line((x, y + 3), (x + across, y + 3), Ink.GRADIENT))

    def _at_ways(self, x: float, place: Expr) -> Iterator[DrawnShape]:
        for state, y in self._heights():
            yield Label((x, y - 10), self.entry(state, place), SMALL)
            yield Label((x, y + 11), self.gradient(state, place), SMALL, Ink.GRADIENT)

    def _read_by(self, x: float, place: Expr) -> Iterator[DrawnShape]:
        """What is computed from a step, above it."""
        if self.recurrence.readers:
            top = -self.half_height
            yield from arrow(line((x - BESIDE, top), (x - BESIDE, top - UP)))
            yield from arrow(line((x + BESIDE, top - UP), (x + BESIDE, top), Ink.GRADIENT))
            yield Label((x, top - UP - 8), self._named(self.recurrence.readers, place), SMALL)

    def _given(self, x: float, place: Expr) -> Iterator[DrawnShape]:
        """What a step is given, below it on the left."""
        if self.recurrence.given:
            label = Label((0.0, 0.0), self._named(self.recurrence.given, place), SMALL)
            left = x - self.half_width + max(8.0, label.width / 2)
            yield from arrow(line((left, self.half_height + DOWN), (left, self.half_height)))
            yield label.moved(left, self.half_height + DOWN + 8)

    def _shared(self) -> Iterator[DrawnShape]:
        """The shared parameters below all steps, a way up into each and its gradient down."""
        shared = [(Math(self.printer.entry(tensor.name, ())),) for tensor in self.recurrence.shared]
        if not shared:
            return
        named = shared if len(shared) <= MOST_SHARED else [*shared[: MOST_SHARED - 1], ELLIPSIS]
        label = Label((0.0, 0.0), listed(named), SMALL)
        top, middle = self.half_height + 2 * DOWN + 8, self.middle(1)
        wide = max(label.width / 2 + PADDING, middle + self.half_width)
        yield Box((middle - wide, top), 2 * wide, 16.0, 8.0)
        yield label.moved(middle, top + 8)
        for column in range(3):
            x = self.middle(column) + self.half_width - 2 * BESIDE
            yield from arrow(line((x, top), (x, self.half_height)))
            yield from arrow(line((x + BESIDE, self.half_height), (x + BESIDE, top), Ink.GRADIENT))


def unrolled_drawing(printer: IndexPrinter, recurrence: Recurrence) -> Drawing:
    """With as many letters in the boxes as the page is wide enough for."""
    pictures = (drawing(UnrolledDrawing(recurrence, printer, most).shapes()) for most in range(MOST_NAMED, -1, -1))
    return next((picture for picture in pictures if picture.width <= PAGE[0]), drawing(UnrolledDrawing(recurrence, printer, 0).shapes()))
