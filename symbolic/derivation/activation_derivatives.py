"""σ′(z) by a name of its own: where a[j] = σ(z[j]) entry by entry, ∂a[j′]/∂z[j] is δ(j,j′) σ′(z[j]), and z̄[j] = ā[j] σ′(z[j]).

The slope is what the chain rule found for the local derivative; only its name is new.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Indexed, KroneckerDelta, S, Symbol

from chainrule.symbolic.index.index_letters import bound_sum, letters, nodes
from chainrule.symbolic.index.tensors import Role, Tensor, entry, entry_name
from chainrule.symbolic.rewriting.deltas import eliminate_deltas
from chainrule.symbolic.rewriting.substitution import substituted
from chainrule.symbolic.system.system import Equation, System

from .derivation import Derivation

#: Behind the name of an activation, the name of its slope: a1' is σ′(z1).
PRIME = "'"


@dataclass(frozen=True)
class ActivationDerivative:
    """The activation `of`, a function of every entry of `at`, and its slope as an equation: a1'[j] = a1[j] (1 − a1[j]).

    The identity, a = z, needs no sign: its slope is the number 1.
    """

    of: Tensor
    at: Tensor
    equation: Equation
    is_identity: bool = False

    @property
    def name(self) -> str:
        return self.equation.tensor.name

    @property
    def value(self) -> Expr:
        """σ′(z) by its name, or 1."""
        return S.One if self.is_identity else self.equation.tensor.own_entry

    def adjoint_of_argument(self, derivation: Derivation) -> Equation:
        """z̄ = ā σ′(z), by the names of both."""
        before = entry(derivation.system.adjoint_name(self.of.name), self.at.axes)
        return Equation(derivation.adjoint(self.at.name).as_tensor, before * self.value)

    def through_next_layer(self, derivation: Derivation) -> Equation:
        """The same with the formula of ā put in: z̄[j] = Σ_k W[k,j] z̄′[k] · σ′(z[j])."""
        known = derivation.adjoint(self.of.name).equation
        whole = self.adjoint_of_argument(derivation)
        return Equation(whole.tensor, substituted(whole.expression, known, frozenset(self.at.axes), derivation.system))


def slopes(derivation: Derivation) -> dict[str, ActivationDerivative]:
    """The slope of every activation that is a function of each entry by itself, by the name of its argument."""
    found: dict[str, ActivationDerivative] = {}
    for adjoint in derivation.adjoints.values():
        if len(adjoint.paths) != 1:
            continue
        (path,) = adjoint.paths
        name = entry_name(path.through)
        of = derivation.system.tensors[name]
        equation = derivation.system.definition[name]
        if equation.reads != (adjoint.tensor.name,) or not _is_entrywise(equation, adjoint.tensor):
            continue
        own = tuple(path.through.indices) if isinstance(path.through, Indexed) else ()
        slope = _slope(path.local_derivative, own, adjoint.tensor, derivation.system)
        if slope is not None:
            tensor = Tensor(f"{name}{PRIME}", adjoint.tensor.axes, Role.INTERMEDIATE)
            is_identity = equation.expression == adjoint.tensor.at(*equation.indices)
            found[adjoint.tensor.name] = ActivationDerivative(of, adjoint.tensor, Equation(tensor, slope), is_identity)
    return found


def _is_entrywise(equation: Equation, argument: Tensor) -> bool:
    read = {node for node in nodes(equation.expression) if isinstance(node, Indexed)}
    return not read or read == {argument.at(*equation.indices)}


def _slope(local: Expr, own: tuple[Symbol, ...], argument: Tensor, system: System) -> Expr | None:
    """Σ_j′ ∂a[j′]/∂z[j], which is the one entry that is not 0."""
    slope = eliminate_deltas(bound_sum(local, *own), system.stored, frozenset(argument.axes))
    free = letters(slope) <= set(argument.axes)
    return slope if free and not slope.has(KroneckerDelta) else None
