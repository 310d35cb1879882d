"""The reversed network: ∂C/∂z flows back through the same weights, and through an amplifier σ′(z) in place of every activation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise

from sympy import Indexed

from chainrule.codegen.document.drawing import Drawing, arrow, dots, drawing, line, page_scale
from chainrule.codegen.document.nodes import Function, Letter, Node, bracketed, primed, row
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.document.shapes import Circle, DrawnShape, Ink, Label, Point, Polygon
from chainrule.codegen.formulas.letters import upright
from chainrule.codegen.words.layer_words import ACTIVATION_NAMES
from chainrule.codegen.words.sentences import formula, say

from .columns import Column, columns
from .edge_labels import LabelledEdge, placed
from .letters import StackLetters
from .neurons import boundary

MOST_LAYERS, MOST_NEURONS, MOST_WEIGHTS = 4, 4, 9
SMALL = 8
#: From right to left within a layer: where ways are added, the amplifier's base, its tip; then the result.
SUM, BASE, TIP = 34.0, 20.0, -2.0
RADIUS, HALF = 8.0, 10.0
WIDEST_SLOPE = 36.0
ROW, LETTERED_ROW = 46.0, 58.0
#: How far apart layers stand: the first at which the picture is no wider than the page is taken.
EDGES, LETTERED_EDGES = (62.0, 48.0, 34.0), (88.0, 74.0, 62.0)
#: The sign of a derivative of an activation: σ′, tanh′.
DERIVATIVES: dict[str, Node] = {"sigmoid": Letter("σ"), "tanh": Function("tanh"), "formula": Letter("f")}


@dataclass(frozen=True)
class ReversedStack:
    """A picture in the making; the columns are the layers, without the input."""

    letters: StackLetters
    shown: tuple[Column, ...]
    has_amplifier: tuple[bool, ...]
    is_lettered: bool
    edges: float

    @property
    def row(self) -> float:
        return LETTERED_ROW if self.is_lettered else ROW

    @cached_property
    def result(self) -> float:
        """How long the way behind an amplifier is, on which the result is written."""
        return 6.0 + max(label.width for column in self.shown for _, label in self.results(column))

    def results(self, column: Column) -> Iterator[tuple[int, Label]]:
        """∂C/∂z of every neuron of a column by its slot, at (0, 0)."""
        for slot, unit in column.neurons:
            yield slot, Label((0.0, 0.0), self.letters.derivative(self.letters.pre_activation(column.place, unit)), SMALL)

    def across(self, number: int) -> float:
        return number * (SUM + RADIUS - TIP + self.result + self.edges)

    def middle(self, number: int) -> float:
        """What stands below a column stands below its amplifiers, or below its results where it has none."""
        return self.across(number) + ((BASE + TIP) / 2 if self.has_amplifier[number] else TIP - self.result / 2)

    def place(self, number: int, slot: int) -> Point:
        return self.across(number), (slot - (len(self.shown[number].shown) - 1) / 2) * self.row


def reversed_stack(letters: StackLetters) -> Drawing | None:
    """The picture, or None where the network has too many layers for the page, or a hidden activation that mixes neurons."""
    found = columns(letters.network, MOST_NEURONS)[1:]
    shown = tuple(column for column in found if column is not None)
    single = tuple(_is_entrywise(letters, column.place) for column in shown)
    if len(found) > MOST_LAYERS or not all(single[:-1]):
        return None
    pairs = list(pairwise(shown))
    few = all(left.is_whole and right.is_whole and left.units * right.units <= MOST_WEIGHTS for left, right in pairs)
    lettered = (ReversedStack(letters, shown, single, True, edges) for edges in (LETTERED_EDGES if few else ()))
    plain = (ReversedStack(letters, shown, single, False, edges) for edges in EDGES)
    pictures = map(_drawn, chain(lettered, plain))
    return next((picture for picture in pictures if picture is not None and page_scale(picture) == 1), None)


def _drawn(picture: ReversedStack) -> Drawing | None:
    """None where the letters of weights would cover each other."""
    weights = _weights(picture) if picture.is_lettered else []
    return None if weights is None else drawing([*_edges(picture), *weights, *_neurons(picture), *_names(picture)])


def _is_entrywise(letters: StackLetters, place: int) -> bool:
    """Whether an activation is a function of its own z alone, unlike softmax."""
    system = letters.printer.system
    suffix = letters.suffix(place)
    read = {node for node in system.definition[f"a{suffix}"].expression.atoms(Indexed) if str(node.base.label) == f"z{suffix}"}
    return read <= {system.tensors[f"z{suffix}"].own_entry}


def _ways(picture: ReversedStack) -> Iterator[tuple[Column, int, int, Point, Point]]:
    """Every way from a result to a sum in the layer before: the layer of its weight, both units, start and end."""
    for number, (left, right) in enumerate(pairwise(picture.shown)):
        for slot, unit in right.neurons:
            x, y = picture.place(number + 1, slot)
            start = (x + TIP - picture.result, y)
            for end_slot, before in left.neurons:
                end_x, end_y = picture.place(number, end_slot)
                yield right, unit, before, start, boundary((end_x + SUM, end_y), RADIUS, start)


def _edges(picture: ReversedStack) -> Iterator[DrawnShape]:
    for _, _, _, start, end in _ways(picture):
        if picture.is_lettered:
            yield from arrow(line(start, end, Ink.QUIET))
        else:
            yield line(start, end, Ink.FAINT, 0.5)


def _weights(picture: ReversedStack) -> list[Label] | None:
    """The letters of the weights, the same as forward; None where they would cover each other."""
    found: list[Label] = []
    for column in picture.shown[1:]:
        edges = [
            LabelledEdge(start, end, (Label((0.0, 0.0), picture.letters.text(picture.letters.weight(right.place, unit, before)), SMALL),))
            for right, unit, before, start, end in _ways(picture)
            if right is column
        ]
        labels = placed(edges)
        if labels is None:
            return None
        found += [label for group in labels for label in group]
    return found


def _neurons(picture: ReversedStack) -> Iterator[DrawnShape]:
    last = len(picture.shown) - 1
    for number, column in enumerate(picture.shown):
        for slot, label in picture.results(column):
            place = picture.place(number, slot)
            yield from _result(picture, place, label, is_end=number == 0)
            unit = column.shown[slot]
            assert unit is not None
            if picture.has_amplifier[number]:
                yield from _amplifier(place, _slope(picture.letters, column.place, unit))
            if number < last:
                yield from _sum(place)
            elif picture.has_amplifier[number]:
                yield from _from_cost(picture, place, column.place, unit)
        if not column.is_whole:
            yield from dots((picture.middle(number), picture.place(number, column.shown.index(None))[1]))


def _result(picture: ReversedStack, place: Point, label: Label, is_end: bool) -> Iterator[DrawnShape]:
    """The way behind an amplifier, ∂C/∂z above it."""
    x, y = place
    way = line((x + TIP, y), (x + TIP - picture.result, y), Ink.GRADIENT, 0.8)
    yield from arrow(way) if is_end else (way,)
    yield Label((x + TIP - picture.result / 2 + 1, y - 8), label.text, SMALL, Ink.GRADIENT)


def _amplifier(place: Point, slope: Sentence) -> Iterator[DrawnShape]:
    x, y = place
    yield Polygon(((x + TIP, y), (x + BASE, y - HALF), (x + BASE, y + HALF)))
    label = Label((x + (BASE + TIP) / 2, y + HALF + 8), slope, SMALL)
    # Leaky ReLU′(z) reaches as far as the ways beside it.
    yield replace(label, backed=label.width > WIDEST_SLOPE)


def _sum(place: Point) -> Iterator[DrawnShape]:
    x, y = place
    yield line((x + SUM - RADIUS, y), (x + BASE, y), Ink.GRADIENT, 0.8)
    yield Circle((x + SUM, y), RADIUS)
    yield Label((x + SUM, y), formula("+"), 10)


def _from_cost(picture: ReversedStack, place: Point, layer: int, unit: int) -> Iterator[DrawnShape]:
    """What the cost hands to the last layer."""
    x, y = place
    label = Label((0.0, 0.0), picture.letters.derivative(picture.letters.activation(layer, unit)), SMALL, Ink.GRADIENT)
    yield from arrow(line((x + BASE + label.width + 10, y), (x + BASE, y), Ink.GRADIENT, 0.8))
    yield label.moved(x + BASE + label.width / 2 + 7, y - 8)


def _slope(letters: StackLetters, place: int, unit: int) -> Sentence:
    name = letters.network.layers[place - 1].formula.name
    if name == "identity":
        return formula("1")
    sign = primed(DERIVATIVES.get(name) or upright(ACTIVATION_NAMES.get(name, name)))
    return (Math(row(sign, bracketed(letters.printer.node(letters.pre_activation(place, unit))))),)


def _names(picture: ReversedStack) -> Iterator[DrawnShape]:
    most = max(len(column.shown) for column in picture.shown)
    below = (most - 1) / 2 * picture.row + HALF + 30
    for number, column in enumerate(picture.shown):
        yield Label((picture.middle(number), below), say("figure.layer", layer=picture.letters.suffix(column.place)))
