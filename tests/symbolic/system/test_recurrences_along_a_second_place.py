"""Recurrences along either of two places on one axis: values and gradients beside complex steps through loops in Python."""

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
COST = "\nC = sum(t, t_, P[t,t_]*sin(1 + t + 2*t_))"


def weighted(found: Array) -> Any:
    places = np.arange(len(found))
    return (found * np.sin(1 + places[:, None] + 2 * places)).sum()


def both(w: Array, x: Array) -> Any:
    p = np.zeros((w.size + 1, w.size + 1), complex)
    for t, u in np.ndindex(w.size, w.size):
        p[t + 1, u + 1] = np.tanh(p[t, u + 1] * w[t] + p[t + 1, u] * w[u] * x[u] + x[t])
    return weighted(p[1:, 1:])


def turned(w: Array, x: Array) -> Any:
    """The second place of P and the first of Q are one step apart."""
    p = np.zeros((w.size, w.size + 1), complex)
    for t, u in np.ndindex(w.size, w.size):
        p[t, u + 1] = p[t, u] * w[t] + np.sin(p[t, u]) * x[u] * w[t] + x[t]
    return weighted(p[:, 1:])


def soft(w: Array, x: Array) -> Any:
    p = np.zeros((w.size, w.size), complex)
    for t in range(w.size):
        u = w * x[t]
        share, before = np.exp(u) / np.exp(u).sum(), w[t] ** 2
        for place in range(w.size):
            before = p[t, place] = np.tanh(before * w[t] + share[place])
    return weighted(p)


def other_letters(w: Array, x: Array) -> Any:
    before, total = 0.0, 0.0
    for own, value in zip(w, x, strict=True):
        h = np.tanh(before * own + value)
        before, total = h * own * value, total + h**2
    return total


CASES: dict[str, Callable[[Array, Array], Any]] = {
    "P[t,t_] = cumprod(t_, x[t]*w[t_])" + COST: lambda w, x: weighted(np.cumprod(x[:, None] * w, axis=1)),
    "P[t,t_] = cumprod(t, x[t]*w[t_])" + COST: lambda w, x: weighted(np.cumprod(x[:, None] * w, axis=0)),
    "P[t,t_] = cumsum(t_, cumprod(t, w[t]*x[t_]))" + COST: lambda w, x: weighted(np.cumsum(np.cumprod(w[:, None] * x, 0), 1)),
    "C = sum(t, prod(t_, x[t]*w[t_]))": lambda w, x: np.prod(x[:, None] * w, axis=1).sum(),
    "P[t,t_] = tanh(P[t-1,t_]*w[t] + P[t,t_-1]*w[t_]*x[t_] + x[t])" + COST: both,
    "P[t,t_] = P[t,t_-1]*w[t] + Q[t_,t]\nQ[t,t_] = sin(P[t_,t-1])*x[t]*w[t_] + x[t_]" + COST: turned,
    "P[t,t_] = tanh(P[t,t_-1]*w[t] + softmax(t_, w[t_]*x[t]))\nP[t,-1] = w[t]**2" + COST: soft,
    "h[t] = tanh(z[t-1]*w[t] + x[t])\nz[t_] = h[t_]*w[t_]*x[t_]\nC = sum(t, h[t]**2)": other_letters,
}


@pytest.mark.parametrize("text", CASES)
def test_values_and_gradients(text: str) -> None:
    derivation = derive(system_from_equations(text, ["w[t]"], ["x[t]"]))
    rng = np.random.default_rng(7)
    w, x = rng.uniform(-1, 1, 5), rng.uniform(-1, 1, 5)
    cost = CASES[text]
    slopes = [cost(w + 1e-30j * step, x).imag / 1e-30 for step in np.eye(5)]
    for style in ("plain", "fast"):
        module = load(derivation, style=style)
        value, gradients = module.cost_and_gradients(module.Parameters(w), x)
        np.testing.assert_allclose(value, cost(w.astype(complex), x).real, rtol=1e-12)
        np.testing.assert_allclose(gradients.w, slopes, rtol=1e-10, atol=1e-13)


def test_hessian_products() -> None:
    """A loop along the second place goes along that of a second parameter's Hessian, too; `load` holds it against differences."""
    text = "P[t,t_] = P[t,t_-1]*w[t] + Q[t_,t]\nQ[t,t_] = sin(P[t_,t-1])*x[t]*w[t_] + x[t_]" + COST
    load(derive(system_from_equations(text, ["w[t]"], ["x[t]"])), derivatives=("gradient", "hvp", "hessian"))
