"""An input may be called as a gradient is: which names are gradients is said by the tensors and their roles, never by a first letter d."""

from __future__ import annotations

import re

import pytest

from chainrule import Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.derivation.derivation import Derivation

#: The scale of each feature; and a loop, whose steps read slices of tensors and of their gradients.
EQUATIONS = """
U[n,i] = W[i,i]*x[n,i]
Z[n,t,j] = sum(i, V[j,i]*x[n,i]*U[n,i]) + sum(k, R[j,k]*H[n,t-1,k])
H[n,t,j] = tanh(Z[n,t,j])*x[n,j]
C = sum(n, t, j, (H[n,t,j] - Y[n,t,j])**2)/2
"""
NAMES = ("data", "d", "delta", "depth", "dW1")


def derivation(name: str) -> Derivation:
    equations = re.sub(r"\bx\b", name, EQUATIONS)
    sizes = {"i": 3, "j": 3, "k": 3, "t": 2}
    parameters, targets = ["W[i,k]", "V[j,i]", "R[j,k]"], ["Y[n,t,j]"]
    return derive(Network.from_equations(equations, parameters, [f"{name}[n,i]"], targets, sizes=sizes, batch="n"))


def printed(derivation: Derivation, name: str) -> list[str]:
    """Every formula and the plain module, with x for the input's name."""
    system = derivation.system
    plain, latex = PlainPrinter(system), IndexPrinter(system, NOTATIONS["superscript"])
    equations = [*system.equations, *(adjoint.equation for adjoint in derivation.adjoints.values())]
    found = [plain.equation(equation) for equation in equations]
    found += [
        write_latex(latex.node(equation.expression)).replace(f"{write_latex(latex.name_of(name))}_{{n", "x_{n") for equation in equations
    ]
    return [re.sub(rf"\b{name}\b|\bdata\b", "x", text) for text in (*found, module_source(derivation))]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_printed_as_any_other(name: str) -> None:
    assert printed(derivation(name), name) == printed(derivation("x"), "x")


@pytest.mark.parametrize("name", NAMES)
def test_its_modules_are_right(name: str) -> None:
    for style in ("plain", "fast"):
        checked_module(derivation(name), style=style)
