"""PyTorch's LSTM, GRU and RNN, of several layers and in both directions, and single steps of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .arranged_nodes import alone, concatenated, dense, joined, part, pieces
from .axis_order import Arranged
from .recurrent_nodes import Direction, in_order, recurrent
from .torch_call import Call, Given

#: PyTorch's order of gates. Its GRU multiplies by the reset gate after the product with the weights of the state.
ORDERS = {"LSTM": "ifco", "GRU": "rzh", "RNN": "h"}


def _recurrent(kind: str, attributes: dict[str, object]) -> Callable[[Call], tuple[Arranged, ...]]:
    def of(call: Call) -> tuple[Arranged, ...]:
        call.expect("data" not in call.arguments, "sequences that are packed")
        x, states, steps_at = call["input"], call["hx"], 1 if call["batch_first"] else 0
        call.expect(len(x.order) == 3, "a sequence without an axis of examples")
        sides = 2 if call["bidirectional"] else 1
        each = 4 if call["has_biases"] else 2
        call.expect(len(call["params"]) == each * sides * call["num_layers"], "states that are projected")
        states = list(states) if kind == "LSTM" else [states]
        x = x.permuted([1, 0, 2]) if steps_at else x
        last: list[tuple[Arranged, ...]] = []
        for layer in range(call["num_layers"]):
            if layer and call["dropout"] and call["train"]:
                call.writer.remark("the dropout between the layers of an LSTM, GRU or RNN is not taken over")
            weights = call["params"][layer * sides * each :][: sides * each]
            directions = [_direction(call, kind, weights[side * each :][:each]) for side in range(sides)]
            is_trained = weights[0].value in call.writer.trained
            for weight in weights:
                call.writer.free(weight.value, call.reads)
            names = (weights[0].value, weights[1].value, weights[2].value if each > 2 else "")
            initial = [_initial(call, state, layer * sides, sides) for state in states]
            x, *ends = recurrent(call.writer, kind, x, directions, names, initial, _activations(attributes, sides), is_trained)
            last.append(tuple(ends))
        result = x.permuted([1, 0, 2]) if steps_at else x
        count = (call["num_layers"] * sides, ())
        ends = [parts[0] if len(parts) == 1 else concatenated(call, list(parts), 0, count) for parts in zip(*last, strict=True)]
        return (result, *ends)

    return of


def _activations(attributes: dict[str, object], sides: int) -> dict[str, object]:
    return {name: value * sides if isinstance(value, list) else value for name, value in attributes.items()}


def _direction(call: Call, kind: str, weights: list[Arranged]) -> Direction:
    arrays = [in_order(call.writer.constants[weight.value], kind, ORDERS[kind]) for weight in weights]
    return Direction(arrays[0], arrays[1], np.concatenate(arrays[2:]) if len(arrays) > 2 else None)


def _initial(call: Call, state: Arranged, first: int, count: int) -> str:
    """The states that one layer begins with, or none where all are 0."""
    if call.writer.is_zero(state):
        return ""
    if not state.order[0]:
        return call.writer.laid(state)
    return call.writer.laid(part(call, state, 0, first, first + count))


def _sums(call: Call, count: int) -> tuple[list[Arranged], list[Arranged]]:
    """What the input and the state add to each of the gates."""
    state = call["hx"][0] if isinstance(call["hx"], (list, tuple)) else call["hx"]
    units = call["w_hh"].shape[1][0]
    found = []
    for value, end in ((call["input"], "ih"), (state, "hh")):
        total = dense(call, value, call[f"w_{end}"], call[f"b_{end}"], is_turned=True)
        found.append(list(pieces(call, total, 1, [units] * count)))
    return found[0], found[1]


def _lstm_cell(call: Call) -> tuple[Arranged, ...]:
    """Gates stand as input, forget, cell, output."""
    sums = [joined(call, "Add", one, other) for one, other in zip(*_sums(call, 4), strict=True)]
    enters, stays, leaves = (alone(call, "Sigmoid", sums[place]) for place in (0, 1, 3))
    kept = joined(call, "Mul", stays, call["hx"][1])
    cell = joined(call, "Add", kept, joined(call, "Mul", enters, alone(call, "Tanh", sums[2])))
    return joined(call, "Mul", leaves, alone(call, "Tanh", cell)), cell


def _gru_cell(call: Call) -> Arranged:
    """Gates stand as reset, update, new: the reset is behind the product with the weights."""
    inputs, states = _sums(call, 3)
    reset, update = (alone(call, "Sigmoid", joined(call, "Add", inputs[place], states[place])) for place in (0, 1))
    new = alone(call, "Tanh", joined(call, "Add", inputs[2], joined(call, "Mul", reset, states[2])))
    away = joined(call, "Mul", update, joined(call, "Sub", call["hx"], new))
    return joined(call, "Add", new, away)


def _rnn_cell(operator: str) -> Callable[[Call], Arranged]:
    def of(call: Call) -> Arranged:
        inputs, states = _sums(call, 1)
        return alone(call, operator, joined(call, "Add", inputs[0], states[0]))

    return of


TABLE: dict[str, Callable[[Call], Given]] = {
    "lstm": _recurrent("LSTM", {}),
    "gru": _recurrent("GRU", {"linear_before_reset": 1}),
    "rnn_tanh": _recurrent("RNN", {"activations": ["Tanh"]}),
    "rnn_relu": _recurrent("RNN", {"activations": ["Relu"]}),
    "lstm_cell": _lstm_cell,
    "gru_cell": _gru_cell,
    "rnn_tanh_cell": _rnn_cell("Tanh"),
    "rnn_relu_cell": _rnn_cell("Relu"),
}
