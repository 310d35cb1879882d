"""Keras's layers other than convolutions, recurrent ones and attention."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

import numpy as np

from .arranged_nodes import alone, clipped, concatenated, dense, joined, over_last, part, reduced
from .axis_order import Arranged, NotCut, Size, fresh
from .keras_activations import activated, softmax
from .keras_layer import Given, KerasLayer


def _dense(layer: KerasLayer) -> Arranged:
    x, units = layer.x, layer.whole("units")
    weight = layer.weight(0, [layer.size(x, -1), units], "kernel")
    bias = layer.weight(1, [units], "bias") if layer["use_bias"] else None
    return activated(layer, dense(layer, x, weight, bias, is_turned=False))


def _embedding(layer: KerasLayer) -> Arranged:
    layer.expect(not layer.config.get("mask_zero"), "labels of 0 are masked, and masks are not taken over")
    labels, rows, features = layer.x, layer.whole("input_dim"), layer.whole("output_dim")
    weight = layer.weight(0, [rows, features], "embeddings")
    axis = weight.order[1]
    return layer.writer.node("Gather", [weight.value, labels.value], (*labels.axes, axis), (*labels.order, axis), axis=0)


def _viewed(layer: KerasLayer, x: Arranged, shape: list[Size]) -> Arranged:
    try:
        return x.viewed(shape)
    except NotCut:
        raise layer.refuse(f"{x.shape} cannot be seen as {shape}") from None


def _flatten(layer: KerasLayer) -> Arranged:
    x = layer.x
    if layer.config.get("data_format") == "channels_first" and len(x.order) > 2:
        x = x.permuted([0, *range(2, len(x.order)), 1])
    return _viewed(layer, x, [x.shape[0], (prod(layer.size(x, place) for place in range(1, len(x.order))), ())])


def _reshape(layer: KerasLayer) -> Arranged:
    x, shape = layer.x, layer["target_shape"]
    layer.expect(isinstance(shape, list) and all(isinstance(size, int) for size in shape), f"target_shape: found {shape!r}, expected sizes")
    whole = prod(layer.size(x, place) for place in range(1, len(x.order)))
    known = prod(size for size in shape if size != -1)
    return _viewed(layer, x, [x.shape[0], *((whole // max(known, 1) if size == -1 else size, ()) for size in shape)])


def _permute(layer: KerasLayer) -> Arranged:
    dims = layer["dims"]
    count = len(layer.x.order) - 1
    layer.expect(sorted(dims) == list(range(1, count + 1)), f"dims: found {dims!r}, expected the axes from 1 to {count}")
    return layer.x.permuted([0, *dims])


def _repeat(layer: KerasLayer) -> Arranged:
    x = layer.x
    layer.expect(len(x.order) == 2, f"found {len(x.order)} axes, expected (examples, features)")
    axes = (x.order[0], fresh(layer.whole("n")), x.order[1])
    return layer.writer.expanded(layer.writer.laid(Arranged(x.value, x.axes, (x.order[0], (), x.order[1]))), axes)


def _axis(layer: KerasLayer, x: Arranged) -> int:
    axis = layer["axis"]
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    layer.expect(isinstance(axis, int) and -len(x.order) <= axis < len(x.order), f"axis: found {axis!r}, expected one axis")
    return int(axis) % len(x.order)


def _gain_and_bias(layer: KerasLayer, size: int) -> tuple[list[Arranged], int]:
    """γ and β, 1 and 0 where the layer has none, and how many weights these are."""
    number = 0
    found = []
    for word, name, otherwise in (("scale", "gamma", 1.0), ("center", "beta", 0.0)):
        found.append(layer.weight(number, [size], name) if layer[word] else layer.constant(otherwise, size, name))
        number += bool(layer[word])
    return found, number


def _batch_normalization(layer: KerasLayer) -> Arranged:
    """By the mean and variance that were kept, as `predict` does, or in training by those of the examples."""
    x = layer.x
    place = _axis(layer, x)
    layer.expect(place > 0, "a normalisation along the examples")
    layer.expect(not layer.config.get("renorm"), "renorm")
    size = layer.size(x, place)
    weights, number = _gain_and_bias(layer, size)
    kept = [layer.made(name, partial(layer.variable, number + more, [size]), False) for more, name in enumerate(MOVING)]
    training = layer.model.training or layer.model.weights.file is None
    attributes: dict[str, Any] = {"training_mode": 1, "momentum": layer.number("momentum")} if training else {}
    order = [0, place, *(other for other in range(1, len(x.order)) if other != place)]
    moved = x.permuted(order)
    inputs = [layer.writer.laid(moved), *(each.value for each in (*weights, *kept))]
    found = layer.writer.outputs("BatchNormalization", inputs, 3 if training else 1, epsilon=layer.number("epsilon"), **attributes)
    return Arranged(found[0], moved.order, moved.order).permuted([order.index(other) for other in range(len(order))])


def _layer_normalization(layer: KerasLayer) -> Arranged:
    x = layer.x
    layer.expect(_axis(layer, x) == len(x.order) - 1, "a normalisation along another axis than the last")
    size = layer.size(x, -1)
    if layer.config.get("rms_scaling"):
        return over_last(layer, "RMSNormalization", x, 1, [layer.weight(0, [size], "gamma").value], layer.number("epsilon"))
    weights = [each.value for each in _gain_and_bias(layer, size)[0]]
    return over_last(layer, "LayerNormalization", x, 1, weights, layer.number("epsilon"))


def _rms_normalization(layer: KerasLayer) -> Arranged:
    x = layer.x
    layer.expect(_axis(layer, x) == len(x.order) - 1, "a normalisation along another axis than the last")
    return over_last(layer, "RMSNormalization", x, 1, [layer.weight(0, [layer.size(x, -1)], "scale").value], layer.number("epsilon"))


def _group_normalization(layer: KerasLayer) -> Arranged:
    x = layer.x
    place = _axis(layer, x)
    size, groups = layer.size(x, place), layer["groups"]
    order = [0, place, *(other for other in range(1, len(x.order)) if other != place)]
    moved = x.permuted(order)
    weights = [each.value for each in _gain_and_bias(layer, size)[0]]
    found = layer.writer.node(
        "GroupNormalization",
        [layer.writer.laid(moved), *weights],
        moved.order,
        num_groups=size if groups == -1 else groups,
        epsilon=layer.number("epsilon"),
    )
    return found.permuted([order.index(other) for other in range(len(order))])


def _dropout(layer: KerasLayer) -> Arranged:
    """Of entries that are left out by chance there is an operator, of whole channels and of noise none."""
    x = layer.x
    if not layer.model.training:
        layer.writer.remark("dropout is left out, as predict leaves it out")
        return x
    layer.expect(layer.kind == "Dropout" and layer.config.get("noise_shape") is None, "there is no equation for it in training")
    ratio = layer.writer.constant(np.array(layer.number("rate"), np.float32), f"{layer.name}/rate")
    training = layer.writer.constant(np.array(True), f"{layer.name}/training")
    return layer.writer.node("Dropout", [x.value, ratio.value, training.value], x.axes, x.order)


def _relu(layer: KerasLayer) -> Arranged:
    x, most, slope = layer.x, layer.config.get("max_value"), layer.config.get("negative_slope") or 0.0
    layer.expect(not layer.config.get("threshold"), "a threshold other than 0")
    found = alone(layer, "LeakyRelu", x, alpha=float(slope)) if slope else alone(layer, "Relu", x)
    return found if most is None else clipped(layer, found, None, layer.number("max_value"))


def _prelu(layer: KerasLayer) -> Arranged:
    """One slope for each entry of an example, or for those along axes that share it."""
    x = layer.x
    shared = layer.config.get("shared_axes") or []
    alpha = layer.weight(0, [1 if place in shared else layer.size(x, place) for place in range(1, len(x.order))], "alpha")
    return layer.writer.node("PRelu", [layer.writer.laid(x), layer.writer.laid(alpha)], x.order)


def _folded(operator: str) -> Callable[[KerasLayer], Arranged]:
    def of(layer: KerasLayer) -> Arranged:
        first, *others = layer.several
        for other in others:
            first = joined(layer, operator, first, other)
        return joined(layer, "Div", first, float(len(others) + 1)) if layer.kind == "Average" else first

    return of


def _arithmetic(operator: str) -> Callable[[KerasLayer], Arranged]:
    """x + 1 between layers, where either may be a number."""

    def of(layer: KerasLayer) -> Arranged:
        values = [*layer.given, *layer.options.values()]
        layer.expect(len(values) == 2, "expected two operands")
        return joined(layer, operator, *values)

    return of


def _concatenate(layer: KerasLayer) -> Arranged:
    values = layer.several
    place = _axis(layer, values[0])
    layer.expect(place > 0, "examples behind each other")
    return concatenated(layer, values, place, (sum(layer.size(value, place) for value in values), ()))


def _pairs(layer: KerasLayer, name: str, count: int) -> list[list[int]]:
    value = layer[name]
    found = [value] if count == 1 else value
    pairs = [[each, each] if isinstance(each, int) else each for each in ([found] * count if isinstance(found, int) else found)]
    is_right = len(pairs) == count and all(len(pair) == 2 and all(isinstance(each, int) and each >= 0 for each in pair) for pair in pairs)
    layer.expect(is_right, f"{name}: found {value!r}, expected sizes before and behind each axis")
    return pairs


def _places(layer: KerasLayer) -> list[int]:
    count = len(layer.x.order) - 2
    return [place + 1 + (layer.config.get("data_format") == "channels_first") for place in range(count)]


def _zero_padding(layer: KerasLayer) -> Arranged:
    x, places = layer.x, _places(layer)
    pads = dict(zip(places, _pairs(layer, "padding", len(places)), strict=True))
    sizes = [sum(pads.get(place, ())) for place in range(len(x.order))]
    order = tuple(fresh(layer.size(x, place) + size) if size else x.order[place] for place, size in enumerate(sizes))
    numbers = [pads.get(place, (0, 0))[side] for side in (0, 1) for place in range(len(x.order))]
    return layer.writer.node("Pad", [layer.writer.laid(x), layer.writer.whole_numbers(numbers, "pads"), layer.operand(0.0).value], order)


def _cropping(layer: KerasLayer) -> Arranged:
    x, places = layer.x, _places(layer)
    for place, (before, behind) in zip(places, _pairs(layer, "cropping", len(places)), strict=True):
        x = part(layer, x, place, before, layer.size(x, place) - behind) if before or behind else x
    return x


def _rescaling(layer: KerasLayer) -> Arranged:
    scaled = joined(layer, "Mul", layer.x, layer.number("scale"))
    return joined(layer, "Add", scaled, layer.number("offset")) if layer["offset"] else scaled


def _unit_normalization(layer: KerasLayer) -> Arranged:
    """x/√max(Σ x², 10⁻¹²)"""
    x = layer.x
    total = reduced(layer, "ReduceSum", joined(layer, "Mul", x, x), [_axis(layer, x)], True)
    return joined(layer, "Div", x, alone(layer, "Sqrt", clipped(layer, total, 1e-12, None)))


#: What a batch normalisation keeps of the examples that it has seen.
MOVING = ("moving_mean", "moving_variance")
#: What is left out by chance, or added.
CHANCE = "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout GaussianNoise AlphaDropout".split()
TABLE: dict[str, Callable[[KerasLayer], Given]] = {
    "Dense": _dense,
    "Embedding": _embedding,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "RepeatVector": _repeat,
    "BatchNormalization": _batch_normalization,
    "LayerNormalization": _layer_normalization,
    "RMSNormalization": _rms_normalization,
    "GroupNormalization": _group_normalization,
    "UnitNormalization": _unit_normalization,
    **dict.fromkeys(CHANCE, _dropout),
    "ActivityRegularization": lambda layer: layer.x,
    "Identity": lambda layer: layer.x,
    "Activation": lambda layer: activated(layer, layer.x),
    "ReLU": _relu,
    "LeakyReLU": lambda layer: alone(layer, "LeakyRelu", layer.x, alpha=layer.number("negative_slope")),
    "ELU": lambda layer: alone(layer, "Elu", layer.x, alpha=layer.number("alpha")),
    "PReLU": _prelu,
    "Softmax": lambda layer: softmax(layer, "Softmax", layer.x, _axis(layer, layer.x)),
    "Add": _folded("Add"),
    "Multiply": _folded("Mul"),
    "Average": _folded("Add"),
    "Maximum": _folded("Max"),
    "Minimum": _folded("Min"),
    "Subtract": _folded("Sub"),
    "Concatenate": _concatenate,
    **dict.fromkeys(("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"), _zero_padding),
    **dict.fromkeys(("Cropping1D", "Cropping2D", "Cropping3D"), _cropping),
    "Rescaling": _rescaling,
}
#: What stands between layers in Python: x + 1, x*y.
OPERATIONS: dict[str, Callable[[KerasLayer], Given]] = {
    "Add": _arithmetic("Add"),
    "Subtract": _arithmetic("Sub"),
    "Multiply": _arithmetic("Mul"),
    "Divide": _arithmetic("Div"),
    "TrueDivide": _arithmetic("Div"),
    "Power": _arithmetic("Pow"),
    "Maximum": _arithmetic("Max"),
    "Minimum": _arithmetic("Min"),
}
