"""Products of a Jacobian with a vector: a tensor in a direction u is a number, and its gradient is u times the Jacobian.

    φ = Σ_i u[i] v[i]        ∂φ/∂W = Σ_i u[i] ∂v[i]/∂W             (vector–Jacobian product)
    ψ = Σ_W Σ ∂φ/∂W · vW     ∂ψ/∂u[i] = Σ_W Σ ∂v[i]/∂W · vW        (Jacobian–vector product)

φ is linear in u, and so is its gradient; what is derived from that gradient by u is how fast v changes along the direction vW.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sympy import Expr

from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.index_letters import bound_sum
from chainrule.symbolic.index.renaming import Renaming
from chainrule.symbolic.index.tensors import COTANGENT_MARK, DIRECTION_MARK, SECOND_MARK, Role, Tensor, base, scalar
from chainrule.symbolic.system.given_tensors import differentiated_by_one
from chainrule.symbolic.system.system import Equation

from .chain_rule import derive
from .continued_system import continued, free_mark, taken
from .derivation import Derivation
from .second_derivatives import slope_along

#: What the numbers are called that are differentiated.
IN_DIRECTION, ALONG = "phi", "psi"


@dataclass(frozen=True)
class VectorJacobian:
    """The `cotangent` u times ∂of/∂W of every parameter W: the gradients of the derivation, of φ."""

    of: Tensor
    cotangent: Tensor
    derivation: Derivation


@dataclass(frozen=True)
class JacobianVector:
    """∂of/∂W times a `direction` of every parameter W, by its name.

    `equations` give how fast each tensor on the way changes, called as the directions are: vz1, … and `result` last; none where nothing
    changes.
    """

    of: Tensor
    directions: dict[str, Tensor]
    derivation: Derivation
    equations: tuple[Equation, ...]
    result: str


def vector_jacobian(first: Derivation, of: str, mark: str | None = None) -> VectorJacobian:
    """Of a tensor that the forward equations define; gradients are called by the `mark`, or as those of the cost."""
    system, tensor = first.system, first.system.tensors[of]
    cotangent = Tensor(free_mark(COTANGENT_MARK, [of], taken(system)) + of, tensor.axes, Role.DIRECTION)
    cost = Tensor(free_name(IN_DIRECTION, taken(system)), (), Role.COST)
    along = Equation(cost, bound_sum(cotangent.own_entry * tensor.own_entry, *tensor.axes))
    whole = continued(first, along, [cotangent], mark or system.adjoint_mark, is_gradient=False)
    return VectorJacobian(tensor, cotangent, derive(whole))


def jacobian_vector(first: Derivation, of: str) -> JacobianVector:
    """The same tensor along directions of all parameters."""
    pulled = vector_jacobian(first, of)
    system = pulled.derivation.system
    mark = free_mark(DIRECTION_MARK, first.system.tensors, taken(first.system))
    directions = {tensor.name: Tensor(mark + tensor.name, tensor.axes, Role.DIRECTION) for tensor in system.parameters}
    cost = Tensor(free_name(ALONG, taken(system)), (), Role.COST)
    whole = continued(pulled.derivation, Equation(cost, slope_along(pulled.derivation, directions)), directions.values(), SECOND_MARK)
    derivation = derive(differentiated_by_one(whole, pulled.cotangent.name))
    adjoints = derivation.needed_for([pulled.cotangent])
    names = {adjoint.as_tensor.name: mark + _of_gradient(adjoint.tensor.name, pulled) for adjoint in adjoints}
    return JacobianVector(
        pulled.of,
        directions,
        derivation,
        tuple(renamed_equations([adjoint.equation for adjoint in adjoints], names)),
        mark + pulled.of.name,
    )


def _of_gradient(name: str, pulled: VectorJacobian) -> str:
    """z1 for dz1: what changes by ∂ψ/∂(∂φ/∂z1)."""
    return pulled.of.name if name == pulled.cotangent.name else pulled.derivation.system.adjoint_of[name]


def renamed_equations(equations: Iterable[Equation], names: Mapping[str, str]) -> Iterable[Equation]:
    """The equations with other names for tensors, defined there or read."""
    tensors: dict[Expr, Expr] = {base(old): base(new) for old, new in names.items()}
    tensors |= {scalar(old): scalar(new) for old, new in names.items()}
    renaming = Renaming(tensors, {})
    for equation in equations:
        tensor = Tensor(names.get(equation.tensor.name, equation.tensor.name), equation.tensor.axes, equation.tensor.role)
        renamed = Equation(tensor, renaming.of(equation.expression))
        # Where a tensor's own adjoint changes with the cotangent alone, both are how fast the tensor changes.
        if renamed.expression != tensor.own_entry:
            yield renamed
