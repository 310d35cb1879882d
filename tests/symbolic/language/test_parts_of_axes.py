"""Maxima and softmaxes over a range of an axis; a row of which nothing is left is 0, and passes nothing back (a masked row)."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.system.system import System

MASKED = """
p[n,t] = softmax(t < L[n], w[t]*x[n,t])
q[n,t] = log_softmax(t < L[n], w[t]*x[n,t])
C = sum(n, t, p[n,t]*g[n,t]) + sum(n, t < L[n], q[n,t]*g[n,t])
"""


def masked(lengths: list[int], w: np.ndarray, x: np.ndarray, g: np.ndarray) -> float:
    """Row by row, over what is left of it alone."""
    total = 0.0
    for row, length in enumerate(lengths):
        u = (w * x[row])[:length]
        if length:
            log_p = u - (np.max(u) + np.log(np.sum(np.exp(u - np.max(u)))))
            total += float(np.sum((np.exp(log_p) + log_p) * g[row, :length]))
    return total


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("style", ["plain", "fast"])
def test_masked_rows(style: str, dtype: type) -> None:
    system = Network.from_equations(MASKED, ["w[t]"], ["x[n,t]", "L[n] in lengths t", "g[n,t]"])
    module = load(derive(system), style=style)
    numbers = np.random.default_rng(3)
    w, x, g = numbers.normal(size=5), numbers.normal(size=(4, 5)), numbers.normal(size=(4, 5))
    for lengths in ([0, 0, 0, 0], [0, 1, 3, 5], [5, 5, 2, 0]):
        params = module.Parameters(w.astype(dtype))
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            found = module.forward(params, x.astype(dtype), np.array(lengths, dtype), g.astype(dtype))
            cost, gradients = module.cost_and_gradients(params, x.astype(dtype), np.array(lengths, dtype), g.astype(dtype))
        tolerance = 1e-8 if dtype is np.float64 else 1e-4
        assert cost == pytest.approx(masked(lengths, w, x, g), abs=tolerance)
        for row, length in enumerate(lengths):
            assert not np.any(found.p[row, length:])
        for place in range(5):
            step = np.eye(5)[place] * 1e-6
            slope = (masked(lengths, w + step, x, g) - masked(lengths, w - step, x, g)) / 2e-6
            assert gradients.w[place] == pytest.approx(slope, abs=max(tolerance, 1e-7))


def test_a_range_that_is_never_empty_needs_no_case() -> None:
    for range_, is_whole in (("t <= s", True), ("0 <= t < T", True), ("2 <= t < 4", True), ("t < s", False), ("t != s", False)):
        system = Network.from_equations(f"p[s,t] = softmax({range_}, w[t]*x[s])\nC = sum(s, t, p[s,t]**2)", ["w[t]"], ["x[s]"])
        assert ("stop" not in str(system.definition["p"].expression)) == is_whole


def maxima(**sizes: int) -> System:
    text = "m[n] = max(t < 3, w[t]*x[n,t]) + max(2 <= t < 5, w[t]) + max(s <= 1, s + max(t <= s, -w[t]))\nC = sum(n, m[n])"
    return Network.from_equations(text, ["w[t]"], ["x[n,t]"], sizes=sizes)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_maxima_over_ranges(style: str) -> None:
    module = load(derive(maxima(t=7, s=2)), style=style)
    w = np.array([2.0, 3.0, -1e20, -7.0, -5.0, 11.0, 13.0])
    x = np.array([[-1e12, -1e13, 1e3, 0, 0, 9, 9], [1.0, 2.0, -3.0, 0, 0, 9, 9]])
    cost, gradients = module.cost_and_gradients(module.Parameters(w), x)
    # max(-2e12, -3e13, -1e23) - 5 + max(-2, 1 - 2), and max(2, 6, 3e20) - 5 - 1
    assert cost == pytest.approx(-2e12 - 6 + 3e20 - 6)
    np.testing.assert_array_equal(gradients.w, [-1e12 - 2, 0, -3, 0, 2, 0, 0])


def test_a_maximum_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidDescription, match=r"this range may be empty.*as in max\(t, where\(t < L\[n\], …, 0\)\)"):
        Network.from_equations("C = sum(n, max(t < L[n], w[t]))", ["w[t]"], ["L[n] in lengths t"])
