"""Exponentials, their sums and quotients under names of their own: where e = exp(z) overflows, p = e/s and all gradients are numbers.

The exponentials themselves are infinite there, of which NumPy warns; what is computed from them is held against exact numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_stability import SCORES, Case, W, X, assert_right

from chainrule import Network, derive, load

LABELS = [[1.0, 0.0, 0.0], [0.0, 0.25, 0.75]]
NAMED = SCORES + "e[n,k] = exp(z[n,k])\ns[n] = sum(k, e[n,k])\np[n,k] = e[n,k]/s[n]\n"
OF_LABELS: dict[str, Any] = {"parameters": {"W[k,i]": W}, "data": {"x[n,i]": X, "y[n,k]": LABELS}, "digits": 1300}
OF_VALUES: dict[str, Any] = {"parameters": {"W[k,i]": W, "v[k]": [1, 2, 3]}, "data": {"x[n,i]": X}, "digits": 1300}

EXPONENTIALS = {
    "cross-entropy": Case(NAMED + "C = -mean(n, sum(k, y[n,k]*log(p[n,k])))", **OF_LABELS),
    "squares": Case(NAMED + "C = mean(n, sum(k, (y[n,k] - p[n,k])**2))", **OF_LABELS),
    "what a softmax lacks": Case(NAMED + "C = -mean(n, sum(k, (1 - y[n,k])*log(1 - p[n,k])))", **OF_LABELS),
    "an inverse": Case(
        SCORES + "e[n,k] = exp(z[n,k])\nr[n] = 1/sum(k, e[n,k])\np[n,k] = e[n,k]*r[n]\nC = mean(n, sum(k, (y[n,k] - p[n,k])**2))",
        **OF_LABELS,
    ),
    "a mean": Case(
        SCORES + "e[n,k] = exp(z[n,k])\ns[n] = sum(k, e[n,k])\no[n] = sum(k, e[n,k]*v[k])/s[n]\nC = mean(n, o[n]**2)", **OF_VALUES
    ),
    "a mean of sums": Case(
        SCORES + "e[n,k] = exp(z[n,k])\ns[n] = sum(k, e[n,k])\na[n] = sum(k, e[n,k]*v[k])\no[n] = a[n]/s[n]\nC = mean(n, o[n]**2)",
        **OF_VALUES,
    ),
    "the logarithm of a sum": Case(
        SCORES + "e[n,k] = exp(z[n,k])\ns[n] = sum(k, e[n,k])\nC = mean(n, log(s[n]) - sum(k, y[n,k]*z[n,k]))", **OF_LABELS
    ),
    "a sigmoid": Case(
        "e[n] = exp(-w*x[n])\np[n] = 1/(1 + e[n])\nC = mean(n, (p[n] - y[n])**2)",
        {"w": 1.5},
        {"x[n]": [800, -800, 2], "y[n]": [1, 0, 0.5]},
        digits=1300,
    ),
    "a hyperbolic tangent": Case(
        "e[n] = exp(w*x[n])\nf[n] = exp(-w*x[n])\np[n] = (e[n] - f[n])/(e[n] + f[n])\nC = mean(n, (p[n] - y[n])**2)",
        {"w": 1.5},
        {"x[n]": [800, -800, 2], "y[n]": [1, 0, 0.5]},
        digits=2600,
    ),
    "densities that vanish": Case(
        "g[n,k] = exp(-(x[n] - m[k])**2/2)\ns[n] = sum(k, g[n,k])\nr[n,k] = g[n,k]/s[n]\nC = mean(n, sum(k, r[n,k]*(x[n] - m[k])**2))",
        {"m[k]": [40, -30, 20]},
        {"x[n]": [-100, 80]},
        digits=9000,
    ),
}


@pytest.mark.parametrize("name", EXPONENTIALS)
def test_named_exponentials(name: str) -> None:
    assert_right(EXPONENTIALS[name], {"over": "ignore", "invalid": "ignore", "divide": "raise"})


W5, X5 = np.array([0.3, -1.2, 0.7, 2.0, -0.4]), np.array([[1.5, -0.3, 0.8, -2.0, 0.6], [0.2, 1.1, -0.9, 0.4, 2.5]])


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize(
    ("equations", "right"),
    [
        (
            "e[n,i] = exp(w[i]*x[n,i])\nC = mean(n, sum(i, where(i < 4, x[n,i]/e[n,i+1], 0)))",
            [0, *np.mean(-X5[:, :-1] * X5[:, 1:] * np.exp(-W5[1:] * X5[:, 1:]), axis=0)],
        ),
        (
            "e[n,i] = exp(w[i]*x[n,i])\nr[n,i] = 1/e[n,i]\nC = mean(n, sum(i, x[n,i]*r[n,i+1]))",
            [0, *np.mean(-X5[:, :-1] * X5[:, 1:] * np.exp(-W5[1:] * X5[:, 1:]), axis=0)],
        ),
        (
            "e[n,i] = exp(w[i]*x[n,i])\nC = mean(n, sum(i, 1/(1 + e[n,i+1])))",
            [0, *np.mean(-X5[:, 1:] / (2 + 2 * np.cosh(W5[1:] * X5[:, 1:])), axis=0)],
        ),
        (
            "u[n,i] = tanh(w[i]*x[n,i])\ne[n,i] = exp(u[n,i-1])\nC = mean(n, sum(i, log(e[n,i])))",
            [*np.mean((1 - np.tanh(W5 * X5) ** 2) * X5, axis=0)[:-1], 0],
        ),
    ],
)
def test_what_divides_past_the_end_is_left_out(equations: str, right: list[float], style: str) -> None:
    """Where i + 1 is past the end, e[n,i+1] is 0, and 1/e[n,i+1] is not computed."""
    network = Network.from_equations(equations, parameters=["w[i]"], inputs=["x[n,i]"], sizes={"i": 5}, batch="n")
    module = load(derive(network), style=style)
    _, gradients = module.cost_and_gradients(module.Parameters(W5), X5)
    np.testing.assert_allclose(gradients[0], right, rtol=1e-12, atol=1e-15)
