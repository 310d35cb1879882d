"""The functions of a module that are made of gradients, against what the interpreter makes of their equations."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.codegen.program.derived_functions import DerivedFunction, DerivedFunctions
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.checking.verification import TOLERANCE, difference
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.numeric_array import NumericArray

from .finding import Finding
from .point import TrialPoint
from .tally import Tally

SEED = 4
#: Where all entries of an array are smaller than this part of what the function computes, rounding is all that differs.
SMALLEST_PART = 1e-6


def check_functions(derived: DerivedFunctions, module: ModuleType, point: TrialPoint) -> None:
    """Raises `CheckFailed` at the first array that differs."""
    for function in derived.functions:
        for name, error in _errors(function, module, point):
            if not error <= TOLERANCE:
                raise CheckFailed(f"{name} differs by {error:.1e} of its largest entry from what the equations say")


def function_findings(derived: DerivedFunctions, module: ModuleType, points: list[TrialPoint]) -> list[Finding]:
    """The same at several points, as rows of the deep check."""
    rows = []
    for function in derived.functions:
        tally = Tally()
        for point in points:
            for name, error in _errors(function, module, point):
                tally.add(name, error)
        rows.append(tally.finding("functions", function.name, with_numeric=False))
    return rows


def _errors(function: DerivedFunction, module: ModuleType, point: TrialPoint) -> Iterator[tuple[str, float]]:
    """What the function returns, by name, with how far each array is from its equation."""
    numbers, rng = point.numbers(np.complex128), np.random.default_rng(SEED)
    known = forward(point.system, numbers.arrays, point.sizes)
    given = {tensor.name: rng.standard_normal(known.shape(tensor)) for _, tensor in function.given}
    arrays = {**known.arrays, **{name: array.astype(complex) for name, array in given.items()}}
    with np.errstate(all="ignore"):
        expected = solved(function.equations, Numbers(function.whole, arrays, point.sizes)).arrays
    found = _called(function, module, point, given)
    results = {name: expected[result] for name, result in function.results.items() if result is not None}
    largest = max((float(np.max(np.abs(array), initial=0)) for array in results.values()), default=0.0)
    for name, result in function.results.items():
        array = np.asarray(getattr(found, name) if name else found)
        right = np.zeros(array.shape) if result is None else np.real(results[name])
        if array.shape != right.shape:
            raise CheckFailed(f"{function.name} {name} has the shape {array.shape}, not {right.shape}")
        if np.all(np.isfinite(right)):
            yield f"{function.name} {name}".strip(), difference(array, right, SMALLEST_PART * max(1.0, largest))


def _called(function: DerivedFunction, module: ModuleType, point: TrialPoint, given: dict[str, NumericArray]) -> Any:
    params, data = point.arguments(module)
    arguments = data if function.takes_targets else data[: len(point.system.inputs)]
    if function.argument == "direction":
        parts = {parameter: given[tensor.name] for parameter, tensor in function.given}
        along = module.Parameters(**{name: parts.get(name, np.zeros(array.shape)) for name, array in point.parameters.items()})
        arguments = (*arguments, along)
    elif function.argument:
        arguments = (*arguments, *given.values())
    with np.errstate(all="ignore"):
        return getattr(module, function.name)(params, *arguments)
