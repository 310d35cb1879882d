"""Parameters of any type give the numbers of ordinary arrays of floats, or a ValueError that names the first that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from chainrule import Dense, Layer, Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

#: Entries of W and V that are multiplied one by one, as square matrices; b is read by the cost alone.
EQUATIONS = "u[i] = sum(j, W[i,j]*V[i,j]*x[j])\nC = sum(i, u[i]**2) + 2*b**3"
RIGHT: dict[str, Callable[[int, Any], Any]] = {
    "lists": lambda _place, array: array.tolist(),
    "matrices": lambda _place, array: np.matrix(array) if array.ndim == 2 else array,
    "the first in single precision": lambda place, array: array.astype(np.float32) if place == 0 else array,
    "the last in single precision": lambda place, array: array.astype(np.float32) if place else array,
}
WRONG: dict[str, Callable[[int, Any], Any]] = {
    "integers": lambda _place, array: np.round(4 * array).astype(int),
    "the last of integers": lambda place, array: np.round(4 * array).astype(int) if place else array,
    "tests": lambda _place, array: array > 0,
    "text": lambda _place, array: array.astype(str),
    "objects": lambda _place, array: array.astype(object),
    "complex numbers": lambda _place, array: array + 1j,
}


def networks() -> dict[str, Network | System]:
    return {
        "equations": system_from_equations(EQUATIONS, ["W[i,j]", "V[i,j]", "b"], ["x[i]"], sizes={"i": 3, "j": 3}),
        "dense": Network(3, [Dense(3, "relu"), Dense(2, "sigmoid")], "quadratic", regularisation={"l2": 0.1}),
        "recurrent": Network([5, 3], [Layer("rnn", {"units": 2})], "squared_error"),
    }


@cache
def modules(name: str) -> tuple[ModuleType, ModuleType]:
    derivation = derive(networks()[name])
    return load(derivation), load(derivation, style="fast")


def drawn(module: ModuleType) -> tuple[list[Any], list[Any], list[Any]]:
    """Parameters whose entries are the same in single precision, inputs and targets."""
    rng = np.random.default_rng(2)
    params = [np.asarray(rng.integers(-8, 8, array.shape) / 8 + 1 / 16) for array in module.init(rng)]
    data = module.sample(rng)
    return params, list(data[:1]), list(data[1:])


def calls(module: ModuleType, params: Any, inputs: list[Any], targets: list[Any], cache_of: Any) -> dict[str, Callable[[], Any]]:
    found: dict[str, Callable[[], Any]] = {
        "cost": lambda: module.cost(params, *inputs, *targets),
        "gradients": lambda: module.cost_and_gradients(params, *inputs, *targets)[1],
        "backward": lambda: module.backward(params, module.Cache(*cache_of), *targets),
    }
    if hasattr(module, "Workspace"):
        workspace = module.Workspace(*([len(inputs[0])] if targets else []))
        found["gradients of a workspace"] = lambda: workspace.cost_and_gradients(params, *inputs, *targets)[1]
        found["backward of a workspace"] = lambda: workspace.backward(params, module.Cache(*cache_of), *targets)
    return found


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("style", [0, 1], ids=["plain", "fast"])
@pytest.mark.parametrize("way", RIGHT)
@pytest.mark.parametrize("name", networks())
def test_numbers_are_right_whatever_holds_them(name: str, way: str, style: int) -> None:
    module = modules(name)[style]
    params, inputs, targets = drawn(module)
    usual = module.Parameters(*params)
    cached = module.forward(usual, *inputs)
    expected = {call: function() for call, function in calls(modules(name)[0], usual, inputs, targets, cached).items()}
    given = module.Parameters(*(RIGHT[way](place, array) for place, array in enumerate(params)))
    for call, function in calls(module, given, inputs, targets, cached).items():
        found, value = function(), expected[call.removesuffix(" of a workspace")]
        if call == "cost":
            assert found == pytest.approx(value, rel=1e-12)
            continue
        for field, own, other in zip(usual._fields, found, value, strict=True):
            assert type(own) is np.ndarray or np.ndim(own) == 0, field
            assert own.dtype == np.float64, field
            assert np.allclose(own, other, rtol=1e-12, atol=1e-12), (call, field)


@pytest.mark.parametrize("style", [0, 1], ids=["plain", "fast"])
@pytest.mark.parametrize("way", WRONG)
@pytest.mark.parametrize("name", networks())
def test_what_holds_no_floats_is_named(name: str, way: str, style: int) -> None:
    module = modules(name)[style]
    params, inputs, targets = drawn(module)
    cached = module.forward(module.Parameters(*params), *inputs)
    given = module.Parameters(*(WRONG[way](place, array) for place, array in enumerate(params)))
    wrong = module.Parameters._fields[1 if "last" in way else 0]
    for function in calls(module, given, inputs, targets, cached).values():
        with pytest.raises(ValueError, match=f"^{wrong}: found dtype .*, expected float32 or float64"):
            function()
