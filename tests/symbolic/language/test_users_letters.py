"""Letters of one axis stay those of the user in what is printed: a, b, c and not a, a′, a′′."""

from __future__ import annotations

import pytest

from chainrule import Dense, Network, derive
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.index.axes import Axis, index
from chainrule.symbolic.language.system_reader import system_from_equations

CUBIC = "f = sum(a, b, c, T[a,b,c]*x[a]*x[b]*x[c])"


def test_a_form_of_three_letters() -> None:
    derivation = derive(system_from_equations(CUBIC, ["x[a]"], ["T[a,b,c]"]))
    gradient = derivation.adjoint("x").expression
    assert PlainPrinter(derivation.system).text(gradient) == "Σ_b,c x[b] x[c] (T[a,b,c] + T[b,a,c] + T[b,c,a])"
    assert r"\sum_{b} \sum_{c} x_{b} \, x_{c}" in write_latex(IndexPrinter(derivation.system, NOTATIONS["superscript"]).node(gradient))
    assert LanguageText(derivation.system).equations() == CUBIC


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ((), ["a", "a_", "a__", "a___"]),
        (("a",), ["a", "a_", "a__", "a___"]),
        (("a", "b"), ["a", "b", "a_", "a__"]),
        (("a", "a_", "b"), ["a", "a_", "b", "a__"]),
    ],
)
def test_letters_beyond_the_users_have_primes(letters: tuple[str, ...], expected: list[str]) -> None:
    axis = Axis("a", letters=letters)
    assert [axis.spelled(index("a" + "_" * primes)) for primes in range(4)] == expected


def test_a_letter_that_indexes_nothing_is_a_twin_in_text() -> None:
    """Of b alone nobody could tell whose axis it runs along."""
    equations = "y[a] = sum(b, where(b <= a, x[a], 0))\nC = sum(a, b, y[a]*M[a,b]*x[b])"
    system = system_from_equations(equations, ["x[a]"], ["M[a,b]"])
    written = LanguageText(system).equations()
    assert written.splitlines()[0] == "y[a] = sum(a_, where(a >= a_, x[a], 0))"


def test_letters_of_layers_are_no_users() -> None:
    assert all(axis.letters == () for axis in Network(2, [Dense(3, "softmax")], "cross_entropy").system.axes.values())
