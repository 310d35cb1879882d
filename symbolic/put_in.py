"""An equation put into an expression: every entry of its tensor replaced by its formula at those indices."""

from __future__ import annotations

from sympy import Expr, Indexed, Symbol

from .equations import Equation
from .letters import letters, nodes, substitute, tidy


def with_definition(expression: Expr, of: Equation, outside: frozenset[Symbol]) -> Expr:
    """The expression with every entry of an equation's tensor replaced by its formula at those indices."""
    own = of.tensor.own_entry
    around = frozenset(letters(expression))
    if not isinstance(own, Indexed):
        return tidy(expression.xreplace({own: tidy(of.expression, around)}), outside)
    replaced = {
        node: tidy(substitute(of.expression, dict(zip(own.indices, node.indices, strict=True))), around)
        for node in nodes(expression)
        if isinstance(node, Indexed) and node.base == own.base
    }
    return tidy(expression.xreplace(replaced), outside)
