"""What solves an equation as calls of the module's own functions, which call NumPy's linalg."""

from __future__ import annotations

from chainrule.symbolic.forms.arrays import Factor, Letters, Solution

from .array_printer import ArrayPrinter
from .products import transposed
from .source import Source, made_of


def solution_source(array: Solution, own: Letters, printer: ArrayPrinter) -> Source:
    """The dimensions of matrix and right side: those of which each position is a system, the rows, the columns."""
    others = tuple(letter for letter in array.axes if letter not in array.rows)
    shared = others if any(letter in others for letter in array.matrix.axes) else ()
    matrix = printer.line(array.matrix, (*shared, *array.rows, *array.columns))
    right = printer.line(array.right, array.axes)
    count = len(array.rows)
    if array.is_linear:
        text = f'solve("{array.name}", {matrix.text}, {right.text}, {count})'
        found = made_of(text, (matrix, right), uses=("solve",))
    else:
        shape = printer.shape(array.stored)
        # What is solved has its own order of dimensions where formulas read it.
        back = "" if array.stored == array.axes else f", {tuple(array.axes.index(letter) for letter in array.stored)}"
        start = f"np.zeros({shape.text}, {printer.element_type.text})"
        text = f'fixed_point("{array.name}", lambda {array.name}: ({matrix.text}, {right.text}), {start}, {count}{back})'
        return transposed(made_of(text, (matrix, right, shape, printer.element_type), uses=("solve", "fixed_point")), array.stored, own)
    return transposed(found, array.axes, own)


def factor_source(array: Factor, own: Letters, printer: ArrayPrinter) -> Source:
    operand = printer.line(array.operand, array.axes)
    return transposed(made_of(f'cholesky("{array.name}", {operand.text})', (operand,), uses=("cholesky",)), array.axes, own)
