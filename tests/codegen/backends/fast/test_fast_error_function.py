"""The error function of `fast` modules: its digits in both types, arrays longer than a block, results over arguments."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import mpmath
import numpy as np
import pytest

from chainrule import derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load, load_source
from chainrule.symbolic.language.system_reader import system_from_equations

SYSTEM = {
    "name": "bells",
    "inputs": ["x[n,k]"],
    "parameters": ["w[k]"],
    "equations": "z[n,k] = w[k]*x[n,k]\nC = sum(n, k, erf(z[n,k])*x[n,k])",
    "batch": "n",
    "sizes": {"k": 3},
}


@pytest.fixture(scope="module")
def module() -> ModuleType:
    return load_source(module_source(derive(system_from_equations(**SYSTEM)), style="fast"), "bells")


def arguments(dtype: str) -> np.ndarray:
    rng = np.random.default_rng(3)
    tiny = [0.0, -0.0, 1e-30, -1e-12, 1e-5, 5.95, 6.1, -4.0, 30.0, -1e9, np.inf, -np.inf]
    return np.concatenate([rng.uniform(-6.5, 6.5, 2000), rng.uniform(-0.01, 0.01, 200), tiny]).astype(dtype)


@pytest.mark.parametrize(("dtype", "digits"), [("float32", 4e-7), ("float64", 1e-15)])
@pytest.mark.parametrize("entries", [100, 16384, 10**6])
def test_relative_error(module: ModuleType, dtype: str, digits: float, entries: int) -> None:
    z = arguments(dtype)
    found = np.empty_like(z)
    module._error_function(np.dtype(dtype), entries)(z, found)
    exact: list[Any] = [mpmath.erf(mpmath.mpf(float(value))) for value in z]
    errors = [abs(mpmath.mpf(float(own)) - other) / abs(other) for own, other in zip(found, exact, strict=True) if other]
    assert max(errors) < digits
    assert not found[z == 0].any()


def test_result_over_argument_and_nan(module: ModuleType) -> None:
    z = np.array([0.5, np.nan, -2.0, 0.1, 3.0])
    function = module._error_function(z.dtype, 2)
    apart = np.empty_like(z)
    function(z, apart)
    function(z, z)
    np.testing.assert_array_equal(z, apart)
    assert np.isnan(z).tolist() == [False, True, False, False, False]


def test_written_once_for_forward_and_backward(module: ModuleType) -> None:
    network = {**SYSTEM, "equations": "a[n,k] = w[k]*x[n,k]*erf(w[k]*x[n,k])\nC = sum(n, k, a[n,k]**2)"}
    source = module_source(derive(system_from_equations(**network)), style="fast")
    run = source[source.index("def run(") : source.index("return run")]
    assert run.count("error_function(") == 1
    assert "np." not in run


VIEWS = {
    "a window": (
        ["x[n,t]"],
        ["U[p]", "w[t]"],
        "z[n,t] = w[t]*x[n,t]\nh[n,i] = sum(p, U[p]*erf(z[n,i+p]))\ng[n,i] = erf(z[n,2*i+1])\n"
        "C = sum(n, i, h[n,i]**2) + sum(n, i, g[n,i]**3)",
        {"p": 3, "t": 9},
    ),
    "a step": (
        ["x[n,t,j]"],
        ["U[j,k]"],
        "h[n,t,j] = erf(x[n,t,j] + sum(k, U[j,k]*h[n,t-1,k]))\nC = sum(n, t, j, h[n,t,j]**2)",
        {"j": 3, "k": 3, "t": 5},
    ),
    "the step before": (
        ["x[n,t,j]"],
        ["U[j,k]"],
        "h[n,t,j] = tanh(x[n,t,j] + sum(k, U[j,k]*h[n,t-1,k]))\ng[n,t,j] = erf(h[n,t-1,j]) + erf(h[n,4,j])\n"
        "C = sum(n, t, j, h[n,t,j]**2*g[n,t,j])",
        {"j": 3, "k": 3, "t": 5},
    ),
    "what is given": (
        ["x[n,t]"],
        ["w[t]", "b"],
        "g[n,t] = erf(w[t])*x[n,t] + erf(x[n,t])\nC = sum(n, t, g[n,t]**3)*erf(b)*erf(0.3)",
        {"t": 9},
    ),
}


@pytest.mark.parametrize("of", VIEWS)
def test_of_parts_of_arrays(of: str) -> None:
    inputs, parameters, equations, sizes = VIEWS[of]
    described = {"name": "bells", "inputs": inputs, "parameters": parameters, "equations": equations, "sizes": sizes, "batch": "n"}
    derivation = derive(system_from_equations(**described))
    plain, fast = load(derivation, verify=False), load(derivation, style="fast", verify=False)
    rng = np.random.default_rng(1)
    params = plain.Parameters(*(rng.standard_normal(array.shape) for array in plain.init(rng)))
    for _ in range(2):
        data = plain.sample(rng)
        value, gradients = plain.cost_and_gradients(params, *data)
        found_value, found = fast.cost_and_gradients(params, *data)
        np.testing.assert_allclose(found_value, value, rtol=1e-12)
        for own, other in zip(found, gradients, strict=True):
            np.testing.assert_allclose(own, other, rtol=0, atol=1e-12 * np.abs(other).max())


@pytest.mark.parametrize("factor", [0.1, 2**-0.5, -3.0, 10.0])
@pytest.mark.parametrize(("dtype", "digits"), [("float32", 6e-7), ("float64", 2e-15)])
def test_factor_of_the_argument(module: ModuleType, factor: float, dtype: str, digits: float) -> None:
    z = (arguments(dtype) / factor).astype(dtype)
    found = np.empty_like(z)
    module._error_function(np.dtype(dtype), 1000, factor)(z, found)
    exact: list[Any] = [mpmath.erf(mpmath.mpf(factor) * mpmath.mpf(float(value))) for value in z]
    errors = [abs(mpmath.mpf(float(own)) - other) / abs(other) for own, other in zip(found, exact, strict=True) if other]
    assert max(errors) < digits


@pytest.mark.parametrize(("argument", "taken_in"), [("z[n,k]*sqrt(2)/2", True), ("-3*z[n,k]", True), ("z[n,k]*1e-9", False)])
def test_number_before_the_argument(argument: str, taken_in: bool) -> None:
    derivation = derive(system_from_equations(**{**SYSTEM, "equations": f"z[n,k] = w[k]*x[n,k]\nC = sum(n, k, erf({argument})*x[n,k])"}))
    source = module_source(derivation, style="fast")
    (made,) = [line for line in source.splitlines() if "error_function = _error_function(" in line]
    assert made.count(",") == (2 if taken_in else 1)
    plain, fast = load(derivation, verify=False), load_source(source, "bells")
    params, data = plain.init(np.random.default_rng(0)), plain.sample(np.random.default_rng(1))
    np.testing.assert_allclose(fast.cost_and_gradients(params, *data)[0], plain.cost(params, *data), rtol=1e-12)
