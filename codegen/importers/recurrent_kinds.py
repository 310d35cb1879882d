"""LSTM, GRU and RNN as the kinds of layers of these names: the weights of each gate by themselves, and one bias where two are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from . import attributes
from .graph import Node
from .recurrent import FUNCTIONS, is_zero
from .walk import Array, LayerRow, Parameters, Walk, numbered, without_bias

#: The gates in ONNX's order, by the letters that a kind of layer has for them: input, output, forget, cell; update, reset, new.
GATES = {"LSTM": tuple("iofg"), "GRU": tuple("urs"), "RNN": ("",)}
#: What is behind the names of the second direction's weights.
MARKS = ("", "r")
#: What the kind of layer called rnn may have as its function.
RNN_FUNCTIONS = {"Tanh": "tanh", "Relu": "relu"}


def take(walk: Walk, node: Node) -> bool:
    """Whether a node is a recurrent layer that begins at 0; its outputs are entries of the states of all steps then."""
    arrays = walk.weights(node, W=1, U=2, b=3)
    options = _options(node)
    view = walk.view(node.inputs[0])
    shape, is_first = walk.shapes[view.output], bool(attributes.whole(node, "layout", 0))
    if arrays is None or options is None or len(shape) != 3 or view.output in walk.opened:
        return False
    lying = numbered(shape) if is_first else numbered(shape).transpose(1, 0, 2)
    given = [name for place, name in enumerate(node.inputs) if name and place in (5, 6)]
    strange = (
        not np.array_equal(view.places, lying),
        not all(is_zero(walk.translation, name) for name in given),
        attributes.has(node, 7),
        any(walk.uses[name] for name in node.outputs[2:] if name),
    )
    if any(strange):
        return False
    parameters = _parameters(walk, node, {name: array for name, (array, _) in arrays.items()})
    row = LayerRow(node.operator.lower(), options | without_bias(arrays), parameters, sources=(view.output,))
    sides, units = len(arrays["W"][0]), attributes.whole(node, "hidden_size", 1)
    output = walk.add(row, (*shape[:2], sides * units))
    states = numbered((*shape[:2], sides, units))
    ends = np.stack([states[:, 0 if side else -1, side] for side in range(sides)])
    walk.ends[output] = np.concatenate(ends, axis=1)
    found = (states, ends.transpose(1, 0, 2)) if is_first else (states.transpose(1, 2, 0, 3), ends)
    for name, places in zip(node.outputs, found, strict=False):
        if name:
            walk.note(name, output, places)
    return True


def _options(node: Node) -> dict[str, object] | None:
    """What is set on the layer; None where a gate has another function, or something that the kind of layer has not."""
    options: dict[str, object] = {"units": attributes.whole(node, "hidden_size", 1)}
    direction = attributes.word(node, "direction", "forward")
    sides = 2 if direction == "bidirectional" else 1
    options |= {"bidirectional": True} if sides == 2 else {}
    functions = cast(Sequence[str], node.attributes.get("activations", FUNCTIONS[node.operator] * sides))
    if node.operator == "RNN" and len(set(functions)) == 1 and functions[0] in RNN_FUNCTIONS:
        options |= {} if functions[0] == "Tanh" else {"function": RNN_FUNCTIONS[functions[0]]}
    elif tuple(functions) != FUNCTIONS[node.operator] * sides:
        return None
    if node.operator == "GRU" and attributes.whole(node, "linear_before_reset", 0):
        options["reset"] = "after"
    return None if direction == "reverse" or attributes.whole(node, "input_forget", 0) else options


def _parameters(walk: Walk, node: Node, arrays: Mapping[str, Array]) -> Parameters:
    """By the kind's own names, Wi and bir: a bias of the state that is but added to that of the inputs is in it."""
    gates, found = GATES[node.operator], Parameters()
    is_behind = node.operator == "GRU" and bool(attributes.whole(node, "linear_before_reset", 0))
    for side, mark in zip(range(len(arrays["W"])), MARKS, strict=False):
        for name, place in (("W", 1), ("U", 2)):
            for gate, rows in zip(gates, np.split(arrays[name][side], len(gates)), strict=True):
                found[f"{name}{gate}{mark}"] = rows, node.inputs[place]
        if "b" not in arrays:
            continue
        biases = np.split(arrays["b"][side], 2 * len(gates))
        for gate, own, of_state in zip(gates, biases, biases[len(gates) :], strict=False):
            if is_behind and gate == "s":
                found[f"bs{mark}"], found[f"cs{mark}"] = (own, node.inputs[3]), (of_state, node.inputs[3])
                continue
            found[f"b{gate}{mark}"] = np.asarray(own + of_state), node.inputs[3]
            if np.any(of_state):
                _tell(walk, node)
    return found


def _tell(walk: Walk, node: Node) -> None:
    """That there is one bias, and how to go back."""
    sentence = (
        f"the biases of {node.inputs[3]} for the input and for the state, which are only ever added, are one here: "
        "their sum, whose gradient is that of each; to go back, the sum stands in one of them and 0 in the other"
    )
    walk.remarks += [] if sentence in walk.remarks else [sentence]
