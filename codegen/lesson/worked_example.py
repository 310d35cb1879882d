"""The one worked example of a document: the description's own numbers, or small random ones that are the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.codegen.backends.numpy.arguments import MANY_ENTRIES
from chainrule.codegen.descriptions.example_reader import Example
from chainrule.symbolic.checking.random_array import Shape, in_tenths, random_array
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.system.system import System

SEED = 7
#: The first after whose step the cost is a number is taken: behind many layers slopes are steep. A description's own is taken as it is.
LEARNING_RATES = (0.5, 0.05, 0.005, 0.0005)


@dataclass(frozen=True)
class WorkedExample:
    """Parameters and data as arrays, what the module makes of them, and the step of gradient descent that follows."""

    params: Any
    data: tuple[NumericArray, ...]
    learning_rate: float
    note: str
    is_given: bool
    examples: int
    values: dict[str, NumericArray]
    cost: float
    gradients: Any
    new_params: Any
    new_cost: float


def worked_example(system: System, module: ModuleType, given: Example | None, of_layers: bool) -> WorkedExample:
    """The example of a description with everything it leaves open filled in."""
    rng = np.random.default_rng(SEED)
    data = _layer_data(system, given, rng) if of_layers else _rounded(module.sample(rng))
    started = module.init(rng)._asdict()
    # Only stacks of dense layers have sections that compare all of these arrays with others to the last digit.
    dtype = float if of_layers or sum(array.size for array in started.values()) <= MANY_ENTRIES else np.float32
    filled = {}
    for name in list(started):
        array = started.pop(name)
        if given and name in given.parameters:
            filled[name] = np.array(given.parameters[name], dtype=float)
        else:
            filled[name] = np.round(array + (rng.uniform(-0.5, 0.5, array.shape) if array.ndim <= 1 else 0), 2).astype(dtype, copy=False)
    params = module.Parameters(**filled)
    data = tuple(array.astype(dtype, copy=False) if array.dtype.kind == "f" else array for array in data)
    rates = (given.learning_rate,) if given and given.learning_rate is not None else LEARNING_RATES
    return at_point(system, module, params, data, rates, given.note if given else "", bool(given and given.x))


def _rounded(data: tuple[NumericArray, ...]) -> tuple[NumericArray, ...]:
    return tuple(np.round(array, 2) if array.dtype.kind == "f" else array for array in data)


def _layer_data(system: System, given: Example | None, rng: np.random.Generator) -> tuple[NumericArray, ...]:
    """x and y of a network of layers: the description's, or one random example."""
    x = _given_x(system, given) if given and given.x is not None else _random(system, "x", 1, rng)
    examples = x.shape[-1] if system.tensors["x"].axes[-1].name == "n" else x.shape[0]
    y = _given_y(system, given) if given and given.y is not None else _random(system, "y", examples, rng)
    return x, y


def at_point(
    system: System, module: ModuleType, params: Any, data: tuple[NumericArray, ...], rates: Sequence[float], note: str, is_given: bool
) -> WorkedExample:
    """What the module computes at these arrays, forward, backward and after one step with one of the learning rates."""
    cache = module.forward(params, *data[: len(system.inputs)])
    cost, gradients = module.cost_and_gradients(params, *data)
    for rate in rates:
        new_params = module.sgd(params, gradients, eta=rate)
        # What overflows is seen in the cost.
        with np.errstate(all="ignore"):
            new_cost = module.cost(new_params, *data)
        if np.isfinite(new_cost):
            break
    names = {tensor.name: array for tensor, array in zip((*system.inputs, *system.targets), data, strict=True)}
    values = {**names, **params._asdict(), **cache._asdict(), system.cost.tensor.name: np.asarray(cost)}
    values |= {system.adjoint_name(name): gradient for name, gradient in gradients._asdict().items()}
    return WorkedExample(params, data, rate, note, is_given, _examples(system, names), values, cost, gradients, new_params, new_cost)


def _examples(system: System, arrays: dict[str, NumericArray]) -> int:
    """How many examples the data hold; 1 where there is no axis of examples."""
    for tensor in system.inputs:
        for place, letter in enumerate(tensor.axes):
            if letter.name == system.batch:
                return int(arrays[tensor.name].shape[place])
    return 1


def _given_x(system: System, given: Example) -> NumericArray:
    rows = np.array(given.x, dtype=float)
    return rows.T if system.tensors["x"].axes[-1].name == "n" else rows


def _given_y(system: System, given: Example) -> NumericArray:
    target = system.tensors["y"]
    if target.is_integer:
        return np.array(given.y, dtype=int)
    rows = np.array(given.y, dtype=float)
    return rows.T if target.axes[-1].name == "n" else rows


def _random(system: System, name: str, examples: int, rng: np.random.Generator) -> NumericArray:
    """Numbers of the kind that the tensor holds."""
    sizes = {axis.name: axis.size or examples for axis in system.axes.values()}
    return random_array(system.tensors[name], sizes, system.batch, _TwoDecimals(rng))


@dataclass(frozen=True, slots=True)
class _TwoDecimals:
    """Numbers between 0 and 1 that are short to write."""

    rng: np.random.Generator

    def below(self, count: int, shape: Shape) -> NumericArray:
        return self.rng.integers(0, count, shape)

    def shares(self, shape: Shape) -> NumericArray:
        return in_tenths(self, shape)

    def fractions(self, shape: Shape) -> NumericArray:
        return np.round(self.rng.uniform(0.05, 0.95, shape), 2)

    def reals(self, shape: Shape, role: Role) -> NumericArray:
        return self.fractions(shape)
