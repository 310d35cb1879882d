"""What is said shortly means what it is short for: costs beside NumPy's, gradients beside complex steps through NumPy, in both styles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from test_round_trip import check_same

from chainrule import InvalidDescription, derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

Array = NDArray[Any]


class Short(NamedTuple):
    """A cost of w[k] and x[n,k], as it is said shortly and as NumPy computes it."""

    equations: str
    cost: Callable[[Array, Array], Any]
    sizes: dict[str, int] | None = None


def softmax(u: Array, axis: int = -1) -> Array:
    return np.exp(u) / np.exp(u).sum(axis, keepdims=True)


def causal(w: Array, x: Array) -> Any:
    kept = np.tri(len(w))
    a = np.exp(x[:, :, None] * w) * kept
    return ((a / a.sum(-1, keepdims=True)) ** 2).sum()


SHORT = {
    "prod": Short("C = sum(n, prod(k, w[k]*x[n,k]))", lambda w, x: np.prod(w * x, 1).sum()),
    "prod over two": Short("C = prod(n, k, w[k] + x[n,k])", lambda w, x: np.prod(w + x)),
    "prod of a fixed size": Short("C = sum(n, prod(k, w[k]*x[n,k]))", lambda w, x: np.prod(w * x, 1).sum(), {"k": 5}),
    "cumsum": Short("C = sum(n, k, cumsum(k, w[k]*x[n,k])**2)", lambda w, x: (np.cumsum(w * x, 1) ** 2).sum()),
    "cumsum alone": Short("c[n,k] = cumsum(k, w[k]*x[n,k])\nC = sum(n, k, c[n,k]**2)", lambda w, x: (np.cumsum(w * x, 1) ** 2).sum()),
    "cumprod": Short("p[k,n] = cumprod(k, w[k]*x[n,k])\nC = sum(n, k, p[k,n]**2)", lambda w, x: (np.cumprod(w * x, 1) ** 2).sum()),
    "a cumprod one step back": Short(
        "p[k,n] = cumprod(k, w[k]*x[n,k])\nC = sum(n, k, p[k-1,n]**2) + p[K-1,0]",
        lambda w, x: (np.cumprod(w * x, 1)[:, :-1] ** 2).sum() + np.prod(w * x, 1)[0],
    ),
    "softmax of a cumsum": Short(
        "C = sum(n, k, softmax(k, cumsum(k, w[k]*x[n,k]))**2)", lambda w, x: (softmax(np.cumsum(w * x, 1)) ** 2).sum()
    ),
    "logsumexp": Short("C = mean(n, logsumexp(k, w[k]*x[n,k]))", lambda w, x: np.log(np.exp(w * x).sum(1)).mean()),
    "softmax": Short("p[n,k] = softmax(k, w[k]*x[n,k])\nC = sum(n, k, p[n,k]**2)", lambda w, x: (softmax(w * x) ** 2).sum()),
    "softmax over two": Short("C = sum(n, k, softmax(n, k, w[k]*x[n,k])**3)", lambda w, x: (softmax((w * x).ravel()) ** 3).sum()),
    "softmax twice": Short("C = sum(n, k, softmax(k, softmax(k, w[k]*x[n,k]))**2)", lambda w, x: (softmax(softmax(w * x)) ** 2).sum()),
    "log_softmax": Short("C = sum(n, k, log_softmax(k, w[k]*x[n,k])**2)", lambda w, x: (np.log(softmax(w * x)) ** 2).sum()),
    "norm": Short("C = norm(n, k, w[k]*x[n,k])", lambda w, x: np.sqrt(((w * x) ** 2).sum())),
    "var": Short("C = sum(n, var(k, w[k]*x[n,k]))", lambda w, x: variance(w * x).sum()),
    "std": Short("C = sum(n, std(k, w[k]*x[n,k]))", lambda w, x: np.sqrt(variance(w * x)).sum()),
    "chains": Short("C = sum(n, k, where(-1 <= x[n,k] < 1/2, w[k]**2, w[k]))", lambda w, x: np.where((x >= -1) & (x < 0.5), w**2, w).sum()),
    "and, or, not": Short(
        "C = sum(n, k, where(x[n,k] > 0 and k > 1 or not x[n,k] >= -1, w[k]**2, w[k]))",
        lambda w, x: np.where((x > 0) & (np.arange(len(w)) > 1) | (x < -1), w**2, w).sum(),
    ),
    "brackets": Short(
        "C = sum(n, k, [n = k]*w[k]**2 + [x[n,k] > 0]*w[k]**3)", lambda w, x: (np.eye(len(x), len(w)) * w**2 + (x > 0) * w**3).sum()
    ),
    "a diagonal": Short(
        "D[n,k] = [k = n]*w[k]\nE[n,k] = [k = n + 1]*w[0]\nC = sum(n, k, D[n,k]**2*x[n,k] + E[n,k]**3)",
        lambda w, x: (w[: len(x)] ** 2 * np.diagonal(x)).sum() + 3 * w[0] ** 3,
    ),
    "part of an axis": Short("C = sum(n, k < K - 1, (w[k]*x[n,k+1] - w[k+1])**2)", lambda w, x: ((w[:-1] * x[:, 1:] - w[1:]) ** 2).sum()),
    "an equation over a part": Short(
        "d[n, k < K - 1] = w[k+1]*x[n,k+1] - w[k]*x[n,k]\nC = sum(n, k, d[n,k]**2)", lambda w, x: (np.diff(w * x, axis=1) ** 2).sum()
    ),
    "equations over two parts": Short(
        "d[n, k <= 1] = w[k]*x[n,k]\nd[n, 1 < k < K] = w[k]**2*d[n,k-1]\nC = sum(n, k, d[n,k]**2)",
        lambda w, x: sum((u**2).sum() for u in parts(w, x)),
    ),
    "mean over a part": Short(
        "C = mean(1 <= k < K, w[k]**2) + mean(n, mean(k < K - 2, w[k]**3*x[n,k])) + mean(k != 1, w[k])",
        lambda w, x: (w[1:] ** 2).mean() + (w[:-2] ** 3 * x[:, :-2]).mean() + np.delete(w, 1).mean(),
    ),
    "product over a part": Short("C = x[0,0]*prod(k > 1, w[k])", lambda w, x: x[0, 0] * np.prod(w[2:])),
    "causal": Short("a[n,s,k] = softmax(k <= s, x[n,s]*w[k])\nC = sum(n, s, k, a[n,s,k]**2)", causal),
    "the last entry": Short(
        "h[n,k] = tanh(w[k]*h[n,k-1] + x[n,k])\nC = sum(n, h[n,K-1]**2) + N_k*w[0]/K", lambda w, x: (last(w, x) ** 2).sum() + w[0]
    ),
    "the last entry of a fixed size": Short(
        "h[n,k] = tanh(w[k]*h[n,k-1] + x[n,k])\nC = sum(n, h[n,K-1]**2)", lambda w, x: (last(w, x) ** 2).sum(), {"k": 5}
    ),
}


def variance(u: Array) -> Array:
    """NumPy's own takes magnitudes of complex numbers."""
    return ((u - u.mean(1, keepdims=True)) ** 2).mean(1)


def parts(w: Array, x: Array) -> list[Array]:
    d = [w[0] * x[:, 0], w[1] * x[:, 1]]
    for k in range(2, len(w)):
        d.append(w[k] ** 2 * d[-1])
    return d


def last(w: Array, x: Array) -> Array:
    h = 0 * x[:, 0]
    for k in range(len(w)):
        h = np.tanh(w[k] * h + x[:, k])
    return h


def read(short: Short) -> System:
    return system_from_equations(short.equations, ["w[k]"], ["x[n,k]"], sizes=short.sizes, batch="n")


@pytest.mark.parametrize("name", SHORT)
def test_values_and_gradients(name: str) -> None:
    short = SHORT[name]
    derivation = derive(read(short))
    verify(derivation)
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(3, 5)), rng.normal(size=5)
    expected = [short.cost(w + 1e-30j * row, x).imag / 1e-30 for row in np.eye(5)]
    for style in ("plain", "fast"):
        module = load(derivation, style=style)
        cost, gradients = module.cost_and_gradients(module.Parameters(w), x)
        np.testing.assert_allclose(cost, short.cost(w, x), rtol=1e-12)
        np.testing.assert_allclose(gradients.w, expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", SHORT)
def test_what_is_printed_is_read_again(name: str) -> None:
    check_same(read(SHORT[name]))


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_a_product_of_zeros_has_a_derivative(style: str) -> None:
    """Where one factor is 0 the product of the others, and 0 where two are: the textbook's P/x would be NaN."""
    module = load(derive(system_from_equations("C = sum(n, prod(k, x[n,k] + w[k]))", ["w[k]"], ["x[n,k]"], batch="n")), style=style)
    x = np.array([[2.0, 0.0, 5.0], [0.0, 3.0, 0.0]])
    cost, gradients = module.cost_and_gradients(module.Parameters(np.zeros(3)), x)
    assert cost == 0
    np.testing.assert_array_equal(gradients.w, [0, 10, 0])


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_a_norm_of_zeros_has_the_derivative_0(style: str) -> None:
    module = load(derive(system_from_equations("C = sum(n, norm(k, w[k]*x[n,k])) + w[0]", ["w[k]"], ["x[n,k]"], batch="n")), style=style)
    _, gradients = module.cost_and_gradients(module.Parameters(np.zeros(3)), np.ones((2, 3)))
    np.testing.assert_array_equal(gradients.w, [1, 0, 0])


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_what_is_short_is_as_stable_as_what_is_long(style: str) -> None:
    equations = "p[n,k] = softmax(k, w[k]*x[n,k])\nC = sum(n, logsumexp(k, w[k]*x[n,k]) - sum(k, p[n,k]*log_softmax(k, w[k]*x[n,k])))"
    module = load(derive(system_from_equations(equations, ["w[k]"], ["x[n,k]"], batch="n")), style=style)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        cost, gradients = module.cost_and_gradients(module.Parameters(np.array([800.0, -800.0, 3.0])), np.ones((2, 3)))
    assert cost == 1600
    np.testing.assert_allclose(gradients.w, [2, 0, 0], atol=1e-300)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_a_softmax_over_a_range_is_stable_too(style: str) -> None:
    equations = "a[s,k] = softmax(k <= s, x[s]*w[k])\nC = sum(s, k, a[s,k]**2) + sum(s, logsumexp(k <= s, w[k]*x[s]))"
    module = load(derive(system_from_equations(equations, ["w[k]"], ["x[s]"])), style=style)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        cost, gradients = module.cost_and_gradients(module.Parameters(np.array([800.0, -800.0, 900.0])), np.ones(3))
    assert cost == 3 + 800 + 800 + 900
    np.testing.assert_allclose(gradients.w, [2, 0, 1], atol=1e-30)


def test_a_running_sum_is_made_once() -> None:
    written = LanguageText(read(SHORT["softmax of a cumsum"])).equations()
    assert written.count("C_cumsum[n,k] =") == 1
    assert "C_cumsum2" not in written


@pytest.mark.parametrize(
    ("equation", "said"),
    [
        ("C = sum(n, cumsum(k, x[n,k]*w[k]))", "none stands on the left or is summed over"),
        ("C = sum(n, k, cumsum(n, k, x[n,k]*w[k]))", "cumsum runs along one axis, found n, k"),
        ("C = sum(n, max(k < x[n,0], w[k]))", "this range may be empty, and then nothing is the largest; write the least"),
        ("C = sum(2 > k, w[k])", "the letter of a range stands first or between its ends"),
        ("d[2*k < 4] = w[k]\nC = sum(k, d[k])", "the letter of a range stands first or between its ends"),
        ("d[k < 4] = w[k]\nd[k] = w[k]\nC = sum(k, d[k])", "is given twice"),
        ("C = sum(n, 3*k, w[k])", "a letter was expected here, as in sum(k, u[k])"),
        ("C = sum(n, softmax(k, x[n,k]*w[k]))", "'k'"),
        ("C = sum(k, where(w[k] > 0 and x[0,k], w[k], 0))", "a comparison with <, <=, >, >=, == or !="),
        ("C = sum(k, [w[k]])", "hold one condition"),
        ("C = sum(k, " + "softmax(k, " * 16 + "w[k]" + ")" * 17, "written out, an equation of more than 50000 names"),
    ],
)
def test_what_does_not_fit_is_said(equation: str, said: str) -> None:
    with pytest.raises(InvalidDescription) as raised:
        system_from_equations(equation, ["w[k]"], ["x[n,k]"])
    assert said in str(raised.value)
    assert "equation 1" in str(raised.value)
