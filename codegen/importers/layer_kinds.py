"""What an operator is as a layer: a table from operators to functions that say which kind, with which options and parameters."""

from __future__ import annotations

from collections.abc import Callable

from . import attributes
from .graph import Node
from .walk import LayerRow, Walk, without_bias

#: What a node is as a layer; None where it is none.
Kind = Callable[[Walk, Node], LayerRow | None]


def _dense(walk: Walk, node: Node) -> LayerRow | None:
    found = walk.weights(node, W=1, b=2)
    plain = (attributes.real(node, "alpha", 1), attributes.real(node, "beta", 1), attributes.whole(node, "transA", 0)) == (1, 1, 0)
    if found is None or "W" not in found or found["W"][0].ndim != 2 or not plain or len(walk.shape(node.inputs[0])) > 2:
        return None
    array, origin = found["W"]
    weight = array if attributes.whole(node, "transB", 0) else array.T
    if "b" in found and found["b"][0].shape != (weight.shape[0],):
        return None
    return LayerRow("dense", {"units": weight.shape[0], **without_bias(found)}, found | {"W": (weight, origin)})


def _convolution(walk: Walk, node: Node) -> LayerRow | None:
    found = walk.weights(node, W=1, b=2)
    if not found or "W" not in found or attributes.word(node, "auto_pad", "NOTSET") != "NOTSET" or found["W"][0].ndim not in (3, 4):
        return None
    weight, origin = found["W"]
    axes, groups = weight.ndim - 2, attributes.whole(node, "group", 1)
    pads = attributes.wholes(node, "pads", (0,) * (2 * axes))
    before, after = pads[:axes], pads[axes:]
    options: dict[str, object] = {"channels": weight.shape[0], "kernel": _said(weight.shape[2:])}
    for name, key in (("strides", "stride"), ("dilations", "dilation")):
        if any(each != 1 for each in attributes.wholes(node, name, (1,))):
            options[key] = _said(attributes.wholes(node, name, (1,)))
    options |= {"padding": _said(before)} if any(pads) else {}
    options |= {"padding_after": _said(after)} if before != after else {}
    if groups > 1:
        options["groups"] = groups
        found["W"] = weight.reshape(groups, -1, *weight.shape[1:]), origin
    return LayerRow(f"conv{axes}d", options | without_bias(found), found)


def _said(sizes: tuple[int, ...]) -> object:
    """One number where all are equal."""
    return sizes[0] if len(set(sizes)) == 1 else list(sizes)


def _pooling(walk: Walk, node: Node) -> LayerRow | None:
    kernel = attributes.wholes(node, "kernel_shape", ())
    axes = len(kernel)
    pads = attributes.wholes(node, "pads", (0,) * (2 * axes))
    is_max = node.operator == "MaxPool"
    strange = (
        attributes.whole(node, "ceil_mode", 0),
        attributes.word(node, "auto_pad", "NOTSET") != "NOTSET",
        any(each != 1 for each in attributes.wholes(node, "dilations", (1,))),
        pads[:axes] != pads[axes:],
        any(2 * pad > size for pad, size in zip(pads, kernel, strict=False)),
        any(pads) and not is_max and not attributes.whole(node, "count_include_pad", 0),
        len(node.outputs) > 1,
        axes not in (1, 2),
    )
    if any(strange):
        return None
    strides = attributes.wholes(node, "strides", (1,) * axes)
    options: dict[str, object] = {"kernel": _said(kernel)} | ({} if strides == kernel else {"stride": _said(strides)})
    return LayerRow(f"{'max' if is_max else 'average'}_pool{axes}d", options | ({"padding": _said(pads[:axes])} if any(pads) else {}))


def _batch_norm(walk: Walk, node: Node) -> LayerRow | None:
    options: dict[str, object] = {"eps": attributes.real(node, "epsilon", 1e-5)}
    if attributes.whole(node, "training_mode", 0):
        found = walk.weights(node, g=1, b=2)
        return LayerRow("batch_norm", options, found) if found and not any(walk.uses[name] for name in node.outputs[1:]) else None
    found = walk.weights(node, g=1, b=2, m=3, v=4)
    return LayerRow("batch_norm", options | {"mode": "kept"}, found) if found and len(found) == 4 else None


def _over_features(kind: str) -> Kind:
    """A normalisation over the last axis."""

    def row(walk: Walk, node: Node) -> LayerRow | None:
        found = walk.weights(node, g=1, b=2)
        shape = walk.shape(node.inputs[0])
        is_last = attributes.whole(node, "axis", -1) in (-1, len(shape)) and not any(walk.uses[name] for name in node.outputs[1:])
        if not found or "g" not in found or found["g"][0].shape != shape[-1:] or not is_last:
            return None
        options: dict[str, object] = {"eps": attributes.real(node, "epsilon", 1e-5)}
        return LayerRow(kind, options | (without_bias(found) if kind == "layer_norm" else {}), found)

    return row


def _by_channels(kind: str) -> Kind:
    def row(walk: Walk, node: Node) -> LayerRow | None:
        found = walk.weights(node, g=1, b=2)
        shape = walk.shape(node.inputs[0])
        if not found or len(found) != 2 or found["g"][0].shape != shape[:1]:
            return None
        groups = {"groups": attributes.whole(node, "num_groups", 1)} if kind == "group_norm" else {}
        return LayerRow(kind, {**groups, "eps": attributes.real(node, "epsilon", 1e-5)}, found)

    return row


def _embedding(walk: Walk, node: Node) -> LayerRow | None:
    table = walk.constant(node, 0)
    if table is None or table.ndim != 2 or attributes.whole(node, "axis", 0) != 0 or walk.view(node.inputs[1]).output != "x":
        return None
    return LayerRow("embedding", {"features": table.shape[1]}, {"E": (table, node.inputs[0])}, sources=(node.inputs[1],))


def _joined(walk: Walk, node: Node) -> LayerRow | None:
    """Outputs of one shape added or multiplied; or a learned row for every place is added."""
    constants = [name for name in node.inputs if name in walk.translation.constants]
    if constants:
        (other, *more) = [name for name in node.inputs if name not in constants] or [""]
        array = walk.translation.constants[constants[0]]
        own = array[0] if array.ndim == 3 and array.shape[0] == 1 else array
        if more or not other or node.operator != "Add" or own.ndim != 2 or own.shape != walk.shape(other):
            return None
        return LayerRow("positional", parameters={"P": (own, constants[0])}, sources=(other,))
    if len({walk.translation.values[name].shape for name in node.inputs}) > 1:
        return None
    return LayerRow({"Add": "add", "Mul": "multiply"}[node.operator], sources=node.inputs)


def _concatenated(walk: Walk, node: Node) -> LayerRow | None:
    rank = len(walk.translation.values[node.outputs[0]].shape)
    axis = attributes.whole(node, "axis", 0) % rank
    if axis == 0 or len(node.inputs) < 2:
        return None
    return LayerRow("concatenate", {"axis": axis - 1}, sources=node.inputs)


LAYERS: dict[str, Kind] = {
    "Gemm": _dense,
    "MatMul": _dense,
    "Conv": _convolution,
    "MaxPool": _pooling,
    "AveragePool": _pooling,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _over_features("layer_norm"),
    "RMSNormalization": _over_features("rms_norm"),
    "InstanceNormalization": _by_channels("instance_norm"),
    "GroupNormalization": _by_channels("group_norm"),
    "Gather": _embedding,
    "Add": _joined,
    "Mul": _joined,
    "Concat": _concatenated,
}
