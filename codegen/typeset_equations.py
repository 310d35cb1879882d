"""Equations below each other as a notebook shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sympy import Expr

from chainrule.codegen.document.document import Line as DocumentLine
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.formulas.index_printer import IndexPrinter

#: Of more equations the first and the last are shown.
MOST_LINES = 32

Line = TypeVar("Line")


def typeset_equations(printer: IndexPrinter, equations: Iterable[tuple[Expr, Expr]]) -> str:
    """Equations below each other as a notebook shows them; of many the first and the last."""
    sides = [(write_latex(printer.node(left)), write_latex(printer.node(right))) for left, right in equations]
    return f"$$\n{aligned(shortened(sides, (chr(92) + 'vdots', '')))}\n$$"


def as_latex(lines: Sequence[DocumentLine]) -> str:
    sides = [(write_latex(line.left.node), write_latex(line.right.node)) for line in lines]
    return " = ".join(sides[0]) if len(sides) == 1 else aligned(sides)


def aligned(equations: list[tuple[str, str]]) -> str:
    """Left and right sides as lines of LaTeX, the equals signs below each other."""
    lines = " \\\\\n".join(f"{left} &= {right}" for left, right in equations)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"


def shortened(lines: list[Line], dots: Line) -> list[Line]:
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES // 2], dots, *lines[-MOST_LINES // 2 :]]
