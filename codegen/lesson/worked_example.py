"""The one worked example of a document: the description's own numbers, or small random ones that are the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np

from chainrule.codegen.backends.numpy.arguments import MANY_ENTRIES, sample_sizes
from chainrule.codegen.descriptions.example_reader import Example
from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.checking.random_array import Shape, in_tenths, random_array
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.system.sizes import followed
from chainrule.symbolic.system.system import System

SEED = 7
#: The first after whose step the cost is lower is taken: behind many layers slopes are steep. A description's own is taken as it is.
LEARNING_RATES = (0.5, 0.05, 0.005, 0.0005)


#: All numbers are those of the description, all are random, or those are that it leaves open.
Source = Literal["given", "random", "mixed"]


@dataclass(frozen=True)
class WorkedExample:
    """Parameters and data as arrays, what the module makes of them, and the step of gradient descent that follows."""

    params: Any
    data: tuple[NumericArray, ...]
    learning_rate: float
    note: str | Mapping[str, str]
    source: Source
    examples: int
    values: dict[str, NumericArray]
    cost: float
    gradients: Any
    new_params: Any
    new_cost: float


def worked_example(system: System, module: ModuleType, given: Example | None, of_layers: bool) -> WorkedExample:
    """The example of a description with everything it leaves open filled in."""
    rng = np.random.default_rng(SEED)
    given = given or Example()
    data, sizes = _data(system, module, given, of_layers, rng)
    started = module.init(rng, **sizes)._asdict()
    # Only stacks of dense layers have sections that compare all of these arrays with others to the last digit.
    dtype = float if of_layers or sum(array.size for array in started.values()) <= MANY_ENTRIES else np.float32
    filled = {}
    for name in list(started):
        array = started.pop(name)
        if name in given.parameters:
            filled[name] = np.array(given.parameters[name], dtype=float)
        elif name in system.initial:
            filled[name] = array.astype(dtype, copy=False)
        else:
            filled[name] = np.round(array + (rng.uniform(-0.5, 0.5, array.shape) if array.ndim <= 1 else 0), 2).astype(dtype, copy=False)
    params = module.Parameters(**filled)
    data = tuple(array.astype(dtype, copy=False) if array.dtype.kind == "f" else array for array in data)
    rates = (given.learning_rate,) if given.learning_rate is not None else LEARNING_RATES
    return at_point(system, module, params, data, rates, given.note, _source(system, given))


def _source(system: System, given: Example) -> Source:
    """Where the numbers come from: those of parameters may also be first values in the equations."""
    named = {*given.arrays, *given.parameters, *system.initial}
    opened = [tensor.name for tensor in (*system.inputs, *system.targets, *system.parameters) if tensor.name not in named]
    if not opened:
        return "given"
    return "mixed" if named else "random"


def _rounded(data: tuple[NumericArray, ...]) -> tuple[NumericArray, ...]:
    return tuple(np.round(array, 2) if array.dtype.kind == "f" else array for array in data)


def _data(
    system: System, module: ModuleType, given: Example, of_layers: bool, rng: np.random.Generator
) -> tuple[tuple[NumericArray, ...], dict[str, int]]:
    """Inputs and targets, the description's or random ones, and the sizes of open axes of parameters that go with them.

    Of a stack of layers without numbers of its own there is one example.
    """
    if not (of_layers or given.arrays or given.sizes):
        return _rounded(module.sample(rng)), {}
    usual = {name: axis.size or 1 for name, axis in system.axes.items()} if of_layers else sample_sizes(system)
    sizes = followed({**usual, **given.sizes}, system.axes)
    for name, size in given.sizes.items():
        if sizes[name] != size:
            message = f"[example]: found a size of {size} along {name}, expected {sizes[name]}, which follows from the other sizes"
            raise InvalidDescription(message, ("example",))
    arrays = []
    for tensor in (*system.inputs, *system.targets):
        if tensor.name in given.arrays:
            array = np.array(given.arrays[tensor.name], dtype=int if tensor.is_integer else float)
            arrays.append(array.T if of_layers and tensor.axes[-1].name == system.batch else array)
        else:
            arrays.append(random_array(tensor, sizes, system.batch, _TwoDecimals(rng)))
    own = {axis_name(letter) for tensor in system.parameters for letter in tensor.axes if system.axis(letter).size is None}
    return tuple(arrays), {size_name(name): sizes[name] for name in sorted(own)}


def at_point(
    system: System,
    module: ModuleType,
    params: Any,
    data: tuple[NumericArray, ...],
    rates: Sequence[float],
    note: str | Mapping[str, str],
    source: Source,
) -> WorkedExample:
    """What the module computes at these arrays, forward, backward and after one step with one of the learning rates."""
    cache = module.forward(params, *data[: len(system.inputs)])
    cost, gradients = module.cost_and_gradients(params, *data)
    for rate in rates:
        new_params = module.sgd(params, gradients, eta=rate)
        # What overflows is seen in the cost.
        with np.errstate(all="ignore"):
            new_cost = module.cost(new_params, *data)
        # A comparison with what is no number is false.
        if new_cost < cost:
            break
    names = {tensor.name: array for tensor, array in zip((*system.inputs, *system.targets), data, strict=True)}
    values = {**names, **params._asdict(), **cache._asdict(), system.cost.tensor.name: np.asarray(cost)}
    values |= {system.adjoint_name(name): gradient for name, gradient in gradients._asdict().items()}
    return WorkedExample(params, data, rate, note, source, _examples(system, names), values, cost, gradients, new_params, new_cost)


def _examples(system: System, arrays: dict[str, NumericArray]) -> int:
    """How many examples the data hold; 1 where there is no axis of examples."""
    for tensor in system.inputs:
        for place, letter in enumerate(tensor.axes):
            if letter.name == system.batch:
                return int(arrays[tensor.name].shape[place])
    return 1


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
