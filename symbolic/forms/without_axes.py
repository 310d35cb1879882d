"""A system whose axes have a single position: one example, or one neuron a layer. Their letters are not written any more.

z[n,j] = Σ_i W[j,i] x[n,i]   without n is   z[j] = Σ_i W[j,i] x[i],   and without n, i, j   z = W x
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sympy import Expr, Indexed, Integer, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import bound_sum, is_letter
from chainrule.symbolic.index.named_functions import BINDERS
from chainrule.symbolic.index.tensors import Tensor, Values, entry
from chainrule.symbolic.system.system import Equation, System


def one_example(system: System) -> System:
    """The system for a single example; as it is where it has no axis of examples."""
    return without_axes(system, {system.batch}) if system.batch in system.axes else system


def without_axes(system: System, names: Collection[str | None]) -> System:
    """The system with one position along each of these axes, which then has no letter.

    Raises:
        NotExpressible: where a maximum or a label runs along such an axis, or an integer tensor would lose its place.
    """
    if system.boundaries or system.has_integers:
        raise NotExpressible("an axis is left out only where all tensors are numbers, and none has values outside of its range")
    tensors = {name: _smaller(tensor, names) for name, tensor in system.tensors.items()}
    sizes: dict[Expr, Expr] = {system.axes[name].size_symbol: Integer(1) for name in names if name is not None}
    equations = tuple(
        Equation(tensors[equation.tensor.name], _dropped(equation.expression, system, names).xreplace(sizes))
        for equation in system.equations
    )
    axes = {name: axis for name, axis in system.axes.items() if name not in names}
    return replace(system, axes=axes, tensors=tensors, equations=equations, batch=None if system.batch in names else system.batch)


def _smaller(tensor: Tensor, names: Collection[str | None]) -> Tensor:
    """Without the axes; a single entry is a number, and no row that could have one 1, and what is left of a symmetric array is none."""
    axes = tuple(letter for letter in tensor.axes if axis_name(letter) not in names)
    loses_meaning = not axes or (tensor.values is Values.SYMMETRIC and axes != tensor.axes)
    return replace(tensor, axes=axes, values=Values.REAL if loses_meaning else tensor.values)


def _dropped(node: Expr, system: System, names: Collection[str | None]) -> Expr:
    match node:
        case Indexed():
            name = str(node.base.label)
            pairs = zip(node.indices, system.tensors[name].axes, strict=True)
            return entry(name, tuple(_dropped(place, system, names) for place, own in pairs if axis_name(own) not in names))
        case Sum():
            kept = [limit[0] for limit in node.limits if axis_name(limit[0]) not in names]
            return bound_sum(_dropped(node.function, system, names), *kept)
        case Symbol() if is_letter(node) and axis_name(node) in names:
            return Integer(0)
        case _ if isinstance(node, BINDERS) and axis_name(node.args[1]) in names:
            raise NotExpressible("a maximum or a determinant over a single entry is that entry")
        case _ if node.args:
            return node.func(*(_dropped(part, system, names) for part in node.args))
        case _:
            return node
