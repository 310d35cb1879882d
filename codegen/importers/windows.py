"""Windows that move along the axes behind the channels: convolutions, transposed ones, pooling. What is read outside is 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import attributes
from .graph import Node
from .places import Axis, Place
from .translation import CHANNELS, COLUMNS, ROWS, Translation, Writer, number

#: Letters of the places of a window, along each axis.
PLACES = (ROWS, COLUMNS, "uv")


@dataclass(frozen=True)
class Window:
    """How a window moves along one axis: with zeros before and after it, so many steps at once, its own places so far apart."""

    size: int
    stride: int
    dilation: int
    before: int
    after: int

    def count(self, length: int, is_ceiled: bool = False) -> int:
        """How many places it has; with the last one that only begins inside, where that counts too."""
        room = length + self.before + self.after - self.dilation * (self.size - 1) - 1
        if not is_ceiled:
            return room // self.stride + 1
        found = -(-room // self.stride) + 1
        return found - 1 if (found - 1) * self.stride >= length + self.before else found

    def place(self, out: Axis, inside: Axis) -> Place:
        """Where it reads."""
        return Place.at(out).times(self.stride).plus(Place.at(inside).times(self.dilation)).plus(-self.before)


def windows(node: Node, lengths: Sequence[int | str], sizes: Sequence[int]) -> tuple[Window, ...]:
    """The window along each axis; `auto_pad` pads so that each stride has one place."""
    count = len(sizes)
    strides = attributes.wholes(node, "strides", (1,) * count)
    dilations = attributes.wholes(node, "dilations", (1,) * count)
    pads = attributes.wholes(node, "pads", (0,) * (2 * count))
    around = list(zip(pads[:count], pads[count:], strict=True))
    automatic = attributes.word(node, "auto_pad", "NOTSET")
    if automatic.startswith("SAME"):
        around = []
        for length, size, stride, dilation in zip(lengths, sizes, strides, dilations, strict=True):
            total = max(0, (-(-int(length) // stride) - 1) * stride + dilation * (size - 1) + 1 - int(length))
            less, more = total // 2, total - total // 2
            around.append((less, more) if automatic == "SAME_UPPER" else (more, less))
    elif automatic == "VALID":
        around = [(0, 0)] * count
    given = zip(sizes, strides, dilations, around, strict=True)
    return tuple(Window(size, stride, dilation, *pad) for size, stride, dilation, pad in given)


def _summed(letters: Sequence[Axis], body: str) -> str:
    return f"sum({', '.join(map(str, letters))}, {body})" if letters else body


def _convolution(translation: Translation, node: Node) -> None:
    """Each channel of the output is a sum over windows of all channels of its group."""
    value, weight = translation.stored(translation.value(node.inputs[0])), translation.weight(node.inputs[1], "W")
    sizes = [int(size) for size in weight.shape[2:]]
    moving = windows(node, value.shape[2:], sizes)
    inside = [translation.window(place, size) for place, size in enumerate(sizes)]
    batch, channels, *along = value.axes
    places = [
        Axis.new(window.count(int(axis.size)), PLACES[place]) if window != Window(1, 1, 1, 0, 0) else axis
        for place, (axis, window) in enumerate(zip(along, moving, strict=True))
    ]
    at = [window.place(out, letter) for window, out, letter in zip(moving, places, inside, strict=True)]
    groups = attributes.whole(node, "group", 1)
    bias = translation.weight(node.inputs[2], "b") if attributes.has(node, 2) else None
    out = Axis.new(weight.shape[0], CHANNELS)
    if groups == 1:
        body = _summed([channels, *inside], f"{weight.at(out, channels, *inside)}*{value.at(batch, channels, *at)}")
        added = f" + {bias.at(out)}" if bias else ""
        translation.values[node.outputs[0]] = translation.define("z", (batch, out, *places), body + added)
        return
    # The channels of a group stand one behind the other: that of number e in group g is at e + (how many there are) g.
    each, own = int(weight.shape[0]) // groups, Axis.new(weight.shape[1], "e")
    group, filters = Axis.new(groups, "g"), Axis.new(each, "f")
    behind = Place.at(group).times(each).plus(filters)
    read = value.at(batch, Place.at(group).times(int(own.size)).plus(own), *at)
    # Each filter's own sum with its group's channels, in the place that the filter has among all.
    body = _summed([own, *inside], f"{weight.at(behind, own, *inside)}*{read}")
    found = translation.placed("u", (batch, out, *places), [((batch, behind, *places), body)])
    if bias:
        found = translation.define("z", found.axes, f"{found.at(*found.axes)} + {bias.at(out)}")
    translation.values[node.outputs[0]] = found


def _transposed(translation: Translation, node: Node) -> None:
    """Each entry places a window of the output; what is placed adds up."""
    value, weight = translation.value(node.inputs[0]), translation.weight(node.inputs[1], "W")
    sizes = [int(size) for size in weight.shape[2:]]
    count, groups = len(sizes), attributes.whole(node, "group", 1)
    batch, channels, *along = value.axes
    lengths = [int(axis.size) for axis in along]
    strides = attributes.wholes(node, "strides", (1,) * count)
    dilations = attributes.wholes(node, "dilations", (1,) * count)
    more = attributes.wholes(node, "output_padding", (0,) * count)
    pads = list(attributes.wholes(node, "pads", (0,) * (2 * count)))
    whole = [
        (length - 1) * stride + dilation * (size - 1) + 1
        for length, stride, dilation, size in zip(lengths, strides, dilations, sizes, strict=True)
    ]
    asked = attributes.wholes(node, "output_shape", ())[-count:]
    automatic = attributes.word(node, "auto_pad", "NOTSET")
    if automatic.startswith("SAME") and not asked:
        asked = tuple(length * stride for length, stride in zip(lengths, strides, strict=True))
    if asked:
        more = tuple(max(extra, wanted - all_of) for all_of, wanted, extra in zip(whole, asked, more, strict=True))
        for place, (all_of, wanted, extra) in enumerate(zip(whole, asked, more, strict=True)):
            total = max(0, all_of + extra - wanted)
            less = total // 2
            pads[place] = less if automatic == "SAME_UPPER" else total - less
            pads[count + place] = total - pads[place]
    out_sizes = [all_of + extra - pads[place] - pads[count + place] for place, (all_of, extra) in enumerate(zip(whole, more, strict=True))]
    inside = [translation.window(place, size) for place, size in enumerate(sizes)]
    at = [
        Place.at(axis).times(stride).plus(Place.at(letter).times(dilation)).plus(-pads[place])
        for place, (axis, stride, dilation, letter) in enumerate(zip(along, strides, dilations, inside, strict=True))
    ]
    places = [Axis.new(size, PLACES[place]) for place, size in enumerate(out_sizes)]
    out, filters = Axis.new(groups * int(weight.shape[1]), CHANNELS), Axis.new(weight.shape[1], "f")
    if groups == 1:
        read = f"{weight.at(channels, out, *inside)}*{value.at(batch, channels, *along)}"
        parts: list[tuple[Sequence[Place | Axis], str]] = [((batch, out, *at), _summed([channels], read))]
    else:
        group, own = Axis.new(groups, "g"), Axis.new(int(channels.size) // groups, "e")
        source = Place.at(group).times(int(own.size)).plus(own)
        behind = Place.at(group).times(int(filters.size)).plus(filters)
        read = f"{weight.at(source, filters, *inside)}*{translation.stored(value).at(batch, source, *along)}"
        parts = [((batch, behind, *at), _summed([own], read))]
    found = translation.placed("u", (batch, out, *places), parts)
    if attributes.has(node, 2):
        bias = translation.weight(node.inputs[2], "b")
        found = translation.define("z", found.axes, f"{found.at(*found.axes)} + {bias.at(out)}")
    translation.values[node.outputs[0]] = found


def _pooling(translation: Translation, node: Node) -> None:
    """The largest, or the mean, of each window; what is outside is never the largest, and counts in a mean where that is asked for."""
    value = translation.stored(translation.value(node.inputs[0]))
    sizes = attributes.wholes(node, "kernel_shape", ())
    moving = windows(node, value.shape[2:], sizes)
    is_ceiled = bool(attributes.whole(node, "ceil_mode", 0))
    batch, channels, *along = value.axes
    inside = [translation.window(place, size) for place, size in enumerate(sizes)]
    counts = [window.count(int(axis.size), is_ceiled) for axis, window in zip(along, moving, strict=True)]
    places = [Axis.new(count, PLACES[place]) for place, count in enumerate(counts)]
    at = [window.place(out, letter) for window, out, letter in zip(moving, places, inside, strict=True)]
    letters = ", ".join(map(str, inside))
    read = value.at(batch, channels, *at)
    past = [
        (count - 1) * each.stride + each.dilation * (each.size - 1) - each.before >= int(axis.size)
        for count, each, axis in zip(counts, moving, along, strict=True)
    ]
    if node.operator == "MaxPool":
        if any(node.outputs[1:]):
            raise attributes.refused(node, "found an output of places, which has no derivative; expected the largest values alone")
        bounds = [
            bound
            for window, axis, place, is_past in zip(moving, along, at, past, strict=True)
            for bound in ([f"0 <= {place}"] if window.before else []) + ([f"{place} < {axis.size}"] if is_past else [])
        ]
        # Every window has a place inside: what is outside is as small as no number of a network is.
        text = f"max({letters}, {_inside(bounds, read)})"
    else:
        counts_zeros = bool(attributes.whole(node, "count_include_pad", 0))
        text = f"sum({letters}, {read})/{_divisor(moving, along, at, inside, past, counts_zeros)}"
    translation.values[node.outputs[0]] = translation.define("a" if node.operator == "MaxPool" else "s", (batch, channels, *places), text)


def _inside(bounds: Sequence[str], read: str) -> str:
    return f"where({' and '.join(bounds)}, {read}, -1e30)" if bounds else read


def _divisor(
    moving: Sequence[Window], along: Sequence[Axis], at: Sequence[Place], inside: Sequence[Axis], past: Sequence[bool], counts_zeros: bool
) -> str:
    """How many places of a window count: all, or those inside; of zeros around the input those that are said, and none beyond them."""
    factors, number = [], 1
    for window, axis, place, letter, is_past in zip(moving, along, at, inside, past, strict=True):
        before, after = (window.before, window.after) if counts_zeros else (0, 0)
        reaches_before = window.before > before
        reaches_past = is_past and (not counts_zeros or after == 0 or True)
        bounds = ([f"{place} >= {-before}"] if reaches_before else []) + ([f"{place} < {int(axis.size) + after}"] if reaches_past else [])
        if bounds:
            factors.append(f"sum({letter}, where({' and '.join(bounds)}, 1, 0))")
        else:
            number *= window.size
    said = "*".join([*factors, *([str(number)] if number > 1 or not factors else [])])
    return said if said.isdecimal() or (len(factors) == 1 and number == 1) else f"({said})"


def _global(translation: Translation, node: Node) -> None:
    """One number a channel: the mean, or the largest, of all that lies along the further axes, which are 1 then."""
    value = translation.value(node.inputs[0])
    batch, channels, *along = value.axes
    letters = ", ".join(map(str, along))
    function = "mean" if node.operator == "GlobalAveragePool" else "max"
    text = f"{function}({letters}, {value.at(*value.axes)})"
    found = translation.define("a", (batch, channels), text)
    ones = [Axis.new(1, axis.hint) for axis in along]
    translation.values[node.outputs[0]] = found.viewed((batch, channels, *ones), lambda places: places[:2])


def _response_norm(translation: Translation, node: Node) -> None:
    """u/(bias + α/size·Σ u²)^β over a window along the channels (Krizhevsky, Sutskever and Hinton, 2012)."""
    value = translation.stored(translation.value(node.inputs[0]))
    size = attributes.whole(node, "size", 1)
    inside = translation.window(0, size)
    near = Place.at(value.axes[1]).plus(Place.at(inside)).plus(-((size - 1) // 2))
    squares = f"sum({inside}, {value.at(value.axes[0], near, *value.axes[2:])}**2)"
    alpha, beta, bias = (number(attributes.real(node, name, default)) for name, default in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0)))
    text = f"{value.at(*value.axes)}/({bias} + {alpha}/{size}*{squares})**{beta}"
    translation.values[node.outputs[0]] = translation.define("z", value.axes, text)


OPERATORS: dict[str, Writer] = {
    "LRN": _response_norm,
    "Conv": _convolution,
    "ConvTranspose": _transposed,
    "MaxPool": _pooling,
    "AveragePool": _pooling,
    "GlobalAveragePool": _global,
    "GlobalMaxPool": _global,
}
