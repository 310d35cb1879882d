"""What is counted of a network: of each layer, or of each equation, and of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Bytes of a number.
NUMBERS: Mapping[str, int] = {"float32": 4, "float64": 8}


@dataclass(frozen=True, slots=True)
class Part:
    """A layer, or an equation: `does` is its kind with its options, or its formula; `shape` that of what it gives out.

    `forward` and `backward` are floating-point operations of a step, `held` the numbers that its arrays have until the step ends.
    """

    name: str
    does: str
    shape: str
    parameters: int
    forward: int
    backward: int
    held: int


@dataclass(frozen=True, repr=False)
class Counted:
    """Of a network; `sizes` are those that it leaves open, for which the parts are counted."""

    name: str
    parts: tuple[Part, ...]
    sizes: Mapping[str, int]
    layered: bool

    @property
    def parameters(self) -> int:
        return sum(part.parameters for part in self.parts)

    @property
    def forward(self) -> int:
        return sum(part.forward for part in self.parts)

    @property
    def backward(self) -> int:
        return sum(part.backward for part in self.parts)

    def bytes(self, dtype: str) -> int:
        """What a step in plain style holds at its end: the parameters and the arrays of both passes, their gradients among them."""
        return (self.parameters + sum(part.held for part in self.parts)) * NUMBERS[dtype]
