"""Along what gradients are tried: every entry of a small network, random directions of any other, however many parameters it has.

⟨∇C, v⟩ for a v of standard normal numbers is off by about as much as the gradient is, whichever of its entries are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray

#: Entries of all parameters up to which each is tried by itself.
FEW_ENTRIES = 24
#: Random directions of each parameter, and of all of them together.
OF_EACH, OF_ALL = 1, 2
ALL = "all"


@dataclass(frozen=True)
class Tried:
    """A direction, and the parameter that alone has a part in it, or ALL."""

    subject: str
    direction: Mapping[str, NumericArray]
    is_entry: bool

    def times(self, gradients: Mapping[str, NumericArray]) -> np.longdouble:
        """⟨gradient, direction⟩"""
        return np.longdouble(sum(np.sum(along * gradients[name].astype(np.longdouble)) for name, along in self.direction.items()))

    def scale(self, gradients: Mapping[str, NumericArray]) -> float:
        """What the inner product is a part of: the largest entry of the array; for a random direction √Σ (g v)², its usual size."""
        if self.is_entry:
            return max(float(np.max(np.abs(gradients[name]))) for name in self.direction)
        return float(np.sqrt(sum(np.sum((along * gradients[name].astype(float)) ** 2) for name, along in self.direction.items())))


def directions(parameters: Mapping[str, NumericArray], rng: np.random.Generator) -> Iterator[Tried]:
    """All that is tried at one point."""
    if sum(array.size for array in parameters.values()) <= FEW_ENTRIES:
        for name, array in parameters.items():
            for place in np.ndindex(array.shape):
                unit = np.zeros(array.shape)
                unit[place] = 1
                yield Tried(name, {name: unit}, True)
    else:
        for name, array in parameters.items():
            for _ in range(OF_EACH):
                yield Tried(name, {name: rng.standard_normal(array.shape)}, False)
    for _ in range(OF_ALL):
        yield Tried(ALL, {name: rng.standard_normal(array.shape) for name, array in parameters.items()}, False)
