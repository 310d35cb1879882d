"""Boundary values: `h[n,-1,j] = h0[n,j]` is what a read of h before its first place gives, in place of zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Symbol

from .letters import is_letter, letters, nodes, substitute
from .tensors import Tensor


@dataclass(frozen=True, slots=True)
class Boundary:
    """At the index `at` in position `place` a tensor reads as `value`, a formula in the tensor's other letters."""

    tensor: Tensor
    place: int
    at: int
    value: Expr

    @property
    def letters(self) -> tuple[Symbol, ...]:
        return self.tensor.axes[: self.place] + self.tensor.axes[self.place + 1 :]

    def term(self, indices: Sequence[Expr]) -> Expr:
        """What a read at these indices gets added: h[n,t-1,j] becomes h[n,t-1,j] + δ(t, 0) h0[n,j], since out of range h is 0."""
        shifted = indices[self.place]
        if is_letter(shifted) or isinstance(shifted, Indexed):
            return Integer(0)
        others = (*indices[: self.place], *indices[self.place + 1 :])
        here = substitute(self.value, dict(zip(self.letters, others, strict=True)))
        return _fixed(shifted, self.at) * here


def _fixed(shifted: Expr, at: int) -> Expr:
    """δ(t − 1, −1) as δ(t, 0)."""
    letter = min(letters(shifted), key=str, default=None)
    return KroneckerDelta(shifted, at) if letter is None else KroneckerDelta(letter, at - (shifted - letter))


def with_boundaries(read: Callable[..., Expr], boundaries: Sequence[Boundary]) -> Callable[..., Expr]:
    """A tensor's entry together with its boundary values."""

    def entry(*indices: Expr) -> Expr:
        return Add(read(*indices), *(boundary.term(indices) for boundary in boundaries))

    return entry


def without_boundaries(expression: Expr, boundaries: Sequence[Boundary]) -> Expr:
    """The expression as it was written: reads without the boundary values that were added to them."""
    replaced = {}
    for node in nodes(expression):
        if isinstance(node, Indexed):
            own = [boundary for boundary in boundaries if boundary.tensor.name == node.base.name]
            if added := Add(*(boundary.term(node.indices) for boundary in own)):
                replaced[node] = node - added
    return expression.xreplace(replaced)
