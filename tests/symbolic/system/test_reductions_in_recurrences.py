"""Sums, maxima and softmaxes along the axis of a recurrence, inside of it: values and gradients beside complex steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.language.system_reader import system_from_equations

Array = NDArray[Any]
STYLES = pytest.mark.parametrize("style", ["plain", "fast"])


def soft(u: Array, axis: int = 0) -> Array:
    return np.exp(u - lse(u, axis))


def lse(u: Array, axis: int = 0) -> Array:
    largest = u.real.max(axis, keepdims=True)
    return largest + np.log(np.exp(u - largest).sum(axis, keepdims=True))


def top(u: Array) -> Any:
    return u[np.argmax(u.real)]


def var(u: Array) -> Any:
    return ((u - u.mean()) ** 2).mean()


#: What is written of w along k, and the same of an array.
REDUCTIONS: dict[str, Callable[[Array], Any]] = {
    "softmax(k, w[k] + pi*w[k])": lambda w: soft(w + np.pi * w),
    "log_softmax(k, 2*w[k])": lambda w: 2 * w - lse(2 * w),
    "softmax(k, k*w[k])**2": lambda w: soft(np.arange(w.size) * w) ** 2,
    "logsumexp(k_, w[k_])": lse,
    "max(k_, w[k_]*x[k_])": lambda w: top(w * X),
    "norm(k_, w[k_])": lambda w: np.sqrt((w**2).sum()),
    "w[k]/norm(k_, w[k_])": lambda w: w / np.sqrt((w**2).sum()),
    "sum(k_, w[k_]**3)": lambda w: (w**3).sum(),
    "mean(k_, sin(w[k_]))*w[k]": lambda w: np.sin(w).mean() * w,
    "var(k_, w[k_])": var,
    "(w[k] - mean(k_, w[k_]))/sqrt(var(k_, w[k_]) + 0.1)": lambda w: (w - w.mean()) / np.sqrt(var(w) + 0.1),
    "prod(k_, 1 + w[k_]/2)": lambda w: np.prod(1 + w / 2),
}
W, X = np.array([0.25, -1.0, 0.5, 0.75, -0.3]), np.array([1.0, 2.0, -3.0, 0.5, 0.7])


def steps(u: Array, w: Array) -> Array:
    """h[k] = tanh(h[k−1] w[k] + u[k])."""
    found, before = [], 0.0
    for own, weight in zip(u, w, strict=True):
        before = np.tanh(before * weight + own)
        found.append(before)
    return np.array(found)


#: Around u, and the same of arrays of u and w.
RECURRENCES: dict[str, Callable[[Array, Array], Array]] = {
    "s[k] = cumprod(k, 1 + tanh({} + w[k])/2)": lambda u, w: np.cumprod(1 + np.tanh(u + w) / 2),
    "s[k] = cumsum(k, {}*w[k])": lambda u, w: np.cumsum(u * w),
    "s[k] = tanh(s[k-1]*w[k] + {})": steps,
    "s[k] = {}*(s[k+1]*w[k] + 1)": lambda u, w: backwards(u, w),
}


def backwards(u: Array, w: Array) -> Array:
    """s[k] = u[k] (s[k+1] w[k] + 1)."""
    found, after = [], 0.0
    for own, weight in zip(u[::-1], w[::-1], strict=True):
        after = own * (after * weight + 1)
        found.append(after)
    return np.array(found[::-1])


def slopes(cost: Callable[[Array], Any], at: Array) -> Array:
    unit = np.eye(at.size).reshape(at.size, *at.shape)
    return np.array([cost(at + 1e-30j * step).imag / 1e-30 for step in unit]).reshape(at.shape)


@pytest.mark.parametrize("place", range(len(RECURRENCES)))
def test_values_and_gradients(place: int) -> None:
    """Each in one recurrence or two."""
    around = list(RECURRENCES)[place]
    for text, of in list(REDUCTIONS.items())[place % 3 :: 3]:

        def cost(w: Array, of: Callable[[Array], Any] = of) -> Any:
            return (RECURRENCES[around](of(w) + 0 * w, w) * X).sum()

        derivation = derive(system_from_equations(f"{around.format(text)}\nC = sum(k, s[k]*x[k])", ["w[k]"], ["x[k]"]))
        for style in ("plain", "fast"):
            module = load(derivation, style=style, verify=False)
            value, gradients = module.cost_and_gradients(module.Parameters(W), X)
            expected = cost(W.astype(complex)).real
            np.testing.assert_allclose([value, module.cost(module.Parameters(W), X)], expected, rtol=1e-12, err_msg=text)
            np.testing.assert_allclose(gradients.w, slopes(cost, W), rtol=1e-10, atol=1e-13, err_msg=text)


@STYLES
def test_far_exponents(style: str) -> None:
    """Nothing overflows in a step, or in a step of the gradient, either."""
    system = system_from_equations("s[k] = s[k-1]/2 + softmax(k, w[k])\nC = sum(k, s[k]**2)", ["w[k]"])
    module = load(derive(system), style=style, verify=False)
    w = 1000 * W

    def cost(w: Array) -> Any:
        value, total = 0.0, 0.0
        for own in soft(w):
            value = value / 2 + own
            total = total + value**2
        return total

    value, gradients = module.cost_and_gradients(module.Parameters(w))
    np.testing.assert_allclose(value, cost(w), rtol=1e-12)
    np.testing.assert_allclose(gradients.w, slopes(cost, w), rtol=1e-10, atol=1e-13)


@STYLES
@pytest.mark.parametrize("factor", ["softmax(k, w[k])", "exp(w[k] - max(k_, w[k_]))", "exp(w[k] - w[k-1])"])
def test_what_would_overflow_past_the_ends(factor: str, style: str) -> None:
    """There all that is read is 0: exp(0 − max w) beside an adjoint that is 0, as is exp(w[0] − 0) beside s[−1]."""
    system = system_from_equations(f"s[k] = s[k-1]*{factor} + x[k]\nC = sum(k, s[k]*x[k])", ["w[k]"], ["x[k]"])
    module = load(derive(system), style=style, verify=False)

    def cost(w: Array) -> Any:
        factors = {"s": soft(w), "e": np.exp(w - top(w))}[factor[0]] if "w[k-1]" not in factor else np.exp(np.diff(w, prepend=w[:1]))
        value, total = 0.0, 0.0
        for own, times in zip(X, factors, strict=True):
            value = value * times + own
            total = total + value * own
        return total

    for w in (W - 1000, W + 1000):
        with np.errstate(over="raise", invalid="raise"):
            value, gradients = module.cost_and_gradients(module.Parameters(w), X)
        np.testing.assert_allclose(value, cost(w), rtol=1e-12)
        np.testing.assert_allclose(gradients.w, slopes(cost, w), rtol=1e-10, atol=1e-12)


#: In w[i,j]: recurrences that read rows of their own, and such in which a sum has a softmax of each row.
ROWS: dict[str, Callable[[Array], Any]] = {
    "r[i,j] = tanh(softmax(j, w[i,j]*r[i-1,j]) + r[i,j-1]*w[i,j])": lambda w: lattice(w, lambda row, w: soft(w * row)),
    "r[i,j] = tanh(logsumexp(j_, w[i,j_]*r[i-1,j_]) + r[i,j-1]*w[i,j])": lambda w: lattice(w, lambda row, w: lse(w * row) + 0 * row),
    "r[i,j] = tanh(max(j_, sin(w[i,j_])*(1 + r[i-1,j_])) + r[i,j-1]*w[i,j])": lambda w: lattice(
        w, lambda row, w: top(np.sin(w) * (1 + row)) + 0 * row
    ),
    "r[i,j] = tanh(sum(j_, softmax(i, w[i,j_])*r[i-1,j_]) + w[i,j])": lambda w: mixed(w),
}


def lattice(w: Array, of_row: Callable[[Array, Array], Array]) -> Any:
    """r[i,j] = tanh(u[i,j] + r[i,j−1] w[i,j]) with u[i] of the row before; Σ r sin(1 + i + 2 j)."""
    row, total = np.zeros(w.shape[1], w.dtype), 0.0
    for i, own in enumerate(w):
        u, now, before = of_row(row, own), [], 0.0
        for j, weight in enumerate(own):
            before = np.tanh(u[j] + before * weight)
            now.append(before)
            total = total + before * np.sin(1 + i + 2 * j)
        row = np.array(now)
    return total


def mixed(w: Array) -> Any:
    row, total = np.zeros(w.shape[1], w.dtype), 0.0
    for i, own in enumerate(w):
        row = np.tanh((soft(w)[i] * row).sum() + own)
        total = total + (row * np.sin(1 + i + 2 * np.arange(own.size))).sum()
    return total


@STYLES
@pytest.mark.parametrize("text", ROWS)
def test_what_reads_the_recurrence_itself(text: str, style: str) -> None:
    system = system_from_equations(f"{text}\nC = sum(i, j, r[i,j]*sin(1 + i + 2*j))", ["w[i,j]"])
    module = load(derive(system), style=style, verify=False)
    w = np.random.default_rng(4).uniform(-1, 1, (3, 5))
    value, gradients = module.cost_and_gradients(module.Parameters(w))
    np.testing.assert_allclose(value, ROWS[text](w), rtol=1e-12)
    np.testing.assert_allclose(gradients.w, slopes(ROWS[text], w), rtol=1e-10, atol=1e-13)
