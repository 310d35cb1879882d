"""Working by hand, line by line: formula, numbers, value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sympy import Expr

from chainrule.codegen.document.document import Display, Line, Math
from chainrule.codegen.formulas.latex import Latex, LatexNumbers, number
from chainrule.codegen.lesson.substituted_numbers import PutIn, last_place, put_in, read_back
from chainrule.symbolic.checking.verification import TOLERANCE
from chainrule.symbolic.forms.scalar_form import ScalarEquation

from .source import QuestionSource
from .student_numbers import ROUNDING, StudentNumbers, as_on_paper

#: Significant digits of results, and of the numbers on the way to them: what is carried on is not rounded.
DIGITS = 4
CARRIED_DIGITS = 6
#: Wider rows of numbers have a line without their value.
WIDEST_NUMBERS = 70


def entries(source: QuestionSource) -> Latex:
    """How single entries are written: the index of the only example is left out."""
    return Latex(source.system, source.material.notation, 1)


def rounded(value: float) -> str:
    return number(value, DIGITS)


def carried(value: float) -> str:
    """A number on the way to a result."""
    return number(value, CARRIED_DIGITS)


def result(source: QuestionSource, entry: str, value: float, in_other_way: float) -> Math:
    """entry ≈ value, rounded as far as results are; the value was found in another way too."""
    half = last_place(value, DIGITS) / 2
    evidence = source.checker.within(entry, read_back(rounded(value)), in_other_way, half * (1 + TOLERANCE) + TOLERANCE * abs(value))
    return Math(rf"{entry} \approx {rounded(value)}", evidence)


def calculated_line(source: QuestionSource, student: StudentNumbers, entry: Expr, expression: Expr, value: float) -> Line:
    """entry = formula, whose value by this formula alone is that of the whole arrays."""
    evidence = source.checker.numbers_agree(str(entry), value, student.in_other_way(entry))
    return Line(entries(source).text(entry), entries(source).text(expression), evidence=evidence)


def worked(
    source: QuestionSource, student: StudentNumbers, equations: Sequence[ScalarEquation], known: Mapping[Expr, float]
) -> list[Display]:
    """The equations of one tensor after the other, every entry with its numbers. `known` has the value of all that they read."""
    values = dict(known)
    groups: dict[str, list[Line]] = {}
    printer = LatexNumbers(source.system, source.material.notation, values, CARRIED_DIGITS)
    for equation in equations:
        found = _as_on_paper(put_in(str(equation.entry), equation.expression, values, printer, source.checker), source)
        values[equation.entry] = found.value
        lines = groups.setdefault(equation.tensor, [])
        lines.append(calculated_line(source, student, equation.entry, equation.expression, found.value))
        lines += _value(found)
    return [Display(tuple(lines)) for lines in groups.values()]


def _as_on_paper(found: PutIn, source: QuestionSource) -> PutIn:
    value = as_on_paper(found.value)
    if value == found.value:
        return found
    return replace(found, value=value, written=carried(value), evidence=source.checker.within(found.numbers, found.value, value, ROUNDING))


def _value(found: PutIn) -> list[Line]:
    """= numbers ≈ value, with an equals sign where nothing was rounded off."""
    sign = "=" if float(f"{found.value:.{CARRIED_DIGITS}g}") == round(found.value, 12) else r"\approx"
    if found.numbers == found.written:
        return [Line("", found.written, relation=sign, evidence=found.evidence)]
    if len(found.numbers) > WIDEST_NUMBERS:
        return [Line("", found.numbers, evidence=found.evidence), Line("", found.written, relation=sign, evidence=found.evidence)]
    return [Line("", f"{found.numbers} {sign} {found.written}", evidence=found.evidence)]
