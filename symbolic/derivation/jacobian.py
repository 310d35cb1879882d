"""The derivative of one tensor by another, entry by entry: ∂v[i′]/∂u[m], the gradient of an entry of v that is held.

The system is that of the network up to v, with the entry v[i′] as its cost. Its letters i′ are those of nothing else, so that the chain
rule takes them for any place there is, and every adjoint has them as further axes: ∂v[i′]/∂v[i] is δ(i,i′), and from there it goes back as
from a cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, S, Symbol

from chainrule.symbolic.index.axes import fresh
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.given_tensors import differentiated_by_one, refuse_labels
from chainrule.symbolic.system.system import Equation, System

from .adjoint import Adjoint
from .chain_rule import derive
from .continued_system import continued, taken
from .derivation import Derivation

#: What the entry that is differentiated is called.
ENTRY = "entry"


@dataclass(frozen=True)
class Jacobian:
    """∂of/∂wrt, of the axes of `of` and then those of `wrt`; `derivation` is that of the entry of `of` that is held."""

    of: Tensor
    wrt: Tensor
    derivation: Derivation

    @property
    def system(self) -> System:
        return self.derivation.system

    @cached_property
    def adjoint(self) -> Adjoint | None:
        """None where `of` does not depend on `wrt`: all entries are 0."""
        return self.derivation.adjoints.get(self.wrt.name)

    @property
    def expression(self) -> Expr:
        """The entry at the letters of `axes`."""
        return self.adjoint.expression if self.adjoint else S.Zero

    @property
    def axes(self) -> tuple[Symbol, ...]:
        return (*self.system.held, *self.wrt.axes)


def derive_jacobian(first: Derivation, of: str, wrt: str) -> Jacobian:
    """∂of/∂wrt. Of an adjoint such as dW1 it is a block of the Hessian.

    Raises:
        InvalidDescription: where there is no such tensor, no equation defines `of`, or `wrt` holds labels.
    """
    system = first.system
    defined = {**{name: system.tensors[name] for name in system.definition}, **_gradients(first)}
    if of not in defined:
        given = f"{of!r} is given, and no equation defines it" if of in system.tensors else f"no tensor is called {of!r}"
        raise InvalidDescription(f"no Jacobian: {given}; {expected_one_of(of, defined)}")
    if wrt not in system.tensors:
        raise InvalidDescription(f"no Jacobian by {wrt!r}; {expected_one_of(wrt, system.tensors)}")
    refuse_labels(system.tensors[wrt])
    entry = _held_entry(first, defined[of])
    whole = continued(first, entry, (), f"d{of}_d", is_gradient=of not in system.definition)
    return Jacobian(defined[of], system.tensors[wrt], derive(differentiated_by_one(whole, wrt)))


def _gradients(first: Derivation) -> dict[str, Tensor]:
    """The adjoints that have an equation, by name."""
    return {adjoint.as_tensor.name: adjoint.as_tensor for adjoint in first.needed if not adjoint.expression.is_number}


def _held_entry(first: Derivation, of: Tensor) -> Equation:
    """An entry of a tensor, at letters that nothing else uses."""
    equations = (*first.system.equations, *(adjoint.equation for adjoint in first.needed))
    used = {letter for equation in equations for letter in (*equation.indices, *letters(equation.expression))}
    held: list[Symbol] = []
    for letter in of.axes:
        held.append(fresh(letter, {*used, *held}))
    return Equation(Tensor(free_name(ENTRY, taken(first.system)), tuple(held), Role.COST), of.at(*held))
