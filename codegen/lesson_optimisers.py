"""The formulas of an optimiser, evaluated: two steps by the formulas are two steps of the module."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sympy import Expr, lambdify

from symbolic.optimisers import Optimiser
from symbolic.tensors import scalar

from .claims import together
from .grounds import Evaluated
from .lesson_material import Material

#: One step alone would not tell what is kept from step to step.
STEPS = 2


def updates_agree(material: Material, optimiser: Optimiser) -> Evaluated:
    """Evaluates the updates for every parameter, from the worked example on, and compares with what the module makes of it."""
    module, example = material.checked.module, material.example
    step = getattr(module, optimiser.name)
    expected, state = example.params, None
    started = example.params._asdict()
    own = {name: {"w": array, **{kept: np.zeros_like(array) for kept in optimiser.state}} for name, array in started.items()}
    grounds = []
    for count in range(1, STEPS + 1):
        _, gradients = module.cost_and_gradients(expected, *example.data)
        result = step(expected, gradients, state) if optimiser.state else step(expected, gradients)
        expected, state = result if optimiser.state else (result, None)
        for name, values in own.items():
            values |= {"g": getattr(gradients, name), "t": np.asarray(count)}
            for updated, update in optimiser.expressions:
                values[updated] = _value(update, {**optimiser.constants, **values})
            grounds.append(material.claims.numbers_agree(f"{optimiser.title} for {name}", values["w"], getattr(expected, name)))
    return together(grounds)


def _value(update: Expr, values: Mapping[str, object]) -> np.ndarray:
    names = sorted(values)
    result: np.ndarray = np.asarray(lambdify([scalar(name) for name in names], update, "numpy")(*(values[name] for name in names)))
    return result
