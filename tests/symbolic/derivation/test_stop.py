"""What is stopped: no derivative passes it, of the gradient's equations neither, and numeric derivatives hold its value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Float, Rational, Symbol

from chainrule import Dense, InvalidDescription, Network, derive
from chainrule.codegen.checking.deep_check import DeepCheckExtent, deep_check
from chainrule.codegen.checking.gradient_check import checked_module, gradient_rows
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.index.step_functions import ceil, floor, round_half_even, stop
from chainrule.symbolic.language.system_reader import system_from_equations

STYLES = pytest.mark.parametrize("style", ["plain", "fast"])
#: A cost in which stopped factors stay in the gradient.
PRODUCT = {
    "equations": """
        z[n,j] = sum(i, W[j,i]*x[n,i])
        q[n,j] = z[n,j]**3 + stop(round(z[n,j]) - z[n,j]**3)
        p[n]   = sum(j, u[j]*tanh(q[n,j])*stop(exp(u[j])*z[n,j]))
        C      = mean(n, (p[n] - stop(p[n] - 1))**2*p[n]) + sum(j, stop(u[j])*u[j]**3)
    """,
    "inputs": ["x[n,i]"],
    "parameters": ["W[j,i]", "u[j]"],
    "batch": "n",
    "sizes": {"i": 3, "j": 2},
}


def product(W: Any, u: Any, x: Any, held: tuple[Any, ...] | None = None) -> tuple[Any, tuple[Any, ...]]:
    """The cost of PRODUCT, with what is stopped as it was: so it can be differentiated by complex steps."""
    z = x @ W.T
    first = (np.round(np.real(z)) - z**3, np.exp(u) * z) if held is None else held[:2]
    q = z**3 + first[0]
    p = (np.tanh(q) * first[1]) @ u
    second = (p - 1, u) if held is None else held[2:]
    return np.mean((p - second[0]) ** 2 * p) + np.sum(second[1] * u**3), (*first, *second)


@STYLES
def test_gradients_and_second_derivatives_with_what_is_stopped_held(style: str) -> None:
    """Gradients by a complex step; the Hessian times a direction by differences of such gradients."""
    module = checked_module(derive(system_from_equations(**PRODUCT)), derivatives=("gradient", "hvp", "hessian"), style=style).module
    rng = np.random.default_rng(1)
    W, u, x, vW, vu = (rng.standard_normal(shape) for shape in ((2, 3), (2,), (5, 3), (2, 3), (2,)))
    held = product(W, u, x)[1]

    def gradient(W: Any, u: Any) -> np.ndarray:
        found = []
        for place in range(8):
            step = np.zeros(8, complex)
            step[place] = 1e-30j
            found.append(np.imag(product(W + step[:6].reshape(2, 3), u + step[6:], x, held)[0]) / 1e-30)
        return np.array(found)

    params = module.Parameters(W, u)
    cost, gradients = module.cost_and_gradients(params, x)
    assert cost == pytest.approx(product(W, u, x)[0], rel=1e-12)
    np.testing.assert_allclose(np.concatenate([part.ravel() for part in gradients]), gradient(W, u), rtol=1e-10)
    second = module.hessian_vector_product(params, x, module.Parameters(vW, vu))
    h = 1e-5
    exact = (gradient(W + h * vW, u + h * vu) - gradient(W - h * vW, u - h * vu)) / (2 * h)
    np.testing.assert_allclose(np.concatenate([part.ravel() for part in second]), exact, rtol=1e-7)
    narrow = module.cost_and_gradients(module.Parameters(*(part.astype(np.float32) for part in params)), x.astype(np.float32))[1]
    assert all(part.dtype == np.float32 for part in narrow)
    np.testing.assert_allclose(np.concatenate([part.ravel() for part in narrow]), gradient(W, u), rtol=2e-3)


def test_numeric_gradients_in_documents_hold_it_too() -> None:
    module = load(derive(system_from_equations(**PRODUCT)), verify=False)
    rng = np.random.default_rng(2)
    rows = gradient_rows(module, module.Parameters(rng.standard_normal((2, 3)), rng.standard_normal(2)), [rng.standard_normal((5, 3))])
    assert len(rows) == 8
    assert max(row.difference for row in rows) < 1e-8
    assert module.cost(module.Parameters(np.ones((2, 3)), np.ones(2)), np.ones((5, 3))) != 0  # nothing is held any more


def test_the_deep_check_holds_it() -> None:
    extent = DeepCheckExtent(trials=1, sizes=((5, 3),))
    checked = deep_check(derive(system_from_equations(**PRODUCT)), derivatives=("gradient", "hvp", "hessian"), extent=extent)
    assert not checked.failed
    assert checked.tried("second derivatives") > 0


def test_what_is_read_inside_alone_is_on_no_way() -> None:
    """The gradient of M is 0, and nothing is derived of what leads to the stopped value alone."""
    equations = "g[n] = sum(i, M[i]*x[n,i])\nh[n] = stop(exp(g[n]))\nC = mean(n, (sum(i, w[i]*x[n,i]) - h[n])**2)"
    derivation = derive(system_from_equations(equations, ["w[i]", "M[i]"], ["x[n,i]"], sizes={"i": 3}, batch="n"))
    assert set(derivation.adjoints) == {"w"}
    assert verify(derivation).largest_error < 1e-12
    module = load(derivation)
    x = np.random.default_rng(3).standard_normal((5, 3))
    _, gradients = module.cost_and_gradients(module.Parameters(np.ones(3), np.ones(3)), x)
    np.testing.assert_array_equal(gradients.M, np.zeros(3))
    assert np.abs(gradients.w).min() > 0


def test_steps_say_that_it_counts_as_a_constant() -> None:
    derivation = derive(system_from_equations(**PRODUCT))
    rules = {str(path.through): path.steps[0].rule for path in derivation.adjoints["z"].paths}
    assert rules["q[n_, j_]"] == "differentiate stopped"
    derivation = derive(system_from_equations("C = sum(i, w[i]*floor(3*w[i]))", ["w[i]"], sizes={"i": 3}))
    assert derivation.adjoints["w"].paths[0].steps[0].rule == "differentiate steps"
    assert str(derivation.gradient("w")) == "floor(3*w[i])"


def test_a_cost_that_only_stops_is_refused() -> None:
    with pytest.raises(
        InvalidDescription, match=r"equation 1 \(C\): every way from the cost to a parameter \(declared: w\) ends in stop\(…\)"
    ):
        system_from_equations("C = sum(i, stop(w[i])**2)", ["w[i]"], sizes={"i": 3})


def test_as_an_activation() -> None:
    """With the slope of a clipped identity, as in quantised networks."""
    net = Network(3, [Dense(5, "z + stop(round(z) - z)"), Dense(2)], cost="squared_error")
    assert checked_module(derive(net)).largest_error < 1e-6


@pytest.mark.parametrize("value", [-2.5, -1.5, -0.5, -0.25, 0.5, 1.5, 2.5, 2.75, 3])
def test_numbers_are_rounded_as_numpy_does(value: float) -> None:
    assert float(round_half_even(Float(value))) == float(round_half_even(Rational(value))) == np.round(value)
    assert (float(floor(Float(value))), float(ceil(Float(value)))) == (np.floor(value), np.ceil(value))


def test_no_function_of_it_is_taken_apart() -> None:
    u = Symbol("u", real=True)
    assert stop(u).diff(u) == round_half_even(u).diff(u) == floor(u).diff(u) == ceil(u).diff(u) == 0
    assert (u + stop(-u)) != 0
    assert stop(stop(u)) == stop(u)
    assert floor(floor(u)) == floor(u)


@STYLES
@pytest.mark.parametrize("value", [-2.5, 0.5, 1.5, 2.5e16, np.inf, np.nan])
def test_rounding_in_scalar_code(value: float, style: str) -> None:
    module = load(derive(system_from_equations("C = w*(round(w) + 2*floor(w) + 3*ceil(w))", ["w"])), style=style)
    with np.errstate(all="ignore"):
        cost, gradients = module.cost_and_gradients(module.Parameters(np.array(value)))
        slope = np.round(value) + 2 * np.floor(value) + 3 * np.ceil(value)
        np.testing.assert_array_equal([cost, float(gradients.w)], [value * slope, slope])


@STYLES
@pytest.mark.parametrize(("value", "slope"), [(-2.0, 0), (-1.0, 0), (0.25, 1), (1.0, 0), (3.0, 0)])
def test_the_slope_of_clip_is_0_at_its_bounds(value: float, slope: float, style: str) -> None:
    module = load(derive(system_from_equations("C = clip(w, -1, 1) + clip(v, u, 0.5)", ["w", "u", "v"])), style=style, verify=False)
    # Where the bounds are the other way round it is the upper one.
    cost, gradients = module.cost_and_gradients(module.Parameters(np.array(value), np.array(2.0), np.array(0.25)))
    assert cost == np.clip(value, -1, 1) + 0.5
    assert [float(part) for part in gradients] == [slope, 0, 0]
