"""A derivation: a system and the adjoints that the chain rule finds, with what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.dependence import leading_to
from chainrule.symbolic.system.system import System

from .adjoint import Adjoint, Step
from .adjoint_graph import AdjointGraph
from .collected import collected, collected_form, collected_forms
from .elimination import Collected


@dataclass(frozen=True)
class Derivation:
    """A system and its adjoints, in the order in which the chain rule finds them (from the cost back to the input).

    `network` is what the system was made of, where it was layers.
    """

    system: System
    adjoints: Mapping[str, Adjoint]
    network: Network | None = None

    @cached_property
    def needed(self) -> tuple[Adjoint, ...]:
        """The adjoints on which the gradient of something given depends; the others stand only in the derivation."""
        return self.needed_for(self.system.differentiated)

    @cached_property
    def needed_by_parameters(self) -> tuple[Adjoint, ...]:
        """Of these, the ones that parameters need."""
        return self.needed_for(self.system.parameters)

    def needed_for(self, tensors: Iterable[Tensor]) -> tuple[Adjoint, ...]:
        """The adjoints on which those of the tensors depend, from the cost back."""
        by_name = {adjoint.as_tensor.name: adjoint for adjoint in self.adjoints.values()}
        gradients = [self.system.adjoint_name(tensor.name) for tensor in tensors]
        wanted = leading_to(gradients, {name: adjoint.equation for name, adjoint in by_name.items()})
        return tuple(adjoint for name, adjoint in by_name.items() if name in wanted)

    @cached_property
    def graph(self) -> AdjointGraph:
        return AdjointGraph(self.system, self.adjoints, self.needed)

    def adjoint(self, name: str) -> Adjoint:
        """The adjoint of the tensor called `name`.

        Raises:
            InvalidDescription: where no tensor of that name leads from a parameter to the cost.
        """
        if name not in self.adjoints:
            raise InvalidDescription(f"no gradient of {name!r}; {expected_one_of(name, self.adjoints)}")
        return self.adjoints[name]

    def gradient(self, name: str) -> Expr:
        """∂C/∂name as a SymPy expression at the tensor's own letters, the fixed sizes put in."""
        return self.adjoint(name).expression.xreplace(self.system.known_sizes)

    def steps(self, name: str) -> tuple[Step, ...]:
        """How ∂C/∂name came about: the local derivatives of its paths, then the steps of the whole."""
        adjoint = self.adjoint(name)
        return (*(step for path in adjoint.paths for step in path.steps), *adjoint.steps)

    def collected(self, name: str, through: str | None = None) -> Collected:
        """∂C/∂name in one line, by the adjoint of `through`, which every path from `name` to the cost passes.

        Without `through`, other adjoints are put in as long as the whole gets shorter; the line may hold none at all.

        Raises:
            InvalidDescription: where some path avoids `through`, or no formula gets shorter.
        """
        self.adjoint(name)
        if through is not None:
            self.adjoint(through)
        return collected(self.graph, name, through)

    def collected_form(self, name: str) -> Collected | None:
        """The collected form of one tensor, where it does without several adjoints and says more than that of a tensor on its paths."""
        self.adjoint(name)
        return collected_form(self.graph, name)

    @cached_property
    def collected_forms(self) -> tuple[Collected, ...]:
        """The collected forms worth showing: each does without several adjoints that are computed step by step."""
        return collected_forms(self.graph)

    @cached_property
    def all_steps(self) -> tuple[tuple[str, Step], ...]:
        """Every step with the name of the tensor to whose derivation it belongs."""
        return tuple((name, step) for name in self.adjoints for step in self.steps(name))
