"""Every call of a module at several sizes of its open axes: against the equations, and of fast style against the plain functions beside it.

A read past the end, a broadcast of an axis of one position, or an array that is written over before its last read show there: a fast module
has passes of its own, and for each call (cost, cost and gradients, forward, backward, prediction) they end elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.codegen.backends.numpy.arguments import sample_sizes
from chainrule.symbolic.checking.comparison import CANCELLED
from chainrule.symbolic.checking.draws import MOST_ROUNDING
from chainrule.symbolic.checking.elementary_functions import HAS_WIDE_EXPONENTS
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.checking.tensor_draw import DRAWS
from chainrule.symbolic.checking.trial_sizes import small_sizes_to_try
from chainrule.symbolic.checking.verification import TOLERANCE, difference
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.array_form import OF_NOTHING
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.system import System

from .entry_points import workspace_sizes
from .point import TrialPoint, drawn_point
from .predictions import predictions

SEED = 3
#: Where all entries of an array are smaller than this part of what the call computes, rounding is all that differs.
SMALLEST_PART = 1e-4
#: Costs above this have a logarithm of 0 in them.
LARGEST_COST = abs(float(OF_NOTHING)) / 1e3


@dataclass(frozen=True)
class Results:
    """What a module returns at one point: values by the names of tensors, the cost's too, and gradients by what they are of.

    `largest_adjoint` is that of the equations: 1/s may be large on a way on which everything cancels, as behind a norm over one position.
    """

    values: Mapping[str, NumericArray]
    gradients: Mapping[str, NumericArray]
    largest_adjoint: float = 0.0


def check_calls(derivation: Derivation, module: ModuleType) -> int:
    """How many arrays were compared.

    Raises:
        CheckFailed: at the first that differs, with the call and the sizes.
    """
    # Where the equations compute too much at each of the sizes, fast style alone is tried, at one.
    system = derivation.system
    small = small_sizes_to_try(derivation)
    is_fast, compared = hasattr(module, "Workspace"), 0
    for sizes in small or ([sample_sizes(system)] if is_fast else []):
        for draw in DRAWS:
            first, other = (drawn_point(derivation, sizes, seed, draw) for seed in (SEED, SEED + 1))
            if not all(has_solutions(system, point) for point in (first, other)):
                continue
            plain = by_functions(derivation, module, first)
            # Where the cost is no number, nothing is claimed of what follows from it; a module has OF_NOTHING for log 0.
            if abs(plain.values[system.cost.tensor.name]) < LARGEST_COST:
                if small:
                    right = by_equations(derivation, first)
                    try:
                        compared += _compare("forward and backward", *_both_finite(plain, right), first)
                    except CheckFailed:
                        if _is_rounded(derivation, first, right):
                            continue
                        raise
                    plain = replace(plain, largest_adjoint=right.largest_adjoint)
                compared += _of_workspace(derivation, module, plain, first, other) if is_fast else 0
                break
    return compared


def has_solutions(system: System, point: TrialPoint) -> bool:
    """Whether every equation that is solved has a solution: XᵀX of fewer examples than features has no inverse, for no draw."""
    solutions = [equation.tensor.name for equation in system.equations if isinstance(equation.expression, implicit)]
    if not solutions:
        return True
    numbers = forward(system, point.numbers(np.complex128).arrays, point.sizes)
    return all(np.all(np.isfinite(numbers.arrays[name])) for name in solutions)


def _is_rounded(derivation: Derivation, point: TrialPoint, found: Results) -> bool:
    """Whether the equations lose digits there themselves, as of log(1 + 1e-6 − tanh²), or leave the real numbers: arccos(1 + 1e-16)."""
    if not HAS_WIDE_EXPONENTS:
        return False
    precise = by_equations(derivation, point, np.clongdouble).gradients
    kept = _where_finite(found.gradients, precise)
    known = {name: np.where(np.isfinite(array), array, 0) for name, array in precise.items()}
    floor = SMALLEST_PART * max((float(np.max(np.abs(array), initial=0)) for array in known.values()), default=0.0)
    return any(not difference(kept[name], array, floor) <= MOST_ROUNDING for name, array in known.items())


def _both_finite(found: Results, expected: Results) -> tuple[Results, Results]:
    """Without what the equations as written have no number for: a module takes safe forms of them, log Σ exp of large exponents."""

    def of(results: Results) -> Results:
        values, gradients = _where_finite(results.values, expected.values), _where_finite(results.gradients, expected.gradients)
        return replace(results, values=values, gradients=gradients)

    return of(found), of(expected)


def _where_finite(arrays: Mapping[str, NumericArray], expected: Mapping[str, NumericArray]) -> dict[str, NumericArray]:
    return {
        name: np.where(np.isfinite(expected[name]), array, 0) if array.shape == expected[name].shape else array
        for name, array in arrays.items()
    }


def by_equations(derivation: Derivation, point: TrialPoint, element: type[np.complexfloating[Any]] = np.complex128) -> Results:
    """What the interpreter makes of the equations of both passes."""
    system = derivation.system
    numbers = forward(system, point.numbers(element).arrays, point.sizes, element)
    numbers = solved([adjoint.equation for adjoint in derivation.needed], numbers)
    values = {equation.tensor.name: _real(numbers.arrays[equation.tensor.name]) for equation in system.equations}
    adjoints = [np.abs(numbers.arrays[adjoint.as_tensor.name]) for adjoint in derivation.needed]
    largest = max((float(np.max(array, initial=0, where=np.isfinite(array))) for array in adjoints), default=0.0)
    return Results(values, {tensor.name: _gradient(tensor.name, derivation, numbers) for tensor in system.differentiated}, largest)


def _gradient(name: str, derivation: Derivation, numbers: Numbers) -> NumericArray:
    if name not in derivation.adjoints:
        return np.zeros(np.shape(numbers.arrays[name]))
    return _real(numbers.arrays[derivation.system.adjoint_name(name)])


def _real(array: NumericArray) -> NumericArray:
    """What is not real is no number."""
    return np.where(np.imag(array) == 0, np.real(array), np.nan)


def by_functions(derivation: Derivation, holder: Any, point: TrialPoint, module: ModuleType | None = None) -> Results:
    """What the functions of a module, or the methods of a workspace, return when they are called one after the other."""
    system, made_by = derivation.system, module or holder
    params, data = point.arguments(made_by)
    inputs, targets = data[: len(system.inputs)], data[len(system.inputs) :]
    with np.errstate(all="ignore"):
        cost = holder.cost(params, *data)
        cache = holder.forward(params, *inputs)
        values = {name: np.array(array) for name, array in cache._asdict().items() if name in system.definition}
        gradients = holder.backward(params, cache, *targets)
        copied = {name: np.array(array) for name, array in gradients._asdict().items()}
        if system.wrt:
            copied |= {name: np.array(array) for name, array in made_by.input_gradients(params, *data)._asdict().items()}
        predicted = {name: np.array(array) for name, array in predictions(system, holder, params, inputs).items()}
    return Results({**values, **predicted, system.cost.tensor.name: np.asarray(cost)}, copied)


def _of_workspace(derivation: Derivation, module: ModuleType, expected: Results, first: TrialPoint, other: TrialPoint) -> int:
    """Every method, and the function for both passes, with calls for other arrays between; parameters as they are, and packed."""
    with np.errstate(all="ignore"):
        workspace, compared = module.Workspace(**workspace_sizes(module, first)), 0
        calls = {"Workspace.cost_and_gradients": workspace.cost_and_gradients, "cost_and_gradients": module.cost_and_gradients}
        for is_packed in (True, False):
            for name, call in calls.items():
                compared += _compare(name, _both(derivation, module, call, first, is_packed), expected, first)
                _both(derivation, module, call, other, is_packed)
            compared += _compare("Workspace", by_functions(derivation, workspace, first, module), expected, first)
    return compared


def _both(derivation: Derivation, module: ModuleType, call: Callable[..., Any], point: TrialPoint, is_packed: bool) -> Results:
    params, data = point.arguments(module)
    cost, gradients = call(module.packed(params) if is_packed else params, *data)
    return Results(
        {derivation.system.cost.tensor.name: np.asarray(cost)}, {name: np.array(array) for name, array in gradients._asdict().items()}
    )


def _compare(where: str, found: Results, expected: Results, point: TrialPoint) -> int:
    """How many arrays were compared; the floor keeps apart what is small and what is 0 up to rounding."""
    pairs = [(name, array, expected.values[name]) for name, array in found.values.items()]
    pairs += [(f"the gradient of {name}", array, expected.gradients[name]) for name, array in found.gradients.items()]
    cost = abs(float(expected.values[point.system.cost.tensor.name]))
    # Parameters too: what cancels, as softmax − 1 of a single class, is 0 up to the rounding of what they are.
    every = (*expected.values.values(), *expected.gradients.values(), *point.parameters.values())
    largest = max(float(np.max(np.abs(array), initial=0)) for array in every)
    floor = SMALLEST_PART * max(cost, min(1.0, largest)) + CANCELLED * expected.largest_adjoint
    for name, array, right in pairs:
        if array.shape != right.shape:
            raise CheckFailed(f"{where}: {name} has the shape {array.shape}, not {right.shape}{_in_words(point)}")
        error = difference(array, right, floor)
        if not error <= TOLERANCE:
            raise CheckFailed(f"{where}: {name} differs by {error:.1e} of its largest entry from what the equations say{_in_words(point)}")
    return len(pairs)


def _in_words(point: TrialPoint) -> str:
    """The sizes of a point, as far as they are open."""
    sizes = ", ".join(f"{axis} = {size}" for axis, size in point.sizes.items() if point.system.axes[axis].size is None)
    return f", at {sizes}" if sizes else ""
