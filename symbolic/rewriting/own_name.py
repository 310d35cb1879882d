"""A derivative in which a sum stands written out that its equation has computed: a/√(Σ a²) is a/r where r = √(Σ a²), and −Σ u v/w² is
−q/w where q = Σ u v/w.
"""

from __future__ import annotations

from sympy import Add, Expr, Function, Mul, Pow, Sum, Symbol

from chainrule.symbolic.index.index_letters import nodes, tidy
from chainrule.symbolic.index.named_functions import determinant
from chainrule.symbolic.system.system import Equation

from .algebra import operations


def by_own_name(derivative: Expr, equation: Equation, outside: frozenset[Symbol]) -> list[Expr]:
    """The forms of a derivative through its equation's left side that divide by nothing that it does not divide by already."""
    forms = [_with_powers(derivative, equation), _as_multiple(derivative, equation, outside), _of_determinant(derivative, equation)]
    return [form for form in forms if form is not None]


def _with_powers(derivative: Expr, equation: Equation) -> Expr | None:
    """Every power of what the equation takes a root of as a power of its left side."""
    number, root = equation.expression.as_coeff_Mul()
    if not isinstance(root, Pow) or not root.exp.is_Rational or root.exp.is_Integer or not root.base.has(Sum):
        return None
    own = equation.tensor.own_entry / number
    base = tidy(root.base)
    powers = {node: own ** (node.exp / root.exp) for node in nodes(derivative) if isinstance(node, Pow) and tidy(node.base) == base}
    return derivative.xreplace(powers) if powers else None


def _of_determinant(derivative: Expr, equation: Equation) -> Expr | None:
    """The output for the determinant that it is."""
    if not isinstance(equation.expression, determinant):
        return None
    own = tidy(equation.expression)
    found = {node: equation.tensor.own_entry for node in nodes(derivative) if isinstance(node, determinant) and tidy(node) == own}
    return derivative.xreplace(found) if found else None


def _as_multiple(derivative: Expr, equation: Equation, outside: frozenset[Symbol]) -> Expr | None:
    """A multiple of the output, where that is what is left of a product."""
    forward = tidy(equation.expression, outside)
    if isinstance(forward, Add) or forward.has(Function) or not forward.has(Sum):
        return None
    ratio = tidy(derivative, outside) / forward
    longer = _divisors(ratio) - _divisors(derivative)
    return equation.tensor.own_entry * ratio if not longer and operations(ratio) < operations(derivative) else None


def _divisors(expression: Expr) -> set[Expr]:
    return {part.base for part in Mul.make_args(expression) if isinstance(part, Pow) and part.exp.is_negative}
