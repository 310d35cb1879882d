"""What all printers of formulas have in common, in whatever letters they write."""

from __future__ import annotations

from abc import abstractmethod

from sympy import Expr, Symbol

from chainrule.codegen.document.formula import Formula
from chainrule.codegen.document.node_walk import first_leaf
from chainrule.codegen.document.nodes import MINUS, THIN, Function, Letter, Node, Number, Scripts, Sign, bracketed, row, separated

from .function_signs import applied, called, indicator
from .printed_number import signed
from .printer import Precedence, Printer

Written = tuple[Node, Precedence]

RELATIONS = {">": ">", "<": "<", ">=": "≥", "<=": "≤", "==": "="}


class FormulaPrinter(Printer[Node]):
    """Prints expressions; `node` is the entry point."""

    pi = "π"
    infinity = "∞"

    def node(self, expression: Expr) -> Node:
        """The whole expression; raises as `whole` does."""
        return self.whole(expression)

    def formula(self, expression: Expr) -> Formula:
        """The same, as a document holds it."""
        return Formula(self.node(expression), (expression,))

    def number(self, digits: str) -> Node:
        return signed(digits)

    def constant(self, name: str) -> Node:
        return Letter(name)

    def negated(self, written: Node) -> Node:
        return row(MINUS, written)

    def added(self, terms: list[tuple[bool, Node]]) -> Node:
        (negative, first), *others = terms
        signed = [part for minus, term in others for part in (Sign("−" if minus else "+"), term)]
        return row(*([MINUS] if negative else []), first, *signed)

    def brackets(self, written: Node) -> Node:
        return bracketed(written, grows=True)

    def compared(self, left: Node, relation: str, right: Node) -> Node:
        return row(left, RELATIONS[relation], right)

    def indicator(self, test: Node) -> Node:
        """1 where it holds, else 0."""
        return indicator(test)

    @abstractmethod
    def subscript(self, indices: tuple[Expr, ...]) -> Node:
        """Indices side by side."""

    def product(self, factors: list[Expr]) -> Node:
        written: list[Node] = []
        for position, factor in enumerate(factors):
            part, level = self.write(factor)
            # A sum reaches as far as it can: it needs brackets unless it is last.
            open_ended = level == Precedence.PRODUCT and position < len(factors) - 1
            whole = self.brackets(part) if level < Precedence.PRODUCT or open_ended else part
            # A number after something else would run into it.
            written.append(row("·", whole) if position > 0 and isinstance(first_leaf(whole), Number) else whole)
        return separated(written, THIN)

    def applied(self, name: str, arguments: list[Node]) -> Node:
        """A function of what is written already."""
        return applied(name, arguments)

    def function(self, name: str, arguments: tuple[Expr, ...]) -> Written:
        return self.applied(name, [self.node(part) for part in arguments]), Precedence.ATOM

    def linear_solution(self, letters: list[Symbol], matrix: Expr, right: Expr) -> Written:
        sign = Scripts(Function("solve"), self.subscript(tuple(letters))) if letters else Function("solve")
        return called(sign, [self.node(matrix), self.node(right)]), Precedence.ATOM
