"""Attention of several heads as one layer: three projections, the weighted means, and the projection that joins the heads.

A head's features may stand anywhere among those of a projection, or of one that is all three: the weights are put in order.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from . import attributes
from .attention import is_causal_mask
from .graph import Node
from .rearranging import Places
from .walk import Array, LayerRow, Parameters, View, Walk, is_whole, numbered, without_bias


def take(walk: Walk, node: Node) -> bool:
    """Whether a node is the attention of three dense layers, which are a part of it then; it waits for the projection behind it."""
    views = [walk.view(name) for name in node.inputs[:3] if walk.knows(name)]
    rows = [walk.rows.get(view.output) for view in views]
    causal = _is_causal(walk, node)
    if len(views) < 3 or causal is None or not all(row is not None and row.kind == "dense" and row.activation is None for row in rows):
        return False
    heads = [attributes.whole(node, name, 0) for name in ("q_num_heads", "kv_num_heads", "kv_num_heads")]
    found = [_features(walk, view, count) for view, count in zip(views, heads, strict=True)]
    projections = cast(list[LayerRow], rows)
    if any(features is None for features in found) or projections[1].sources != projections[2].sources:
        return False
    features = cast(list[Places], found)
    if len({each.shape for each in features}) > 1 or len({"b" in row.parameters for row in projections}) > 1:
        return False
    parameters: Parameters = {}
    for name in "Wb":
        for gate, row, order in zip("qkv", projections, features, strict=True):
            if name in row.parameters:
                array, origin = row.parameters[name]
                parameters[f"{name}{gate}"] = array[order], origin
    sources = tuple(dict.fromkeys((projections[0].sources[0], projections[1].sources[0])))
    count, size = features[0].shape
    width, steps = walk.shapes[sources[0]][-1], walk.shapes[views[0].output][1]
    options: dict[str, object] = {"heads": count} | ({} if count * size == width else {"features": size})
    options |= ({"causal": True} if causal else {}) | ({} if "bq" in parameters else {"bias": False})
    for view in views:
        walk.rows.pop(view.output, None)
    shape = (walk.shapes[views[0].output][0], count, steps, size)
    output = walk.add(LayerRow("multi_head_attention", options, parameters, sources=sources), shape)
    walk.opened.add(output)
    means = numbered(shape)
    walk.note(node.outputs[0], output, means.transpose(0, 2, 1, 3).reshape(shape[0], steps, -1) if heads[0] else means)
    return True


def _is_causal(walk: Walk, node: Node) -> bool | None:
    """Whether a place sees only itself and those before; None where it is neither that nor all that the layer does."""
    scale = "scale" in node.attributes or attributes.real(node, "softcap", 0)
    windows = any(attributes.whole(node, f"{side}_window_size", -1) >= 0 for side in ("left", "right"))
    if scale or windows or any(attributes.has(node, place) for place in range(4, len(node.inputs))) or len(node.outputs) > 1:
        return None
    is_causal = bool(attributes.whole(node, "is_causal", 0))
    if not attributes.has(node, 3):
        return is_causal
    mask = walk.constant(node, 3)
    return True if mask is not None and is_causal_mask(mask, walk.counted(node.inputs[0])[-2]) else None


def _features(walk: Walk, view: View, heads: int) -> Places | None:
    """Which features of a projection each head has, by (heads, features); None where an array is otherwise than by examples and steps."""
    shape, places = walk.shapes[view.output], view.places
    if places.ndim == 3 and heads:
        places = places.reshape(*places.shape[:2], heads, -1).transpose(0, 2, 1, 3)
    if len(shape) != 3 or places.ndim != 4:
        return None
    order = places[0, :, 0] % shape[2]
    lists = np.arange(shape[0] * shape[1]).reshape(shape[0], 1, shape[1], 1) * shape[2]
    return order if np.array_equal(places, lists + order[:, None]) else None


def close(walk: Walk, node: Node) -> bool:
    """Whether a node is the projection of the heads of an attention, which is whole then."""
    view = walk.view(node.inputs[0]) if walk.knows(node.inputs[0]) else None
    found = walk.weights(node, W=1, b=2)
    if view is None or view.output not in walk.opened or not found or "W" not in found or attributes.whole(node, "transA", 0):
        return False
    examples, heads, steps, size = walk.shapes[view.output]
    row, places = walk.rows[view.output], view.places
    width = walk.shapes[row.sources[0]][-1]
    own = places // size % steps + places // (size * steps * heads) * steps
    order = places // (size * steps) % heads * size + places % size
    first = order.reshape(-1, order.shape[-1])[0]
    array, origin = found["W"]
    weight = array if attributes.whole(node, "transB", 0) else array.T
    fitting = (
        np.all(own == own[..., :1]),
        is_whole(np.sort(own[..., 0], axis=None)),
        np.all(order == first),
        is_whole(np.sort(first)),
        len(first) == heads * size == weight.shape[-1],
        weight.shape[0] == width,
        without_bias(found) == without_bias(row.parameters, "bq"),
    )
    if not all(fitting):
        return False
    turned: Array = np.empty_like(weight)
    turned[:, first] = weight
    row.parameters["Wo"] = turned.reshape(width, heads, size), origin
    if "b" in found:
        row.parameters["bo"] = found["b"]
    walk.opened.remove(view.output)
    walk.shapes[view.output] = (examples, steps, width)
    walk.note(node.outputs[0], view.output, own[..., :1] * width + np.arange(width))
    return True
