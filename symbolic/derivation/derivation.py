"""What a derivation consists of: steps, the paths of the chain rule, and the adjoint equations they end in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.renaming import Renaming
from chainrule.symbolic.index.tensors import ADJOINT_MARK, Role, Tensor, adjoint_name
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.dependence import leading_to
from chainrule.symbolic.system.system import Equation, System

from .collected import Collected, collected, collected_forms
from .steps import Step

__all__ = ["Adjoint", "Derivation", "Path", "Step"]


@dataclass(frozen=True, slots=True)
class Path:
    """How one equation carries the cost's sensitivity back: Σ_indices v̄[indices] · ∂v[indices]/∂u[…].

    `through` is v[indices]; `steps` work out the local derivative ∂v[indices]/∂u[…].
    """

    through: Expr
    steps: tuple[Step, ...]

    @property
    def local_derivative(self) -> Expr:
        return self.steps[-1].after

    def renamed(self, renaming: Renaming) -> Path:
        return Path(renaming.of(self.through), tuple(step.renamed(renaming) for step in self.steps))


@dataclass(frozen=True)
class Adjoint:
    """∂C/∂tensor at the tensor's own letters.

    The steps of equal layers are kept once, in the names of the layer that was derived first; `renaming` turns them into this tensor's.
    """

    tensor: Tensor
    expression: Expr
    derived_paths: tuple[Path, ...]
    derived_steps: tuple[Step, ...]
    renaming: Renaming | None = None
    mark: str = ADJOINT_MARK

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The equations through which the tensor reaches the cost."""
        return tuple(path.renamed(self.renaming) for path in self.derived_paths) if self.renaming else self.derived_paths

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """From the chain rule to `expression`."""
        return tuple(step.renamed(self.renaming) for step in self.derived_steps) if self.renaming else self.derived_steps

    def for_equal(self, tensor: Tensor, renaming: Renaming) -> Adjoint:
        """The adjoint of another tensor of the same kind, by renaming."""
        return Adjoint(tensor, renaming.of(self.expression), self.derived_paths, self.derived_steps, renaming, self.mark)

    @property
    def is_first_of_kind(self) -> bool:
        """Whether its steps were worked out for it, and not taken over from an equal layer."""
        return self.renaming is None

    @property
    def as_tensor(self) -> Tensor:
        """The adjoint as a tensor of its own: dW1 with the axes of W1."""
        return Tensor(adjoint_name(self.tensor.name, self.mark), self.tensor.axes, Role.ADJOINT)

    @property
    def equation(self) -> Equation:
        return Equation(self.as_tensor, self.expression)


@dataclass(frozen=True)
class Derivation:
    """A system and its adjoints, in the order in which the chain rule finds them (from the cost back to the input).

    `network` is what the system was made of, where it was layers, and `output` then the tensor that its last layer computes.
    """

    system: System
    adjoints: Mapping[str, Adjoint]
    network: Network | None = None
    output: str | None = None

    def __post_init__(self) -> None:
        if self.output is None and self.network is not None:
            object.__setattr__(self, "output", self.network.output)

    @cached_property
    def needed(self) -> tuple[Adjoint, ...]:
        """The adjoints on which some parameter's gradient depends; the others stand only in the derivation."""
        by_name = {adjoint.as_tensor.name: adjoint for adjoint in self.adjoints.values()}
        gradients = [self.system.adjoint_name(tensor.name) for tensor in self.system.parameters]
        wanted = leading_to(gradients, {name: adjoint.equation for name, adjoint in by_name.items()})
        return tuple(adjoint for name, adjoint in by_name.items() if name in wanted)

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
        return collected(self, name, through)

    @cached_property
    def collected_forms(self) -> tuple[Collected, ...]:
        """The collected forms worth showing: each does without several adjoints that are computed step by step."""
        return collected_forms(self)

    @cached_property
    def all_steps(self) -> tuple[tuple[str, Step], ...]:
        """Every step with the name of the tensor to whose derivation it belongs."""
        return tuple((name, step) for name in self.adjoints for step in self.steps(name))
