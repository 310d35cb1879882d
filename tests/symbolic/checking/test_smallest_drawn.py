"""What drawing systems has found, each at its smallest, with costs and gradients worked out by the independent reading or by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from independent.reading import cost_and_gradients
from numpy.typing import NDArray
from sympy import factor, symbols

from chainrule import Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting import algebra

STYLES = ("plain", "fast")
RNG = np.random.default_rng(5)
#: Equations, declarations, and arrays in the order of parameters, inputs, targets.
SYSTEMS: dict[str, tuple[str, dict[str, Any], tuple[NDArray[Any], ...]]] = {
    "a label out of range inside of a sum that is compared": (
        "z[u] = relu(sum(c, f[u]*b[p[u, c+1], c]))\nC = sum(u, (z[u] - 1)**2)",
        {"parameters": ["b[u,c]"], "inputs": ["f[u]"], "targets": ["p[u,c] in u"]},
        (RNG.standard_normal((3, 4)), np.array([1.5, -2.0, 0.5]), np.array([[0, 1, 2, 0], [2, 1, 0, 1], [0, 0, 1, 2]])),
    ),
    "and inside of a maximum, beside what is read there anyway": (
        "z[s] = relu(max(k, w - b[p[k, s-1]]))\nC = sum(s, (z[s] - 1)**2)",
        {"parameters": ["w", "b[s]"], "inputs": ["p[k,s] in s"], "sizes": {"s": 2}},
        (np.array(-0.3), np.array([0.4, -1.0]), np.array([[0, 1], [1, 0], [1, 1]])),
    ),
    "a power of a number": (
        "z[h] = 0.5**sin(U[h-1])\nC = sum(h, z[h])",
        {"parameters": ["U[h]"]},
        (np.array([0.5, 1.25, 0.75, 2.0, 0.1]),),
    ),
    "a complement through a high power of an exponential": (
        "a = log(1 - sigmoid(200*w*w)) + log(1 - sigmoid(3*v))\nC = a",
        {"parameters": ["w", "v"]},
        (np.array(0.5), np.array(30.0)),
    ),
    "the same under a name that is read by a flat function": (
        "h[q] = log(1 - sigmoid(50*K[q]*K[q]))\nC = sum(q, erf(arccos(sigmoid(h[q])/2) + sin(K[q])))",
        {"parameters": ["K[q]"]},
        (np.array([0.1, 2.0, -1.0]),),
    ),
    "labels that say where parts of a tensor lie": (
        "g[p[q]] = w*x[3-q]\na[z] = w + a[z-1]\nC = sum(z, a[z]**2) + g[1]**2",
        {"parameters": ["w"], "inputs": ["p[q] in z", "x[q]"], "sizes": {"z": 2}},
        (np.array(0.7), np.array([0, 1, 1, 0]), np.array([1.0, 2.0, 3.0, 4.0])),
    ),
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", SYSTEMS)
def test_cost_and_gradients(name: str, style: str) -> None:
    text, given, arrays = SYSTEMS[name]
    names = [declared.partition("[")[0] for role in ("parameters", "inputs", "targets") for declared in given.get(role, ())]
    right = cost_and_gradients({"equations": text, **given}, dict(zip(names, arrays, strict=True)))
    module = load(derive(system_from_equations(text, **given)), style=style, verify=False)
    count = len(given["parameters"])
    cost, found = module.cost_and_gradients(module.Parameters(*arrays[:count]), *arrays[count:])
    assert cost == pytest.approx(right.cost, rel=1e-12)
    for parameter in names[:count]:
        np.testing.assert_allclose(getattr(found, parameter), right.gradients[parameter], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("letters", "first"), [("q, row, n", (1, 1, 0)), ("row, n, q", (0, 1, 2)), ("n, q, row", (2, 0, 0))])
def test_a_tie_goes_to_the_first_in_the_order_of_the_letters(style: str, letters: str, first: tuple[int, ...]) -> None:
    w = np.zeros((3, 2, 3))
    w[0, 1, 2] = w[1, 1, 0] = w[2, 0, 0] = 1
    module = load(derive(system_from_equations(f"C = max({letters}, w[row,n,q])", ["w[row,n,q]"])), style=style, verify=False)
    assert np.argwhere(module.cost_and_gradients(module.Parameters(w))[1].w).tolist() == [list(first)]


def test_an_axis_that_is_read_backwards_is_as_long_as_its_first_read_asks_for() -> None:
    """At any other length an entry is read past an end, and log 0 is no number."""
    derivation = derive(system_from_equations("z[k] = log(b[5-k])\nC = sum(k, z[k]**2)", ["b[k]"]))
    verify(derivation)
    module = load(derivation)
    b = np.arange(1.0, 7.0)
    np.testing.assert_allclose(module.cost_and_gradients(module.Parameters(b))[1].b, 2 * np.log(b) / b, rtol=1e-12)


def test_a_long_formula_is_cancelled_and_not_factored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three quotients of sums of three: in an unlucky order of the symbols factoring takes minutes."""
    a, b, c, d, e, p, q, r = symbols("a b c d e p q r", real=True)
    factored = []
    monkeypatch.setattr(algebra.sympy, "factor", lambda formula: factored.append(formula) or factor(formula))
    algebra.cheapest.__wrapped__(a * p / (a + b + c) + a * q / (a + b + d) + a * r / (a + c + e))
    assert not factored
    algebra.cheapest.__wrapped__(a * p / (a + b + c) + a * q / (a + b + c))


@pytest.mark.parametrize("x", [800.0, -800.0, 1.5])
@pytest.mark.parametrize(("inside", "sign"), [("o[n]", 1), ("1 - o[n]", -1)])
def test_second_derivatives_where_a_probability_has_rounded_to_0_or_1(x: float, inside: str, sign: int) -> None:
    """-log o and -log(1 - o) have the slope o - 1 or o in u = w x + b, and the curvature o (1 - o)."""
    text = f"o[n] = sigmoid(w*x[n] + b)\nC = -sum(n, log({inside}))"
    module = load(derive(system_from_equations(text, ["w", "b"], ["x[n]"])), derivatives=["gradient", "hvp", "hessian"], verify=False)
    params, along = module.Parameters(np.array(1.0), np.array(0.5)), module.Parameters(np.array(2.0), np.array(-1.0))
    u = x + 0.5
    small = np.exp(-abs(u)) / (1 + np.exp(-abs(u)))
    found = module.hessian_vector_product(params, np.array([x]), along)
    np.testing.assert_allclose(found, np.array([x, 1]) * small * (1 - small) * (2 * x - 1), rtol=1e-12)
    np.testing.assert_allclose(module.hessian(params, np.array([x]), "w"), x**2 * small * (1 - small), rtol=1e-12)
    slope = -sign * (1 - small if sign * u < 0 else small)
    np.testing.assert_allclose(module.cost_and_gradients(params, np.array([x]))[1], np.array([x, 1]) * slope, rtol=1e-12)


@pytest.mark.parametrize("w", [400.0, 0.5])
def test_what_a_number_alone_is_divided_by_cancels(w: float) -> None:
    """Without indices too: the slope of log(1 - tanh(3 w)²) is -6 tanh(3 w), and not 0/0."""
    derivation = derive(system_from_equations("C = log(1 - tanh(3*w)**2)", ["w"]))
    module = load(derivation, derivatives=["gradient", "hvp"], verify=False)
    params = module.Parameters(np.array(w))
    assert module.cost_and_gradients(params)[1].w == pytest.approx(-6 * np.tanh(3 * w), rel=1e-12)
    found = module.hessian_vector_product(params, module.Parameters(np.array(1.0))).w
    assert found == pytest.approx(-18 * (1 - np.tanh(3 * w) ** 2), rel=1e-12)


def test_places_that_letters_are_put_at_are_tried_at_their_own_sizes() -> None:
    """m[2-d] = b for the three d that there are: for a fourth one m[-1] would be read, which is no entry."""
    equations = "m[2-d] = b\nC = sum(z, log(1 + (m[z] - g)**2))"
    network = Network.from_equations(equations, ["b", "g"], sizes={"d": 3, "z": 4})
    module = load(derive(network))
    b, g = 0.7, -0.4
    _, gradients = module.cost_and_gradients(module.Parameters(b, g))
    slope = 2 * (b - g) / (1 + (b - g) ** 2)
    np.testing.assert_allclose(gradients, [3 * slope, -3 * slope - 2 * (0 - g) / (1 + g**2)], rtol=1e-13)
