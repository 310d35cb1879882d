"""A derivative of one equation that is not worked out yet."""

from __future__ import annotations

from typing import cast

import sympy
from sympy import Expr
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty import PrettyPrinter


class PartialDerivative(Expr):  # type: ignore[misc]
    """∂of/∂by: `of` is the left side of an equation, `by` an entry that its right side reads; not yet worked out."""

    is_commutative = True

    def __new__(cls, of: Expr, by: Expr) -> PartialDerivative:
        return cast(PartialDerivative, Expr.__new__(cls, of, by))

    @property
    def of(self) -> Expr:
        return self.args[0]

    @property
    def by(self) -> Expr:
        return self.args[1]

    def _latex(self, printer: LatexPrinter) -> str:
        """As a notebook shows it; SymPy has a node of the same name with more to it."""
        return rf"\frac{{\partial {printer._print(self.of)}}}{{\partial {printer._print(self.by)}}}"

    def _pretty(self, printer: PrettyPrinter) -> object:
        return printer._print(sympy.Symbol(f"∂{self.of}/∂{self.by}"))
