"""A system that goes on from a network's equations, and from those of its gradient, to another cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.dependence import leading_to
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import Equation, System

from .derivation import Derivation


def continued(first: Derivation, last: Equation, given: Iterable[Tensor], mark: str, is_gradient: bool = True) -> System:
    """The equations on which the `last` one depends, which is the cost; `given` are further tensors that it reads.

    Those of the gradient are among them unless they are not to be: its tensors keep their names (dW1) and have the role of an adjoint. The
    old cost is a quantity like any other. Adjoints of the new one are called by the `mark`, with underscores where a name would be taken.
    """
    system = first.system
    gradient = [adjoint.equation for adjoint in first.needed if is_gradient and not adjoint.expression.is_number]
    equations = _ending_in([*map(_without_a_cost, system.equations), *gradient], last)
    tensors = [tensor for tensor in system.tensors.values() if tensor.name not in system.definition]
    named = {tensor.name: tensor for tensor in (*tensors, *given, *(equation.tensor for equation in equations))}
    own_mark = free_mark(mark, named, taken(system) if is_gradient else {*named, *system.axes, *system.constants})
    return System(
        system.name,
        system.axes,
        named,
        equations,
        system.constants,
        system.batch,
        own_mark,
        source_order=system.source_order,
        described=system.described,
    )


def _without_a_cost(equation: Equation) -> Equation:
    if equation.tensor.role is not Role.COST:
        return equation
    return Equation(replace(equation.tensor, role=Role.INTERMEDIATE), equation.expression)


def _ending_in(equations: list[Equation], last: Equation) -> tuple[Equation, ...]:
    """The equations on which the last one depends, each after what it reads."""
    wanted = leading_to(last.reads, {equation.tensor.name: equation for equation in equations})
    kept = [equation for equation in equations if equation.tensor.name in wanted]
    return (*(equation for group in grouped(kept) for equation in group.equations), last)


def taken(system: System) -> set[str]:
    """Names with a meaning already."""
    return {*system.tensors, *map(system.adjoint_name, system.tensors), *system.axes, *system.constants}


def free_mark(mark: str, names: Collection[str], known: Collection[str]) -> str:
    """The mark, with underscores where a name that it makes is known: a network may have a tensor called hW of its own."""
    while any(mark + name in known for name in names):
        mark += "_"
    return mark
