"""Images and sequences of another size: each axis that changes is a product with a matrix of its own, which no training changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import attributes
from .arranged_nodes import Caller
from .axis_order import Arranged, Axis, Size, fixed, fresh
from .graph import Node
from .places import Axis as PlacedAxis
from .places import Place
from .reshaping import reshaped
from .sizes import product, quotient
from .translation import CHANNELS, COLUMNS, ROWS, Translation, Writer
from .values import Value

#: What an axis that comes out is called, by its place behind the examples and channels.
ALONG = (ROWS, COLUMNS, "uv")
#: Where place i of `after` places lies among `before`: ONNX's words. The scale is how many times as many there are.
PLACES: dict[str, Callable[[NDArray[np.float64], int, int, float], NDArray[np.float64]]] = {
    "half_pixel": lambda i, before, after, scale: (i + 0.5) / scale - 0.5,
    "half_pixel_symmetric": lambda i, before, after, scale: before / 2 * (1 - after / (scale * before)) + (i + 0.5) / scale - 0.5,
    "pytorch_half_pixel": lambda i, before, after, scale: (i + 0.5) / scale - 0.5 if after > 1 else 0 * i,
    "align_corners": lambda i, before, after, scale: i * (before - 1) / (scale * before - 1) if after > 1 else 0 * i,
    "asymmetric": lambda i, before, after, scale: i / scale,
}
#: How a place between two becomes one of them.
ROUNDED: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "round_prefer_floor": lambda place: np.ceil(place - 0.5),
    "round_prefer_ceil": lambda place: np.floor(place + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}


def _line(away: NDArray[np.float64], _: float) -> NDArray[np.float64]:
    return np.maximum(1 - away, 0)


def _cubic(away: NDArray[np.float64], a: float) -> NDArray[np.float64]:
    """Keys's kernel."""
    near = ((a + 2) * away - (a + 3)) * away**2 + 1
    far = ((a * away - 5 * a) * away + 8 * a) * away - 4 * a
    return np.where(away <= 1, near, np.where(away < 2, far, 0))


#: The share of an entry by how far it is away, and how many entries are near enough on each side.
KERNELS: dict[str, tuple[Callable[[NDArray[np.float64], float], NDArray[np.float64]], int]] = {"linear": (_line, 1), "cubic": (_cubic, 2)}


@dataclass(frozen=True)
class Resizing:
    """How entries are taken, as a node says it."""

    mode: str
    rounded: str
    cubic: float
    #: What would be read beyond the ends is left out; otherwise it is what is at the end.
    excludes: bool
    #: What becomes smaller is smoothed.
    smooths: bool

    def matrix(self, places: NDArray[np.float64], before: int, scale: float) -> NDArray[np.float64]:
        """What share each of the `before` entries has in what comes out at `places`; shape (places, before)."""
        if self.mode == "nearest":
            # What is a whole number but for rounding is one.
            exact = np.where(np.abs(places - np.round(places)) < 1e-9, np.round(places), places)
            taps, shares = ROUNDED[self.rounded](exact)[:, None], np.ones((len(places), 1))
        else:
            kernel, near = KERNELS[self.mode]
            stretched = min(scale, 1.0) if self.smooths else 1.0
            reach = int(np.ceil(near / stretched))
            taps = np.floor(places)[:, None] + np.arange(1 - reach, reach + 1)
            shares = kernel(np.abs(places[:, None] - taps) * stretched, self.cubic)
        if self.excludes:
            shares = np.where((taps >= 0) & (taps < before), shares, 0)
        if self.excludes or self.smooths:
            shares = shares / shares.sum(axis=1, keepdims=True)
        found = np.zeros((len(places), before))
        rows = np.broadcast_to(np.arange(len(places))[:, None], taps.shape)
        np.add.at(found, (rows, np.clip(taps, 0, before - 1).astype(int)), shares)
        return found


def _resize(translation: Translation, node: Node) -> None:
    how = attributes.word(node, "coordinate_transformation_mode", "half_pixel")
    value = translation.value(node.inputs[0])
    if how not in PLACES:
        raise attributes.refused(node, f"places by {how!r}; expected one of {', '.join(PLACES)}")
    resizing = Resizing(
        attributes.word(node, "mode", "nearest"),
        attributes.word(node, "nearest_mode", "round_prefer_floor"),
        attributes.real(node, "cubic_coeff_a", -0.75),
        bool(attributes.whole(node, "exclude_outside", 0)),
        bool(attributes.whole(node, "antialias", 0)),
    )
    axes = [place % len(value.axes) for place in attributes.wholes(node, "axes", range(len(value.axes)))]
    for place, (after, scale) in zip(axes, _wanted(translation, node, [value.shape[place] for place in axes]), strict=True):
        before = value.shape[place]
        if after == before and scale == 1:
            continue
        if not isinstance(before, int) or not isinstance(after, int):
            raise attributes.refused(node, f"makes {after} of the size {before}; expected numbers that are known")
        at = PLACES[how](np.arange(after, dtype=float), before, after, scale)
        value = _along(translation, node, value, place, resizing.matrix(at, before, scale))
    translation.values[node.outputs[0]] = value


def _wanted(translation: Translation, node: Node, lengths: Sequence[int | str]) -> list[tuple[int | str, float]]:
    """How long each axis becomes, and how many times as long that is said to be."""
    if not attributes.has(node, 3):
        scales = [float(scale) for scale in np.atleast_1d(translation.constants[node.inputs[2]])]
        # As a file says it in float32, 1.4 times 5 is a little less than 7.
        return [
            (int(length * scale + 1e-5) if isinstance(length, int) else length, scale)
            for length, scale in zip(lengths, scales, strict=True)
        ]
    sizes = [after if isinstance(after, str) else int(after) for after in np.atleast_1d(translation.constants[node.inputs[3]])]
    scales = [
        after / length if isinstance(after, int) and isinstance(length, int) else 1.0 for after, length in zip(sizes, lengths, strict=True)
    ]
    policy = attributes.word(node, "keep_aspect_ratio_policy", "stretch")
    if policy != "stretch" and all(isinstance(length, int) for length in lengths):
        scale = min(scales) if policy == "not_larger" else max(scales)
        return [(int(np.floor(scale * int(length) + 0.5)), scale) for length in lengths]
    return list(zip(sizes, scales, strict=True))


def _along(translation: Translation, node: Node, value: Value, place: int, shares: NDArray[np.float64]) -> Value:
    """The value with another axis in place of one. Entries that are repeated in order are placed, others are a product."""
    after, before = shares.shape
    axis, hint = value.axes[place], ALONG[place - 2] if 2 <= place < 5 else CHANNELS
    out = PlacedAxis.new(after, hint)
    axes = [*value.axes[:place], out, *value.axes[place + 1 :]]
    times = after // before
    if times * before == after and np.array_equal(shares, np.repeat(np.eye(before), times, axis=0)):
        step = PlacedAxis.new(times, "pq"[place % 2])
        at: list[Place | PlacedAxis] = [*value.axes[:place], Place.at(axis).times(times).plus(Place.at(step)), *value.axes[place + 1 :]]
        return translation.placed("v", axes, [(at, value.at(*value.axes))])
    name = f"{node.name}.{place}"
    translation.constants[name] = shares.astype(np.float32)
    weight = translation.weight(name, "R", is_trained=False)
    read = translation.stored(value)
    return translation.define("v", axes, f"sum({axis}, {weight.at(out, axis)}*{read.at(*read.axes)})")


def _depth_to_space(translation: Translation, node: Node) -> None:
    """Channels as rows and columns within those that there are: the place within is the slow part of the channel (DCR) or the fast one."""
    value, times = translation.value(node.inputs[0]), attributes.whole(node, "blocksize", 1)
    batch, channels, rows, columns = value.shape
    kept = int(channels) // times**2
    is_slow = attributes.word(node, "mode", "DCR") == "DCR"
    cut = reshaped(translation, value, (batch, *((times, times, kept) if is_slow else (kept, times, times)), rows, columns))
    order = (0, 3, 4, 1, 5, 2) if is_slow else (0, 1, 4, 2, 5, 3)
    moved = _permuted(cut, order)
    shape = (batch, kept, product([rows, times]), product([columns, times]))
    translation.values[node.outputs[0]] = reshaped(translation, moved, shape)


def _space_to_depth(translation: Translation, node: Node) -> None:
    value, times = translation.value(node.inputs[0]), attributes.whole(node, "blocksize", 1)
    batch, channels, rows, columns = value.shape
    cut = reshaped(translation, value, (batch, channels, quotient(rows, times), times, quotient(columns, times), times))
    is_slow = attributes.word(node, "mode", "DCR") == "DCR"
    moved = _permuted(cut, (0, 3, 5, 1, 2, 4) if is_slow else (0, 1, 3, 5, 2, 4))
    shape = (batch, product([channels, times**2]), quotient(rows, times), quotient(columns, times))
    translation.values[node.outputs[0]] = reshaped(translation, moved, shape)


def _permuted(value: Value, order: Sequence[int]) -> Value:
    back = [order.index(place) for place in range(len(order))]
    return value.viewed([value.axes[at] for at in order], lambda places: [places[at] for at in back])


def resized(call: Caller, x: Arranged, sizes: tuple[Size, ...], mode: str, how: str, scales: list[float] | None = None) -> Arranged:
    """A node that gives an array, (examples, channels, …), other sizes behind these; as the scales say where there are some."""
    axes: tuple[Axis, ...] = (*x.order[:2], *(fresh(size) for size in sizes))
    said = {"mode": mode, "coordinate_transformation_mode": how, "nearest_mode": "floor", "axes": list(range(2, len(axes)))}
    if scales:
        given = ["", call.writer.constant(np.asarray(scales, np.float32), f"{call.writer.at}.scales").value]
    else:
        given = ["", "", call.writer.whole_numbers([fixed(size) or 0 for size in sizes], "sizes")]
    (found,) = call.writer.outputs("Resize", [call.writer.laid(x), *given], 1, **said)
    return Arranged(found, axes, axes)


OPERATORS: dict[str, Writer] = {"Resize": _resize, "DepthToSpace": _depth_to_space, "SpaceToDepth": _space_to_depth}
