"""The equation of a Cholesky factor, known by what it says: L Lᵀ = A, and 0 above the diagonal."""

from __future__ import annotations

from sympy import Expr, Mul, Piecewise

from chainrule.symbolic.index.axes import fresh
from chainrule.symbolic.index.implicit import body
from chainrule.symbolic.index.index_letters import bound_sum, letters, names_read, tidy

from .system import Equation


def factored_matrix(equation: Equation) -> Expr | None:
    """A of L = L + (A − L Lᵀ) on and below the diagonal; nothing for any other equation."""
    value = body(equation.expression)
    if not isinstance(value, Piecewise) or len(equation.indices) != 2:
        return None
    (inside, condition), (otherwise, _) = (*value.args, (None, None))[:2]
    row, column = equation.indices
    if otherwise != 0 or condition not in (column <= row, row >= column):
        return None
    between = fresh(row, letters(value))
    product = bound_sum(Mul(*(equation.tensor.at(letter, between) for letter in (row, column))), between)
    found = tidy(inside - equation.tensor.own_entry) + tidy(product)
    return None if equation.tensor.name in names_read(found) else found
