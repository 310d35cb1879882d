"""Formulas in which what is derived of a tensor is its name with letters in front: dW, vW, hdz, as in the module."""

from __future__ import annotations

from abc import abstractmethod

from sympy import Expr

from chainrule.codegen.document.nodes import Node, row

from .index_printer import IndexPrinter
from .letters import upright


class MarkedPrinter(IndexPrinter):
    """Index notation without fractions of derivatives, since a fraction of fractions is hard to read."""

    @abstractmethod
    def split(self, name: str) -> tuple[str, str]:
        """What stands in front, nothing for a tensor of the network, and the tensor's name."""

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        prefix, tensor = self.split(name)
        written = super().entry(tensor, indices)
        return row(upright(prefix), written) if prefix else written

    def is_adjoint(self, name: str) -> bool:
        """None is written as a fraction."""
        return False
