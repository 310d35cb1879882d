"""Formulas of second derivatives: du is ∂C/∂u, vw the direction of the parameter w, hu is ∂φ/∂u, as the names in the module."""

from __future__ import annotations

from dataclasses import replace

from chainrule.codegen.document.nodes import Node, row
from chainrule.symbolic.derivation.second_derivatives import SecondDerivation
from chainrule.symbolic.index.tensors import ADJOINT_MARK, Role

from .letters import upright
from .marked_printer import MarkedPrinter
from .matrix_printer import MatrixPrinter
from .notation import Notation


class SecondPrinter(MarkedPrinter):
    """Index notation of the equations of the gradient, and of their own derivatives."""

    def __init__(self, second: SecondDerivation, notation: Notation) -> None:
        tensors = {**second.first.system.tensors, **second.system.tensors}
        super().__init__(replace(second.system, tensors=tensors), notation)
        self.directions = {direction.name: name for name, direction in second.direction.items()}

    def split(self, name: str) -> tuple[str, str]:
        """hdz1 → hd, z1."""
        tensors, mark = self.system.tensors, self.system.adjoint_mark
        if name in self.directions:
            return "v", self.directions[name]
        if name in tensors and tensors[name].role is Role.ADJOINT:
            return ADJOINT_MARK, name.removeprefix(ADJOINT_MARK)
        if name not in tensors and name.removeprefix(mark) in tensors:
            prefix, tensor = self.split(name.removeprefix(mark))
            return f"h{prefix}", tensor
        return "", name


class SecondMatrixPrinter(MatrixPrinter):
    """Matrix notation with the same names."""

    def __init__(self, second: SecondDerivation, notation: Notation) -> None:
        self.names = SecondPrinter(second, notation)
        super().__init__(self.names.system, notation, self.names)

    def name(self, tensor: str, transposed: bool = False) -> Node:
        prefix, plain = self.names.split(tensor)
        written = super().name(plain, transposed)
        return row(upright(prefix), written) if prefix else written
