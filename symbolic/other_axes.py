"""Letters that index an axis other than their own: dcat[n,j] where j runs over a shorter axis than the one of cat.

An array that is read so is read at places, and not as a whole. Views that work with whole arrays are told by a mark around the letter.
"""

from __future__ import annotations

from sympy import Expr, Indexed, UnevaluatedExpr

from .axes import axis_name
from .equations import Equation, System
from .letters import is_letter, nodes
from .tensors import Tensor, adjoint_name


def with_places_marked(expression: Expr, system: System) -> Expr:
    """The expression with every letter that indexes another axis than its own inside of an `UnevaluatedExpr`."""
    if not system.has_placements:
        return expression
    adjoints = {adjoint_name(name): tensor for name, tensor in system.tensors.items()}
    replaced = {}
    for node in nodes(expression):
        if isinstance(node, Indexed):
            name = str(node.base.label)
            tensor = system.tensors.get(name) or adjoints.get(name)
            if tensor is not None and (indices := _marked(node, tensor)) != node.indices:
                replaced[node] = node.base[indices]
    return expression.xreplace(replaced)


def equation_with_places_marked(equation: Equation, system: System) -> Equation:
    """The same of an equation's right side."""
    return Equation(equation.tensor, with_places_marked(equation.expression, system))


def _marked(node: Indexed, tensor: Tensor) -> tuple[Expr, ...]:
    return tuple(
        UnevaluatedExpr(part) if is_letter(part) and axis_name(part) != axis_name(own) else part
        for part, own in zip(node.indices, tensor.axes, strict=True)
    )
