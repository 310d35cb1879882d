"""Recurrences over two axes: costs beside loops in Python, gradients beside complex steps through those, in both styles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from chainrule import InvalidDescription, derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.recurrence import grouped

Array = NDArray[Any]


class Lattice(NamedTuple):
    """Equations in w[i], v[j] and x[i,j], the same as a loop in Python, and the loops that are found: a letter, - where backwards."""

    equations: str
    cost: Callable[[Array, Array, Array], Any]
    loops: str


def padded(value: Array, start: float = 0.0, corner: float = 0.0) -> Array:
    """A table with a row and a column before the first ones."""
    table = np.full((value.shape[0] + 1, value.shape[1] + 1), start, value.dtype)
    table[0, 0] = corner
    return table


def soft_dtw(w: Array, v: Array, x: Array, sign: float) -> Any:
    r = padded(w[:, None] * v + x, 1e9)
    for i, j in np.ndindex(x.shape):
        three = np.array([r[i, j], r[i, j + 1], r[i + 1, j]])
        least = three[np.argmin(three.real)]
        r[i + 1, j + 1] = (w[i] * v[j] - x[i, j]) ** 2 + least - np.log(np.exp(least - three).sum())
    return sign * r[-1, -1]


def pair(w: Array, v: Array, x: Array) -> Any:
    r, m = padded(w[:, None] * v + x), np.zeros((x.shape[0] + 1, x.shape[1] + 2), (w[0] * v[0]).dtype)
    for i, j in np.ndindex(x.shape):
        r[i + 1, j + 1] = w[i] * m[i, j + 1] + v[j] * r[i + 1, j] + x[i, j]
        m[i + 1, j + 1] = np.tanh(r[i + 1, j + 1]) + m[i, j + 2]
    return (m[1:, 1:-1] ** 2).sum()


def falling(w: Array, v: Array, x: Array) -> Any:
    h = np.zeros((x.shape[0] + 1, x.shape[1] + 1), (w[0] * v[0]).dtype)
    for j in range(x.shape[1]):
        for i in reversed(range(x.shape[0])):
            h[i, j + 1] = np.tanh(w[i] * h[i + 1, j + 1] + v[j] * h[i, j] + x[i, j])
    return (h[:-1, 1:] ** 2).sum()


def slanted(w: Array, v: Array, x: Array) -> Any:
    h = np.zeros((x.shape[0] + 1, x.shape[1] + 2), (w[0] * v[0]).dtype)
    for i, j in np.ndindex(x.shape):
        h[i + 1, j + 1] = np.sin(w[i] * h[i, j + 2] + v[j] * h[i + 1, j] + x[i, j])
    return h[1:, 1:-1].sum()


def edits(w: Array, v: Array, x: Array) -> Any:
    """Rows and columns begin with equations of their own."""
    d = np.zeros(x.shape, (w[0] * v[0]).dtype)
    for i, j in np.ndindex(x.shape):
        d[i, j] = v[j] ** 2 if i == 0 else w[i] ** 2 if j == 0 else d[i - 1, j - 1] * x[i, j] + w[i] * d[i - 1, j] + v[j] * d[i, j - 1]
    return d[-1, -1]


DTW = (
    "r[i,j] = (w[i]*v[j] - x[i,j])**2 - log(exp(-r[i-1,j-1]) + exp(-r[i-1,j]) + exp(-r[i,j-1]))\n"
    "r[i,-1] = 1e9\nr[-1,j] = 1e9\nC = {}r[I-1,J-1]"
)
LATTICES = {
    "soft DTW": Lattice(DTW.format(""), lambda w, v, x: soft_dtw(w, v, x, 1.0), "i j"),
    "the same, falling": Lattice(DTW.format("-"), lambda w, v, x: soft_dtw(w, v, x, -1.0), "i j"),
    "two tensors": Lattice(
        "r[i,j] = w[i]*m[i-1,j] + v[j]*r[i,j-1] + x[i,j]\nm[i,j] = tanh(r[i,j]) + m[i-1,j+1]\nC = sum(i, j, m[i,j]**2)", pair, "i j"
    ),
    "one axis backwards": Lattice("h[i,j] = tanh(w[i]*h[i+1,j] + v[j]*h[i,j-1] + x[i,j])\nC = sum(i, j, h[i,j]**2)", falling, "-i j"),
    "an earlier row ahead": Lattice("h[i,j] = sin(w[i]*h[i-1,j+1] + v[j]*h[i,j-1] + x[i,j])\nC = sum(i, j, h[i,j])", slanted, "i j"),
    "first rows apart": Lattice(
        "d[i,j] = d[i-1,j-1]*x[i,j] + w[i]*d[i-1,j] + v[j]*d[i,j-1]\nd[0,j] = v[j]**2\nd[i,0] = w[i]**2\nC = d[I-1,J-1]", edits, "i j"
    ),
}


@pytest.mark.parametrize("name", LATTICES)
def test_values_and_gradients(name: str) -> None:
    lattice = LATTICES[name]
    system = system_from_equations(lattice.equations, ["w[i]", "v[j]"], ["x[i,j]"])
    (group,) = (group for group in grouped(system.equations) if group.is_recurrence)
    assert " ".join(f"{'-' * way.backwards}{way.letter}" for way in group.directions) == lattice.loops
    derivation = derive(system)
    verify(derivation)
    rng = np.random.default_rng(2)
    w, v, x = rng.uniform(0.2, 1, 5), rng.uniform(0.2, 1, 3), rng.uniform(-1, 1, (5, 3))
    expected = lattice.cost(w, v, x)
    dw = [lattice.cost(w + 1e-30j * step, v, x).imag / 1e-30 for step in np.eye(5)]
    dv = [lattice.cost(w, v + 1e-30j * step, x).imag / 1e-30 for step in np.eye(3)]
    for style in ("plain", "fast"):
        module = load(derivation, style=style)
        cost, gradients = module.cost_and_gradients(module.Parameters(w, v), x)
        np.testing.assert_allclose(cost, expected, rtol=1e-12)
        np.testing.assert_allclose(gradients.w, dw, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(gradients.v, dv, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("name", ["two tensors", "one axis backwards"])
def test_hessian_products(name: str, style: str) -> None:
    """The second derivatives run over both axes four times; `load` holds them against differences of gradients."""
    system = system_from_equations(LATTICES[name].equations, ["w[i]", "v[j]"], ["x[i,j]"])
    module = load(derive(system), derivatives=("gradient", "hvp"), style=style)
    rng = np.random.default_rng(3)
    (w, v), x = (rng.uniform(0.2, 1, size) for size in (5, 3)), rng.uniform(-1, 1, (5, 3))
    direction = module.Parameters(rng.normal(size=5), rng.normal(size=3))
    found = module.hessian_vector_product(module.Parameters(w, v), x, direction)
    step = 1e-6
    ahead, behind = (
        module.cost_and_gradients(module.Parameters(w + sign * step * direction.w, v + sign * step * direction.v), x)[1] for sign in (1, -1)
    )
    np.testing.assert_allclose(found.w, (ahead.w - behind.w) / (2 * step), rtol=1e-6, atol=1e-8)


def test_a_circle_in_both_axes_is_refused() -> None:
    with pytest.raises(InvalidDescription, match="a cycle needs a shift"):
        system_from_equations("h[i,j] = w[i]*h[i-1,j+1] + h[i+1,j-1]\nC = sum(i, j, h[i,j])", ["w[i]"], ["x[i,j]"])


def test_too_many_steps_are_refused() -> None:
    with pytest.raises(InvalidDescription, match="h is computed in 1,000,000 steps along i and j"):
        derive(
            system_from_equations(
                "h[i,j] = w[i]*h[i-1,j] + h[i,j-1]\nC = sum(i, j, h[i,j]*x[i,j])", ["w[i]"], ["x[i,j]"], sizes={"i": 1000, "j": 1000}
            )
        )
