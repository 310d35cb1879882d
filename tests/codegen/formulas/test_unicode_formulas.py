"""Formulas as one line of Unicode, in the letters of a notation and of any shape."""

from __future__ import annotations

import pytest

from chainrule import derive
from chainrule.codegen.document.nodes import (
    MINUS,
    THIN,
    Accent,
    Braced,
    Cases,
    Grid,
    Letter,
    Node,
    Number,
    Root,
    Scripts,
    Text,
    bracketed,
    derivative,
    derivative_on_a_line,
    fraction,
    row,
    scripted,
)
from chainrule.codegen.document.unicode_formula import write_unicode
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.printers import in_notation

A, B = Letter("a"), Letter("b")


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (fraction(row("a", "+", "b"), row("c", THIN, "d")), "(a + b) / (c d)"),
        (fraction(row("a", THIN, "b"), "c"), "a b / c"),
        (derivative("C", scripted("w", "j")), "∂C/∂wⱼ"),
        (derivative_on_a_line("C", "w"), "∂C/∂w"),
        (scripted("e", above=row(MINUS, "z")), "e^(-z)"),
        (Scripts(bracketed(row("a", "+", "b")), above=Number("2")), "(a + b)²"),
        (scripted("x", "q"), "x_q"),
        (scripted("A", above="⊤"), "Aᵀ"),
        (Accent(Letter("y"), "hat"), "ŷ"),
        (Root(row("a", "+", "b")), "√(a + b)"),
        (Braced(Letter("W"), Number("3")), "W"),
        (row("+", "x"), "+ x"),
        (Grid(((A, B), (B, A))), "[a, b; b, a]"),
        (Cases(((A, row("a", ">", "0")), (Number("0"), Text("otherwise")))), "{a a > 0, 0 otherwise}"),
    ],
)
def test_a_formula_of_any_shape_has_one_line(node: Node, expected: str) -> None:
    assert write_unicode(node) == expected


@pytest.mark.parametrize(
    ("notation", "expected"),
    [("superscript", "∂C/∂w⁽²⁾ₖⱼ = Σ_n a⁽¹⁾ₙⱼ ∂C/∂z⁽²⁾ₙₖ"), ("delta", "∂C/∂w²ₖⱼ = Σ_n a¹ₙⱼ δ²ₙₖ")],
)
def test_a_notation_has_one_line_too(notation: str, expected: str) -> None:
    derivation = derive("2-3-2")
    printer = in_notation(NOTATIONS[notation], derivation.system).by_index(derivation.system)
    adjoint = derivation.adjoint("W2")
    assert write_unicode(row(printer.node(adjoint.as_tensor.own_entry), "=", printer.node(adjoint.expression))) == expected
