"""The derivative of u^v by its exponent is u^v log u, which is 0 where u is 0: however the power is written, named or differentiated."""

from __future__ import annotations

import numpy as np
import pytest
from test_stability import Case, assert_right

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.language.system_reader import system_from_equations

POWERS = {
    "of an input": Case("C = sum(n, x[n]**v[n])", {"v[n]": [1.5, 2, 2.5]}, {"x[n]": [0, 2, 3]}),
    "that is a factor too": Case("C = sum(n, (x[n]*v[n])**v[n])", {"v[n]": [1.5, 2, 2.5]}, {"x[n]": [0, 2, 3]}),
    "with a name": Case("z[n] = w[n]*x[n]\na[n] = z[n]**v\nC = sum(n, a[n]**2)", {"w[n]": [1.5, 2, 2.5], "v": 1.5}, {"x[n]": [0, 2, 3]}),
    "to a formula": Case("C = sum(n, x[n]**(v*y[n]))", {"v": 1.5}, {"x[n]": [0, 2, 3], "y[n]": [1, 2, 0.5]}),
    "of a magnitude": Case("C = sum(n, abs(w*x[n])**v)", {"v": 1.5, "w": 1}, {"x[n]": [0, -2, 3]}),
    "of a maximum": Case("C = sum(n, maximum(w*x[n], 0)**v)", {"v": 1.5, "w": 1}, {"x[n]": [-1, 2, 3]}),
    "with a root around": Case("C = mean(n, x[n]**v)**(1/v)", {"v": 3}, {"x[n]": [0, 2, 3]}),
    "in a recurrence": Case("h[-1] = x[0]\nh[t] = h[t-1]**v + x[t]\nC = h[2]", {"v": 1.5}, {"x[t]": [0, 0, 2]}),
}


@pytest.mark.parametrize("name", POWERS)
def test_by_the_exponent(name: str) -> None:
    assert_right(POWERS[name])


def test_read_from_the_other_end() -> None:
    """C = Σ_i g[3−i]^g[i]: ∂C/∂g[0] has 5/4 · 0^(1/4) = 0 and (5/4)^0 log(5/4), ∂C/∂g[3] has 0^(5/4) log 0 → 0 and 0 · (5/4)^(−1)."""
    gain = np.array([0.0, 1.5, 2.0, 1.25])
    middle = [2 * 1.5 + 2**1.5 * np.log(2), 1.5 * np.sqrt(2) + 1.5**2 * np.log(1.5)]
    derivation = derive(system_from_equations("C = sum(i, gain[3-i]**gain[i])", ["gain[i]"], [], [], sizes={"i": 4}))
    for style in ("plain", "fast"):
        module = load(derivation, style=style, verify=False)
        _, (slope,) = module.cost_and_gradients(module.Parameters(gain))
        np.testing.assert_allclose(slope, [np.log(1.25), *middle, 0], rtol=1e-12)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_where_the_check_itself_meets_zeros(style: str) -> None:
    """Half of what a relu gives is 0: the checked module and its second derivatives are numbers."""
    equations = "a[n,j] = relu(sum(i, W[j,i]*x[n,i]))\nC = sum(n, sum(j, a[n,j]**v[j]))"
    system = system_from_equations(equations, ["W[j,i]", "v[j]"], ["x[n,i]"], [], sizes={"i": 3, "j": 5, "n": 7})
    module = load(derive(system), style=style)
    rng = np.random.default_rng(0)
    x, weights, v = rng.standard_normal((7, 3)), rng.standard_normal((5, 3)), rng.uniform(2, 3, 5)
    a = np.maximum(x @ weights.T, 0)
    _, gradients = module.cost_and_gradients(module.Parameters(weights, v), x)
    np.testing.assert_allclose(gradients.v, np.sum(a**v * np.log(np.where(a > 0, a, 1)), axis=0), rtol=1e-12)
    np.testing.assert_allclose(gradients.W, (v * a ** (v - 1)).T @ x, rtol=1e-12)


def test_the_logarithm_of_a_negative_number_is_none() -> None:
    module = load(derive(system_from_equations("C = sum(n, x[n]**v)", ["v"], ["x[n]"], [], sizes={"n": 2})), verify=False)
    with np.errstate(invalid="ignore"):
        assert np.isnan(module.cost_and_gradients(module.Parameters(1.5), np.array([-1.0, 2.0]))[1].v)
