"""Weights that a model cuts or turns before it uses them are kept as it uses them: three biases of one, a matrix turned round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from . import attributes
from .graph import Graph, Node
from .rearranging import moved

Array = NDArray[np.generic]

#: Operators that leave out no entry and give none twice.
WHOLE = ("Split", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten")


def _takes_all_rows(node: Node, constants: Mapping[str, Array]) -> bool:
    """Whether it looks up every row of a table once and in order, as that of the positions."""
    if node.operator != "Gather" or attributes.whole(node, "axis", 0) or not all(name in constants for name in node.inputs):
        return False
    return np.array_equal(constants[node.inputs[1]], np.arange(len(constants[node.inputs[0]])))


def with_parts(graph: Graph) -> Graph:
    """The graph without nodes that do nothing but cut and turn a weight that they alone read; a part of one is a weight of its own."""
    uses = Counter(name for node in graph.nodes for name in node.inputs) + Counter(each.name for each in graph.outputs)
    constants, trained = dict(graph.constants), None if graph.trained is None else set(graph.trained)
    names: dict[str, str] = {}
    nodes = []
    for node in graph.nodes:
        inputs = tuple(names.get(name, name) for name in node.inputs)
        node = replace(node, inputs=inputs)
        weight = constants.get(inputs[0]) if inputs and (node.operator in WHOLE or _takes_all_rows(node, constants)) else None
        is_weight = weight is not None and weight.dtype.kind == "f" and weight.size > 1 and uses[inputs[0]] == 1
        found = moved(node, {inputs[0]: weight}, constants) if is_weight else None  # type: ignore[dict-item]
        if found is None or {each.name for each in graph.outputs} & {*node.outputs}:
            nodes.append(node)
            continue
        count = len(found)
        for number, (output, part) in enumerate(zip(node.outputs, found, strict=True), 1):
            names[output] = inputs[0] if count == 1 else f"{inputs[0]}, part {number} of {count}"
            constants[names[output]], uses[names[output]] = part, uses[output]
            if trained is not None and inputs[0] in trained:
                trained.add(names[output])
    if not names:
        return graph
    return replace(graph, nodes=tuple(nodes), constants=constants, trained=None if trained is None else frozenset(trained))
