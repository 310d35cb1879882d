"""Operators that compute each entry from the entries at the same place: a table of formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from . import attributes
from .graph import Node
from .places import Axis
from .translation import FEATURES, Translation, Writer, number
from .values import Value, broadcast, entry


@dataclass(frozen=True)
class Elementwise:
    """A formula in the inputs u, v, w and the attributes, which have `defaults`; an array of it is called by a stem."""

    text: str
    defaults: Mapping[str, float] = field(default_factory=dict)
    stem: str = "a"


#: Klambauer et al. (2017), as the operator has it by default.
SELU = {"alpha": 1.67326319217681884765625, "gamma": 1.05070102214813232421875}

FORMULAS: dict[str, Elementwise] = {
    "Add": Elementwise("{u} + {v}", stem="s"),
    "Sub": Elementwise("{u} - {v}", stem="s"),
    "Mul": Elementwise("{u}*{v}", stem="s"),
    "Div": Elementwise("{u}/{v}", stem="s"),
    "Pow": Elementwise("{u}**{v}", stem="s"),
    "Neg": Elementwise("-{u}", stem="s"),
    "Sqrt": Elementwise("sqrt({u})", stem="s"),
    "Reciprocal": Elementwise("1/{u}", stem="s"),
    "Exp": Elementwise("exp({u})", stem="s"),
    "Log": Elementwise("log({u})", stem="s"),
    "Abs": Elementwise("abs({u})"),
    "Sign": Elementwise("sign({u})"),
    "Erf": Elementwise("erf({u})", stem="s"),
    "Sin": Elementwise("sin({u})"),
    "Cos": Elementwise("cos({u})"),
    "Relu": Elementwise("relu({u})"),
    "LeakyRelu": Elementwise("where({u} > 0, {u}, {alpha}*{u})", {"alpha": 0.01}),
    "PRelu": Elementwise("where({u} > 0, {u}, {v}*{u})"),
    "Elu": Elementwise("where({u} > 0, {u}, {alpha}*(exp({u}) - 1))", {"alpha": 1.0}),
    "Selu": Elementwise("where({u} > 0, {gamma}*{u}, {gamma}*{alpha}*(exp({u}) - 1))", SELU),
    "Celu": Elementwise("where({u} > 0, {u}, {alpha}*(exp({u}/{alpha}) - 1))", {"alpha": 1.0}),
    "Sigmoid": Elementwise("sigmoid({u})"),
    "HardSigmoid": Elementwise("clip({alpha}*{u} + {beta}, 0, 1)", {"alpha": 0.2, "beta": 0.5}),
    "HardSwish": Elementwise("{u}*clip({u}/6 + 1/2, 0, 1)"),
    "Tanh": Elementwise("tanh({u})"),
    "Softplus": Elementwise("softplus({u})"),
    "Softsign": Elementwise("{u}/(1 + abs({u}))"),
    "Mish": Elementwise("{u}*tanh(softplus({u}))"),
    "Swish": Elementwise("{u}*sigmoid({alpha}*{u})", {"alpha": 1.0}),
    "Where": Elementwise("where({u} > 0, {v}, {w})", stem="v"),
    "Max": Elementwise("maximum({u}, {v})"),
    "Min": Elementwise("minimum({u}, {v})"),
}
#: What is true is 1 and what is not is 0.
TRUTHS: dict[str, Elementwise] = {
    "Greater": Elementwise("where({u} > {v}, 1, 0)", stem="t"),
    "GreaterOrEqual": Elementwise("where({u} >= {v}, 1, 0)", stem="t"),
    "Less": Elementwise("where({u} < {v}, 1, 0)", stem="t"),
    "LessOrEqual": Elementwise("where({u} <= {v}, 1, 0)", stem="t"),
    "Equal": Elementwise("where(abs({u} - {v}) > 0, 0, 1)", stem="t"),
    "And": Elementwise("{u}*{v}", stem="t"),
    "Or": Elementwise("maximum({u}, {v})", stem="t"),
    "Not": Elementwise("1 - {u}", stem="t"),
}
#: Gaussian error linear units (Hendrycks and Gimpel, 2016), exact and by their approximation.
GELU = {
    "none": "{u}*(1 + erf({u}/sqrt(2)))/2",
    "tanh": "{u}*(1 + tanh(sqrt(2/pi)*({u} + 0.044715*{u}**3)))/2",
}


def _written(formula: Elementwise, translation: Translation, node: Node) -> None:
    """The formula at every place of what the inputs are broadcast to."""
    if node.operator == "Div" and all(name in translation.integers for name in node.inputs):
        raise attributes.refused(node, "divides whole numbers, of which the rest is cut off: it has no derivative")
    values = [translation.value(name, "W" if node.operator == "Mul" else "b") for name in node.inputs]
    if "axis" in node.attributes:
        first, second = values
        values = [first, _from_axis(second, attributes.whole(node, "axis", 0) % len(first.axes), len(first.axes))]
    translation.values[node.outputs[0]] = _of(formula, translation, node, values)


def _from_axis(value: Value, axis: int, rank: int) -> Value:
    """A value whose axes are those of another one from an axis on, as operators of old have it: all behind are 1 long."""
    behind = [Axis.new(1, FEATURES) for _ in range(rank - axis - len(value.axes))]
    return value.viewed([*value.axes, *behind], lambda places: places[: len(value.axes)])


def _true(formula: Elementwise, translation: Translation, node: Node) -> None:
    _written(formula, translation, node)
    translation.booleans.add(node.outputs[0])


def _of(formula: Elementwise, translation: Translation, node: Node, values: list[Value]) -> Value:
    axes = broadcast(values)
    entries = {name: _bracketed(entry(value, axes), value) for name, value in zip("uvw", values, strict=False)}
    numbers = {name: number(attributes.real(node, name, default)) for name, default in formula.defaults.items()}
    return translation.define(formula.stem, axes, formula.text.format(**entries, **numbers))


def _bracketed(text: str, value: Value) -> str:
    """An entry as an operand: what is a formula itself in brackets."""
    return text if value.is_stored or text.isidentifier() or " " not in text.split("[")[0] else f"({text})"


def _several(translation: Translation, node: Node) -> None:
    """The largest or the smallest of several arrays, or their sum or mean: two by two."""
    formula = FORMULAS[{"Sum": "Add", "Mean": "Add"}.get(node.operator, node.operator)]
    first, *others = (translation.value(name, "b") for name in node.inputs)
    for other in others:
        first = _of(formula, translation, node, [first, other])
    if node.operator == "Mean":
        first = translation.define("s", first.axes, f"{first.at(*first.axes)}/{1 + len(others)}")
    translation.values[node.outputs[0]] = first


def _gelu(translation: Translation, node: Node) -> None:
    _written(Elementwise(GELU[attributes.word(node, "approximate", "none")]), translation, node)


def _clip(translation: Translation, node: Node) -> None:
    """Between the least and the largest, either of which may be missing."""
    value = translation.value(node.inputs[0])
    text = value.at(*value.axes)
    for place, function in ((1, "maximum"), (2, "minimum")):
        if attributes.has(node, place):
            text = f"{function}({text}, {translation.value(node.inputs[place]).at()})"
    translation.values[node.outputs[0]] = translation.define("a", value.axes, text)


def _unchanged(translation: Translation, node: Node) -> None:
    """The same numbers, whatever type they get."""
    translation.values[node.outputs[0]] = translation.value(node.inputs[0])


def _dropout(translation: Translation, node: Node) -> None:
    """Nothing is left out but in training; then a mask of 0 and 1 is an input of the network, and what is kept grows."""
    value = translation.value(node.inputs[0])
    is_training = attributes.has(node, 2) and bool(translation.constants.get(node.inputs[2], np.True_))
    ones = Value(value.axes, lambda _: "1")
    if is_training:
        if attributes.has(node, 1) and node.inputs[1] not in translation.constants:
            raise attributes.refused(node, "is in training with a share that the network is given; expected a number of the file")
        ratio = float(translation.constants[node.inputs[1]]) if attributes.has(node, 1) else 0.5
        name = translation.name("mask")
        translation.given(name, name, value.axes)
        ones = translation.values[name]
        text = f"{ones.at(*value.axes)}*{value.at(*value.axes)}/(1 - {number(ratio)})"
        translation.values[node.outputs[0]] = translation.define("a", value.axes, text)
    else:
        translation.values[node.outputs[0]] = value
    if len(node.outputs) > 1:
        translation.values[node.outputs[1]] = ones


OPERATORS: dict[str, Writer] = {
    **{name: partial(_written, formula) for name, formula in FORMULAS.items()},
    **{name: partial(_true, formula) for name, formula in TRUTHS.items()},
    **dict.fromkeys(("Max", "Min", "Sum", "Mean"), _several),
    "Gelu": _gelu,
    "Clip": _clip,
    **dict.fromkeys(("Identity", "Cast", "CastLike"), _unchanged),
    "Dropout": _dropout,
}
