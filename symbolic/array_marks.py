"""Marks for views that work with whole arrays, an `UnevaluatedExpr` around what is not to be taken as it stands.

A letter that indexes an axis other than its own is marked: dcat[n,j], where j runs over a shorter axis than the one of cat, is read at
places and not as a whole. So is the entry of an integer tensor that is used as a number, s[n] - y[n]: it gets the type of the data first.
"""

from __future__ import annotations

from sympy import Expr, Indexed, KroneckerDelta, UnevaluatedExpr

from .axes import axis_name
from .equations import Equation, System
from .letters import is_letter, nodes
from .tensors import Tensor, adjoint_name


def with_marks(expression: Expr, system: System) -> Expr:
    """The expression with all marks."""
    if any(tensor.is_integer for tensor in system.tensors.values()):
        expression = _with_numbers_marked(expression)
    return _with_places_marked(expression, system) if system.has_placements else expression


def equation_with_marks(equation: Equation, system: System) -> Equation:
    """The same of an equation's right side."""
    return Equation(equation.tensor, with_marks(equation.expression, system))


def _with_places_marked(expression: Expr, system: System) -> Expr:
    adjoints = {adjoint_name(name): tensor for name, tensor in system.tensors.items()}
    replaced = {}
    for node in nodes(expression):
        if isinstance(node, Indexed):
            name = str(node.base.label)
            tensor = system.tensors.get(name) or adjoints.get(name)
            if tensor is not None and (indices := _marked(node, tensor)) != node.indices:
                replaced[node] = node.base[indices]
    return expression.xreplace(replaced)


def _marked(node: Indexed, tensor: Tensor) -> tuple[Expr, ...]:
    return tuple(
        UnevaluatedExpr(part) if is_letter(part) and axis_name(part) != axis_name(own) else part
        for part, own in zip(node.indices, tensor.axes, strict=True)
    )


def _with_numbers_marked(expression: Expr) -> Expr:
    """Entries of integer tensors, but for those that say a place."""
    if isinstance(expression, Indexed):
        return UnevaluatedExpr(expression) if expression.base.is_integer else expression
    if isinstance(expression, KroneckerDelta) or not expression.has(Indexed):
        return expression
    parts = [_with_numbers_marked(part) for part in expression.args]
    return expression.func(*parts) if any(new is not old for new, old in zip(parts, expression.args, strict=True)) else expression
