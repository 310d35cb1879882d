"""Keras's convolutions and pooling. Channels are last there, or first where a layer says so; ONNX has them first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .arranged_nodes import reduced
from .axis_order import Arranged, fresh
from .graph_writer import Array
from .keras_activations import activated
from .keras_layer import KerasLayer
from .resizing import resized


def axes_of(kind: str) -> int:
    """How many axes an image has by the name of a layer: Conv2D, MaxPooling1D."""
    return int(next(sign for sign in kind if sign.isdigit()))


def _channels_first(layer: KerasLayer, x: Arranged, count: int) -> Arranged:
    layer.expect(len(x.order) == count + 2, f"found {len(x.order)} axes, expected {count + 2}")
    return x if _is_first(layer) else x.permuted([0, count + 1, *range(1, count + 1)])


def _is_first(layer: KerasLayer) -> bool:
    return bool(layer.config.get("data_format") == "channels_first")


def _as_given(layer: KerasLayer, x: Arranged) -> Arranged:
    return x if _is_first(layer) else x.permuted([0, *range(2, len(x.order)), 1])


def _windows(
    layer: KerasLayer, x: Arranged, kernel: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> tuple[list[int], list[int]]:
    """What is added before and behind each axis, and the sizes that come out; "same" puts what is odd behind."""
    padding, before, behind, sizes = layer["padding"], [], [], []
    layer.expect(padding in ("valid", "same", "causal"), f"padding: found {padding!r}, expected valid, same or causal")
    for place, (width, stride, step) in enumerate(zip(kernel, strides, dilation, strict=True)):
        size, whole = layer.size(x, place + 2), step * (width - 1) + 1
        more = {"valid": 0, "causal": whole - 1, "same": max((-(-size // stride) - 1) * stride + whole - size, 0)}[padding]
        before.append(more if padding == "causal" else more // 2)
        behind.append(more - before[-1])
        sizes.append((size + more - whole) // stride + 1)
        layer.expect(sizes[-1] > 0, f"a window of {whole} on an axis of {size}")
    return [*before, *behind], sizes


def _convolved(
    layer: KerasLayer, x: Arranged, weight: Arranged, bias: Arranged | None, kernel: list[int], groups: int, channels: int
) -> Arranged:
    count = len(kernel)
    strides, dilation = layer.sizes("strides", count), layer.sizes("dilation_rate", count)
    pads, sizes = _windows(layer, x, kernel, strides, dilation)
    axes = (x.order[0], fresh(channels), *(fresh(size) for size in sizes))
    attributes: dict[str, Any] = {"kernel_shape": kernel, "strides": strides, "pads": pads, "dilations": dilation, "group": groups}
    inputs = [layer.writer.laid(x), weight.value, *([bias.value] if bias else [])]
    return layer.writer.node("Conv", inputs, axes, **attributes)


def _bias(layer: KerasLayer, number: int, size: int) -> Arranged | None:
    return layer.weight(number, [size], "bias") if layer["use_bias"] else None


def _convolution(layer: KerasLayer) -> Arranged:
    count = axes_of(layer.kind)
    x = _channels_first(layer, layer.x, count)
    kernel, filters, groups = layer.sizes("kernel_size", count), layer.whole("filters"), layer.config.get("groups", 1)
    given = layer.size(x, 1)
    layer.expect(isinstance(groups, int) and groups > 0 and given % groups == 0, f"{groups!r} groups of {given} channels")
    # Keras has windows, channels in, channels out.
    weight = layer.weight(0, [*kernel, given // groups, filters], "kernel", turned=[count + 1, count, *range(count)])
    found = _convolved(layer, x, weight, _bias(layer, 1, filters), kernel, groups, filters)
    return activated(layer, _as_given(layer, found))


def _depthwise(layer: KerasLayer) -> Arranged:
    """Each channel by itself, `depth_multiplier` times."""
    count = axes_of(layer.kind)
    x = _channels_first(layer, layer.x, count)
    found = _by_channel(layer, x, 0, "kernel", layer["use_bias"])
    return activated(layer, _as_given(layer, found))


def _by_channel(layer: KerasLayer, x: Arranged, number: int, name: str, has_bias: bool) -> Arranged:
    count = len(x.order) - 2
    kernel, times, channels = layer.sizes("kernel_size", count), layer.whole("depth_multiplier"), layer.size(x, 1)

    def moved() -> Array:
        """(windows, channels, times) as (channels × times, 1, windows)."""
        array = layer.variable(number, [*kernel, channels, times])
        return array.transpose([count, count + 1, *range(count)]).reshape(channels * times, 1, *kernel)

    weight = layer.made(name, moved)
    bias = layer.weight(1, [channels * times], "bias") if has_bias else None
    return _convolved(layer, x, weight, bias, kernel, channels, channels * times)


def _separable(layer: KerasLayer) -> Arranged:
    count = axes_of(layer.kind)
    deep = _by_channel(layer, _channels_first(layer, layer.x, count), 0, "depthwise_kernel", False)
    given, filters = layer.size(deep, 1), layer.whole("filters")
    weight = layer.weight(1, [*[1] * count, given, filters], "pointwise_kernel", turned=[count + 1, count, *range(count)])
    bias = _bias(layer, 2, filters)
    axes = (deep.order[0], fresh(filters), *deep.order[2:])
    inputs = [layer.writer.laid(deep), weight.value, *([bias.value] if bias else [])]
    return activated(layer, _as_given(layer, layer.writer.node("Conv", inputs, axes, kernel_shape=[1] * count)))


def _transposed(layer: KerasLayer) -> Arranged:
    """The adjoint of a convolution: "same" gives `strides` times the size, "valid" all that a window reaches."""
    count = axes_of(layer.kind)
    x = _channels_first(layer, layer.x, count)
    kernel, strides, dilation = (layer.sizes(name, count) for name in ("kernel_size", "strides", "dilation_rate"))
    filters, given = layer.whole("filters"), layer.size(x, 1)
    layer.expect(layer.config.get("output_padding") is None, "an output_padding of its own")
    layer.expect(all(step == 1 for step in dilation), "a transposed convolution that is dilated")
    before, behind, more = [], [], []
    for width, stride in zip(kernel, strides, strict=True):
        less = max(width - stride, 0) if layer["padding"] == "same" else 0
        before.append(less // 2)
        behind.append(less - less // 2)
        more.append(max(stride - width, 0))
    sizes = [
        stride * (layer.size(x, place + 2) - 1) + width - before[place] - behind[place] + more[place]
        for place, (width, stride) in enumerate(zip(kernel, strides, strict=True))
    ]
    weight = layer.weight(0, [*kernel, filters, given], "kernel", turned=[count + 1, count, *range(count)])
    bias = _bias(layer, 1, filters)
    axes = (x.order[0], fresh(filters), *(fresh(size) for size in sizes))
    attributes: dict[str, Any] = {"kernel_shape": kernel, "strides": strides, "pads": [*before, *behind], "output_padding": more}
    inputs = [layer.writer.laid(x), weight.value, *([bias.value] if bias else [])]
    return activated(layer, _as_given(layer, layer.writer.node("ConvTranspose", inputs, axes, **attributes)))


def _pooling(layer: KerasLayer) -> Arranged:
    """What "same" adds is counted in no mean."""
    count = axes_of(layer.kind)
    x = _channels_first(layer, layer.x, count)
    kernel = layer.sizes("pool_size", count)
    strides = kernel if layer.config.get("strides") is None else layer.sizes("strides", count)
    pads, sizes = _windows(layer, x, kernel, strides, [1] * count)
    axes = (*x.order[:2], *(fresh(size) for size in sizes))
    operator = "MaxPool" if layer.kind.startswith("Max") else "AveragePool"
    found = layer.writer.node(operator, [layer.writer.laid(x)], axes, kernel_shape=kernel, strides=strides, pads=pads)
    return _as_given(layer, found)


def _global(layer: KerasLayer) -> Arranged:
    x, count = layer.x, axes_of(layer.kind)
    places = [place + 1 + _is_first(layer) for place in range(count)]
    operator = "ReduceMax" if "Max" in layer.kind else "ReduceMean"
    return reduced(layer, operator, x, places, bool(layer.config.get("keepdims")))


def _upsampled(layer: KerasLayer) -> Arranged:
    """Entries repeated, or lines between neighbours."""
    count = axes_of(layer.kind)
    x = _channels_first(layer, layer.x, count)
    times = layer.sizes("size", count)
    how = layer.config.get("interpolation", "nearest")
    modes = {"nearest": "nearest", "bilinear": "linear"}
    layer.expect(how in modes, f"interpolation: found {how!r}, expected {' or '.join(modes)}")
    sizes = tuple((layer.size(x, place + 2) * each, ()) for place, each in enumerate(times))
    places = "asymmetric" if how == "nearest" else "half_pixel"
    return _as_given(layer, resized(layer, x, sizes, modes[how], places))


#: Kinds by the words of their names, each for one axis to three.
TABLE: dict[str, Callable[[KerasLayer], Arranged]] = {
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D"), _convolution),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), _transposed),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
    **dict.fromkeys(("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D"), _pooling),
    **dict.fromkeys(("UpSampling1D", "UpSampling2D", "UpSampling3D"), _upsampled),
    **{f"Global{which}Pooling{count}D": _global for which in ("Average", "Max") for count in (1, 2, 3)},
}
