"""What loses digits where u is near 0, by NumPy's functions that do not: exp(u) - 1 as expm1(u), and log(1 + u) as log1p(u).

At u = 1e-12, exp(u) is 1.000000000001 rounded to 16 digits, of which the difference keeps four.
"""

from __future__ import annotations

import sympy
from sympy import Add, Expr, Integer, Mul

from chainrule.symbolic.index.index_letters import holds
from chainrule.symbolic.index.named_functions import expm1, log1p


def with_digits_near_0(expression: Expr) -> Expr:
    """The expression, of the same value, with these two wherever they stand."""
    if holds(expression, sympy.exp):
        expression = expression.replace(lambda node: isinstance(node, Add), _exponential_less_1)
    if holds(expression, sympy.log):
        expression = expression.replace(lambda node: isinstance(node, sympy.log), _logarithm_of_1_and_more)
    return expression


def _exponential_less_1(total: Add) -> Expr:
    """c exp(u) - c as c expm1(u), term by term."""
    for term in total.args:
        factors = Mul.make_args(term)
        exponentials = [factor for factor in factors if isinstance(factor, sympy.exp)]
        if len(exponentials) != 1:
            continue
        rest = term / exponentials[0]
        if -rest in total.args:
            others = total - term + rest
            return rest * expm1(exponentials[0].args[0]) + others
    return total


def _logarithm_of_1_and_more(logarithm: Expr) -> Expr:
    (inside,) = logarithm.args
    if isinstance(inside, Add) and Integer(1) in inside.args:
        return log1p(inside - 1)
    return logarithm
