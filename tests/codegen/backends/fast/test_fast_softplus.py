"""Softplus and the larger of two arrays in `fast` modules: the values of plain ones at every size of argument."""

from __future__ import annotations

import re

import numpy as np
import pytest

from chainrule import derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.language.system_reader import system_from_equations


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    described = {
        "name": "hinges",
        "inputs": ["x[n,k]"],
        "parameters": ["w[k]"],
        "equations": "z[n,k] = w[k]*x[n,k]\nC = sum(n, k, log(1 + exp(-z[n,k]))) + sum(n, k, maximum(z[n,k], 0.25))",
        "batch": "n",
        "sizes": {"k": 5},
    }
    return derive(system_from_equations(**described))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 30.0, 1e4])
def test_values(derivation: Derivation, dtype: str, scale: float) -> None:
    plain, fast = load(derivation, verify=False), load(derivation, style="fast", verify=False)
    rng = np.random.default_rng(0)
    x = (scale * rng.standard_normal((7, 5))).astype(dtype)
    params = plain.Parameters(rng.standard_normal(5).astype(dtype))
    with np.errstate(over="raise", invalid="raise"):
        value, (gradient,) = fast.cost_and_gradients(params, x)
    expected, (other,) = plain.cost_and_gradients(params, x)
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    assert abs(value - expected) <= tolerance * expected
    assert np.abs(gradient - other).max() <= tolerance * np.abs(other).max()


def test_source(derivation: Derivation) -> None:
    source = module_source(derivation, style="fast")
    run = source[source.index("def run(") : source.index("return run")]
    assert "logaddexp" not in run
    assert "log1p(" in run
    # Both maxima with arrays of the shape of z, made once.
    numbers = re.findall(r"maximum\(\w+, (\w+), ", run)
    assert len(numbers) == 2
    assert all(f"{number} = np.full((N, 5), " in source for number in numbers)


def test_a_case_of_softplus_is_as_in_plain_style() -> None:
    described = {
        "name": "half",
        "inputs": ["x[n,k]"],
        "parameters": ["w[k]"],
        "equations": "z[n,k] = w[k]*x[n,k]\na[n,k] = where(z[n,k] > 1, log(1 + exp(z[n,k])), 0)\nC = sum(n, k, a[n,k])",
        "sizes": {"k": 5},
    }
    derivation = derive(system_from_equations(**described))
    plain, fast = load(derivation, verify=False), load(derivation, style="fast", verify=False)
    params, data = plain.init(np.random.default_rng(0)), plain.sample(np.random.default_rng(1))
    np.testing.assert_allclose(fast.cost_and_gradients(params, *data)[0], plain.cost(params, *data), rtol=1e-12)
