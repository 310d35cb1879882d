"""Reads across the ends of a recurrence in a step: the array of the step before is that of the boundary value at the first one.

h[n,t−1,k] + δ(t, 0) s[k]       h+[n,t−1,k]        read from [h_start, h[0], h[1], …]
"""

from __future__ import annotations

from sympy import Expr, Indexed, KroneckerDelta, Piecewise

from chainrule.symbolic.forms.array_form import array_form
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.tensors import entry
from chainrule.symbolic.system.system import System

from .lowering import Flattening

#: Behind the name of a tensor that is read together with its boundary values; no name of a tensor has such a sign.
MARK = "+"


class BoundaryReads:
    """The boundary values of a system."""

    def __init__(self, system: System) -> None:
        self.system = system
        #: The arrays that hold a tensor's boundary values, by the place among its indices and the position there.
        self.arrays: dict[str, dict[tuple[int, int], str]] = {}
        #: Tensors whose arrays another function has made.
        self.forgotten: set[str] = set()

    def forget(self) -> None:
        """What follows runs by itself: boundary values that it reads are computed anew."""
        self.forgotten |= set(self.arrays)
        self.arrays.clear()

    def read_by(self, expression: Expr) -> Expr:
        """The expression with the sums of a read and its boundary values as one read; as it is where that leaves a boundary value."""
        replaced: dict[Expr, Expr] = {}
        for node in nodes(expression):
            if not isinstance(node, Indexed) or str(node.base.label) not in self.arrays:
                continue
            added = [bound.term(node.indices) for bound in self.system.boundaries if bound.tensor.name == str(node.base.label)]
            # SymPy takes a case distinction out of a comparison: its parts are no longer the boundary value.
            if any(added) and not any(value.has(Piecewise) for value in added):
                replaced[node] = entry(f"{node.base.label}{MARK}", node.indices) - sum(added)
        if not replaced:
            return expression
        result = expression.xreplace(replaced)
        return result if _deltas(result) < _deltas(expression) else expression

    def written_out(self, expression: Expr) -> Expr:
        """The expression with every read together with its boundary values as the sum that it is."""
        replaced = {}
        for node in nodes(expression):
            if isinstance(node, Indexed) and node.base.name.endswith(MARK):
                name = node.base.name.removesuffix(MARK)
                added = [bound.term(node.indices) for bound in self.system.boundaries if bound.tensor.name == name]
                replaced[node] = sum(added, start=entry(name, node.indices))
        return expression.xreplace(replaced) if replaced else expression

    def axes_of(self, name: str) -> tuple[str, ...] | None:
        """The axes of a tensor, whether it is read with its boundary values or without."""
        tensor = self.system.stored.get(name.removesuffix(MARK))
        return None if tensor is None else tuple(map(axis_name, tensor.axes))

    def beyond(self, name: str, place: int) -> tuple[tuple[int, str], ...]:
        """What a read of this name gives out of range along one of its axes, where that is not zero."""
        arrays = self.arrays[name.removesuffix(MARK)] if name.endswith(MARK) else {}
        return tuple((at, array) for (own, at), array in arrays.items() if own == place)

    def make(self, name: str, flattening: Flattening, equation: str) -> None:
        """The arrays of one tensor's boundary values, which lie as its steps do, for the equation that reads them."""
        own = [bound for bound in self.system.boundaries if bound.tensor.name == name]
        if not own:
            return
        together = f"{name}{MARK}"
        flattening.tensors[together], flattening.declared[together] = flattening.tensors[name], flattening.declared[name]
        flattening.equation = equation
        self.arrays[name] = {}
        for bound in sorted(own, key=lambda bound: (bound.place, bound.at)):
            result = flattening.emit("copy", (flattening.operand(array_form(bound.value)),), bound.letters, shared=False)
            self.arrays[name][bound.place, bound.at] = result.name


def _deltas(expression: Expr) -> int:
    return sum(isinstance(node, KroneckerDelta) for node in nodes(expression))
