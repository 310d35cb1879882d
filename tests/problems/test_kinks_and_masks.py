"""What others ask about slopes at kinks and masked rows; right values are those of PyTorch 2.13 where it has them.

Questions: PyTorch's notes on autograd ("gradients for non-differentiable functions"), issues on `clamp` at its bounds, `maximum` at ties,
softmax of rows that are masked whole (NaN there), norms of 0 in gradient penalties (NaN in its second derivative).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from chainrule import Network, derive
from chainrule.codegen.checking.loading import load


@dataclass(frozen=True)
class Question:
    """Equations in a parameter w, at which numbers it is asked, and the gradient there."""

    equations: str
    w: ArrayLike
    gradient: ArrayLike
    kink: str | None = None
    inputs: tuple[str, ...] = ()
    data: Sequence[ArrayLike] = field(default=())


QUESTIONS = {
    "relu at 0 (0 in PyTorch)": Question("C = sum(i, relu(w[i]))", [0, 1], [0, 1]),
    "relu at 0, to the right": Question("C = sum(i, relu(w[i]))", [0, 1], [1, 1], "right"),
    "relu at 0, in the middle": Question("C = sum(i, relu(w[i]))", [0, 1], [0.5, 1], "middle"),
    "an absolute error of 0 (0 in PyTorch)": Question("C = mean(i, abs(w[i]))", [0, 1], [0, 0.5]),
    "clip at its bounds, as relu6 and hardtanh have it (0 in PyTorch)": Question("C = sum(i, clip(w[i], 0, 6))", [0, 6, 3], [0, 0, 1]),
    "clamp with slope 1 at both of its bounds, as PyTorch has it": Question(
        "C = sum(i, where(w[i] < -1, -1, where(w[i] > 2, 2, w[i])))", [-1, 2, 0, 3], [1, 1, 1, 0]
    ),
    "ties of maximum and minimum (a half each in PyTorch)": Question(
        "C = maximum(w[0], w[1]) + 3*minimum(w[2], w[3])", [1, 1, 1, 1], [0.5, 0.5, 1.5, 1.5], "middle"
    ),
    "ties of maximum, the first takes all": Question("C = maximum(w[0], w[1])", [1, 1], [1, 0]),
    "a hinge at its margin, not active (relu(1 - w) in PyTorch)": Question("C = sum(i, maximum(0, 1 - w[i]))", [1, 0], [0, -1]),
    "a hinge at its margin, active (clamp of PyTorch's margin losses)": Question(
        "C = sum(i, maximum(0, 1 - w[i]))", [1, 0], [-1, -1], "right"
    ),
    "max pooling of equal entries (the first in PyTorch)": Question("C = sum(u, max(p, w[2*u + p]))", [1, 1, 2, 2], [1, 0, 1, 0]),
    "soft shrinkage at its edges (0 in PyTorch)": Question(
        "C = sum(i, where(w[i] > 0.5, w[i] - 0.5, where(w[i] < -0.5, w[i] + 0.5, 0)))", [0.5, -0.5, 1], [0, 0, 1]
    ),
    "a row that is masked whole (NaN in PyTorch with -inf)": Question(
        "p[n,i] = softmax(i < L[n], w[i])\nC = sum(n, i, p[n,i]*x[i])", [1, 2], [0, 0], None, ("L[n]", "x[i]"), ([0, 1], [1, 2])
    ),
    "a norm of 0 (0 in PyTorch)": Question("C = norm(i, w[i])", [0, 0], [0, 0]),
    # The row of zeros has no slope; that of the other one is by differences of mpmath with 60 digits.
    "a gradient penalty where the norm inside is 0 (NaN in PyTorch)": Question(
        "D = sum(n, norm(i, w[i]*x[n,i]))\nG = grad(D, x)\nC = mean(n, (norm(i, G[n,i]) - 1)**2)",
        [1, 2, 3],
        [-0.040390533350953, -0.0054034158329034, 1.7689432582968],
        None,
        ("x[n,i]",),
        ([[0, 0, 0], [1, 2, 3]],),
    ),
}


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_answers(question: str, style: str) -> None:
    asked = QUESTIONS[question]
    sizes = {"p": 2} if "max(p" in asked.equations else {"i": len(np.shape(asked.w)) and np.size(asked.w)}
    letter = "k" if "max(p" in asked.equations else "i"
    module = made(asked, letter, sizes, style)
    _, gradients = module.cost_and_gradients(module.Parameters(np.array(asked.w, float)), *(np.array(each, float) for each in asked.data))
    np.testing.assert_allclose(gradients.w, asked.gradient, rtol=1e-12, atol=1e-12)


def made(asked: Question, letter: str, sizes: dict[str, Any], style: str) -> ModuleType:
    return load(derive(Network.from_equations(asked.equations, [f"w[{letter}]"], asked.inputs, sizes=sizes, kink=asked.kink)), style=style)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_returns_are_summed_from_the_end(style: str) -> None:
    """Discounted returns of reinforcement learning, R_t = r_t + γ R_{t+1} with R_T = v, at any length."""
    equations = "R[T-1] = r[T-1] + g*v\nR[t] = r[t] + g*R[t+1]\nC = sum(t, R[t])"
    module = load(derive(Network.from_equations(equations, ["v", "g"], ["r[t]"])), style=style)
    for length in (1, 2, 4):
        r, g, v = np.arange(1.0, length + 1), 0.5, 3.0
        returns = [sum(r[s] * g ** (s - t) for s in range(t, length)) + g ** (length - t) * v for t in range(length)]
        cost, gradients = module.cost_and_gradients(module.Parameters(np.array(v), np.array(g)), r)
        assert cost == pytest.approx(sum(returns))
        assert gradients.v == pytest.approx(sum(g ** (length - t) for t in range(length)))
