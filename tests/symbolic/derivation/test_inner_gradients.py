"""Gradients inside of a network: what they become, that they are derived again rightly, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule import InvalidDescription, derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.language.system_reader import system_from_equations

PENALTY = "f[n] = sum(j, v[j]*tanh(sum(k, W[j,k]*x[n,k])))\nG[n,k] = grad(sum(n, f[n]), x[n,k])\nC = sum(n, k, G[n,k]**2)"
TWO_STEPS = (
    "L = mean((sin(x @ w) - y)**2)\nw1 = w - 0.1*grad(L, w)\nL1 = mean((sin(x @ w1) - y)**2)\nw2 = w1 - 0.1*grad(L1, w1)\n"
    "C = mean((sin(x @ w2) - y)**2)"
)


def two_steps(w: Any, x: Any, y: Any) -> Any:
    for _ in range(2):
        w = w - 0.1 * 2 * ((np.sin(x @ w) - y) * np.cos(x @ w)) @ x / len(x)
    return ((np.sin(x @ w) - y) ** 2).mean()


def test_a_gradient_is_adjoint_equations() -> None:
    system = system_from_equations(PENALTY, ["W[j,k]", "v[j]"], ["x[n,k]"], batch="n")
    put_in = derive(system).system
    assert [equation.tensor.name for equation in put_in.equations] == ["G", "C"]
    assert LanguageText(put_in).equations().splitlines()[0] == "G[n,k] = sum(j, v[j]*W[j,k]*(1 - tanh(sum(k_, W[j,k_]*x[n,k_]))**2))"


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_two_steps_of_descent(style: str) -> None:
    derivation = derive(system_from_equations(TWO_STEPS, ["w[k]"], ["x[n,k]"], ["y[n]"], batch="n"))
    verify(derivation)
    assert {"dL_dw", "dL1_dw1"} <= derivation.system.tensors.keys()
    module = load(derivation, style=style, derivatives=("gradient", "hvp"))
    rng = np.random.default_rng(4)
    w, x, y = rng.normal(size=3), rng.normal(size=(7, 3)), rng.normal(size=7)
    cost, gradients = module.cost_and_gradients(module.Parameters(w), x, y)
    np.testing.assert_allclose(cost, two_steps(w, x, y), rtol=1e-13)
    np.testing.assert_allclose(gradients.w, [two_steps(w + 1e-30j * step, x, y).imag / 1e-30 for step in np.eye(3)], rtol=1e-11)


def test_gradients_by_several_share_their_equations() -> None:
    equations = "z[n] = sum(k, w[k]*x[n,k]) + b\nL = sum(n, z[n]**3)\nC = sum(k, grad(L, w[k])**2) + grad(L, b)**2 + sum(n, grad(L, z[n]))"
    derivation = derive(system_from_equations(equations, ["w[k]", "b"], ["x[n,k]"], batch="n"))
    verify(derivation)
    assert sorted(name for name in derivation.system.definition if name.startswith("dL_d")) == ["dL_db", "dL_dw", "dL_dz"]


@pytest.mark.parametrize("equations", [PENALTY, TWO_STEPS])
def test_what_is_printed_is_read_again(equations: str) -> None:
    given: dict[str, Any] = {"parameters": ["W[j,k]", "v[j]", "w[k]"], "inputs": ["x[n,k]"], "targets": ["y[n]"], "batch": "n"}
    system = system_from_equations(equations, **given)
    again = system_from_equations(LanguageText(system).equations(), **given)
    assert again.equations == system.equations
    assert again.tensors == system.tensors


@pytest.mark.parametrize(
    ("equations", "said"),
    [
        ("L = sum(x)\nC = sum(k, grad(L, w[k])*w[k])", "L does not depend on w, so that its gradient is 0"),
        ("L = sum(x @ w)\nC = sum(k, grad(L)*w[k])", "grad takes a number and a tensor"),
        ("C = sum(k, grad(x, w[k])*w[k])", "found x (n, k)"),
        ("C = grad(2*w[0], L)", "unknown name 'L'"),
        ("L = sum(x @ w)\nC = grad(L, 2*w[0])", "grad is by an entry of a tensor"),
        ("L = sum(n, t[n]*w[0])\nC = sum(n, grad(L, t[n]))*w[0]", "t holds labels"),
        ("L = w[0]*C\nC = grad(L, w[0])", "C"),
    ],
)
def test_what_has_no_gradient_is_said(equations: str, said: str) -> None:
    with pytest.raises(InvalidDescription) as raised:
        system_from_equations(equations, ["w[k]"], ["x[n,k]", "t[n] in k"])
    assert said in str(raised.value)
    assert "equation" in str(raised.value)


def test_what_only_the_gradient_needed_is_not_computed() -> None:
    """L and what only L reads are gone, as far as the adjoint equations do not read them; what stood unread before stays."""
    equations = "u = 3*w\nz[n] = tanh(sum(k, w*x[n,k]))\nL = sum(n, z[n]**2 + x[n,0])\nC = (w - 0.1*grad(L, w))**2"
    kept = [equation.tensor.name for equation in derive(system_from_equations(equations, ["w"], ["x[n,k]"], batch="n")).system.equations]
    assert "L" not in kept
    assert {"u", "z", "C"} <= set(kept)
    both = equations.replace("**2 + x[n,0])\nC =", "**2)\nC = L +")
    assert "L" in [equation.tensor.name for equation in derive(system_from_equations(both, ["w"], ["x[n,k]"], batch="n")).system.equations]
