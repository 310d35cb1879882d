"""Recurrent operators: RNN (Elman, 1990), LSTM (Hochreiter and Schmidhuber, 1997) and GRU (Cho et al., 2014), in one direction or both.

A step reads the state of the step before, or in the other direction of the step behind, which is 0, or what is given, at the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np

from . import attributes
from .elementwise import FORMULAS
from .graph import Node
from .places import Axis, Place
from .translation import FEATURES, Translation, Writer, number, stored, written
from .values import Value

#: The functions of each operator's gates, where it names none.
FUNCTIONS = {"RNN": ("Tanh",), "GRU": ("Sigmoid", "Tanh"), "LSTM": ("Sigmoid", "Tanh", "Tanh")}


@dataclass(frozen=True)
class Direction:
    """One way along the steps: the operator's weights at this place of their first axis."""

    translation: Translation
    node: Node
    place: int
    is_backwards: bool
    value: Value
    functions: Sequence[str]
    axes: tuple[Axis, Axis, Axis]
    #: The letter of the units of the state before, in sums.
    other: Axis

    def function(self, place: int, argument: str) -> str:
        name = self.functions[place]
        if name not in FORMULAS or "{v}" in FORMULAS[name].text:
            raise attributes.refused(self.node, f"there is no formula for the function {name!r} of its gates")
        return FORMULAS[name].text.format(u=argument, **{key: number(default) for key, default in FORMULAS[name].defaults.items()})

    def written(self, name: str, unit: Place | Axis | None = None) -> str:
        """An array at this step."""
        batch, steps, units = self.axes
        return written(name, (batch, steps, unit or units))

    def before(self, name: str, unit: Place | Axis | None = None) -> str:
        """An array at the step before."""
        batch, steps, units = self.axes
        return written(name, (batch, Place.at(steps).plus(1 if self.is_backwards else -1), unit or units))

    def at_gate(self, place: int, stem: str, gate: int, *behind: Axis) -> str:
        """The rows of a gate in an input in which those of all gates stand one behind the other: of weights, a parameter of their own."""
        units, name = self.axes[2], self.node.inputs[place]
        start = gate * int(units.size)
        if name in self.translation.constants:
            rows = self.translation.part(name, stem, (self.place, slice(start, start + int(units.size))))
            return rows.at(units, *behind)
        return self.translation.value(name).at(self.place, Place.at(units).plus(start), *behind)

    def inputs_sum(self, gate: int) -> str:
        """Σ W x, and the bias beside it."""
        batch, steps, _ = self.axes
        features = self.value.axes[2]
        text = f"sum({features}, {self.at_gate(1, 'W', gate, features)}*{self.value.at(batch, steps, features)})"
        return f"{text} + {self.at_gate(3, 'b', gate)}" if attributes.has(self.node, 3) else text

    def state_sum(self, gate: int, gates: int, state: Callable[[Axis], str]) -> str:
        """Σ R h, and the bias beside it."""
        text = f"sum({self.other}, {self.at_gate(2, 'U', gate, self.other)}*{state(self.other)})"
        return f"{text} + {self.at_gate(3, 'e', gates + gate)}" if self.has_second_bias(gates + gate) else text

    def has_second_bias(self, gate: int) -> bool:
        """Where it is 0 it adds nothing to that of the inputs, as in Keras, which has one; but behind a gate that multiplies it."""
        if not attributes.has(self.node, 3):
            return False
        if self.node.inputs[3] not in self.translation.constants or (self.node.operator == "GRU" and gate == 5):
            return True
        units = int(self.axes[2].size)
        return bool(np.any(self.translation.constants[self.node.inputs[3]][self.place, gate * units : (gate + 1) * units]))

    def line(self, name: str, right: str) -> None:
        self.translation.lines.append(f"{self.written(name)} = {right}")

    def start(self, name: str, place: int) -> None:
        """What is read before the first step, where it is given."""
        batch, _, units = self.axes
        if not attributes.has(self.node, place) or is_zero(self.translation, self.node.inputs[place]):
            return
        given = self.translation.weight(self.node.inputs[place], "h")
        own = (batch, self.place, units) if attributes.whole(self.node, "layout", 0) else (self.place, batch, units)
        self.translation.lines.append(f"{written(name, (batch, Place.at(-1), units))} = {given.at(*own)}")


def is_zero(translation: Translation, name: str) -> bool:
    """Whether a state to begin with is 0."""
    if name in translation.constants:
        return not np.any(translation.constants[name])
    value = translation.values[name]
    return not value.is_stored and value.at(*(0 for _ in value.axes)) == "0"


def _rnn(way: Direction, names: dict[str, str]) -> None:
    state = names["h"]
    way.line(state, way.function(0, f"({way.inputs_sum(0)} + {way.state_sum(0, 1, lambda other: way.before(state, other))})"))


def _gated(way: Direction, names: dict[str, str], gate: str, number: int, gates: int, more: str = "") -> None:
    """A gate: a weighted sum of the input and of the state before, and a function of it."""
    sums = way.translation.name("z")
    way.line(sums, f"{way.inputs_sum(number)} + {way.state_sum(number, gates, lambda other: way.before(names['h'], other))}{more}")
    way.line(names[gate], way.function(1 if gate == "g" else 0, way.written(sums)))


def _lstm(way: Direction, names: dict[str, str]) -> None:
    """Gates stand as input, output, forget, cell; with peepholes they see the cell too (Gers, Schraudolph and Schmidhuber, 2002)."""

    def seen(gate: int, cell: str) -> str:
        return f" + {way.at_gate(7, 'p', gate)}*{cell}" if attributes.has(way.node, 7) else ""

    before = way.before(names["c"])
    _gated(way, names, "i", 0, 4, seen(0, before))
    if attributes.whole(way.node, "input_forget", 0):
        way.line(names["f"], f"1 - {way.written(names['i'])}")
    else:
        _gated(way, names, "f", 2, 4, seen(2, before))
    _gated(way, names, "g", 3, 4)
    way.line(names["c"], f"{way.written(names['f'])}*{before} + {way.written(names['i'])}*{way.written(names['g'])}")
    _gated(way, names, "o", 1, 4, seen(1, way.written(names["c"])))
    way.line(names["h"], f"{way.written(names['o'])}*{way.function(2, way.written(names['c']))}")


def _gru(way: Direction, names: dict[str, str]) -> None:
    """Gates stand as update, reset, candidate; the reset is before the product with the weights or behind it."""
    _gated(way, names, "u", 0, 3)
    _gated(way, names, "r", 1, 3)
    state = names["h"]
    sums = way.translation.name("z")
    if attributes.whole(way.node, "linear_before_reset", 0):
        product = way.translation.name("s")
        way.line(product, way.state_sum(2, 3, lambda other: way.before(state, other)))
        way.line(sums, f"{way.inputs_sum(2)} + {way.written(names['r'])}*{way.written(product)}")
    else:
        reset = way.state_sum(2, 3, lambda other: f"{way.written(names['r'], other)}*{way.before(state, other)}")
        way.line(sums, f"{way.inputs_sum(2)} + {reset}")
    way.line(names["g"], way.function(1, way.written(sums)))
    way.line(state, f"(1 - {way.written(names['u'])})*{way.written(names['g'])} + {way.written(names['u'])}*{way.before(state)}")


@dataclass(frozen=True)
class Cell:
    """What a direction writes, the names that it needs, and the inputs at which its states begin."""

    write: Callable[[Direction, dict[str, str]], None]
    names: str
    starts: dict[str, int]


CELLS = {
    "RNN": Cell(_rnn, "h", {"h": 5}),
    "LSTM": Cell(_lstm, "hcifog", {"h": 5, "c": 6}),
    "GRU": Cell(_gru, "hurg", {"h": 5}),
}


def _recurrent(cell: Cell, translation: Translation, node: Node) -> None:
    is_batch_first = bool(attributes.whole(node, "layout", 0))
    value = translation.value(node.inputs[0])
    first, second, features = value.axes
    batch, steps = (first, second) if is_batch_first else (second, first)
    value = value if is_batch_first else value.viewed((batch, steps, features), lambda places: [places[1], places[0], places[2]])
    _refuse(translation, node, steps)
    units = Axis.new(attributes.whole(node, "hidden_size", 1), FEATURES)
    other = Axis.new(units.size, FEATURES)
    direction = attributes.word(node, "direction", "forward")
    count = 2 if direction == "bidirectional" else 1
    functions = cast(Sequence[str], node.attributes.get("activations", FUNCTIONS[node.operator] * count))
    states: dict[str, list[Value]] = {name: [] for name in cell.starts}
    for place in range(count):
        is_backwards = direction == "reverse" or place == 1
        has_start = any(attributes.has(node, at) and not is_zero(translation, node.inputs[at]) for at in cell.starts.values())
        # Where a start is given, the steps are counted from the end, so that it is before the first one.
        is_turned = is_backwards and has_start
        if is_turned and not isinstance(steps.size, int):
            raise attributes.refused(node, "goes backwards from a given state over steps whose number is free")
        read = _turned(value, 1) if is_turned else value
        own = functions[place * len(functions) // count : (place + 1) * len(functions) // count]
        way = Direction(translation, node, place, is_backwards and not is_turned, read, own, (batch, steps, units), other)
        names = {name: translation.name(name) for name in cell.names}
        cell.write(way, names)
        for name, at in cell.starts.items():
            way.start(names[name], at)
            state = names[name]
            found = stored(state, (batch, steps, units))
            states[name].append(_turned(found, 1) if is_turned else found)
    _outputs(translation, node, states, (batch, steps, units), is_batch_first, direction)


def _turned(value: Value, at: int) -> Value:
    """The same counted from the end of an axis."""
    last = int(value.axes[at].size) - 1
    return value.viewed(
        value.axes, lambda places: [Place.at(each).times(-1).plus(last) if here == at else each for here, each in enumerate(places)]
    )


def _refuse(translation: Translation, node: Node, steps: Axis) -> None:
    if "clip" in node.attributes:
        raise attributes.refused(node, "cuts off what its gates read (clip), for which there are no equations")
    if attributes.has(node, 4):
        lengths = translation.constants.get(node.inputs[4])
        if lengths is None or any(int(length) != steps.size for length in lengths):
            raise attributes.refused(node, "has sequences of several lengths; expected all of them to be whole")


def _outputs(
    translation: Translation, node: Node, states: dict[str, list[Value]], axes: tuple[Axis, ...], is_batch_first: bool, direction: str
) -> None:
    """The states of all steps, and the last ones, with an axis for the directions."""
    batch, steps, units = axes
    ways = Axis.new(len(states["h"]), "d")
    orders = ((batch, steps, ways, units), (batch, ways, units)) if is_batch_first else ((steps, ways, batch, units), (ways, batch, units))
    if node.outputs and node.outputs[0]:
        translation.values[node.outputs[0]] = _joined(translation, states["h"], orders[0], ways, axes)
    for name, output in zip(states, node.outputs[1:], strict=False):
        if not output:
            continue
        ends = []
        for place, state in enumerate(states[name]):
            is_backwards = direction == "reverse" or place == 1
            last = (
                Place.at(0)
                if is_backwards
                else Place.at(int(steps.size) - 1)
                if isinstance(steps.size, int)
                else Place(label=f"N_{steps} - 1")
            )
            ends.append(state.viewed((batch, units), partial(_with_step, last)))
        translation.values[output] = _joined(translation, ends, orders[1], ways, (batch, units))


def _with_step(step: Place, places: Sequence[Place]) -> list[Place]:
    return [places[0], step, places[1]]


def _joined(translation: Translation, parts: Sequence[Value], order: Sequence[Axis], ways: Axis, own: Sequence[Axis]) -> Value:
    """An array for each direction as one; that of one direction has an axis of 1 more."""
    places = [order.index(axis) for axis in own]
    if len(parts) == 1:
        return parts[0].viewed(order, lambda found: [found[at] for at in places])
    lines = [([Place.at(number) if axis is ways else axis for axis in order], part.at(*own)) for number, part in enumerate(parts)]
    return translation.placed("s", order, cast(Sequence[tuple[Sequence[Place | Axis], str]], lines))


OPERATORS: dict[str, Writer] = {name: partial(_recurrent, cell) for name, cell in CELLS.items()}
