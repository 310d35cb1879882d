"""Operators that are an activation of a layer: a table from operators to names of activations and their constants."""

from __future__ import annotations

from . import attributes
from .graph import Node
from .translation import Translation, number

PLAIN = {"Relu": "relu", "Tanh": "tanh", "Sigmoid": "sigmoid", "Softplus": "softplus"}
#: With the constants that they have in the file, and what these are where it says nothing.
WITH_CONSTANTS = {"LeakyRelu": ("leaky_relu", {"alpha": 0.01}), "Elu": ("elu", {"alpha": 1.0})}
GELU = {"none": "gelu", "tanh": "gelu_tanh"}

#: With a number that is not trained.
SCALING = {"Mul": "{number}*z", "Div": "z/{number}"}


def _scaling(node: Node, translation: Translation) -> str | None:
    """A number times what comes in, or what comes in through a number."""
    numbers = [name for name in node.inputs if name in translation.constants and translation.constants[name].size == 1]
    if len(numbers) != 1 or numbers[0] in (translation.trained or ()) or (node.operator == "Div" and numbers[0] == node.inputs[0]):
        return None
    return SCALING[node.operator].format(number=number(translation.constants[numbers[0]].reshape(())[()]))


def activation(node: Node, translation: Translation) -> object:
    """The activation as a description has it, a name or a table; None where the node is none."""
    if node.operator in PLAIN:
        return PLAIN[node.operator]
    if node.operator in WITH_CONSTANTS:
        name, defaults = WITH_CONSTANTS[node.operator]
        return {"kind": name} | {key: attributes.real(node, key, default) for key, default in defaults.items()}
    if node.operator == "Gelu":
        return GELU.get(attributes.word(node, "approximate", "none"))
    if node.operator == "Swish" and attributes.real(node, "alpha", 1) == 1:
        return "silu"
    if node.operator in SCALING:
        return _scaling(node, translation)
    if node.operator == "Softmax" and "rest" not in node.attributes:
        rank = len(translation.values[node.inputs[0]].axes)
        axis = attributes.whole(node, "axis", -1) % rank
        return {"kind": "softmax", "axis": axis - 1} if axis else None
    return None
