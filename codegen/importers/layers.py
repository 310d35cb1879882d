"""A graph as layers, where every operator is a kind of layer, or a part of one."""

from __future__ import annotations

from collections import Counter

import numpy as np

from chainrule.symbolic.layers.registry import KINDS

from . import attributes
from .activations import activation
from .graph import Graph, Node
from .layer_kinds import LAYERS, LayerRow, Walk
from .translation import Translation

#: What is nothing but a name.
SAME = ("Identity", "Cast", "Dropout")
#: Of a batch normalisation, what no derivative enters.
KEPT = ("m", "v")
#: What may take away axes of 1, or nothing.
FLATTENING = ("Flatten", "Reshape", "Squeeze")


def layers_of(graph: Graph, translation: Translation) -> list[LayerRow] | None:
    """The layers of a graph, whose translation says the shapes; None where an operator is none, or the output is not the last."""
    given = graph.inputs[0]
    if len(graph.inputs) > 1 or len(given.shape) < 2 or not all(isinstance(size, int) for size in given.shape[1:]):
        return None
    uses = Counter(name for node in graph.nodes for name in node.inputs) + Counter(each.name for each in graph.outputs)
    walk = Walk(translation, uses, outputs={given.name: "x"})
    for node in graph.nodes:
        if not all(name in translation.constants for name in node.outputs if name) and not _taken(walk, node):
            return None
    is_whole = walk.rows and walk.outputs.get(graph.outputs[0].name) == walk.last and _are_trained(walk)
    return walk.rows if is_whole else None


def _are_trained(walk: Walk) -> bool:
    """Whether training changes all that the layers would have it change: all but the mean and variance that are kept."""
    trained = walk.translation.trained
    origins = [origin for row in walk.rows for name, (_, origin) in row.parameters.items() if name not in KEPT or row.kind != "batch_norm"]
    return trained is None or trained.issuperset(origins)


def _taken(walk: Walk, node: Node) -> bool:
    """Whether a node is a layer, or a part of one, which the walk has then."""
    known = [name for name in node.inputs if name in walk.outputs]
    if not known or any(name not in walk.outputs and name not in walk.translation.constants for name in node.inputs if name):
        return False
    if {*known} & walk.ones and node.operator not in FLATTENING:
        return False
    if _is_same(walk, node):
        walk.outputs[node.outputs[0]] = walk.outputs[known[0]]
        return True
    if _is_mean_of_channels(walk, node):
        walk.add(node, LayerRow("global_average_pool", sources=(walk.outputs[known[0]],)))
        walk.ones |= {node.outputs[0]} if len(walk.translation.values[node.outputs[0]].shape) > 2 else set()
        return True
    said, before = activation(node, walk.translation), walk.follows(known[0])
    if said is not None and before is not None and KINDS[before.kind].takes_activation:
        before.activation = said
        walk.outputs[node.outputs[0]] = walk.last
        return True
    kind = LAYERS.get(node.operator)
    row = LayerRow("activation", activation=said) if said is not None else kind(walk, node) if kind else None
    if row is None:
        return False
    row.sources = tuple(walk.outputs[name] for name in row.sources or known[:1])
    walk.add(node, row)
    return True


def _is_same(walk: Walk, node: Node) -> bool:
    """Whether it gives what it reads: by its meaning, or as a layer has it that keeps no axes of 1."""
    if node.operator in SAME:
        return not any(walk.uses[name] for name in node.outputs[1:]) and node.outputs[0] not in walk.translation.inputs
    if node.operator not in FLATTENING:
        return False
    before, after = (walk.translation.values[name].shape for name in (node.inputs[0], node.outputs[0]))
    return after == before or (node.inputs[0] in walk.ones and after == before[:2])


def _is_mean_of_channels(walk: Walk, node: Node) -> bool:
    rank = len(walk.translation.values[node.inputs[0]].shape) if node.inputs[0] in walk.outputs else 0
    if node.operator == "GlobalAveragePool":
        return True
    if node.operator != "ReduceMean" or rank < 4 or attributes.whole(node, "keepdims", 1):
        return False
    axes = walk.constant(node, 1)
    said = attributes.wholes(node, "axes", ()) if axes is None else tuple(map(int, np.atleast_1d(axes)))
    return sorted(axis % rank for axis in said) == [*range(2, rank)]
