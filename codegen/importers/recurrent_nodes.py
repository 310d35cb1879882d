"""Recurrent layers as ONNX's LSTM, GRU and RNN, whatever order a model keeps their gates in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .axis_order import Arranged, fresh
from .graph_writer import Array, GraphWriter

#: ONNX's order of gates: input, output, forget, cell; update, reset, new.
GATES = {"LSTM": "iofc", "GRU": "zrh", "RNN": "h"}


@dataclass(frozen=True)
class Direction:
    """The weights of one direction with the gates in ONNX's order.

    Of G gates and H units they are (G H, features), (G H, H) and (2 G H,).
    """

    inputs: Array
    states: Array
    biases: Array | None


def in_order(weights: Array, kind: str, order: str) -> Array:
    """Gates along the first axis, from the order that a model has them in to ONNX's."""
    parts = dict(zip(order, np.split(weights, len(order)), strict=True))
    return np.concatenate([parts[gate] for gate in GATES[kind]])


def recurrent(
    writer: GraphWriter,
    kind: str,
    x: Arranged,
    directions: Sequence[Direction],
    names: tuple[str, str, str],
    initial: Sequence[str] = (),
    attributes: Mapping[str, object] | None = None,
    is_trained: bool = True,
) -> tuple[Arranged, ...]:
    """All states as (steps, examples, directions × units), and the last as (directions, examples, units), of a cell the same behind it.

    `x` has the order (steps, examples, features); `names` are those of the weights.
    """
    steps, examples, _ = x.order
    units = directions[0].states.shape[1]
    arrays = [np.stack([direction.inputs for direction in directions]), np.stack([direction.states for direction in directions])]
    biases = [direction.biases for direction in directions if direction.biases is not None]
    arrays += [np.stack(biases)] if biases else []
    weights = [writer.constant(array, name, is_trained).value for array, name in zip(arrays, names, strict=False)]
    inputs = [writer.laid(x), *weights, *[""] * (4 - len(weights)), *initial]
    said = {"hidden_size": units, "direction": "bidirectional" if len(directions) == 2 else "forward", **(attributes or {})}
    found = writer.outputs(kind, inputs, 3 if kind == "LSTM" else 2, **said)
    sides, width = fresh(len(directions)), fresh(units)
    states = Arranged(found[0], (steps, sides, examples, width), (steps, examples, sides + width))
    return (states, *(Arranged(name, (sides, examples, width), (sides, examples, width)) for name in found[1:]))
