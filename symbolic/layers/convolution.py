"""Convolutions, transposed convolutions and pooling. A read beyond the edge is 0, which is what padding means."""

from __future__ import annotations

from chainrule.symbolic.index.failures import InvalidDescription

from .activations import PROBABILITY
from .layer_equations import BIAS, ExampleShape, LayerEquations, LayerKind, index_sum, with_bias
from .options import Option, Options
from .weight_normalisation import NORMALISED, weights

#: Letters of the axes that a window moves along, of its places, and of its own axes.
ALONG, PLACES, WINDOW = ("h", "w"), ("i", "j"), ("p", "q")
#: Letters of the axes of what has edges around it, and its names after each axis.
BEYOND, EDGES = ("k", "l"), ("u", "v")


def reach(size: int, window: int, stride: int, paddings: tuple[int, int], dilation: int, kind: str) -> int:
    """How many places a window has along an axis, with so many zeros before and after it."""
    before, after = paddings
    found = (size + before + after - dilation * (window - 1) - 1) // stride + 1
    if found < 1:
        padding = f"{before}" if before == after else f"{before} before and {after} after"
        raise InvalidDescription(f"{kind}: the window of {window} is larger than what it moves over, {size} with a padding of {padding}")
    return found


def _window(
    axes: int, option: Options, shape: ExampleShape, paddings: list[tuple[int, int]], dilations: tuple[int, ...], kind: str
) -> tuple[list[str], dict[str, int]]:
    """The indices at which the input is read, and the sizes of the output's and the window's axes."""
    windows, strides = option.kernel[:axes], (option.stride or option.kernel)[:axes]
    indices, sizes = [], {}
    for place, window_letter, size, window, stride, padding, dilation in zip(
        PLACES, WINDOW, shape[1:], windows, strides, paddings, dilations, strict=False
    ):
        indices.append(index_sum((stride, place), (dilation, window_letter), offset=-padding[0]))
        sizes[place] = reach(size, window, stride, padding, dilation, kind)
        sizes[window_letter] = window
    return indices, sizes


def _paddings(axes: int, option: Options, kind: str) -> list[tuple[int, int]]:
    """Zeros before and after each axis: equally many, other ones after it, or before it as many as a causal window reaches back."""
    before, after = option.padding[:axes], option.padding_after
    if axes > 1 or not option.causal:
        return list(zip(before, before if after is None else after, strict=False))
    if any(before) or after is not None:
        raise InvalidDescription(f"{kind}: a causal convolution pads by itself; leave out padding", ("padding",))
    return [(option.dilation[0] * (option.kernel[0] - 1), 0)]


def _convolution(axes: int, sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    (shape,) = sources
    kind = f"conv{axes}d"
    at, sizes = _window(axes, option, shape, _paddings(axes, option, kind), option.dilation, kind)
    places, window = ",".join(PLACES[:axes]), ",".join(WINDOW[:axes])
    source = (f"x[c,{','.join(ALONG[:axes])}]",)
    declared, added = with_bias(option, "d")
    shared = frozenset(WINDOW[:axes])
    channels, groups = shape[0], option.groups
    if channels % groups or option.channels % groups:
        raise InvalidDescription(
            f"{kind}: groups = {groups} divides neither or only one of {channels} channels in and {option.channels} out", ("groups",)
        )
    if groups == 1:
        own = weights(option, "d", f"c,{window}", kind)
        right = f"sum(c, {window}, W[d,c,{window}]*x[n,c,{','.join(at)}]){added}"
        return LayerEquations(
            source,
            f"d,{places}",
            (*own.equations, f"out[n,d,{places}] = {right}"),
            {"d": option.channels, **sizes},
            (*own.parameters, *declared),
            own.inputs,
            shared=shared,
            classes="d",
        )
    own = weights(option, "g,o", f"e,{window}", kind)
    inside, outside = channels // groups, option.channels // groups
    # Each group of channels has kernels of its own; afterwards the groups stand one behind the other.
    read = f"x[n,{index_sum((inside, 'g'), (1, 'e'))},{','.join(at)}]"
    grouped = f"u[n,g,o,{places}] = sum(e, {window}, W[g,o,e,{window}]*{read})"
    behind = index_sum((outside, "g"), (1, "o"))
    joined = f"v[n,{behind},{places}] = u[n,g,o,{places}]"
    return LayerEquations(
        source,
        f"d,{places}",
        (*own.equations, grouped, joined, f"out[n,d,{places}] = v[n,d,{places}]{added}"),
        {"d": option.channels, "g": groups, "o": outside, "e": inside, **sizes},
        (*own.parameters, *declared),
        own.inputs,
        shared=shared,
        classes="d",
    )


def _transposed(axes: int, sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    (shape,) = sources
    kind = f"conv_transpose{axes}d"
    windows, strides, paddings, dilations = (getattr(option, key)[:axes] for key in ("kernel", "stride", "padding", "dilation"))
    sizes, at = {"d": option.channels}, []
    for result, along, window_letter, size, window, stride, padding, dilation in zip(
        PLACES, ALONG, WINDOW, shape[1:], windows, strides, paddings, dilations, strict=False
    ):
        found = (size - 1) * stride - 2 * padding + dilation * (window - 1) + 1
        if found < 1:
            raise InvalidDescription(f"{kind}: a padding of {padding} leaves nothing of an output", ("padding",))
        sizes[result], sizes[window_letter] = found, window
        at.append(index_sum((stride, along), (dilation, window_letter), offset=-padding))
    along, window = ",".join(ALONG[:axes]), ",".join(WINDOW[:axes])
    declared, added = with_bias(option, "d")
    places = ",".join(PLACES[:axes])
    return LayerEquations(
        (f"x[c,{along}]",),
        f"d,{places}",
        (f"u[n,d,{','.join(at)}] = sum(c, W[c,d,{window}]*x[n,c,{along}])", f"out[n,d,{places}] = u[n,d,{places}]{added}"),
        sizes,
        (f"W[c,d,{window}]", *declared),
        shared=frozenset(WINDOW[:axes]),
        classes="d",
    )


def _pooling(axes: int, reduction: str, sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """The largest or mean value in each window; zeros around the input count in a mean, and are no values to be the largest."""
    (shape,) = sources
    paddings, along = option.padding[:axes], list(ALONG[:axes])
    for window, padding in zip(option.kernel, paddings, strict=False):
        if 2 * padding > window:
            raise InvalidDescription(
                f"pooling: found a padding of {padding}, expected at most half of the window of {window}", ("padding",)
            )
    name, source, edges, sizes = "x", f"x[c,{','.join(along)}]", [], {}
    around = [(padding, padding) for padding in paddings]
    if reduction == "max":
        for axis in (axis for axis, padding in enumerate(paddings) if padding):
            edges.append(_with_edges(name, along, axis, shape[1 + axis], paddings[axis]))
            name, along[axis] = EDGES[axis], BEYOND[axis]
            sizes[along[axis]] = shape[1 + axis] + 2 * paddings[axis]
            shape, around[axis] = (*shape[: 1 + axis], sizes[along[axis]], *shape[2 + axis :]), (0, 0)
    at, window_sizes = _window(axes, option, shape, around, (1, 1), "pooling")
    places, letters = ",".join(PLACES[:axes]), ", ".join(WINDOW[:axes])
    right = f"{reduction}({letters}, {name}[n,c,{','.join(at)}])"
    equations = (*edges, f"out[n,c,{places}] = {right}")
    return LayerEquations((source,), f"c,{places}", equations, sizes | window_sizes, shared=frozenset(WINDOW[:axes]), classes="c")


def _with_edges(name: str, along: list[str], axis: int, length: int, padding: int) -> str:
    """A tensor with the entries of its edges again beyond them: a window that reaches there holds them itself, and no other is larger."""

    def at(place: str) -> str:
        return f"{name}[n,c,{','.join([*along[:axis], place, *along[axis + 1 :]])}]"

    place = BEYOND[axis]
    inside = f"where({place} > {length + padding - 1}, {at(str(length - 1))}, {at(index_sum((1, place), offset=-padding))})"
    left = f"{EDGES[axis]}[n,c,{','.join([*along[:axis], place, *along[axis + 1 :]])}]"
    return f"{left} = where({place} < {padding}, {at('0')}, {inside})"


def global_average(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """The mean over all rows and columns, or over the steps of a sequence."""
    place = "c,.." if option.channels == "first" else "..,c"
    return LayerEquations((f"x[{place}]",), "c", (f"out[n,c] = mean(.., x[n,{place}])",))


KERNEL = Option("rows and columns of the window", "pair")
CONVOLUTION = {
    "channels": Option("channels of the output"),
    "kernel": KERNEL,
    "stride": Option("steps of the window", "pair", 1),
    "padding": Option("zeros around the input", "pair", 0, least=0),
    "dilation": Option("steps within the window", "pair", 1),
}
AFTER = {"padding_after": Option("zeros behind the input, where there are others than before it", "pair", least=0, optional=True)}
CAUSAL = {"causal": Option("whether a step sees only itself and those before", "switch", False)}
GROUPS = {"groups": Option("groups of channels that do not see each other", default=1)}
POOLING = {
    "kernel": KERNEL,
    "stride": Option("steps of the window; without it they do not overlap", "pair", optional=True),
    "padding": Option("places beyond the edge, at most half of the window", "pair", 0, least=0),
}

SEQUENCE, IMAGE = ("channels and steps", (2, 2)), ("channels, rows and columns", (3, 3))

KINDS: dict[str, LayerKind] = {
    "conv1d": LayerKind(
        "convolution along a sequence of channels",
        lambda *given: _convolution(1, *given),
        *SEQUENCE,
        {**CONVOLUTION, **AFTER, **CAUSAL, **GROUPS, "bias": BIAS, **NORMALISED},
    ),
    "conv2d": LayerKind(
        "convolution over the rows and columns of an image",
        lambda *given: _convolution(2, *given),
        *IMAGE,
        {**CONVOLUTION, **AFTER, **GROUPS, "bias": BIAS, **NORMALISED},
    ),
    "conv_transpose1d": LayerKind(
        "transposed convolution along a sequence", lambda *given: _transposed(1, *given), *SEQUENCE, {**CONVOLUTION, "bias": BIAS}
    ),
    "conv_transpose2d": LayerKind(
        "transposed convolution over an image", lambda *given: _transposed(2, *given), *IMAGE, {**CONVOLUTION, "bias": BIAS}
    ),
    "max_pool1d": LayerKind(
        "the largest value in each window of a sequence", lambda *given: _pooling(1, "max", *given), *SEQUENCE, POOLING, keeps=PROBABILITY
    ),
    "max_pool2d": LayerKind(
        "the largest value in each window of an image", lambda *given: _pooling(2, "max", *given), *IMAGE, POOLING, keeps=PROBABILITY
    ),
    "average_pool1d": LayerKind(
        "the mean of each window of a sequence", lambda *given: _pooling(1, "mean", *given), *SEQUENCE, POOLING, keeps=PROBABILITY
    ),
    "average_pool2d": LayerKind(
        "the mean of each window of an image", lambda *given: _pooling(2, "mean", *given), *IMAGE, POOLING, keeps=PROBABILITY
    ),
    "global_average_pool": LayerKind(
        "the mean of each channel",
        global_average,
        "channels, then rows and columns, or steps",
        (2, 9),
        {
            "channels": Option(
                "whether channels come before what the mean is of, or are the features behind it", "word", "first", words=("first", "last")
            )
        },
        keeps=PROBABILITY,
    ),
}
