"""Expressions as text on one line."""

from __future__ import annotations

from sympy import Expr

from chainrule.codegen.document.formula import Formula
from chainrule.codegen.document.nodes import Text

from .printer import Precedence, Printer

WrittenText = tuple[str, Precedence]


class TextPrinter(Printer[str]):
    """What all that are made of text have in common; `text` is the entry point."""

    def text(self, expression: Expr) -> str:
        """The whole expression; raises as `whole` does."""
        return self.whole(expression)

    def formula(self, expression: Expr) -> Formula:
        """The same, as a document for a terminal holds it."""
        return Formula(Text(self.text(expression)), (expression,))

    def number(self, digits: str) -> str:
        return digits

    def power_of_ten(self, exponent: int) -> WrittenText:
        return f"1e{exponent}", Precedence.ATOM

    def constant(self, name: str) -> str:
        return name

    def negated(self, written: str) -> str:
        return f"-{written}"

    def added(self, terms: list[tuple[bool, str]]) -> str:
        (negative, first), *others = terms
        return (f"-{first}" if negative else first) + "".join(f" {'-' if negative else '+'} {term}" for negative, term in others)

    def brackets(self, written: str) -> str:
        return f"({written})"

    def compared(self, left: str, relation: str, right: str) -> str:
        return f"{left} {relation} {right}"
