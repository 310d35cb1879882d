"""Which adjoints read which, and which tensors are computed from which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Expr

from chainrule.symbolic.index.index_letters import names_read
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import System

from .adjoint import Adjoint


class AdjointGraph:
    """The adjoints of a system, from the cost back, of which the gradients of parameters depend on those that are `needed`."""

    def __init__(self, system: System, adjoints: Mapping[str, Adjoint], needed: Iterable[Adjoint]) -> None:
        self.system, self.adjoints = system, adjoints
        #: Tensors by the names of their adjoints, from the cost back.
        self.names = {adjoint.as_tensor.name: name for name, adjoint in self.adjoints.items()}
        #: Tensor → tensors whose adjoints its own adjoint reads.
        self.reads = {name: self.read_by(adjoint.expression) for name, adjoint in self.adjoints.items()}
        #: Tensor → tensors whose adjoints read its own.
        self.consumers: dict[str, set[str]] = {}
        for adjoint in needed:
            for read in self.reads[adjoint.tensor.name]:
                self.consumers.setdefault(read, set()).add(adjoint.tensor.name)
        groups = [group for group in grouped(self.system.equations) if group.is_of_steps]
        self.recurrent = frozenset(name for group in groups for name in group.names)

    def read_by(self, expression: Expr) -> list[str]:
        """Tensors whose adjoints an expression reads."""
        return [self.names[read] for read in names_read(expression) if read in self.names]

    def readers(self, name: str) -> list[str]:
        """The tensors on the way to the cost that are computed from a tensor; the cost is one of them."""
        following = [equation.tensor for equation in self.system.readers.get(name, ())]
        return [tensor.name for tensor in following if tensor.role is Role.COST or tensor.name in self.adjoints]
