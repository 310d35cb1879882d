"""The network as neurons: a column a layer, an edge a weight, with the weights' letters where there are few; large layers in short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from sympy import Expr

from chainrule.codegen.document.drawing import Drawing, arrow, dots, drawing, line
from chainrule.codegen.document.nodes import separated
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.document.shapes import Circle, DrawnShape, Ink, Label, Point
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.codegen.formulas.printed_number import number as printed_number
from chainrule.codegen.words.layer_words import activation_said
from chainrule.codegen.words.sentences import plain, say

from .columns import MOST_NEURONS, Column, columns
from .edge_labels import LabelledEdge, placed
from .letters import StackLetters
from .neurons import WIDEST_LABEL, boundary, columns_apart, neuron_label

#: As many weights between two layers, and layers with the input, are lettered one by one.
MOST_WEIGHTS, MOST_LETTERED = 9, 4
LETTERED_ROW, VALUED_ROW, LETTERED_GAP, PLAIN_GAP = 66.0, 76.0, 150.0, 115.0
SMALL = 8
#: Of numbers beside letters; a letter and its number stand above and below an edge.
DIGITS = 3
ABOVE, BELOW = -6.0, 6.0


@dataclass(frozen=True)
class StackPicture:
    """A picture in the making: where every column is, and how far neurons are from each other; `values` stand beside their letters."""

    letters: StackLetters
    matrices: MatrixPrinter
    shown: tuple[Column | None, ...]
    is_lettered: bool
    values: Mapping[Expr, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        return columns_apart(len(self.shown), LETTERED_GAP if self.is_lettered else PLAIN_GAP)

    @property
    def row(self) -> float:
        if not self.is_lettered:
            return 2 * self.radius + 7
        return VALUED_ROW if self.values else LETTERED_ROW

    @cached_property
    def radius(self) -> float:
        return max(10.0, *(label.width / 2 + 2.5 for label in self.neuron_texts))

    def across(self, number: int) -> float:
        return number * self.gap

    def value(self, entry: Expr) -> Sentence:
        """Its number; nothing where none is known."""
        return (Math(printed_number(self.values[entry], DIGITS)),) if entry in self.values else ()

    def place(self, number: int, slot: int) -> Point:
        """The centre of a slot of a column; columns are centred."""
        column = self.shown[number]
        slots = len(column.shown) if column else 1
        return self.across(number), (slot - (slots - 1) / 2) * self.row

    def neurons(self) -> Iterator[tuple[int, int, Column, int]]:
        """The number of its column, its slot, the column and its unit, for every neuron shown."""
        for number, column in enumerate(self.shown):
            if column is not None:
                yield from ((number, slot, column, unit) for slot, unit in column.neurons)

    def neuron_labels(self) -> Iterator[tuple[Point, Label]]:
        """The place of every neuron and its label at (0, 0); only its number where letters are too long for a circle."""
        places = [self.place(number, slot) for number, slot, _, _ in self.neurons()]
        return zip(places, self.neuron_texts, strict=True)

    @cached_property
    def neuron_texts(self) -> tuple[Label, ...]:
        letters = self.letters
        named = tuple(neuron_label(letters.text(letters.activation(column.place, unit))) for _, _, column, unit in self.neurons())
        if all(label.width <= WIDEST_LABEL for label in named):
            return named
        return tuple(neuron_label(plain(str(unit + 1))) for _, _, _, unit in self.neurons())


def lettered_stack(letters: StackLetters, matrices: MatrixPrinter, values: Mapping[Expr, float] | None = None) -> Drawing | None:
    """Neurons and edges with a letter for every weight and bias, and their values; None where there are too many for that."""
    shown = columns(letters.network)
    few = len(shown) <= MOST_LETTERED and all(column is not None and column.is_whole for column in shown)
    if not few or any(left.units * right.units > MOST_WEIGHTS for left, right in pairwise(shown) if left and right):
        return None
    picture = StackPicture(letters, matrices, shown, is_lettered=True, values=values or {})
    labels = _weight_labels(picture)
    if labels is None:
        return None
    return drawing([*_edges(picture), *labels, *_biases(picture), *_neurons(picture), *_activations(picture), *_names(picture)])


def plain_stack(letters: StackLetters, matrices: MatrixPrinter, most: int = MOST_NEURONS) -> Drawing:
    """At most so many neurons of a layer and their edges, beneath each column its name, units, activation and the shape of its array."""
    picture = StackPicture(letters, matrices, columns(letters.network, most), is_lettered=False)
    return drawing([*_edges(picture), *_neurons(picture), *_names(picture)])


def _edges(picture: StackPicture) -> Iterator[DrawnShape]:
    for number, (left, right) in enumerate(pairwise(picture.shown)):
        if left is None or right is None:
            continue
        for slot, _ in left.neurons:
            for end_slot, _ in right.neurons:
                start, end = picture.place(number, slot), picture.place(number + 1, end_slot)
                if picture.is_lettered:
                    yield from arrow(line(start, boundary(end, picture.radius, start), Ink.QUIET))
                else:
                    yield line(start, end, Ink.FAINT, 0.5)


def _weight_labels(picture: StackPicture) -> list[Label] | None:
    """The letters of all weights; None where they would cover each other."""
    found: list[Label] = []
    biases = [shape.extent for shape in _biases(picture)]
    for number, (left, right) in enumerate(pairwise(picture.shown)):
        if left is None or right is None:
            return None
        edges = []
        for slot, before in left.neurons:
            for end_slot, unit in right.neurons:
                weight = picture.letters.weight(right.place, unit, before)
                start, end = picture.place(number, slot), picture.place(number + 1, end_slot)
                ends = boundary(start, picture.radius, end), boundary(end, picture.radius, start)
                edges.append(LabelledEdge(*ends, _pair(picture, weight)))
        labels = placed(edges, biases)
        if labels is None:
            return None
        found += [label for group in labels for label in group]
    return found


def _pair(picture: StackPicture, entry: Expr) -> tuple[Label, ...]:
    """A letter, and its number below."""
    letter, value = picture.letters.text(entry), picture.value(entry)
    if not value:
        return (Label((0.0, 0.0), letter, SMALL),)
    return Label((0.0, ABOVE), letter, SMALL), Label((0.0, BELOW), value, SMALL, Ink.QUIET)


def _activations(picture: StackPicture) -> Iterator[Label]:
    """The number of every neuron below it."""
    for number, slot, column, unit in picture.neurons():
        if value := picture.value(picture.letters.activation(column.place, unit)):
            x, y = picture.place(number, slot)
            yield Label((x, y + picture.radius + 6.5), value, SMALL, Ink.QUIET)


def _biases(picture: StackPicture) -> Iterator[DrawnShape]:
    """A bias comes in from above."""
    for number, slot, column, unit in picture.neurons():
        if column.place:
            x, y = picture.place(number, slot)
            top = y - picture.radius
            yield from arrow(line((x, top - 11), (x, top), Ink.QUIET))
            pair = _pair(picture, picture.letters.bias(column.place, unit))
            yield from (label.moved(x, top - (17 if len(pair) == 1 else 22)) for label in pair)


def _neurons(picture: StackPicture) -> Iterator[DrawnShape]:
    for place, label in picture.neuron_labels():
        yield Circle(place, picture.radius)
        yield label.moved(*place)
    for number, column in enumerate(picture.shown):
        if column is None:
            yield from dots((picture.across(number), 0.0), across=True)
        elif not column.is_whole:
            yield from dots(picture.place(number, column.shown.index(None)))


def _names(picture: StackPicture) -> Iterator[DrawnShape]:
    """Beneath the columns their names, and above the edges the weights with their shape; beside numbers no shapes."""
    most = max(len(column.shown) for column in picture.shown if column)
    half = (most - 1) / 2 * picture.row + picture.radius
    network = picture.letters.network
    for number, column in enumerate(picture.shown):
        if column is None:
            continue
        lines = [say("figure.input")] if column.place == 0 else [say("figure.layer", layer=picture.letters.suffix(column.place))]
        lines.append(say("figure.units", count=column.units) if column.units > 1 else say("figure.unit"))
        if column.place:
            activation = network.layers[column.place - 1].formula.name
            lines.append(say("figure.formula") if activation == "formula" else activation_said(activation))
        tensor = picture.letters.output(column.place)
        if not picture.values:
            lines.append(_shaped(picture, tensor))
        down = half + (24 if picture.values else 15)
        for row, text in enumerate(lines):
            yield Label((picture.across(number), down + 11 * row), text, 9 if row == 0 else SMALL, Ink.INK if row == 0 else Ink.QUIET)
    if picture.values:
        return
    above = half + (30 if picture.is_lettered else 12)
    for number, (left, right) in enumerate(pairwise(picture.shown)):
        if left is not None and right is not None:
            text = _shaped(picture, f"W{picture.letters.suffix(right.place)}")
            yield Label((picture.across(number) + picture.gap / 2, -above), text, SMALL, Ink.QUIET)


def _shaped(picture: StackPicture, tensor: str) -> Sentence:
    """W^{(1)}: 16 × 784"""
    system, printer = picture.letters.printer.system, picture.matrices
    shape = separated([printer.index.size_shown(size) for size in system.shape(system.tensors[tensor])], "×")
    return say("figure.shaped", array=Math(printer.name(tensor)), shape=Math(shape))
