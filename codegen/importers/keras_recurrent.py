"""Keras's LSTM, GRU and SimpleRNN, in one direction or two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .arranged_nodes import entry, joined
from .axis_order import Arranged
from .keras_activations import activation_name
from .keras_layer import Given, KerasLayer
from .recurrent_nodes import Direction, in_order, recurrent

#: ONNX's name, and the order in which Keras has the gates.
KINDS = {"LSTM": ("LSTM", "ifco"), "GRU": ("GRU", "zrh"), "SimpleRNN": ("RNN", "h")}
#: What ONNX has for gates and states, with its numbers.
FUNCTIONS = {
    "sigmoid": ("Sigmoid", 0.0, 0.0),
    "tanh": ("Tanh", 0.0, 0.0),
    "relu": ("Relu", 0.0, 0.0),
    "hard_sigmoid": ("HardSigmoid", 1 / 6, 0.5),
    "linear": ("Affine", 1.0, 0.0),
    "softsign": ("Softsign", 0.0, 0.0),
}
USUAL = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}
MERGES = {"sum": "Add", "mul": "Mul", "ave": "Add"}


def _recurrent(layer: KerasLayer) -> Given:
    return _states(layer, [replace(layer, path=f"{layer.path}/cell")])


def _bidirectional(layer: KerasLayer) -> Given:
    """The last states are those that each direction ends in."""
    inner = layer["layer"]
    layer.expect(isinstance(inner, Mapping) and inner.get("class_name") in KINDS, "two directions of other than LSTM, GRU or SimpleRNN")
    backward = layer.config.get("backward_layer") or inner
    sides = [
        replace(layer, kind=each["class_name"], config={**each["config"], "go_backwards": False}, path=f"{layer.path}/{name}/cell")
        for each, name in ((inner, "forward_layer"), (backward, "backward_layer"))
    ]
    layer.expect(sides[0].kind == sides[1].kind, "two directions of different kinds")
    merge = layer["merge_mode"]
    layer.expect(merge == "concat" or merge in MERGES, f"the merge_mode {merge!r}")
    found = _states(sides[0], sides)
    result, *ends = found if isinstance(found, tuple) else (found,)
    if merge in MERGES:
        axes = result.order[-1]
        halves = [_half(layer, result, axes[0], side) for side in (0, 1)]
        result = joined(layer, MERGES[merge], *halves)
        result = joined(layer, "Mul", result, 0.5) if merge == "ave" else result
    return (result, *ends) if ends else result


def _half(layer: KerasLayer, states: Arranged, sides: Any, side: int) -> Arranged:
    split = Arranged(states.value, states.axes, (*states.order[:-1], (sides,), states.order[-1][1:]))
    return entry(layer, split, len(split.order) - 2, side)


def _states(layer: KerasLayer, sides: list[KerasLayer]) -> Given:
    operator, gates = KINDS[layer.kind]
    layer.expect(not layer.config.get("go_backwards"), "a sequence that is read backwards alone")
    layer.expect(not layer.is_shared, "a recurrent layer at two places")
    if layer.config.get("dropout") or layer.config.get("recurrent_dropout"):
        layer.writer.remark("the dropout inside of an LSTM, GRU or SimpleRNN is not taken over")
    x = layer.x
    layer.expect(len(x.order) == 3, f"found {len(x.order)} axes, expected (examples, steps, features)")
    directions = [_direction(side, operator, gates) for side in sides]
    given = layer.options.get("initial_state") or list(layer.given[1:])
    given = given if isinstance(given, (list, tuple)) else [given]
    layer.expect(len(sides) == 1 or not given, "states to begin with, in two directions")
    initial = [layer.writer.laid(Arranged(each.value, each.axes, ((), *each.order))) for each in given]
    names = (f"{layer.name}/kernel", f"{layer.name}/recurrent_kernel", f"{layer.name}/bias")
    states, *ends = recurrent(
        layer.writer, operator, x.permuted([1, 0, 2]), directions, names, initial, _functions(layer, operator, len(sides)), layer.is_trained
    )
    last = [Arranged(end.value, end.axes, (end.order[1], end.order[0] + end.order[2])) for end in ends]
    result = states.permuted([1, 0, 2]) if layer["return_sequences"] else last[0]
    if not layer.config.get("return_state"):
        return result
    layer.expect(len(sides) == 1, "the states that each of two directions ends in")
    return (result, *last)


def _direction(layer: KerasLayer, operator: str, gates: str) -> Direction:
    """Weights as Keras has them are (features, gates × units); a GRU has a second bias where its reset gate comes after the product."""
    units, count = layer.whole("units"), len(gates)
    features = layer.size(layer.x, 2)
    inputs, states = layer.variable(0, [features, count * units]), layer.variable(1, [units, count * units])
    biases = None
    if layer["use_bias"]:
        if layer.kind == "GRU" and layer["reset_after"]:
            both = layer.variable(2, [2, count * units])
        else:
            one = layer.variable(2, [count * units])
            both = np.stack([one, np.zeros_like(one)])
        biases = np.concatenate([in_order(each, operator, gates) for each in both])
    return Direction(in_order(inputs.T, operator, gates), in_order(states.T, operator, gates), biases)


def _functions(layer: KerasLayer, operator: str, sides: int) -> dict[str, object]:
    """Functions of the gates and of what is new, where they are others than ONNX's usual ones."""
    words = {
        "LSTM": ("recurrent_activation", "activation", "activation"),
        "GRU": ("recurrent_activation", "activation"),
        "RNN": ("activation",),
    }
    names = [activation_name(layer.config.get(word, "tanh")) for word in words[operator]]
    for name in names:
        layer.expect(name in FUNCTIONS, f"there is no equation for the activation {name!r} inside of a recurrent layer")
    found: dict[str, object] = {"linear_before_reset": 1} if operator == "GRU" and layer["reset_after"] else {}
    functions = [FUNCTIONS[name] for name in names] * sides
    if [function[0] for function in functions] != USUAL[operator] * sides:
        found["activations"] = [function[0] for function in functions]
        found["activation_alpha"] = [function[1] for function in functions]
        found["activation_beta"] = [function[2] for function in functions]
    return found


TABLE: dict[str, Callable[[KerasLayer], Given]] = {**dict.fromkeys(KINDS, _recurrent), "Bidirectional": _bidirectional}
