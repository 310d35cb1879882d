"""The right side of an equation whose own tensor it reads at the same place: a value that solves it, x = f(x, …).

A linear system A x = b is x = x + b − A x; its derivatives follow from the same equation as its value (implicit function theorem).
"""

from __future__ import annotations

from sympy import Expr, Function


class implicit(Function):  # type: ignore[misc]  # noqa: N801
    """f(x, …), where x, the first argument, is the entry that the equation defines."""

    nargs = 2
    is_real = True


def body(expression: Expr) -> Expr:
    """The right side as it stands, f(x, …) too."""
    return expression.args[1] if isinstance(expression, implicit) else expression


def with_added(expression: Expr, term: Expr) -> Expr:
    """A right side to which a term is added, before anything is solved."""
    return implicit(expression.args[0], expression.args[1] + term) if isinstance(expression, implicit) else expression + term
