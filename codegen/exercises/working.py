"""Working by hand, line by line: formula, numbers, value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr

from chainrule.codegen.document.document import Display, Formula, Line, Math
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import Node, derivative_on_a_line, row
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.number_printer import NumberPrinter
from chainrule.codegen.formulas.printed_number import last_place, number, printed
from chainrule.codegen.lesson.substituted_numbers import PutIn, put_in
from chainrule.symbolic.checking.verification import TOLERANCE
from chainrule.symbolic.forms.scalar_form import ScalarEquation
from chainrule.symbolic.index.tensors import entry_indices, entry_name

from .answers import NumberAnswer
from .source import QuestionSource
from .student_numbers import ROUNDING, StudentNumbers, as_on_paper

#: Significant digits of results, and of the numbers on the way to them: what is carried on is not rounded.
DIGITS = 4
CARRIED_DIGITS = 6


def entries(source: QuestionSource) -> IndexPrinter:
    """How single entries are written: the index of the only example is left out."""
    return IndexPrinter(source.system, source.material.notation, 1)


def on_a_line(source: QuestionSource, entry: Expr) -> Node:
    """An entry inside of a sentence: a gradient's with a slash."""
    name, indices = entry_name(entry), entry_indices(entry)
    mark = source.system.adjoint_mark
    if name in source.system.tensors:
        return entries(source).node(entry)
    own = source.system.tensors[name.removeprefix(mark)].at(*indices)
    return derivative_on_a_line(source.by_index.cost, entries(source).node(own))


def rounded(value: float) -> Node:
    return number(value, DIGITS)


def carried(value: float) -> Node:
    """A number on the way to a result."""
    return number(value, CARRIED_DIGITS)


def number_answer(source: QuestionSource, entry: Node, value: float, in_other_way: float) -> NumberAnswer:
    """entry ≈ value, rounded as far as results are; the value was found in another way too. The last digit may be off by one."""
    half, shown = last_place(value, DIGITS) / 2, printed(value, DIGITS)
    whole, allowed = Formula(row(entry, "≈", shown.node)), half * (1 + TOLERANCE) + TOLERANCE * abs(value)
    said = Math(whole.node, source.checker.within(write_latex(entry), shown.value, in_other_way, allowed, whole))
    return NumberAnswer(said, shown.value, last_place(value, DIGITS))


def calculated_line(source: QuestionSource, student: StudentNumbers, entry: Expr, expression: Expr, value: float) -> Line:
    """entry = formula, whose value by this formula alone is that of the whole arrays."""
    shown = entries(source).formula(entry), entries(source).formula(expression)
    return Line(*shown, evidence=source.checker.numbers_agree(str(entry), value, student.in_other_way(entry), *shown))


def worked(
    source: QuestionSource, student: StudentNumbers, equations: Sequence[ScalarEquation], known: Mapping[Expr, float]
) -> list[Display]:
    """The equations of one tensor after the other, every entry with its numbers. `known` has the value of all that they read."""
    values = dict(known)
    groups: dict[str, list[Line]] = {}
    printer = NumberPrinter(source.system, source.material.notation, values, CARRIED_DIGITS)
    for equation in equations:
        found = _as_on_paper(put_in(str(equation.entry), equation.expression, values, printer, source.checker), source)
        values[equation.entry] = found.value
        lines = groups.setdefault(equation.tensor, [])
        lines.append(calculated_line(source, student, equation.entry, equation.expression, found.value))
        lines += found.lines(_sign(found))
    return [Display(tuple(lines)) for lines in groups.values()]


def _as_on_paper(found: PutIn, source: QuestionSource) -> PutIn:
    value = as_on_paper(found.value)
    if value == found.value:
        return found
    numbers, result = found.numbers, printed(value, CARRIED_DIGITS).formula
    return PutIn(numbers, result, value, source.checker.within(write_latex(numbers.node), found.value, value, ROUNDING, numbers, result))


def _sign(found: PutIn) -> str:
    """An equals sign where nothing was rounded off."""
    return "=" if float(f"{found.value:.{CARRIED_DIGITS}g}") == round(found.value, 12) else "≈"
