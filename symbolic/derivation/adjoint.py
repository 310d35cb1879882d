"""An adjoint ∂C/∂u, the paths of the chain rule that it is the sum of, and the steps that lead to its formula."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Symbol

from chainrule.symbolic.index.renaming import Renaming
from chainrule.symbolic.index.tensors import ADJOINT_MARK, Role, Tensor, adjoint_name
from chainrule.symbolic.system.system import Equation


@dataclass(frozen=True, slots=True)
class Step:
    """One move: `before` and `after` have the same value at every index, by a `Rule` or a rewrite of that name."""

    rule: str
    before: Expr
    after: Expr

    def renamed(self, renaming: Renaming) -> Step:
        return Step(self.rule, renaming.of(self.before), renaming.of(self.after))


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
    """∂C/∂tensor at the tensor's own letters, and at those that are `held`, where C is an entry of a tensor.

    The steps of equal layers are kept once, in the names of the layer that was derived first; `renaming` turns them into this tensor's.
    """

    tensor: Tensor
    expression: Expr
    derived_paths: tuple[Path, ...]
    derived_steps: tuple[Step, ...]
    renaming: Renaming | None = None
    mark: str = ADJOINT_MARK
    held: tuple[Symbol, ...] = ()

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
        return Adjoint(tensor, renaming.of(self.expression), self.derived_paths, self.derived_steps, renaming, self.mark, self.held)

    @property
    def is_first_of_kind(self) -> bool:
        """Whether its steps were worked out for it, and not taken over from an equal layer."""
        return self.renaming is None

    @cached_property
    def as_tensor(self) -> Tensor:
        """The adjoint as a tensor of its own: dW1 with the axes of W1."""
        return Tensor(adjoint_name(self.tensor.name, self.mark), (*self.tensor.axes, *self.held), Role.ADJOINT)

    @cached_property
    def equation(self) -> Equation:
        return Equation(self.as_tensor, self.expression)
