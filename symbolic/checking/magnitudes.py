"""How much is added up in an expression: its value with every term, and every factor of a term, taken by its absolute value.

What cancels on paper, Σ (x − μ), is not 0 in a computer but some 1e-16 of this; and where it is 0 itself, nothing was added up at all: an
equation between two such expressions says 0 = 0, whatever it claims.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Add, Expr, Mul, Piecewise, Pow, Sum, Symbol
from sympy.core.relational import Relational

from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.named_functions import cases
from chainrule.symbolic.index.numeric_array import NumericArray

from .interpreter import Interpreter, evaluated_by
from .numbers import Numbers


def magnitude(expression: Expr, numbers: Numbers, over: tuple[Symbol, ...]) -> NumericArray:
    """These values at every position of the letters `over`; 0 where they are no numbers."""
    values = np.abs(evaluated_by(_Magnitudes, expression, numbers, over))
    return np.where(np.isfinite(values), values, 0)


@dataclass(frozen=True)
class _Magnitudes(Interpreter):
    """Sums and products of absolute values; of all else the absolute value."""

    def value(self, node: Expr) -> NumericArray:
        match node:
            case Add() | Mul() | Sum() | Piecewise() | cases() | implicit():
                return super().value(node)
            case Pow() if node.exp.is_Integer and node.exp.is_positive:
                return super().value(node)
            case _:
                return np.asarray(np.abs(self.exact.value(node)))

    def holds(self, condition: Relational) -> NumericArray:
        return self.exact.holds(condition)

    @property
    def exact(self) -> Interpreter:
        return Interpreter(self.numbers, self.dimensions, self.at, self.is_adjoint)
