"""Reads across the ends of a recurrence whose boundary values lie in the array itself.

    h[n,t−1,k] + δ(t, 0) s[k]       h+[n,t−1,k]        where h+[n,−1,k] = s[k] was written once, before the first step
"""

from __future__ import annotations

from sympy import Expr, Indexed, KroneckerDelta

from symbolic.array_form import array_form
from symbolic.axes import axis_name
from symbolic.equations import System
from symbolic.letters import free_letters, nodes
from symbolic.tensors import entry

from .flatten import Flattening
from .operations import Cut, Entry, Operation

#: Behind the name of a tensor that is read together with its boundary values; no name of a tensor has such a sign.
MARK = "+"


class BoundaryReads:
    """The boundary values of a system."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.tensors = {boundary.tensor.name for boundary in system.boundaries}

    def read_by(self, expression: Expr) -> Expr:
        """The expression with the sums of a read and its boundary values as one read; as it is where that leaves a boundary value."""
        if not self.tensors:
            return expression
        replaced: dict[Expr, Expr] = {}
        for node in nodes(expression):
            if not isinstance(node, Indexed) or str(node.base.label) not in self.tensors:
                continue
            added = [bound.term(node.indices) for bound in self.system.boundaries if bound.tensor.name == str(node.base.label)]
            if any(added):
                replaced[node] = entry(f"{node.base.label}{MARK}", node.indices) - sum(added)
        result = expression.xreplace(replaced)
        return result if _deltas(result) <= _deltas(expression) - len(replaced) else expression

    def axes_of(self, name: str) -> tuple[str, ...] | None:
        """The axes of a tensor, whether it is read with its boundary values or without."""
        tensor = self.system.stored.get(name.removesuffix(MARK))
        return None if tensor is None else tuple(map(axis_name, tensor.axes))

    def is_readable(self, name: str) -> bool:
        """Whether what lies before the first position is what a read out of range gives."""
        return name not in self.tensors

    def write(self, name: str, flattening: Flattening) -> None:
        """The boundary values of one tensor, written before and after its positions."""
        own = [bound for bound in self.system.boundaries if bound.tensor.name == name]
        if not own:
            return
        together = f"{name}{MARK}"
        flattening.unreadable.add(name)
        flattening.tensors[together], flattening.declared[together] = flattening.tensors[name], flattening.declared[name]
        flattening.stepwise[together] = flattening.stepwise[name]
        flattening.equation = name
        for bound in own:
            value = flattening.entry(array_form(bound.value))
            position = Entry(flattening.slice(name, bound.at, Cut.FIXED), bound.letters)
            assert free_letters(bound.value) <= set(bound.letters)
            flattening.operations.append(Operation("copy", (value,), position, name))


def _deltas(expression: Expr) -> int:
    return sum(isinstance(node, KroneckerDelta) for node in nodes(expression))
