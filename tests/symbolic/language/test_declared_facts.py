"""What inputs and targets are declared to hold: used by rewrites and random arrays, and checked by modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from declaration_text import declaration_text

from chainrule import InvalidDescription, Network, derive, load
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.system.system import System
from chainrule.symbolic.system.value_bounds import doubtful_logarithms

STYLES = pytest.mark.parametrize("style", ["plain", "fast"])
#: The equations, the parameter, what is declared, and the gradient as text, with what stands in it.
FACTS: dict[str, tuple[str, str, list[str], str]] = {
    "an absolute value above 0": (
        "C = sum(i, w[i]*abs(x[i])) + sum(i, sqrt(x[i]**2)*w[i]**2)",
        "w[i]",
        ["x[i] in positive"],
        "(2*w[i] + 1)*x[i]",
    ),
    "a sign above 0": ("C = sum(i, sign(x[i]*exp(x[i]))*w[i])", "w[i]", ["x[i] in positive"], "1"),
    "a square of 0 and 1": ("C = sum(n, i, (m[n,i]*w[i])**2)", "w[i]", ["m[n,i] in {0, 1}"], "2*Sum(m[n, i], (n, 0, N - 1))*w[i]"),
    "a symmetric array": (
        "C = sum(i, i_, x[i]*A[i,i_]*x[i_])",
        "x[i]",
        ["A[i,i_] in symmetric"],
        "2*Sum(A[i, i_]*x[i_], (i_, 0, N_i - 1))",
    ),
    "within limits above 0": ("C = sum(i, abs(x[i] + 1)*w[i])", "w[i]", ["x[i] in [0, 255]"], "x[i] + 1"),
    "a count": ("C = sum(n, exp(w) - abs(k[n])*w)", "w", ["k[n] in count"], "N*exp(w) - Sum(k[n], (n, 0, N - 1))"),
}


def system(equations: str, parameters: list[str], inputs: list[str]) -> System:
    return Network.from_equations(equations, parameters, inputs)


@pytest.mark.parametrize("title", FACTS)
def test_a_gradient_relies_on_what_is_declared(title: str) -> None:
    """Each step is evaluated on random arrays that are what they are declared to be."""
    equations, parameter, inputs, gradient = FACTS[title]
    found = system(equations, [parameter], inputs)
    derivation = derive(found)
    assert verify(derivation).vacuous == 0
    assert str(derivation.adjoint(parameter.split("[")[0]).equation.expression) == gradient
    assert [declaration_text(tensor) for tensor in found.inputs] == [text.replace("[0, 255]", "[0.0, 255.0]") for text in inputs]


@STYLES
@pytest.mark.parametrize("title", FACTS)
def test_modules_have_the_numeric_gradient(title: str, style: str) -> None:
    equations, parameter, inputs, _ = FACTS[title]
    assert max(checked_module(derive(system(equations, [parameter], inputs)), style=style).errors.values()) < 1e-8


#: Of an input x, or an array A: numbers that are right, a wrong one, and what was expected of it.
REFUSED: dict[str, tuple[Any, Any, str]] = {
    "x[n,i] in positive": ([[1.0, 2.0]], [[1.0, 0.0]], "found 0.0, expected numbers above 0"),
    "x[n,i] in count": ([[0.0, 2.0]], [[1.0, 0.5]], "found 0.5, expected whole numbers from 0"),
    "x[n,i] in {0, 1}": ([[0.0, 1.0]], [[2.0, 1.0]], "found 2.0, expected 0 or 1"),
    "x[n,i] in [-1, 0.5]": ([[-1.0, 0.5]], [[0.0, 0.75]], "found 0.75, expected numbers from -1 to 0.5"),
    "x[n,i] in lengths i": ([[2.0, 0.0]], [[3.0, 0.0]], "found 3.0, expected whole numbers up to the size of axis i"),
    "x[i,n] in symmetric": ([[1.0, 2.0], [2.0, 3.0]], [[1.0, 2.0], [3.0, 3.0]], "found 2.0, expected an array that is its own transpose"),
}


@STYLES
@pytest.mark.parametrize("declared", REFUSED)
def test_a_module_refuses_other_numbers(declared: str, style: str) -> None:
    right, wrong, said = REFUSED[declared]
    entry = declared.split(" in ")[0]
    letters = "n" if "symmetric" in declared else "n, i"
    read = f"sum(i, {entry}*w[i])" if "symmetric" in declared else f"{entry}*w[i]"
    derivation = derive(Network.from_equations(f"C = sum({letters}, {read}**2)", ["w[i]"], [declared], sizes={"i": 2}))
    module = load(derivation, style=style, verify=False)
    params = module.Parameters(np.array([0.5, -1.0]))
    assert np.isfinite(module.cost_and_gradients(params, np.array(right))[0])
    calls = [module.cost, module.cost_and_gradients]
    if style == "fast":
        workspace = module.Workspace() if "symmetric" in declared else module.Workspace(N=1)
        calls.append(workspace.cost_and_gradients)
    for call in calls:
        with pytest.raises(ValueError, match=f"x: {said}"):
            call(params, np.array(wrong))


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("x[n] in {1, 2}", r"found \{1, 2\}, expected \{0, 1\}"),
        ("x[n] in [3, 1]", r"found \[3, 1\], expected two numbers, the smaller one first, as in \[0, 255\]"),
        ("x[n] in [a, b]", r"found \[a, b\], expected two numbers"),
        ("x[n] in symmetric", "'x' has fewer than two axes and cannot be symmetric"),
        ("x[n] in lengths", "lengths along which axis"),
        ("x[n] in lengths q", "no tensor has an index 'q'"),
    ],
)
def test_a_declaration_that_says_nothing_is_refused(declared: str, said: str) -> None:
    with pytest.raises(InvalidDescription, match=said):
        Network.from_equations("C = sum(n, w*x[n])", ["w"], [declared])


def test_a_parameter_cannot_stay_above_0() -> None:
    with pytest.raises(InvalidDescription, match="'w' is changed by its gradient and cannot stay numbers above 0; with a parameter w_free"):
        Network.from_equations("C = sum(n, w*x[n])", ["w in positive"], ["x[n]"])


@pytest.mark.parametrize(("word", "is_doubtful"), [("positive", False), ("[1, 3]", False), ("count", True), ("unit", True)])
def test_a_logarithm_relies_on_what_is_declared(word: str, is_doubtful: bool) -> None:
    found = Network.from_equations("C = sum(n, w*log(x[n]))", ["w"], [f"x[n] in {word}"])
    assert bool(list(doubtful_logarithms(found))) == is_doubtful
