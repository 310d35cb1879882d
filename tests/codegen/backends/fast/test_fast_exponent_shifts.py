"""The maximum of a softmax is taken off where exponentials could overflow, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import derive
from chainrule.codegen.backends.fast.ir.array_program import array_program
from chainrule.codegen.backends.fast.passes.exponent_shifts import with_needed_shifts
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.language.system_reader import system_from_equations


def attention(units: int = 600, cost: str = "sum(n, k, p[n,k]*y[n,k])") -> Derivation:
    described = {
        "name": "weights",
        "inputs": ["x[n,k]", "y[n,k]"],
        "parameters": ["w[k]"],
        "equations": f"s[n,k] = w[k]*x[n,k]\np[n,k] = exp(s[n,k])/sum(j, exp(s[n,j]))\nC = {cost}",
        "batch": "n",
        "sizes": {"k": units},
    }
    return derive(system_from_equations(**described))


def functions(derivation: Derivation, only_needed: bool = True) -> list[str]:
    program = array_program(derivation)
    operations = with_needed_shifts(program.operations, program.values, derivation.system, only_needed)
    return [operation.function for operation in operations]


def test_before_and_after() -> None:
    before = [operation.function for operation in array_program(attention()).operations]
    assert before[:4] == ["multiply", "max", "shift", "exp"]
    assert functions(attention())[:3] == ["multiply", "shift", "exp"]
    assert functions(attention(), only_needed=False)[:4] == ["multiply", "max", "subtract", "exp"]
    # Few entries: the largest of each row are quickly found.
    assert functions(attention(units=5))[:4] == ["multiply", "max", "subtract", "exp"]


def test_a_maximum_that_is_read_stays() -> None:
    derivation = attention(cost="sum(n, k, p[n,k]*y[n,k]) + sum(n, log(sum(k, exp(s[n,k]))))")
    assert "max" in functions(derivation)


def test_source() -> None:
    assert "if not -largest_exponent <" in module_source(attention(), style="fast")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [1.0, 1e2, 1e4])
def test_values(dtype: str, scale: float) -> None:
    derivation = attention()
    plain, fast = load(derivation, verify=False), load(derivation, style="fast", verify=False)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 7, 600)).astype(dtype)
    params = fast.packed(plain.Parameters((scale * rng.standard_normal(600)).astype(dtype)))
    workspace = fast.Workspace(7, dtype)
    for _ in range(2):
        with np.errstate(over="raise", invalid="raise"):
            value, (gradient,) = workspace.cost_and_gradients(params, x, y)
        expected, (other,) = plain.cost_and_gradients(params, x, y)
        tolerance = 1e-12 if dtype == "float64" else 1e-5
        assert abs(value - expected) <= tolerance * max(1, abs(expected))
        assert np.abs(gradient - other).max() <= tolerance * max(np.abs(other).max(), 1e-30)


def test_of_what_is_not_a_number() -> None:
    derivation = attention()
    fast = load(derivation, style="fast", verify=False)
    x = np.zeros((2, 600))
    x[0, 3] = np.nan
    value, _ = fast.cost_and_gradients(fast.Parameters(np.ones(600)), x, x)
    assert np.isnan(value)
