"""Formulas with a gap: what is hidden is left out by the printer, so that all the rest looks as it does in the handout."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Symbol

from chainrule.codegen.document.document import Formula, Line
from chainrule.codegen.document.nodes import THIN, Letter, Node, row, total
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.lesson.material import Material

from .source import QuestionSource

#: Wrong answers that are offered beside the right one where an answer is chosen.
MOST_OTHERS = 3
#: An empty box; with some room around it where it is not an index.
SMALL_GAP = Letter("□")
GAP = row(THIN, SMALL_GAP, THIN)


def gapped(source: QuestionSource, line: Line, shown: Node) -> Line:
    """A line that holds, as it is shown with a gap."""
    right = Formula(shown)
    return replace(line, right=right, evidence=source.checker.gap(evidence_of(line), right))


class PrinterWithoutEntry(IndexPrinter):
    """Without one tensor, whose entries are gaps."""

    def __init__(self, material: Material, hidden: str) -> None:
        super().__init__(material.system, material.notation)
        self.hidden = hidden

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        return GAP if name == self.hidden else super().entry(name, indices)


class PrinterWithoutPlace(IndexPrinter):
    """Without one of the indices of a tensor."""

    def __init__(self, material: Material, hidden: str, place: int) -> None:
        super().__init__(material.system, material.notation)
        self.hidden = hidden
        self.hidden_place = place
        self._is_inside = False

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        self._is_inside = name == self.hidden
        written = super().entry(name, indices)
        self._is_inside = False
        return written

    def subscript(self, indices: tuple[Expr, ...]) -> Node:
        if not self._is_inside:
            return super().subscript(indices)
        return row(*(SMALL_GAP if number == self.hidden_place else self.place(part) for number, part in enumerate(indices)))


class PrinterWithoutSumLetter(IndexPrinter):
    """Without the letters that sums run over."""

    def total_sign(self, letter: Symbol) -> Node:
        return total(SMALL_GAP)


class MatrixWithoutArray(MatrixPrinter):
    """Matrix notation without one array, transposed or not."""

    def __init__(self, material: Material, hidden: str) -> None:
        super().__init__(material.system, material.notation)
        self.hidden = hidden

    def name(self, tensor: str, transposed: bool = False) -> Node:
        return GAP if tensor == self.hidden else super().name(tensor, transposed)
