"""Small numbers stand as they are typed: nobody counts the zeros of 1/1000000000000."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational

from chainrule import derive
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.notation_file import read_notation
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.handout import HANDOUT_SECTIONS
from chainrule.symbolic.index.tensors import scalar
from chainrule.symbolic.language.system_reader import system_from_equations

SYSTEM = system_from_equations("C = (w - 1)**2", parameters=["w"], name="net")


@pytest.mark.parametrize(
    ("number", "text", "latex"),
    [
        (Rational(1, 10**12), "1e-12", "10^{-12}"),
        (Rational(1, 10**4), "1e-4", "10^{-4}"),
        (Rational(1, 1000), "1 / 1000", r"\frac{1}{1000}"),
        (Rational(3, 10**5), "3 / 100000", r"\frac{3}{100000}"),
        (Integer(10**5), "100000", "100000"),
    ],
)
def test_a_small_number(number: Rational, text: str, latex: str) -> None:
    assert PlainPrinter(SYSTEM).text(number) == text
    assert LanguageText(SYSTEM).text(number) == text.replace(" ", "")
    assert write_latex(IndexPrinter(SYSTEM, read_notation("superscript", HANDOUT_SECTIONS)).node(number)) == latex


def test_among_others() -> None:
    root = 1 / (scalar("w") ** 2 + Rational(1, 10**12))
    assert PlainPrinter(SYSTEM).text(root) == "1 / (1e-12 + w²)"


def test_sizes_that_are_numbers_are_one_with_the_others() -> None:
    text = "u[n,k] = w*x[n,k]\nC = mean(n, k, 3*u[n,k]**2)"
    system = system_from_equations(text, ["w"], ["x[n,k]"], sizes={"k": 2}, batch="n", name="net")
    assert LanguageText(system).equations() == text
    derivation = derive(system)
    assert str(derivation["w"]) == "dw = Σ_n,k du[n,k] x[n,k]"
    assert str(derivation["u"]) == "du[n,k] = 3 u[n,k] / N    (N, 2)"
    assert derivation["u"].latex("matrix") == r"\mathrm{d}u = \frac{3}{N} \, {\underbrace{u}_{N \times 2}}"
