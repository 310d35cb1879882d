"""Operators that put entries elsewhere: what can be read where it lies is a view; what is joined is placed by index sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import attributes
from .graph import Node
from .places import Axis, Place
from .reshaping import reshaped, with_rest
from .sizes import product
from .translation import FEATURES, Translation, Writer
from .values import Value, broadcast, entry


def axes_given(translation: Translation, node: Node, place: int, otherwise: Sequence[int]) -> tuple[int, ...]:
    """Whole numbers that an input, or an attribute called axes, says."""
    if attributes.has(node, place):
        return whole_numbers(translation, node, place)
    return attributes.wholes(node, "axes", otherwise)


def whole_numbers(translation: Translation, node: Node, place: int) -> tuple[int, ...]:
    name = node.inputs[place]
    if name not in translation.constants:
        raise attributes.refused(node, f"its input {name!r} is computed from what the network is given; expected numbers of the file")
    return tuple(int(each) for each in np.atleast_1d(translation.constants[name]))


def _transpose(translation: Translation, node: Node) -> None:
    value = translation.value(node.inputs[0])
    order = attributes.wholes(node, "perm", range(len(value.axes))[::-1])
    back = [order.index(place) for place in range(len(order))]
    translation.values[node.outputs[0]] = value.viewed([value.axes[at] for at in order], lambda places: [places[at] for at in back])


def _squeeze(translation: Translation, node: Node) -> None:
    """Without axes of 1."""
    value = translation.value(node.inputs[0])
    rank = len(value.axes)
    gone = {at % rank for at in axes_given(translation, node, 1, [at for at, axis in enumerate(value.axes) if axis.size == 1])}
    kept = [at for at in range(rank) if at not in gone]
    translation.values[node.outputs[0]] = value.viewed(
        [value.axes[at] for at in kept], lambda places: [places[kept.index(at)] if at in kept else Place.at(0) for at in range(rank)]
    )


def _unsqueeze(translation: Translation, node: Node) -> None:
    """With further axes of 1."""
    value = translation.value(node.inputs[0])
    new = axes_given(translation, node, 1, ())
    rank = len(value.axes) + len(new)
    ones = {at % rank for at in new}
    old = iter(value.axes)
    axes = [Axis.new(1, FEATURES) if at in ones else next(old) for at in range(rank)]
    translation.values[node.outputs[0]] = value.viewed(axes, lambda places: [each for at, each in enumerate(places) if at not in ones])


def _flatten(translation: Translation, node: Node) -> None:
    value = translation.value(node.inputs[0])
    at = attributes.whole(node, "axis", 1)
    at = at + len(value.axes) if at < 0 else at
    translation.values[node.outputs[0]] = reshaped(translation, value, (product(value.shape[:at]), product(value.shape[at:])))


def _reshape(translation: Translation, node: Node) -> None:
    value = translation.value(node.inputs[0])
    name = node.inputs[1]
    if name not in translation.constants:
        raise attributes.refused(node, f"its shape {name!r} is computed from what the network is given; expected numbers of the file")
    asked = [each if isinstance(each, str) else int(each) for each in np.atleast_1d(translation.constants[name])]
    if not attributes.whole(node, "allowzero", 0):
        asked = [value.shape[at] if size == 0 else size for at, size in enumerate(asked)]
    translation.values[node.outputs[0]] = reshaped(translation, value, with_rest(value.shape, asked))


def _concat(translation: Translation, node: Node) -> None:
    """One behind the other."""
    values = [translation.value(name, "E") for name in node.inputs]
    rank = len(values[0].axes)
    at = attributes.whole(node, "axis", 0) % rank
    total = sum(int(value.axes[at].size) for value in values)
    joined = Axis.new(total, values[0].axes[at].hint)
    # An axis of 1 is the same all along another's, as where one token goes before the steps of every example.
    own_axes = broadcast([Value((*value.axes[:at], joined, *value.axes[at + 1 :]), value.read) for value in values])
    axes = [joined if place == at else axis for place, axis in enumerate(own_axes)]
    parts, start = [], 0
    for value in values:
        own = Axis.new(value.axes[at].size, value.axes[at].hint)
        here = [own if place == at else axis for place, axis in enumerate(axes)]
        inside: list[Place | Axis] = [Place.at(own).plus(start) if place == at else axis for place, axis in enumerate(axes)]
        parts.append((inside, entry(value, here)))
        start += int(own.size)
    translation.values[node.outputs[0]] = translation.placed("v", axes, parts)


def _part(value: Value, at: int, start: int, step: int, count: int) -> Value:
    """Places start, start + step, … along one axis."""
    if (start, step, count) == (0, 1, value.axes[at].size):
        return value
    axes = [Axis.new(count, axis.hint) if place == at else axis for place, axis in enumerate(value.axes)]
    return value.viewed(
        axes, lambda places: [Place.at(each).times(step).plus(start) if place == at else each for place, each in enumerate(places)]
    )


def _split(translation: Translation, node: Node) -> None:
    value = translation.value(node.inputs[0])
    at = attributes.whole(node, "axis", 0) % len(value.axes)
    length = int(value.axes[at].size)
    if attributes.has(node, 1):
        sizes = whole_numbers(translation, node, 1)
    else:
        parts = attributes.whole(node, "num_outputs", len(node.outputs))
        each = -(-length // parts)
        sizes = tuple(min(each, length - each * part) for part in range(parts))
    start = 0
    for name, size in zip(node.outputs, sizes, strict=False):
        translation.values[name] = _part(value, at, start, 1, size)
        start += size


def _slice(translation: Translation, node: Node) -> None:
    """Parts of axes, as Python cuts them."""
    value = translation.value(node.inputs[0])
    starts, ends = whole_numbers(translation, node, 1), whole_numbers(translation, node, 2)
    axes = whole_numbers(translation, node, 3) if attributes.has(node, 3) else tuple(range(len(starts)))
    steps = whole_numbers(translation, node, 4) if attributes.has(node, 4) else (1,) * len(starts)
    for at, start, end, step in zip(axes, starts, ends, steps, strict=True):
        size = value.axes[at % len(value.axes)].size
        if isinstance(size, str):
            if (start, step) == (0, 1) and end >= 2**31 - 1:
                continue
            raise attributes.refused(node, f"cuts an axis whose size, {size}, is free")
        # What a negative step stops before may be the place before the first.
        places = range(size)[slice(start, None if step < 0 and end < -size else end, step)]
        if not len(places):
            raise attributes.refused(node, "leaves nothing of an axis")
        value = _part(value, at % len(value.axes), places[0], step, len(places))
    translation.values[node.outputs[0]] = value


def _gather(translation: Translation, node: Node) -> None:
    """Entries at places along one axis: of labels, rows of an embedding; of numbers of the file, parts."""
    value = translation.value(node.inputs[0], "E")
    rank = len(value.axes)
    at = attributes.whole(node, "axis", 0) % rank
    before, along, behind = value.axes[:at], value.axes[at], value.axes[at + 1 :]
    name = node.inputs[1]
    if name not in translation.constants:
        labels = translation.labels(name, along)
        axes = (*before, *labels.axes, *behind)
        count = len(labels.axes)

        def read(places: Sequence[Place]) -> str:
            label = Place(label=labels.read(places[at : at + count]))
            return value.read([*places[:at], label, *places[at + count :]])

        translation.values[node.outputs[0]] = Value(axes, read)
        return
    places = np.asarray(translation.constants[name]).astype(int)
    places = np.where(places < 0, places + int(along.size), places)
    if not places.ndim:
        fixed = Place.at(int(places))
        translation.values[node.outputs[0]] = value.viewed((*before, *behind), lambda found: [*found[:at], fixed, *found[at:]])
        return
    new = [Axis.new(size, along.hint) for size in places.shape]
    parts: list[tuple[Sequence[Place | Axis], str]] = [
        ([*before, *map(Place.at, where), *behind], value.at(*before, int(places[where]), *behind)) for where in np.ndindex(places.shape)
    ]
    translation.values[node.outputs[0]] = translation.placed("v", (*before, *new, *behind), parts)


def _pad(translation: Translation, node: Node) -> None:
    """Entries around: zeros or another number, the edge again, or what lies inside, mirrored."""
    value = translation.value(node.inputs[0])
    rank = len(value.axes)
    pads = whole_numbers(translation, node, 1)
    axes_named = whole_numbers(translation, node, 3) if attributes.has(node, 3) else tuple(range(rank))
    around = {at % rank: (pads[place], pads[place + len(axes_named)]) for place, at in enumerate(axes_named)}
    mode = attributes.word(node, "mode", "constant")
    filled = translation.value(node.inputs[2]).at(*[0] * len(translation.value(node.inputs[2]).axes)) if attributes.has(node, 2) else "0"
    for at, (before, after) in around.items():
        if not before and not after:
            continue
        value = translation.stored(value)
        old = value.axes[at]
        length = int(old.size)
        new = Axis.new(length + before + after, old.hint)
        axes = [new if place == at else axis for place, axis in enumerate(value.axes)]

        def inside(place: Place | Axis | int, value: Value = value, at: int = at) -> str:
            return value.at(*(place if here == at else axis for here, axis in enumerate(value.axes)))

        moved = Place.at(new).plus(-before)
        match mode:
            case "constant":
                text = inside(moved) if filled == "0" else f"where({moved} >= 0 and {moved} < {length}, {inside(moved)}, {filled})"
            case "edge":
                text = f"where({moved} < 0, {inside(0)}, where({moved} >= {length}, {inside(length - 1)}, {inside(moved)}))"
            case "reflect":
                back = Place.at(new).times(-1)
                low, high = back.plus(before), back.plus(before + 2 * (length - 1))
                text = f"where({moved} < 0, {inside(low)}, where({moved} >= {length}, {inside(high)}, {inside(moved)}))"
            case "wrap":
                low, high = moved.plus(length), moved.plus(-length)
                text = f"where({moved} < 0, {inside(low)}, where({moved} >= {length}, {inside(high)}, {inside(moved)}))"
            case _:
                raise attributes.refused(node, f"found the mode {mode!r}, expected constant, edge, reflect or wrap")
        value = translation.define("v", axes, text)
    translation.values[node.outputs[0]] = value


def _expand(translation: Translation, node: Node) -> None:
    """An axis of 1 as long as is asked for; a free size is what it is already."""
    value = translation.value(node.inputs[0])
    asked = [each if isinstance(each, str) else int(each) for each in np.atleast_1d(translation.constants[node.inputs[1]])]
    rank = max(len(asked), len(value.axes))
    wanted = [1] * (rank - len(asked)) + asked
    own = [*(Axis.new(1, FEATURES) for _ in range(rank - len(value.axes))), *value.axes]
    axes = [Axis.new(size, axis.hint) if axis.size == 1 and size != 1 else axis for axis, size in zip(own, wanted, strict=True)]

    def places(found: Sequence[Place]) -> list[Place]:
        behind = list(zip(own, axes, found, strict=True))[rank - len(value.axes) :]
        return [Place.at(0) if axis.size == 1 and new.size != 1 else place for axis, new, place in behind]

    translation.values[node.outputs[0]] = value.viewed(axes, places)


OPERATORS: dict[str, Writer] = {
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "Pad": _pad,
    "Expand": _expand,
}
