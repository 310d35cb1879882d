"""A graph as layers, where each of its operators is one, or a part of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from chainrule.symbolic.layers.registry import KINDS

from . import attention_kinds, channel_kinds, recurrent_kinds
from .activations import activation
from .graph import Graph, Node
from .layer_kinds import LAYERS
from .rearranging import Places, counted
from .translation import Translation
from .walk import LayerRow, Walk

#: What is nothing but a name.
SAME = ("Identity", "Cast", "Dropout")
#: Of a batch normalisation, what no derivative enters.
KEPT = ("m", "v")
#: Operators that are several equations with weights of their own.
WHOLE = {**dict.fromkeys(("LSTM", "GRU", "RNN"), recurrent_kinds.take), "Attention": attention_kinds.take}
#: Kinds that treat each list of features by itself, in whatever order the lists lie.
BY_LISTS = ("dense", "layer_norm", "rms_norm", "activation", "add", "multiply")
ENTRY_BY_ENTRY = ("add", "multiply")


@dataclass(frozen=True)
class Layers:
    """The layers of a model, and sentences on what they have otherwise than the model did."""

    rows: tuple[LayerRow, ...]
    remarks: tuple[str, ...]


def layers_of(graph: Graph, translation: Translation) -> Layers | None:
    """The layers of a graph, whose translation says the shapes; None where an operator is none, or the output is not the last."""
    given = graph.inputs[0]
    if len(graph.inputs) > 1 or len(given.shape) < 2 or not all(isinstance(size, int) for size in given.shape[1:]):
        return None
    uses = Counter(name for node in graph.nodes for name in node.inputs) + Counter(each.name for each in graph.outputs)
    walk = Walk(translation, uses, shapes={"x": counted(given.shape)}, outputs={given.name: "x"})
    for node in graph.nodes:
        if not all(name in translation.constants for name in node.outputs if name) and not _taken(walk, node):
            return None
    rows = _settled(walk, walk.reads(graph.outputs[0].name))
    return Layers(rows, tuple(walk.remarks)) if rows and _are_trained(rows, translation.trained) and not _share(rows) else None


def _share(rows: tuple[LayerRow, ...]) -> bool:
    """Whether two layers have the same weights: as parameters of each they would no longer be."""
    origins = Counter(origin for row in rows for origin in {origin for _, origin in row.parameters.values()})
    return any(count > 1 for count in origins.values())


def _are_trained(rows: tuple[LayerRow, ...], trained: set[str] | None) -> bool:
    """Whether training changes all that the layers would have it change: all but the mean and variance that are kept."""
    origins = [origin for row in rows for name, (_, origin) in row.parameters.items() if name not in KEPT or row.kind != "batch_norm"]
    return trained is None or trained.issuperset(origins)


def _settled(walk: Walk, last: str | None) -> tuple[LayerRow, ...] | None:
    """The layers by their numbers; those of which nothing but the last states is read return these."""
    readers = Counter(source for row in walk.rows.values() for source in row.sources)
    names = {"x": "x"}
    for output, row in walk.rows.items():
        if row.kind == "ends" and readers[row.sources[0]] == 1 and row.sources[0] != last:
            walk.rows[row.sources[0]].options["returns"] = "last"
            names[output] = names[row.sources[0]]
            continue
        if row.kind == "ends":
            if "bidirectional" in walk.rows[row.sources[0]].options:
                return None
            row.kind = "step"
        names[output] = f"a{len(set(names.values()))}"
    rows = [row for row in walk.rows.values() if row.kind != "ends"]
    if walk.opened or not rows or any(source not in names for row in rows for source in row.sources):
        return None
    for row in rows:
        row.sources = tuple(names[source] for source in row.sources)
    return tuple(rows) if last is not None and names.get(last) == f"a{len(rows)}" else None


def _taken(walk: Walk, node: Node) -> bool:
    """Whether a node is a layer, or a part of one, which the walk has then."""
    computed = [name for name in node.inputs if name and walk.knows(name)]
    known = {"", *computed, *walk.filled}
    if any(name not in known and name not in walk.translation.constants for name in node.inputs):
        return False
    if not computed:
        walk.filled.update(node.outputs)
        return True
    if node.operator in SAME and not any(walk.uses[name] for name in node.outputs[1:]) and node.outputs[0] not in walk.translation.inputs:
        _rename(walk, computed[0], node.outputs[0])
        return True
    if node.operator in WHOLE:
        return WHOLE[node.operator](walk, node)
    if walk.moves(node) or any(take(walk, node) for take in (channel_kinds.mean, channel_kinds.pointwise, attention_kinds.close)):
        return True
    frame = walk.frame(computed) if any(name in walk.views for name in computed) else None
    said = _activation(walk, node, frame)
    if said is not None and _is_activated(walk, node, computed[0], said, frame):
        return True
    kind = LAYERS.get(node.operator)
    row = LayerRow("activation", activation=said) if said is not None else kind(walk, node) if kind else None
    return row is not None and _added(walk, node, row, row.sources or tuple(computed[:1]), frame)


def _is_activated(walk: Walk, node: Node, name: str, said: object, frame: Places | None) -> bool:
    """Whether an activation is of all that a layer gives, in whatever order; it is that layer's then where nothing else reads it."""
    is_along = isinstance(said, dict) and "axis" in said
    if not (name in walk.outputs or frame is not None or (not is_along and walk.has_all(name))):
        return False
    before, output = walk.follows(name), walk.output(name)
    if before is not None and KINDS[before.kind].takes_activation:
        before.activation = said
    else:
        output = walk.add(LayerRow("activation", activation=said, sources=(output,)), walk.shapes[output])
    if name in walk.outputs:
        walk.outputs[node.outputs[0]] = output
    else:
        walk.note(node.outputs[0], output, walk.views[name].places)
    return True


def _rename(walk: Walk, name: str, other: str) -> None:
    """Another name for the same array."""
    if name in walk.outputs:
        walk.outputs[other] = walk.outputs[name]
    else:
        walk.views[other] = walk.views[name]


def _added(walk: Walk, node: Node, row: LayerRow, given: tuple[str, ...], frame: Places | None) -> bool:
    """Whether a layer reads whole outputs, or lists of features that all lie in one order."""
    shape = walk.counted(node.outputs[0])
    if frame is not None and row.kind in BY_LISTS:
        row.sources = tuple(walk.view(name).output for name in given)
        output = walk.add(row, (*walk.shapes[row.sources[0]][:-1], shape[-1]))
        walk.note(node.outputs[0], output, frame[..., None] * shape[-1] + np.arange(shape[-1]))
        return True
    if row.kind == "embedding":
        labels = walk.view(given[0])
        if not walk.has_all(given[0]):
            return False
        row.sources = (labels.output,)
        output = walk.add(row, (*walk.shapes[labels.output], shape[-1]))
        walk.note(node.outputs[0], output, labels.places[..., None] * shape[-1] + np.arange(shape[-1]))
        return True
    if row.kind in ENTRY_BY_ENTRY and walk.lie_alike(given):
        row.sources = tuple(walk.output(name) for name in given)
        walk.note(node.outputs[0], walk.add(row, walk.shapes[row.sources[0]]), walk.view(given[0]).places)
        return True
    sources = [walk.reads(name) for name in given]
    row.sources = tuple(source for source in sources if source is not None)
    if None in sources:
        return False
    walk.outputs[node.outputs[0]] = walk.add(row, shape)
    return True


def _activation(walk: Walk, node: Node, frame: Places | None) -> object:
    """Along the last axis of lists of features it runs along the last of an example."""
    said = activation(node, walk.translation)
    if frame is None or not isinstance(said, dict) or "axis" not in said:
        return said
    view = walk.view(node.inputs[0])
    return {**said, "axis": len(walk.shapes[view.output]) - 2} if said["axis"] == view.places.ndim - 2 else None
