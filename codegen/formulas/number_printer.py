"""Formulas with numbers in place of the entries."""

from __future__ import annotations

from sympy import Expr

from chainrule.codegen.document.nodes import Node, separated
from chainrule.symbolic.system.system import System

from .formula_printer import Written
from .index_printer import IndexPrinter
from .notation import Notation
from .printed_number import number
from .printer import Precedence


class NumberPrinter(IndexPrinter):
    """The same formulas with numbers in place of the entries."""

    def __init__(self, system: System, notation: Notation, values: dict[Expr, float], digits: int = 6) -> None:
        super().__init__(system, notation)
        self.values = values
        self.digits = digits

    def write(self, node: Expr) -> Written:
        if node in self.values:
            return number(self.values[node], self.digits), Precedence.SUM if self.values[node] < 0 else Precedence.ATOM
        return super().write(node)

    def product(self, factors: list[Expr]) -> Node:
        return separated([self.bracketed(factor, Precedence.PRODUCT) for factor in factors], "·")
