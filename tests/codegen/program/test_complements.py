"""log(1 − p) where p has rounded to 1, and what divides by 1 − p in its gradient: by what the other classes add up to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_stability import HALF, SCORES, SOFTMAX, Case, W, X, assert_right

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.language.system_reader import system_from_equations

LABELS = [[1.0, 0.0, 1.0], [0.0, 0.25, 0.75]]
OF_LABELS: dict[str, Any] = {"parameters": {"W[k,i]": W}, "data": {"x[n,i]": X, "y[n,k]": LABELS}, "digits": 1300}
BINARY: dict[str, Any] = {"parameters": {"w": 1.5}, "data": {"x[n]": [800.0, -800.0, 2.0]}, "digits": 1300}

COMPLEMENTS = {
    "of a softmax": Case(SOFTMAX + "C = -mean(n, sum(k, y[n,k]*log(1 - p[n,k])))", **OF_LABELS),
    "beside the softmax itself": Case(SOFTMAX + "C = -mean(n, sum(k, y[n,k]*log(p[n,k]) + (1 - y[n,k])*log(1 - p[n,k])))", **OF_LABELS),
    "in odds": Case(SOFTMAX + "C = -mean(n, sum(k, y[n,k]*log(p[n,k]/(1 - p[n,k]))))", **OF_LABELS),
    "of one class": Case(SOFTMAX + "C = -mean(n, log(1 - p[n,1]))", {"W[k,i]": W}, {"x[n,i]": X}, digits=1300),
    "with a temperature": Case(
        SCORES + "p[n,k] = exp(z[n,k]/T)/sum(k_, exp(z[n,k_]/T))\nC = -mean(n, sum(k, y[n,k]*log(1 - p[n,k])))",
        {"W[k,i]": HALF},
        {"x[n,i]": X, "y[n,k]": LABELS},
        {"T": 0.5},
        digits=1300,
    ),
    "of two axes": Case(
        "p[k,l] = exp(w[k,l])/sum(k_, sum(l_, exp(w[k_,l_])))\nC = sum(k, sum(l, v[k,l]*log(1 - p[k,l])))",
        {"w[k,l]": [[800, -800, 3], [1, 2, 3]], "v[k,l]": [[1, 2, 3], [1, 2, 4]]},
        digits=1900,
    ),
    "focal": Case(SOFTMAX + "C = -mean(n, sum(k, y[n,k]*(1 - p[n,k])**g*log(p[n,k])))", **OF_LABELS, constants={"g": 1.5}),
    "of half a sigmoid": Case("C = -mean(n, log(1 - sigmoid(w*x[n])/2))", **BINARY),
    "of a square": Case("C = -mean(n, log(1 - sigmoid(w*x[n] + 3)**2))", **BINARY),
    "times a constant": Case("C = -mean(n, log(c - c*sigmoid(w*x[n])))", **BINARY, constants={"c": 0.5}),
    "twice": Case("C = -mean(n, log(2 - 2*sigmoid(w*x[n])))", **BINARY),
    "under a name": Case(SOFTMAX + "q[n,k] = 1 - p[n,k]\nC = -mean(n, sum(k, y[n,k]*log(q[n,k])))", **OF_LABELS),
    "focal, both under names": Case(
        "p[n] = sigmoid(w*x[n])\nq[n] = 1 - p[n]\nC = -mean(n, y[n]*q[n]**2*log(p[n]) + (1 - y[n])*p[n]**2*log(q[n]))",
        {"w": 1.5},
        {"x[n]": [800, -800, 2], "y[n]": [1, 0, 0.5]},
        digits=1300,
    ),
    "focal, of a label's probability": Case(
        "p[n] = sigmoid(w*x[n])\nt[n] = y[n]*p[n] + (1 - y[n])*(1 - p[n])\nC = -mean(n, (1 - t[n])**2*log(t[n]))",
        {"w": 1.5},
        {"x[n]": [800, -800, 2], "y[n]": [1, 0, 0.5]},
        digits=1300,
    ),
}


@pytest.mark.parametrize("name", COMPLEMENTS)
def test_complements(name: str) -> None:
    assert_right(COMPLEMENTS[name])


@pytest.mark.parametrize("mask", ["-1e9", "-1e30"])
@pytest.mark.parametrize("style", ["plain", "fast"])
def test_a_mask_in_a_logarithm_of_two_exponentials(style: str, mask: str) -> None:
    """log(exp(u) + exp(v)) with u = −10³⁰ is v: nothing is subtracted from v that is added again."""
    equations = f"a[-1,s] = where(s < 1, 0, {mask})\na[t,s] = log(exp(a[t-1,s]) + exp(a[t-1,s-1])) + z[t,s]\nC = -a[3,4]"
    z = np.random.default_rng(0).standard_normal((7, 5))

    def cost(scores: NDArray[np.complex128]) -> complex:
        a = np.where(np.arange(5) < 1, 0, float(mask)).astype(complex)
        for step in scores[:4]:
            before = np.concatenate([[0], a[:-1]])
            largest = np.maximum(a.real, before.real)
            a = largest + np.log(np.exp(a - largest) + np.exp(before - largest)) + step
        return complex(-a[4])

    slopes = np.zeros((7, 5))
    for place in np.ndindex(7, 5):
        moved = z.astype(complex)
        moved[place] += 1e-30j
        slopes[place] = cost(moved).imag / 1e-30
    module = load(derive(system_from_equations(equations, ["z[t,s]"], [], [], sizes={"t": 7, "s": 5})), style=style, verify=False)
    found, (slope,) = module.cost_and_gradients(module.Parameters(z))
    assert found == pytest.approx(cost(z.astype(complex)).real, rel=1e-14)
    np.testing.assert_allclose(slope, slopes, rtol=1e-12, atol=1e-15)
