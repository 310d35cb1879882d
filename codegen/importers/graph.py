"""A model as a graph of operators, whatever file it is from: what every reader makes, and all that the rest knows of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Value:
    """An input of the graph, or an output; a word in its shape is a size that is free, as that of a batch."""

    name: str
    shape: tuple[int | str, ...]
    dtype: str


@dataclass(frozen=True)
class Node:
    """An operator where it is used. Operators are ONNX's, by name and meaning, for all readers: "Gemm", "Conv", "LSTM".

    `name` is what the file calls it, for messages; an input or an output that is left out is "".
    """

    operator: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, object]


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which each reads what is there before it. `constants` are the weights, by name.

    `remarks` are sentences for the user on what the file has otherwise than the model did:
    "dropout was removed by the exporter". Where the model `has_weights` not, constants are of the right shape alone.
    `trained` are the constants that training changes, None where the file does not say which: an ONNX file does not.
    """

    name: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    constants: Mapping[str, NDArray[np.generic]]
    nodes: tuple[Node, ...]
    remarks: tuple[str, ...] = ()
    has_weights: bool = True
    trained: frozenset[str] | None = None
