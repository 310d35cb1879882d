"""Formulas of what is made of gradients: dW, uA, vW are names with a letter in front, as in the module."""

from __future__ import annotations

from sympy import Expr

from chainrule.codegen.document.nodes import Node, row
from chainrule.symbolic.system.system import System

from .latex import Latex
from .letters import upright
from .notation import Notation


class DerivedLatex(Latex):
    """Index notation in which what is derived of a tensor is its name with some letters in front."""

    def __init__(self, system: System, notation: Notation, network: System) -> None:
        super().__init__(system, notation)
        self.network = network

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        prefix, tensor = self.split(name)
        written = super().entry(tensor, indices)
        return row(upright(prefix), written) if prefix else written

    def is_adjoint(self, name: str) -> bool:
        """None is written as a fraction."""
        return False

    def split(self, name: str) -> tuple[str, str]:
        """vz1 → v, z1: the longest name of the network's at the end."""
        known = {**self.network.tensors, **self.network.constants}
        if name in known:
            return "", name
        ends = [name[place:] for place in range(1, len(name)) if name[place:] in known]
        return (name.removesuffix(ends[0]), ends[0]) if ends else ("", name)
