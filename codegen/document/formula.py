"""A formula as a document holds it: its tree, and what it was printed from."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from .nodes import EMPTY, Node, row


@dataclass(frozen=True, slots=True)
class Formula:
    """`of` are the expressions, matrix forms and numbers that a printer made `node` from; of one put together by hand there are none."""

    node: Node
    of: tuple[Hashable, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.node == EMPTY

    @property
    def said(self) -> tuple[Hashable, ...]:
        """What evidence for it must be of: what it was printed from, or else the tree itself."""
        return self.of or (() if self.is_empty else (self.node,))

    def rewritten(self, node: Node) -> Formula:
        """The same, written in another way: σ(z) for the formula of an activation."""
        return Formula(node, self.said)

    def joined(self, sign: str, other: Formula) -> Formula:
        """Both with a sign between them."""
        return Formula(row(self.node, sign, other.node), (*self.said, *other.said))


#: The left side of a line that goes on from the one above.
NOTHING = Formula(EMPTY)
