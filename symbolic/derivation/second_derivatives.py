"""Second derivatives: the equations of the gradient are a system again, and the chain rule goes over it once more.

    φ = Σ_W Σ_jk ∂C/∂W[j,k] vW[j,k]        ∂φ/∂W = Σ over all parameters of ∂²C/∂W∂W′ · vW′ = (H v)_W

φ is how fast the cost changes along the direction v. Its adjoints by the parameters are the Hessian times v (reverse over reverse).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Add, Expr

from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.index_letters import bound_sum
from chainrule.symbolic.index.tensors import DIRECTION_MARK, SECOND_MARK, Role, Tensor
from chainrule.symbolic.system.system import Equation, System

from .adjoint import Adjoint
from .chain_rule import derive
from .continued_system import continued, free_mark, taken
from .derivation import Derivation

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
        mark = free_mark(DIRECTION_MARK, [tensor.name for tensor in self.first.system.parameters], taken(self.first.system))
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
    """The forward equations, those of the gradient, and φ as the cost. What φ does not depend on is left out."""
    system = first.system
    mark = free_mark(DIRECTION_MARK, [tensor.name for tensor in system.parameters], taken(system))
    directions = {tensor.name: _direction(tensor, mark) for tensor in system.parameters}
    cost = Tensor(free_name(DIRECTIONAL_DERIVATIVE, taken(system)), (), Role.COST)
    return continued(first, Equation(cost, slope_along(first, directions)), directions.values(), SECOND_MARK)


def slope_along(first: Derivation, directions: Mapping[str, Tensor]) -> Expr:
    """How fast the cost changes along directions of its parameters, by their names."""
    return Add(*(_along(first.adjoints[name], direction) for name, direction in directions.items() if name in first.adjoints))


def _along(adjoint: Adjoint, direction: Tensor) -> Expr:
    """Σ_jk dW[j,k] vW[j,k]"""
    slope = adjoint.expression if adjoint.expression.is_number else adjoint.as_tensor.own_entry
    return bound_sum(slope * direction.own_entry, *direction.axes)


def _direction(parameter: Tensor, mark: str) -> Tensor:
    return Tensor(mark + parameter.name, parameter.axes, Role.DIRECTION)
