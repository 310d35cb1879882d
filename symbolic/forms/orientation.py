"""The same system with an example in each row of its arrays, or in each column: only the order of indices changes."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Indexed

from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.tensors import Tensor, entry
from chainrule.symbolic.system.system import Equation, System


def reoriented(system: System, examples: str) -> System:
    """Arrays of two axes, one of them the examples', stored with the examples along "rows" or along "columns"."""
    turned = {tensor.name for tensor in system.tensors.values() if _is_turned(tensor, system.batch, examples)}
    if not turned:
        return system
    tensors = {name: replace(tensor, axes=tensor.axes[::-1]) if name in turned else tensor for name, tensor in system.tensors.items()}
    equations = tuple(Equation(tensors[equation.tensor.name], _turned(equation.expression, turned)) for equation in system.equations)
    return replace(system, tensors=tensors, equations=equations)


def _is_turned(tensor: Tensor, batch: str | None, examples: str) -> bool:
    if len(tensor.axes) != 2 or batch is None:
        return False
    return str(tensor.axes[0 if examples == "columns" else 1].name) == batch


def _turned(expression: Expr, turned: set[str]) -> Expr:
    exchanged = {
        node: entry(str(node.base.label), tuple(node.indices[::-1]), bool(node.base.is_integer))
        for node in nodes(expression)
        if isinstance(node, Indexed) and str(node.base.label) in turned
    }
    return expression.xreplace(exchanged)
