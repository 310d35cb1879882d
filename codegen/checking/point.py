"""A random point: arrays for all that a network is given, of one choice of sizes, at which its cost is a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.codegen.program.program import initial_variance, is_gain
from chainrule.symbolic.checking.draws import NO_NUMBER
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.random_array import NormalNumbers, random_array
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.checking.tensor_draw import DRAWS, TensorDraw
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.system import System


@dataclass(frozen=True)
class TrialPoint:
    """Sizes of all axes, and arrays in double precision by the names of parameters, inputs and targets."""

    system: System
    sizes: Mapping[str, int]
    parameters: Mapping[str, NumericArray]
    data: Mapping[str, NumericArray]

    @property
    def arrays(self) -> dict[str, NumericArray]:
        return {**self.parameters, **self.data}

    @property
    def differentiated(self) -> dict[str, NumericArray]:
        """The arrays by which the cost is differentiated."""
        return {tensor.name: self.arrays[tensor.name] for tensor in self.system.differentiated}

    def arguments(self, module: ModuleType) -> tuple[Any, tuple[NumericArray, ...]]:
        """New arrays for a call of a module: the parameters, and inputs with targets in declared order."""
        params = module.Parameters(**{name: array.copy() for name, array in self.parameters.items()})
        return params, tuple(array.copy() for array in self.data.values())

    def numbers(self, element: type[np.inexact[Any]]) -> Numbers:
        """The arrays as numbers of a type for the interpreter, without the values that follow from them."""
        arrays = {name: array if array.dtype.kind == "i" else array.astype(element) for name, array in self.arrays.items()}
        return Numbers(self.system, arrays, self.sizes, element=element)


def random_point(derivation: Derivation, seed: int, sizes: Mapping[str, int]) -> TrialPoint:
    """A point of these sizes.

    Raises:
        CheckFailed: where the cost is a finite number at none that was tried.
    """
    system = derivation.system
    for draw in DRAWS:
        point = drawn_point(derivation, sizes, seed, draw)
        numbers = point.numbers(np.longdouble)
        if np.isfinite(forward(system, numbers.arrays, sizes, np.longdouble).arrays[system.cost.tensor.name]):
            return point
    raise CheckFailed(NO_NUMBER)


def drawn_point(derivation: Derivation, sizes: Mapping[str, int], seed: int, draw: TensorDraw) -> TrialPoint:
    """A point of these sizes, whatever its cost is."""
    system, rng = derivation.system, np.random.default_rng(seed)
    data = {tensor.name: random_array(tensor, sizes, system.batch, NormalNumbers(rng)) for tensor in (*system.inputs, *system.targets)}
    spread = 0.1 if derivation.network else 0.5
    parameters = {tensor.name: _parameter(system, tensor, sizes, rng, spread, draw) for tensor in system.parameters}
    return TrialPoint(system, sizes, parameters, data)


def _parameter(
    system: System, tensor: Tensor, sizes: Mapping[str, int], rng: np.random.Generator, spread: float, draw: TensorDraw
) -> NumericArray:
    """As first values are drawn, and moved a little, so that biases are not 0."""
    shape = tuple(sizes[axis_name(letter)] for letter in tensor.axes)
    start = float(initial_variance(system, tensor)) ** 0.5 * rng.standard_normal(shape) + is_gain(system, tensor)
    moved = start + spread * rng.standard_normal(shape)
    return np.asarray(draw.scale * moved + draw.shift * (draw.everywhere or len(shape) == 1))
