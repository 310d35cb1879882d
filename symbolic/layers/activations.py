"""Activations as text in the equation language: `z` is the unit's own pre-activation, `z[k]` another unit's.

Only the forward formula stands here. Its derivative, and the shorter form of it in terms of the output, are found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class ValueBound(Enum):
    """What every value of an activation is, whatever its argument; logarithmic costs depend on it."""

    POSITIVE = "above 0"
    BELOW_ONE = "below 1"


PROBABILITY = frozenset(ValueBound)


@dataclass(frozen=True, slots=True)
class Activation:
    """A formula in `z`, the values of its named constants, and the bounds within which it stays; its cases may be `meeting` in a kink."""

    name: str
    expression: str
    constants: Mapping[str, float] = field(default_factory=dict)
    bounds: frozenset[ValueBound] = frozenset()
    meeting: bool = False


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("identity", "z"),
        Activation("sigmoid", "1/(1 + exp(-z))", bounds=PROBABILITY),
        Activation("tanh", "tanh(z)"),
        Activation("relu", "where(z > 0, z, 0)", meeting=True),
        Activation("leaky_relu", "where(z > 0, z, alpha*z)", {"alpha": 0.01}, meeting=True),
        Activation("elu", "where(z > 0, z, alpha*(exp(z) - 1))", {"alpha": 1.0}, meeting=True),
        Activation(
            "selu",
            "where(z > 0, scale*z, scale*alpha*(exp(z) - 1))",
            # Klambauer et al., "Self-Normalizing Neural Networks" (2017), section 1
            {"alpha": 1.6732632423543772, "scale": 1.0507009873554805},
            meeting=True,
        ),
        Activation("softplus", "log(1 + exp(z))", bounds=frozenset({ValueBound.POSITIVE})),
        Activation("gelu", "z*(1 + erf(z/sqrt(2)))/2"),
        # Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), by their approximation
        Activation("gelu_tanh", "z*(1 + tanh(sqrt(2/pi)*(z + 0.044715*z**3)))/2"),
        Activation("silu", "z/(1 + exp(-z))"),
        Activation("softmax", "exp(z)/sum(k, exp(z[k]))", bounds=PROBABILITY),
    )
}
