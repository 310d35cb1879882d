"""Working by hand, line by line: formula, numbers, value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr

from codegen.blocks import Display, Line
from codegen.latex import Latex, LatexNumbers, number
from codegen.worked_values import entry_value, with_labels
from symbolic.scalar_form import ScalarEquation

from .source import Source

#: Significant digits of results, and of the numbers on the way to them: what is carried on is not rounded.
DIGITS = 4
CARRIED_DIGITS = 6
#: Wider rows of numbers have a line without their value.
WIDEST_NUMBERS = 70


def entries(source: Source) -> Latex:
    """How single entries are written: the index of the only example is left out."""
    return Latex(source.system, source.material.notation, 1)


def rounded(value: float) -> str:
    return number(value, DIGITS)


def carried(value: float) -> str:
    """A number on the way to a result."""
    return number(value, CARRIED_DIGITS)


def worked(source: Source, equations: Sequence[ScalarEquation], known: Mapping[Expr, float]) -> list[Display]:
    """The equations of one tensor after the other, every entry with its numbers. `known` has the value of all that they read."""
    values = dict(known)
    groups: dict[str, list[Line]] = {}
    for equation in equations:
        numbers = LatexNumbers(source.system, source.material.notation, values, CARRIED_DIGITS).text(
            with_labels(equation.expression, values)
        )
        values[equation.entry] = entry_value(equation.expression, values)
        lines = groups.setdefault(equation.tensor, [])
        lines.append(Line(entries(source).text(equation.entry), entries(source).text(equation.expression)))
        lines += _value(numbers, values[equation.entry])
    return [Display(tuple(lines)) for lines in groups.values()]


def _value(numbers: str, value: float) -> list[Line]:
    """= numbers ≈ value, with an equals sign where nothing was rounded off."""
    written = carried(value)
    sign = "=" if float(f"{value:.{CARRIED_DIGITS}g}") == round(value, 12) else r"\approx"
    if numbers == written:
        return [Line("", written, relation=sign)]
    if len(numbers) > WIDEST_NUMBERS:
        return [Line("", numbers), Line("", written, relation=sign)]
    return [Line("", f"{numbers} {sign} {written}")]
