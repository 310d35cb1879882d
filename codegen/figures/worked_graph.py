"""The computational graph with the numbers of an example: on every way the value above and the gradient below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Indexed

from chainrule.codegen.document.drawing import Drawing, arrow, drawing, line
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.document.shapes import Circle, Curve, DrawnShape, Ink, Label, Point
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.printed_number import number as written
from chainrule.symbolic.index.tensors import Tensor, entry, entry_name
from chainrule.symbolic.system.system import System

from .edge_labels import LabelledEdge, placed
from .neurons import boundary, neuron_label
from .scalar_graph import EntryEdge, EntryGraph

MOST_COLUMNS, MOST_ROWS, MOST_WEIGHTS, MOST_ADDED = 8, 6, 8, 1
DIGITS = 3
ROUNDING = 1e-13
SMALL = 8
#: The base lines of the value and of the gradient, above and below a way.
ABOVE, BELOW = -6.5, 7.0
HIGH = 12.0


@dataclass(frozen=True, slots=True)
class Distances:
    """Between two columns: where ways carry weights, where they only fan out, and where each leads straight on; then around numbers."""

    weighted: float
    fanned: float
    straight: float
    row: float
    given_row: float
    air: float


#: The first at which no numbers meet and there is room on the page is taken.
ON_PAPER = (
    Distances(92.0, 34.0, 9.0, 88.0, 34.0, 5.0),
    *(Distances(weighted, fanned, 3.0, 88.0, 34.0, 3.0) for weighted, fanned in ((78.0, 28.0), (66.0, 22.0), (58.0, 16.0))),
)
#: A slide is less wide, and much less high, than a page.
ON_SLIDES = tuple(Distances(weighted, 12.0, 1.0, row, 29.0, 3.0) for row in (70.0, 72.0) for weighted in (58.0, 54.0, 50.0))


@dataclass(frozen=True)
class WorkedGraph:
    """A picture in the making: the graph, the number of every entry and of every gradient that there is."""

    system: System
    printer: IndexPrinter
    graph: EntryGraph
    values: Mapping[Expr, float]
    distances: Distances

    @cached_property
    def largest(self) -> float:
        return max(abs(value) for value in self.values.values())

    def number(self, value: float) -> Sentence:
        """A number with a few digits; beside the largest one, what is rounding alone is 0."""
        return (Math(written(0 if abs(value) <= ROUNDING * self.largest else value, DIGITS)),)

    def value(self, node: Expr) -> Sentence:
        return self.number(self.values[node])

    def gradient(self, node: Expr) -> Sentence:
        """∂C/∂node; nothing for what is given."""
        if node == self.system.cost.tensor.own_entry:
            return self.number(1.0)
        name = self.system.adjoint_name(_tensor(self.system, node).name)
        adjoint = entry(name, tuple(node.indices) if isinstance(node, Indexed) else ())
        return self.number(self.values[adjoint]) if adjoint in self.values else ()

    def pair(self, node: Expr) -> tuple[Label, ...]:
        """Value and gradient around (0, 0)."""
        gradient = self.gradient(node)
        labels = [Label((0.0, ABOVE), self.value(node), SMALL)]
        return (*labels, Label((0.0, BELOW), gradient, SMALL, Ink.GRADIENT)) if gradient else tuple(labels)

    @cached_property
    def radius(self) -> float:
        return max(11.0, *(self.letter(node).width / 2 + 2.5 for column in self.graph.columns for node in column))

    def letter(self, node: Expr) -> Label:
        return neuron_label((Math(self.printer.node(node)),))

    @cached_property
    def stems(self) -> tuple[float, ...]:
        """How far the numbers of each column reach to the right of its circles."""
        return tuple(
            self.distances.air + max((label.width for node in column for label in self.pair(node)), default=0.0)
            for column in self.graph.columns
        )

    def places(self) -> dict[Expr, Point]:
        """The centre of every entry: a column's computed entries around the middle, what is given beside them below."""
        found: dict[Expr, Point] = {}
        x = 0.0
        for number, column in enumerate(self.graph.columns):
            computed = [node for node in column if node in self.graph.computed] or list(column)
            for slot, node in enumerate(computed):
                found[node] = (x, (slot - (len(computed) - 1) / 2) * self.distances.row)
            beside = [node for node in column if node not in computed]
            for slot, node in enumerate(beside, 1):
                found[node] = (x, (len(computed) - 1) / 2 * self.distances.row + slot * self.distances.given_row)
            x += 2 * self.radius + self.stems[number] + self.gap(number)
        return found

    def gap(self, number: int) -> float:
        ways = self.graph.from_column(number)
        if any(way.weight is not None for way in ways):
            return self.distances.weighted
        return self.distances.straight if _leads_straight(self.graph, number) else self.distances.fanned


#: A shape with the entry that it appears beside: in the forward pass, or, in the ink of gradients, in the backward pass.
Placed = tuple[Expr, DrawnShape]


def worked_graph(printer: IndexPrinter, graph: EntryGraph, values: Mapping[Expr, float], distances: Distances) -> Drawing | None:
    """The picture, or None where it would be too large or too crowded to be read.

    On slides it fills in column by column: the values as far as the cost, then the gradients from the cost back.
    """
    picture = WorkedGraph(printer.system, printer, graph, values, distances)
    added = [node for _, node in graph.added]
    if len(graph.columns) > MOST_COLUMNS or max(map(len, graph.columns)) > MOST_ROWS:
        return None
    if any(added.count(node) > MOST_ADDED for node in added):
        return None
    places = picture.places()
    weights = _weights(picture, places)
    if weights is None:
        return None
    shapes = [*_ways(picture, places), *weights, *_added(picture, places), *_entries(picture, places)]
    return drawing((shape for _, shape in shapes), tuple(_step(graph, *each) for each in shapes))


def _step(graph: EntryGraph, node: Expr, shape: DrawnShape) -> int:
    """1 for the first column; the gradients of the last follow on its values."""
    number = next(number for number, column in enumerate(graph.columns) if node in column)
    return 2 * len(graph.columns) - number if shape.ink is Ink.GRADIENT else number + 1


def _leads_straight(graph: EntryGraph, number: int) -> bool:
    """Whether every entry of a column leads to one entry, which is computed from it alone."""
    ways = graph.from_column(number)
    starts, ends = {way.start for way in ways}, {way.end for way in ways}
    return len(ways) == len(starts) == len(ends) == len(graph.columns[number]) > 0


def _end_of_stem(picture: WorkedGraph, places: Mapping[Expr, Point], way: EntryEdge) -> Point:
    column = next(number for number, column in enumerate(picture.graph.columns) if way.start in column)
    x, y = places[way.start]
    return x + picture.radius + picture.stems[column], y


def _ways(picture: WorkedGraph, places: Mapping[Expr, Point]) -> Iterator[Placed]:
    for way in picture.graph.edges:
        start, end = _end_of_stem(picture, places, way), places[way.end]
        yield from ((way.end, shape) for shape in arrow(line(start, boundary(end, picture.radius, start))))


def _weights(picture: WorkedGraph, places: Mapping[Expr, Point]) -> list[Placed] | None:
    """Value and gradient of every weight on its way; None where they would cover each other."""
    found: list[Placed] = []
    taken = [shape.extent for _, shape in (*_added(picture, places), *_entries(picture, places)) if not isinstance(shape, Curve)]
    for number in range(len(picture.graph.columns)):
        ways = [way for way in picture.graph.from_column(number) if way.weight is not None]
        if len(ways) > MOST_WEIGHTS:
            return None
        edges = []
        for way in ways:
            start, end = _end_of_stem(picture, places, way), places[way.end]
            labels = tuple(label.moved(0.0, -0.4) for label in picture.pair(way.weight))
            edges.append(LabelledEdge(start, boundary(end, picture.radius, start), labels))
        labels_placed = placed(edges, taken)
        if labels_placed is None:
            return None
        found += [(way.end, label) for way, group in zip(ways, labels_placed, strict=True) for label in group]
    return found


def _added(picture: WorkedGraph, places: Mapping[Expr, Point]) -> Iterator[Placed]:
    """A parameter that is added comes in from above."""
    for parameter, node in picture.graph.added:
        x, y = places[node]
        top = y - picture.radius
        yield from ((node, shape) for shape in arrow(line((x, top - HIGH), (x, top))))
        for label in picture.pair(parameter):
            yield node, label.moved(x, top - HIGH - 13)


def _entries(picture: WorkedGraph, places: Mapping[Expr, Point]) -> Iterator[Placed]:
    for number, column in enumerate(picture.graph.columns):
        stem = picture.stems[number]
        for node in column:
            x, y = places[node]
            yield node, line((x, y), (x + picture.radius + stem, y))
            yield node, Circle((x, y), picture.radius)
            yield node, picture.letter(node).moved(x, y)
            for label in picture.pair(node):
                yield node, label.moved(x + picture.radius + stem / 2, y)


def _tensor(system: System, node: Expr) -> Tensor:
    return system.tensors[entry_name(node)]
