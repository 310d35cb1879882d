"""Operators that make one number of all along some axes, or normalise along them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from . import attributes
from .arranging import axes_given
from .graph import Node
from .places import Axis, Place
from .translation import Translation, Writer, number
from .values import Value, entry

#: By the letters K and the entry u.
REDUCTIONS = {
    "ReduceSum": "sum({K}, {u})",
    "ReduceMean": "mean({K}, {u})",
    "ReduceMax": "max({K}, {u})",
    "ReduceMin": "-max({K}, -{u})",
    "ReduceL1": "sum({K}, abs({u}))",
    "ReduceL2": "sqrt(sum({K}, {u}**2))",
    "ReduceSumSquare": "sum({K}, {u}**2)",
    "ReduceLogSumExp": "logsumexp({K}, {u})",
    "ReduceLogSum": "log(sum({K}, {u}))",
}


def _reduced(text: str, translation: Translation, node: Node) -> None:
    value = translation.value(node.inputs[0])
    rank = len(value.axes)
    named = axes_given(translation, node, 1, ())
    if not named and attributes.whole(node, "noop_with_empty_axes", 0):
        named, everything = (), False
    else:
        everything = not named
    along = {at % rank for at in (range(rank) if everything else named)}
    letters = [axis for at, axis in enumerate(value.axes) if at in along]
    kept = [axis for at, axis in enumerate(value.axes) if at not in along]
    if not letters:
        letters = [translation.window(0, 1)]
    found = translation.define("s", kept, text.format(K=", ".join(map(str, letters)), u=f"{value.at(*value.axes)}"))
    if not attributes.whole(node, "keepdims", 1):
        translation.values[node.outputs[0]] = found
        return
    axes = [Axis.new(1, axis.hint) if at in along else axis for at, axis in enumerate(value.axes)]
    translation.values[node.outputs[0]] = found.viewed(axes, lambda places: [each for at, each in enumerate(places) if at not in along])


def _softmax(translation: Translation, node: Node) -> None:
    """Along one axis; in operators of old, along all from one on."""
    value = translation.value(node.inputs[0])
    at = attributes.whole(node, "axis", -1) % len(value.axes)
    along = value.axes[at:] if "rest" in node.attributes else (value.axes[at],)
    # There is nothing to choose among along an axis of 1.
    along = tuple(axis for axis in along if axis.size != 1) or along[:1]
    function = {"Softmax": "softmax", "LogSoftmax": "log_softmax"}[node.operator]
    text = f"{function}({', '.join(map(str, along))}, {value.at(*value.axes)})"
    translation.values[node.outputs[0]] = translation.define("a", value.axes, text)


def _eps(node: Node, default: float = 1e-5) -> str:
    return number(attributes.real(node, "epsilon", default))


def _centred(translation: Translation, value: Value, letters: Sequence[Axis], eps: str) -> tuple[str, Value, Value]:
    """(u − mean)/√(variance + ε) over some axes; and the mean and the variance."""
    kept = [axis for axis in value.axes if axis not in letters]
    over = ", ".join(map(str, letters))
    mean = translation.define("m", kept, f"mean({over}, {value.at(*value.axes)})")
    difference = f"({value.at(*value.axes)} - {mean.at(*kept)})"
    variance = translation.define("v", kept, f"mean({over}, {difference}**2)")
    return f"{difference}/sqrt({variance.at(*kept)} + {eps})", mean, variance


def _batch_norm(translation: Translation, node: Node) -> None:
    """By a mean and a variance of each channel that were kept (Ioffe and Szegedy, 2015): training leaves them as they are."""
    value = translation.value(node.inputs[0])
    channels = value.axes[1]
    gain, bias = translation.weight(node.inputs[1], "g"), translation.weight(node.inputs[2], "b")
    if attributes.whole(node, "training_mode", 0):
        normalised, mean, variance = _centred(translation, value, [axis for axis in value.axes if axis is not channels], _eps(node))
        _running(translation, node, mean, variance, channels)
    else:
        kept = [translation.weight(node.inputs[at], stem, is_trained=False).at(channels) for at, stem in ((3, "m"), (4, "v"))]
        # Random variances, with which equations are tried, may be below 0.
        normalised = f"({value.at(*value.axes)} - {kept[0]})/sqrt(abs({kept[1]}) + {_eps(node)})"
    text = f"{gain.at(channels)}*{normalised} + {bias.at(channels)}"
    translation.values[node.outputs[0]] = translation.define("z", value.axes, text)


def _running(translation: Translation, node: Node, mean: Value, variance: Value, channels: Axis) -> None:
    """What is kept of a batch, where it is asked for."""
    momentum = number(attributes.real(node, "momentum", 0.9))
    for name, before, now in zip(node.outputs[1:3], node.inputs[3:5], (mean, variance), strict=False):
        old = translation.weight(before, "m", is_trained=False).at(channels)
        translation.values[name] = translation.define("m", (channels,), f"{momentum}*{old} + (1 - {momentum})*{now.at(channels)}")


def _instance_norm(translation: Translation, node: Node) -> None:
    """Of each channel of each example by itself (Ulyanov, Vedaldi and Lempitsky, 2016)."""
    value = translation.value(node.inputs[0])
    _, channels, *along = value.axes
    normalised, *_ = _centred(translation, value, along, _eps(node))
    gain, bias = translation.weight(node.inputs[1], "g"), translation.weight(node.inputs[2], "b")
    text = f"{gain.at(channels)}*{normalised} + {bias.at(channels)}"
    translation.values[node.outputs[0]] = translation.define("z", value.axes, text)


def _group_norm(translation: Translation, node: Node) -> None:
    """Of neighbouring channels together (Wu and He, 2018)."""
    value = translation.stored(translation.value(node.inputs[0]))
    batch, channels, *along = value.axes
    groups = attributes.whole(node, "num_groups", 1)
    group, inside = Axis.new(groups, "g"), Axis.new(int(channels.size) // groups, "e")
    place = Place.at(group).times(int(inside.size)).plus(inside)
    grouped = Value((batch, group, inside, *along), lambda places: value.read([places[0], _behind(places, inside), *places[3:]]))
    normalised, *_ = _centred(translation, grouped, [inside, *along], _eps(node))
    found = translation.placed("u", value.axes, [((batch, place, *along), normalised)])
    gain, bias = translation.weight(node.inputs[1], "g"), translation.weight(node.inputs[2], "b")
    # Operators of old have one number a group.
    at = channels if gain.axes[0].size == channels.size else None
    if at is None:
        raise attributes.refused(node, "has a gain for each group (a set of operators before 21); expected one for each channel")
    text = f"{gain.at(at)}*{found.at(*found.axes)} + {bias.at(at)}"
    translation.values[node.outputs[0]] = translation.define("z", value.axes, text)


def _behind(places: Sequence[Place], inside: Axis) -> Place:
    return places[1].times(int(inside.size)).plus(places[2])


def _layer_norm(translation: Translation, node: Node) -> None:
    """Over the features, all axes from one on (Ba, Kiros and Hinton, 2016)."""
    value = translation.value(node.inputs[0])
    at = attributes.whole(node, "axis", -1) % len(value.axes)
    eps, letters = _eps(node), value.axes[at:]
    normalised, mean, variance = _centred(translation, value, letters, eps)
    _noted(translation, node, value, at, mean, variance, eps)
    _scaled(translation, node, value, normalised)


def _noted(translation: Translation, node: Node, value: Value, at: int, mean: Value, variance: Value, eps: str) -> None:
    """The mean, and one over the deviation, where they are asked for."""
    if not any(node.outputs[1:]):
        return
    kept = value.axes[:at]
    axes = (*kept, *(Axis.new(1, axis.hint) for axis in value.axes[at:]))
    inverse = translation.define("s", kept, f"1/sqrt({variance.at(*kept)} + {eps})")
    for name, found in zip(node.outputs[1:], (mean, inverse), strict=False):
        translation.values[name] = found.viewed(axes, lambda places: places[:at])


def _scaled(translation: Translation, node: Node, value: Value, normalised: str) -> None:
    text = normalised
    if attributes.has(node, 1):
        text = f"{entry(translation.weight(node.inputs[1], 'g'), value.axes)}*{text}"
    if attributes.has(node, 2):
        text += f" + {entry(translation.weight(node.inputs[2], 'b'), value.axes)}"
    translation.values[node.outputs[0]] = translation.define("z", value.axes, text)


def _rms_norm(translation: Translation, node: Node) -> None:
    """By the root mean square over the features (Zhang and Sennrich, 2019)."""
    value = translation.value(node.inputs[0])
    at = attributes.whole(node, "axis", -1) % len(value.axes)
    kept = value.axes[:at]
    over = ", ".join(map(str, value.axes[at:]))
    square = translation.define("v", kept, f"mean({over}, {value.at(*value.axes)}**2)")
    _scaled(translation, node, value, f"{value.at(*value.axes)}/sqrt({square.at(*kept)} + {_eps(node)})")


OPERATORS: dict[str, Writer] = {
    **{name: partial(_reduced, text) for name, text in REDUCTIONS.items()},
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "BatchNormalization": _batch_norm,
    "InstanceNormalization": _instance_norm,
    "GroupNormalization": _group_norm,
    "LayerNormalization": _layer_norm,
    "RMSNormalization": _rms_norm,
}
