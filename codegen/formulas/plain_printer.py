"""Expressions in the names of the module: Σ_n dz1[n,j] x[n,i] is the gradient dW1[j,i].

The terminal and the comments of code have these names, since they are those that a reader types and finds in the code.
"""

from __future__ import annotations

from sympy import Expr, Integer, Piecewise, Symbol

from chainrule.codegen.document.nodes import (
    THIN,
    Fenced,
    Function,
    Letter,
    Node,
    Number,
    Scripts,
    Text,
    bracketed,
    derivative,
    primed,
    row,
    separated,
    total,
)
from chainrule.codegen.document.unicode_formula import write_unicode
from chainrule.symbolic.derivation.scaled_equation import ScaledEquation
from chainrule.symbolic.index.axes import axis_of_size
from chainrule.symbolic.index.index_letters import is_letter
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.inverse_matrix import named_inverses
from chainrule.symbolic.system.system import Equation, System

from .formula_printer import FormulaPrinter, Written
from .function_signs import INVERSE, applied, called
from .joined_cases import Branch, of_places
from .letters import upright
from .printer import Precedence, whole_matrix


class PlainPrinter(FormulaPrinter):
    """By index, with nothing above or below; sizes that are fixed are shown as numbers."""

    def __init__(self, system: System | None = None, counted_from_one: bool = False) -> None:
        """Whole-number indices are counted from 0 as in code, or from 1 as on paper."""
        self.system = system
        self.first = 1 if counted_from_one else 0
        self.inverses = named_inverses(system) if system else {}
        #: What stands behind a name, by the indices: many entries have the same.
        self.behind: dict[tuple[Expr, ...], Node] = {}

    def text(self, expression: Expr) -> str:
        """The whole expression as one line of Unicode; raises as `whole` does."""
        return write_unicode(self.node(expression))

    def power_of_ten(self, exponent: int) -> Written:
        return Number(f"1e{exponent}"), Precedence.ATOM

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        letter = Scripts(self.name(self.inverses[name]), above=INVERSE) if name in self.inverses else self.name(name)
        if not indices:
            return letter
        if indices not in self.behind:
            self.behind[indices] = bracketed(self.subscript(indices), "[]")
        return row(letter, self.behind[indices])

    def name(self, name: str) -> Node:
        """What the description calls a tensor."""
        return upright(self.system.described_name(name) if self.system else name)

    def subscript(self, indices: tuple[Expr, ...]) -> Node:
        return separated([Number(str(int(part) + self.first)) if isinstance(part, Integer) else self.node(part) for part in indices], ",")

    def letter(self, letter: Symbol) -> Node:
        name = self.system.spelled(letter) if self.system else str(letter.name)
        stem = name.rstrip("_")
        return primed(Letter(stem), len(name) - len(stem))

    def size(self, symbol: Symbol) -> Node:
        axis = self.system.axes.get(axis_of_size(symbol)) if self.system else None
        return Number(str(axis.size)) if axis and axis.size is not None else upright(str(symbol.name))

    def quotient(self, above: list[Expr], below: list[Expr]) -> Written:
        over = self.bracketed(above[0], Precedence.PRODUCT) if len(above) == 1 else self.product(above)
        under = self.bracketed(below[0], Precedence.POWER) if len(below) == 1 else self.brackets(self.product(below))
        return row(over, "/", under), Precedence.PRODUCT

    def power(self, base: Expr, exponent: Expr) -> Node:
        return Scripts(self.bracketed(base, Precedence.ATOM), above=self.node(exponent))

    def applied(self, name: str, arguments: list[Node]) -> Node:
        return applied(name, arguments) if name in ("abs", "sqrt", "sigmoid") else called(Function(name), arguments)

    def total(self, letters: list[Symbol], body: Expr) -> Written:
        return row(total(self.subscript(tuple(letters))), THIN, self.bracketed(body, Precedence.PRODUCT)), Precedence.PRODUCT

    def extreme(self, name: str, letter: Symbol, body: Expr) -> Written:
        sign = Scripts(Function(name), self.letter(letter))
        return row(sign, THIN, self.bracketed(body, Precedence.PRODUCT)), Precedence.PRODUCT

    def determinant(self, letters: list[Symbol], body: Expr) -> Written:
        if (name := whole_matrix(letters, body)) is not None:
            return called(Function("det"), [self.name(name)]), Precedence.ATOM
        return called(Scripts(Function("det"), self.subscript(tuple(letters))), [self.node(body)]), Precedence.ATOM

    def cases(self, branches: list[Branch]) -> Written:
        if (place := of_places(branches)) is not None:
            return self.indicator(self.condition(place)), Precedence.ATOM
        written = [row(self.node(value), *((Text(" if "), self.condition(tests)) if tests else ())) for value, tests in branches]
        return self.brackets(separated(written, Text(" else "))), Precedence.ATOM

    def together(self, comparisons: list[Node]) -> Node:
        return separated(comparisons, Text(" and "))

    def indicator(self, test: Node) -> Node:
        return bracketed(test, "[]")

    def delta(self, first: Expr, second: Expr) -> Node:
        if is_letter(first) and is_letter(second):
            return row("δ", bracketed(self.subscript((first, second))))
        return self.indicator(row(self.node(first), "=", self.node(second)))

    def partial(self, of: Expr, by: Expr) -> Node:
        return derivative(self.node(of), self.node(by))

    def equation(self, equation: Equation) -> str:
        """Left side = right side."""
        return write_unicode(separated(self.sides(equation), "="))

    def sides(self, equation: Equation) -> list[Node]:
        """What is equal: the entry, and the expression behind it."""
        right = self.node(equation.expression)
        if isinstance(equation.expression, Piecewise) and isinstance(right, Fenced):
            right = right.body
        product = [self.node(equation.product)] if isinstance(equation, ScaledEquation) else []
        return [self.node(equation.tensor.own_entry), *product, right]


def shape_text(system: System, tensor: Tensor) -> str:
    """(N, 10), as Python writes a tuple."""
    axes = map(system.axis, tensor.axes)
    sizes = [str(axis.size_expression if axis.size is None else axis.size) for axis in axes]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
