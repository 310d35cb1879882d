"""Keras's activations by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .arranged_nodes import alone, along, clipped, joined
from .axis_order import Arranged
from .keras_layer import KerasLayer

#: Slope of what is negative where nothing is said.
LEAKY = 0.2

ACTIVATIONS: dict[str, Callable[[KerasLayer, Arranged], Arranged]] = {
    "linear": lambda layer, x: x,
    "relu": lambda layer, x: alone(layer, "Relu", x),
    "sigmoid": lambda layer, x: alone(layer, "Sigmoid", x),
    "tanh": lambda layer, x: alone(layer, "Tanh", x),
    "softmax": lambda layer, x: softmax(layer, "Softmax", x, -1),
    "log_softmax": lambda layer, x: softmax(layer, "LogSoftmax", x, -1),
    "softplus": lambda layer, x: alone(layer, "Softplus", x),
    "softsign": lambda layer, x: joined(layer, "Div", x, joined(layer, "Add", alone(layer, "Abs", x), 1.0)),
    "elu": lambda layer, x: alone(layer, "Elu", x, alpha=1.0),
    "selu": lambda layer, x: alone(layer, "Selu", x),
    "gelu": lambda layer, x: alone(layer, "Gelu", x, approximate="none"),
    "silu": lambda layer, x: joined(layer, "Mul", x, alone(layer, "Sigmoid", x)),
    "mish": lambda layer, x: alone(layer, "Mish", x),
    "exponential": lambda layer, x: alone(layer, "Exp", x),
    # relu6(x + 3)/6
    "hard_sigmoid": lambda layer, x: alone(layer, "HardSigmoid", x, alpha=1 / 6, beta=0.5),
    "hard_silu": lambda layer, x: joined(layer, "Mul", x, alone(layer, "HardSigmoid", x, alpha=1 / 6, beta=0.5)),
    "leaky_relu": lambda layer, x: alone(layer, "LeakyRelu", x, alpha=LEAKY),
    "relu6": lambda layer, x: clipped(layer, x, 0.0, 6.0),
    "hard_tanh": lambda layer, x: clipped(layer, x, -1.0, 1.0),
    "log_sigmoid": lambda layer, x: alone(layer, "Neg", alone(layer, "Softplus", alone(layer, "Neg", x))),
    "tanh_shrink": lambda layer, x: joined(layer, "Sub", x, alone(layer, "Tanh", x)),
}
ACTIVATIONS |= {"swish": ACTIVATIONS["silu"], "hard_swish": ACTIVATIONS["hard_silu"]}


def activation_name(value: Any) -> str:
    """The name of an activation as a configuration says it, by itself or as a table of its own."""
    if isinstance(value, dict):
        value = value.get("config") if isinstance(value.get("config"), str) else value.get("class_name")
    return "linear" if value is None else str(value)


def activated(layer: KerasLayer, x: Arranged, word: str = "activation") -> Arranged:
    name = activation_name(layer.config.get(word))
    layer.expect(name in ACTIVATIONS, f"there is no equation for the activation {name!r}")
    return ACTIVATIONS[name](layer, x)


def softmax(layer: KerasLayer, operator: str, x: Arranged, axis: int) -> Arranged:
    layer.expect(bool(x.order[axis]), "a softmax along an axis of size 1")
    return along(layer, operator, x, axis % len(x.order))
