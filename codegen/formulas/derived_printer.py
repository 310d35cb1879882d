"""Formulas of what is made of gradients: dW, uA, vW are names with a letter in front, as in the module."""

from __future__ import annotations

from chainrule.symbolic.system.system import System

from .marked_printer import MarkedPrinter
from .notation import Notation


class DerivedPrinter(MarkedPrinter):
    """Of the functions of a module; `network` has the tensors that they are derived of."""

    def __init__(self, system: System, notation: Notation, network: System) -> None:
        super().__init__(system, notation)
        self.network = network

    def split(self, name: str) -> tuple[str, str]:
        """vz1 → v, z1: the longest name of the network's at the end."""
        known = {**self.network.tensors, **self.network.constants}
        if name in known:
            return "", name
        ends = [name[place:] for place in range(1, len(name)) if name[place:] in known]
        return (name.removesuffix(ends[0]), ends[0]) if ends else ("", name)
