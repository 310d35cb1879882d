"""Boundary values: `h[n,-1,j] = h0[n,j]` is what a read of h before its first place gives, in place of zero.

A boundary is as long as the axes of its letters: read at h[n,−1,j−1], it is 0 at j = 0 as any tensor would be, though its formula may not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import free_letters, is_letter, nodes, substitute
from chainrule.symbolic.index.ranges import bounds, vanishes_outside, within
from chainrule.symbolic.index.tensors import Tensor


@dataclass(frozen=True, slots=True)
class Boundary:
    """At the index `at` in position `place` a tensor reads as `value`, a formula in the tensor's other letters.

    `tensors` are those that the value reads, with their axes: where they are read out of range, the value may be 0 already.
    """

    tensor: Tensor
    place: int
    at: int
    value: Expr
    tensors: Mapping[str, Tensor] = field(default_factory=dict, repr=False, compare=False)

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
        read_at = zip(self.letters, others, strict=True)
        ranges = [bound for letter, place in read_at for bound in bounds(place, axis_name(letter), self.tensors)]
        outside = [bound for bound in ranges if not vanishes_outside(here, bound, self.tensors)]
        return _fixed(shifted, self.at) * within(here, outside)


def _fixed(shifted: Expr, at: int) -> Expr:
    """δ(t − 1, −1) as δ(t, 0), and δ(t − 1, −2) as 0: no t is −1."""
    letter = min(free_letters(shifted), key=str, default=None)
    if letter is None:
        return KroneckerDelta(shifted, at)
    place = at - (shifted - letter)
    return Integer(0) if place.is_negative else KroneckerDelta(letter, place)


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
