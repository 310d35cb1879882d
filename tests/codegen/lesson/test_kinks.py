"""What is taken at a kink and outside of an array is said in the handout and in the module, and is what they compute."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from chainrule import Network, derive
from chainrule.codegen.build import Choices, build
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.checking.loading import load
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.formulas.kinks import kinks, read_outside
from chainrule.codegen.words.sentences import ENGLISH
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.second_derivatives import derive_again
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System


def system(equations: str, **given: Any) -> System:
    return Network.from_equations(equations, parameters=["w[i]"], inputs=["x[n,i]"], targets=[], sizes={"i": 4}, **given)


def module(equations: str) -> ModuleType:
    return checked_module(derive(system(equations))).module


FORMULAS = {
    "L = sum(n, i, relu(w[i]*x[n,i]))": ("kink.cases.relu",),
    "L = sum(n, i, maximum(0, 1 - w[i]*x[n,i]))": ("kink.cases.relu",),
    "L = sum(n, i, where(w[i] > 0, w[i], w[i]/100)*x[n,i])": ("kink.cases.leaky_relu",),
    "u[i] = relu(w[i])\nL = sum(n, i, where(u[i] > 0, u[i], u[i]/100)*x[n,i])": ("kink.cases.relu",),
    # At 0 they have the slopes 1, -1 and 1.
    "L = sum(n, i, where(w[i] >= 0, w[i], 0)*x[n,i])": ("kink.cases",),
    "L = sum(n, i, where(w[i] > 0, w[i], -w[i])*x[n,i])": ("kink.cases",),
    "L = sum(n, i, where(w[i] > 0, w[i], exp(w[i]) - 1)*x[n,i])": ("kink.cases",),
    "L = sum(n, i, abs(w[i])*x[n,i])": ("kink.absolute",),
    "L = sum(n, i, sign(w[i])*w[i]*x[n,i])": ("kink.sign",),
    "L = sum(n, max(i, w[i]*x[n,i]))": ("kink.maximum",),
    "m[n,i] = relu(w[i]*x[n,i])\nL = sum(n, max(i, m[n,i]))": ("kink.cases.relu", "kink.maximum"),
    "L = sum(n, i, tanh(w[i]*x[n,i]))": (),
}


@pytest.mark.parametrize("equations", FORMULAS)
def test_which_kinks_there_are(equations: str) -> None:
    assert kinks(system(equations)) == FORMULAS[equations]


@pytest.mark.parametrize(
    "equations", [formula for formula, keys in FORMULAS.items() if keys and "1 - " not in formula and "where" not in formula]
)
def test_the_derivative_at_the_kink(equations: str) -> None:
    """At w = 0 every slope is 0, but for a maximum, whose first entry takes it all."""
    found = module(equations)
    x = np.array([[1.0, 2.0, 3.0, 4.0]])
    (slope,) = found.backward(found.Parameters(np.zeros(4)), found.forward(found.Parameters(np.zeros(4)), x))
    np.testing.assert_array_equal(slope, [1, 0, 0, 0] if equations == "L = sum(n, max(i, w[i]*x[n,i]))" else np.zeros(4))


def test_a_maximum_over_a_case_distinction_has_the_slope_of_the_case() -> None:
    found = module("L = sum(n, max(i, relu(w[i]*x[n,i])))")
    params, x = found.Parameters(np.array([1.0, 2.0, 3.0, -1.0])), np.array([[1.0, 2.0, 1.0, 5.0], [-1.0, -1.0, -1.0, 0.0]])
    np.testing.assert_array_equal(found.backward(params, found.forward(params, x)).w, [0, 2, 0, 0])


def test_a_hinge_has_slope_0_where_it_starts() -> None:
    found = module("L = sum(n, i, maximum(0, 1 - w[i]*x[n,i]))")
    params, x = found.Parameters(np.array([1.0, 0.5, 2.0, 1.0])), np.array([[1.0, 1.0, 1.0, 2.0]])
    np.testing.assert_array_equal(found.backward(params, found.forward(params, x)).w, [0, -1, 0, 0])


@pytest.mark.parametrize(
    ("equations", "all_entries", "maximum"),
    [
        ("m[n,u] = max(p, w[p]*x[n,u + p - 1])\nL = sum(n, u, m[n,u])", "x[n, p + u - 1]", "x[n, p + u - 1]"),
        ("m[n,u] = max(p, w[p]*x[n,u + p])\nL = sum(n, u, m[n,u])", None, None),
        ("m[n,i] = w[i]*x[n,i-1]\nL = sum(n, max(i, m[n,i]))", "x[n, i - 1]", None),
        ("m[n,i] = w[i]*x[n,i]*w[3 - i]\nL = sum(n, max(i, m[n,i]))", None, None),
        ("m[n,i] = w[i]*x[n,2 - i]\nL = sum(n, max(i, m[n,i]))", "x[n, 2 - i]", None),
    ],
)
def test_entries_outside_of_their_array(equations: str, all_entries: str | None, maximum: str | None) -> None:
    if "p" in equations:
        found = Network.from_equations(equations, parameters=["w[p]"], inputs=["x[n,i]"], targets=[], sizes={"i": 6, "p": 3})
    else:
        found = system(equations)
    read = [equation.expression for equation in found.equations]
    written = [str(node) if node is not None else None for node in (read_outside(found, read, False), read_outside(found, read, True))]
    assert written == [all_entries, maximum]


def test_an_entry_outside_of_its_array_takes_part_in_a_maximum_as_0() -> None:
    equations = "m[n,u] = max(p, w[p]*x[n,u + p - 1])\nL = sum(n, u, m[n,u])"
    given = Network.from_equations(equations, parameters=["w[p]"], inputs=["x[n,i]"], targets=[], sizes={"i": 6, "p": 3, "u": 6})
    found = checked_module(derive(given)).module
    m = found.forward(found.Parameters(np.ones(3)), np.full((1, 6), -1.0)).m
    np.testing.assert_array_equal(m, [[0, -1, -1, -1, -1, 0]])


def test_handout_and_module_say_so(tmp_path: Path) -> None:
    path = tmp_path / "pooled.toml"
    path.write_text(
        'name = "pooled"\ninputs = ["x[n,i]"]\nparameters = ["w[p]"]\n'
        'equations = """\nm[n,u] = max(p, w[p]*x[n,u + p - 1])\nL = sum(n, u, relu(m[n,u])) + sum(p, abs(w[p]))\n"""\n'
        "sizes = { i = 6, p = 3, u = 6 }\n"
    )
    build(read_description(path), tmp_path, Choices(("md",), length="full"))
    text, source = (" ".join((tmp_path / f"pooled.{suffix}").read_text().split()) for suffix in ("md", "py"))
    for key in ("kink.cases.relu", "kink.absolute", "kink.maximum"):
        # In the handout the formulas of a sentence are set as such.
        for words in re.split(r"\{\w+\}", ENGLISH[key]):
            assert words.strip() in text
            assert words.strip() in source
    assert ENGLISH["kink.sign"] not in text
    assert "counts as 0, also under a maximum." in text


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_the_place_of_a_maximum_is_no_variable(style: str) -> None:
    """(max_j V_j b)² with V = (1, 3, 2) and b = 2 is (V_1 b)²: 8, 24 and 18 are its second derivatives, and no place moves."""
    derivation = derive(system_from_equations("u = max(j, V[j]*b)\nC = u**2", ["V[j]", "b"]))
    verify(derive_again(derivation).derivation)
    module = load(derivation, ["gradient", "hvp"], style=style)
    parameters = module.Parameters(np.array([1.0, 3.0, 2.0]), np.array(2.0))
    direction = module.Parameters(np.array([5.0, 1.0, 7.0]), np.array(1.0))
    assert module.cost_and_gradients(parameters)[1].b == pytest.approx(36)
    product = module.hessian_vector_product(parameters, direction)
    assert pytest.approx([0, 8 + 24, 0]) == product.V
    assert product.b == pytest.approx(24 + 18)
