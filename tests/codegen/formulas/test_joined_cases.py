"""Conditions that hold together are printed as one case, and what is printed is read again with the same values."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Piecewise

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.codegen.formulas.joined_cases import branches
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

#: Conditions as they are written, in the language again, and in a formula.
CONDITIONS = {
    "v[n] == w[m] and n == m": ("v[n] == w[m] and m == n", "v[n] = w[m] and m = n"),
    "v[n] > 0 and w[m] > 0": ("v[n] > 0 and w[m] > 0", "v[n] > 0 and w[m] > 0"),
    "0 < v[n] <= w[m]": ("v[n] > 0 and v[n] <= w[m]", "v[n] > 0 and v[n] <= w[m]"),
    "v[n] >= w[m] and v[n] <= x[n]": ("v[n] >= w[m] and v[n] <= x[n]", "v[n] >= w[m] and v[n] <= x[n]"),
}


def read(text: str) -> System:
    return system_from_equations(text, ["w[m]", "v[n]"], ["x[n]"])


@pytest.mark.parametrize("condition", CONDITIONS)
def test_one_case(condition: str) -> None:
    system = read(f"z[n,m] = where({condition}, x[n]*w[m], v[n] + w[m])\nC = sum(n, m, z[n,m]**2)")
    in_text, in_formula = CONDITIONS[condition]
    text = LanguageText(system).equations()
    assert f"where({in_text}, w[m]*x[n], v[n] + w[m])" in text
    assert f" if {in_formula} else " in PlainPrinter(system).text(system.equations[0].expression)
    w, v, x = np.array([0.5, -1.0, 2.0]), np.array([0.5, 0.25]), np.array([0.5, 2.0])
    costs = []
    for each in (system, read(text)):
        module = load(derive(each), verify=False)
        costs.append(module.cost(module.Parameters(w=w, v=v), x))
    assert costs[0] == costs[1]


def test_what_is_left_must_be_the_same() -> None:
    """where(a, where(b, u, v), 0) has three cases."""
    system = read("z[n,m] = where(v[n] > 0, where(w[m] > 0, x[n], 1), 0)\nC = sum(n, m, z[n,m]*w[m]*v[n])")
    distinction = system.equations[0].expression
    assert isinstance(distinction, Piecewise)
    assert [len(tests) for _, tests in branches(distinction)] == [1, 0]
