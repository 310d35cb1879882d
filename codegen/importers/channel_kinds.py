"""Operators on channels as layers, wherever the channels lie: their mean, and a convolution that sees one place alone."""

from __future__ import annotations

from math import prod

import numpy as np

from . import attributes
from .graph import Node
from .walk import LayerRow, Walk, frame_of, is_whole, numbered, without_bias


def pointwise(walk: Walk, node: Node) -> bool:
    """Whether it is a convolution that sees one place alone, of features that lie behind the places: a dense layer at each."""
    view = walk.views.get(node.inputs[0]) if node.operator == "Conv" else None
    found = walk.weights(node, W=1, b=2) if view is not None else None
    if view is None or not found or "W" not in found:
        return False
    weight, origin = found["W"]
    moves = any(attributes.wholes(node, "pads", (0,))) or any(each != 1 for each in attributes.wholes(node, "strides", (1,)))
    if weight.shape != (*weight.shape[:2], *(1,) * (weight.ndim - 2)) or moves or attributes.whole(node, "group", 1) != 1:
        return False
    lists, features = frame_of(np.moveaxis(view.places, 1, -1), walk.shapes[view.output]), weight.shape[0]
    if lists is None or view.output in walk.opened:
        return False
    parameters = found | {"W": (weight.reshape(weight.shape[:2]), origin)}
    row = LayerRow("dense", {"units": features, **without_bias(found)}, parameters, sources=(view.output,))
    output = walk.add(row, (*walk.shapes[view.output][:-1], features))
    walk.note(node.outputs[0], output, np.moveaxis(lists[..., None] * features + np.arange(features), -1, 1))
    return True


def mean(walk: Walk, node: Node) -> bool:
    """Whether it is the mean of each channel, or of the features of all steps, wherever they lie."""
    if node.operator not in ("GlobalAveragePool", "ReduceMean") or not walk.knows(node.inputs[0]):
        return False
    view = walk.view(node.inputs[0])
    shape, rank = walk.shapes[view.output], view.places.ndim
    array = walk.constant(node, 1)
    said = attributes.wholes(node, "axes", ()) if array is None else tuple(map(int, np.atleast_1d(array)))
    axes = range(2, rank) if node.operator == "GlobalAveragePool" else [axis % rank for axis in said]
    if len(shape) < 3 or not axes or view.output in walk.opened:
        return False
    others = [axis for axis in range(rank) if axis not in axes]
    lists = np.sort(view.places.transpose(*others, *axes).reshape(*(view.places.shape[axis] for axis in others), -1), axis=-1)
    for channels, at in (("first", 1), ("last", len(shape) - 1)):
        own = np.moveaxis(numbered(shape), at, 1).reshape(-1, prod(shape) // shape[0] // shape[at])
        found = np.searchsorted(own[:, 0], lists[..., 0]) % len(own)
        if is_whole(np.sort(found, axis=None)) and found.size == len(own) and np.array_equal(own[found], lists):
            options: dict[str, object] = {} if channels == "first" else {"channels": "last"}
            output = walk.add(LayerRow("global_average_pool", options, sources=(view.output,)), (shape[0], shape[at]))
            walk.note(node.outputs[0], output, found.reshape(walk.counted(node.outputs[0])))
            return True
    return False
