"""PyTorch's LSTM, GRU and RNN, of several layers and in both directions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .arranged_nodes import concatenated, part
from .axis_order import Arranged
from .recurrent_nodes import Direction, in_order, recurrent
from .torch_call import Call

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


TABLE: dict[str, Callable[[Call], tuple[Arranged, ...]]] = {
    "lstm": _recurrent("LSTM", {}),
    "gru": _recurrent("GRU", {"linear_before_reset": 1}),
    "rnn_tanh": _recurrent("RNN", {"activations": ["Tanh"]}),
    "rnn_relu": _recurrent("RNN", {"activations": ["Relu"]}),
}
