"""Functions that formulas get shorter with, or safer to compute.

None has a derivative of its own: before anything is differentiated they are written out by their definitions.
"""

from __future__ import annotations

import sympy
from sympy import Expr, Function

from .axes import limits
from .sums import IndexSum


class sigmoid(Function):  # type: ignore[misc]  # noqa: N801
    """The logistic function 1/(1 + exp(-u))."""

    nargs = 1


class softplus(Function):  # type: ignore[misc]  # noqa: N801
    """log(1 + exp(u))."""

    nargs = 1


class softmax(Function):  # type: ignore[misc]  # noqa: N801
    """exp(u) / Σ_k exp(u) where u depends on the letter k, the second argument, which stays free."""

    nargs = 2


class log_sum_exp(Function):  # type: ignore[misc]  # noqa: N801
    """log Σ_k exp(u); the second argument is the letter k, which is bound."""

    nargs = 2


def written_out(expression: Expr) -> Expr:
    """Named functions replaced by their definitions."""
    if not expression.has(sigmoid, softplus, log_sum_exp):
        return expression
    return (
        expression.replace(sigmoid, lambda u: 1 / (1 + sympy.exp(-u)))
        .replace(softplus, lambda u: sympy.log(1 + sympy.exp(u)))
        .replace(log_sum_exp, lambda u, letter: sympy.log(IndexSum(sympy.exp(u), limits(letter))))
    )
