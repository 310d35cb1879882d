"""The gradient of every example by itself, so that what is said of their sum or mean can be held against the gradient of all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.symbolic.derivation.derivation import Derivation

from .numbers import Numbers
from .solving import forward, solved


def gradients_of_examples(whole: Numbers, one: Derivation) -> list[dict[str, NDArray[Any]]]:
    """For each example of `whole`, its own cost and the gradients of it by every parameter, by the names of cost and parameters.

    `one` is the derivation for a single example.
    """
    batch = whole.system.batch or ""
    found = []
    for number in range(whole.sizes[batch]):
        arrays = {tensor.name: whole.arrays[tensor.name] for tensor in whole.system.parameters}
        for tensor in (*whole.system.inputs, *whole.system.targets):
            place, array = tensor.place_of(batch), whole.arrays[tensor.name]
            arrays[tensor.name] = array if place is None else np.take(array, number, axis=place)
        sizes = {name: size for name, size in whole.sizes.items() if name != batch}
        numbers = solved([adjoint.equation for adjoint in one.adjoints.values()], forward(one.system, arrays, sizes))
        gradients = {tensor.name: numbers.arrays[one.system.adjoint_name(tensor.name)] for tensor in one.system.parameters}
        found.append({one.system.cost.tensor.name: numbers.arrays[one.system.cost.tensor.name], **gradients})
    return found
