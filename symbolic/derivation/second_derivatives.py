"""Second derivatives: the equations of the gradient are a system again, and the chain rule goes over it once more.

    φ = Σ_W Σ_jk ∂C/∂W[j,k] vW[j,k]        ∂φ/∂W = Σ over all parameters of ∂²C/∂W∂W′ · vW′ = (H v)_W

φ is how fast the cost changes along the direction v. Its adjoints by the parameters are the Hessian times v (reverse over reverse).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Add, Expr

from chainrule.symbolic.index.index_letters import bound_sum
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.dependence import leading_to
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import Equation, System

from .adjoint import Adjoint
from .chain_rule import derive
from .derivation import Derivation

#: What the names of directions and of the second adjoints start with: vW1 is the direction of W1, hW1 is ∂φ/∂W1.
DIRECTION_MARK = "v"
SECOND_MARK = "h"
DIRECTIONAL_DERIVATIVE = "phi"


@dataclass(frozen=True)
class SecondDerivation:
    """The derivation of a gradient, and the derivation of the Hessian times a direction from the gradient's equations."""

    first: Derivation
    derivation: Derivation

    @property
    def system(self) -> System:
        """The equations of the gradient, with the directional derivative φ as their cost."""
        return self.derivation.system

    @cached_property
    def direction(self) -> dict[str, Tensor]:
        """The direction of every parameter, by the parameter's name; φ does not need all of them."""
        mark = _free_mark(DIRECTION_MARK, [tensor.name for tensor in self.first.system.parameters], self.first.system)
        return {tensor.name: _direction(tensor, mark) for tensor in self.first.system.parameters}

    @property
    def names(self) -> frozenset[str]:
        """What the second derivatives are called, and the directions."""
        seconds = {adjoint.as_tensor.name for adjoint in self.derivation.adjoints.values()}
        return frozenset(seconds | {tensor.name for tensor in self.direction.values()})

    @property
    def needed(self) -> tuple[Adjoint, ...]:
        """The adjoints of φ on which the Hessian times a direction depends."""
        return self.derivation.needed


def derive_again(first: Derivation) -> SecondDerivation:
    """The Hessian times a direction, from a derivation of the gradient."""
    return SecondDerivation(first, derive(gradient_system(first)))


def gradient_system(first: Derivation) -> System:
    """The forward equations, those of the gradient, and φ as the cost. What φ does not depend on is left out.

    Tensors of the gradient keep their names (dW1) and have the role of an adjoint; the old cost is a quantity like any other.
    """
    system = first.system
    mark = _free_mark(DIRECTION_MARK, [tensor.name for tensor in system.parameters], system)
    directions = {tensor.name: _direction(tensor, mark) for tensor in system.parameters}
    cost = Tensor(_free_name(DIRECTIONAL_DERIVATIVE, _taken(system)), (), Role.COST)
    gradient = [adjoint.equation for adjoint in first.needed_by_parameters if not adjoint.expression.is_number]
    along = Add(*(_along(first.adjoints[name], direction) for name, direction in directions.items() if name in first.adjoints))
    equations = _ending_in([*map(_without_a_cost, system.equations), *gradient], Equation(cost, along))
    given = [tensor for tensor in system.tensors.values() if tensor.name not in system.definition]
    own = [*given, *directions.values(), *(equation.tensor for equation in equations)]
    tensors = {tensor.name: tensor for tensor in own}
    second_mark = _free_mark(SECOND_MARK, tensors, system)
    return System(
        system.name, system.axes, tensors, equations, system.constants, system.batch, second_mark, source_order=system.source_order
    )


def _along(adjoint: Adjoint, direction: Tensor) -> Expr:
    """Σ_jk dW[j,k] vW[j,k]"""
    slope = adjoint.expression if adjoint.expression.is_number else adjoint.as_tensor.own_entry
    return bound_sum(slope * direction.own_entry, *direction.axes)


def _direction(parameter: Tensor, mark: str) -> Tensor:
    return Tensor(mark + parameter.name, parameter.axes, Role.DIRECTION)


def _without_a_cost(equation: Equation) -> Equation:
    if equation.tensor.role is not Role.COST:
        return equation
    return Equation(replace(equation.tensor, role=Role.INTERMEDIATE), equation.expression)


def _ending_in(equations: list[Equation], last: Equation) -> tuple[Equation, ...]:
    """The equations on which the last one depends, each after what it reads."""
    wanted = leading_to(last.reads, {equation.tensor.name: equation for equation in equations})
    kept = [equation for equation in equations if equation.tensor.name in wanted]
    return (*(equation for group in grouped(kept) for equation in group.equations), last)


def _taken(system: System) -> set[str]:
    """Names with a meaning already."""
    return {*system.tensors, *map(system.adjoint_name, system.tensors), *system.axes, *system.constants}


def _free_name(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _free_mark(mark: str, names: Collection[str], system: System) -> str:
    """The mark, with underscores where a name that it makes would be taken: a network may have a tensor called hW of its own."""
    taken = _taken(system)
    while any(mark + name in taken for name in names):
        mark += "_"
    return mark
