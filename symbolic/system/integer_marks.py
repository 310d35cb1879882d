"""Marks for views that work with whole arrays: an `UnevaluatedExpr` around what is not to be taken as it stands.

The entry of an integer tensor that is used as a number, s[n] - y[n], is marked: it gets the type of the data first.
"""

from __future__ import annotations

from sympy import Expr, Indexed, KroneckerDelta, UnevaluatedExpr

from chainrule.symbolic.index.tensors import has_labels

from .system import Equation, System


def with_marks(expression: Expr, system: System) -> Expr:
    """The expression with all marks."""
    return _with_numbers_marked(expression) if system.has_integers else expression


def equation_with_marks(equation: Equation, system: System) -> Equation:
    """The same of an equation's right side."""
    return Equation(equation.tensor, with_marks(equation.expression, system))


def _with_numbers_marked(expression: Expr) -> Expr:
    """Entries of integer tensors, but for those that say a place."""
    if isinstance(expression, Indexed):
        return UnevaluatedExpr(expression) if has_labels(expression) else expression
    if isinstance(expression, KroneckerDelta) or not expression.has(Indexed):
        return expression
    parts = [_with_numbers_marked(part) for part in expression.args]
    return expression.func(*parts) if any(new is not old for new, old in zip(parts, expression.args, strict=True)) else expression
