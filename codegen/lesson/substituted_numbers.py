"""Numbers put into a formula, formula = numbers = value, evaluated with the digits that are printed and not with those behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr

from chainrule.codegen.checking.checker import Checker
from chainrule.codegen.document.document import Line
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.document.formula import NOTHING, Formula
from chainrule.codegen.document.nodes import node
from chainrule.codegen.formulas.measure import formula_width
from chainrule.codegen.formulas.number_printer import NumberPrinter
from chainrule.codegen.formulas.printed_number import last_place, printed

from .worked_values import entry_value, parts, with_labels

#: In em: wider rows of numbers have a line without their value.
WIDEST_NUMBERS = 23.0


@dataclass(frozen=True, slots=True)
class PutIn:
    """The formula with its numbers, and its value as it is printed; they are equal as far as the digits go, which `evidence` says."""

    numbers: Formula
    result: Formula
    value: float
    evidence: Evaluated

    def joined(self, sign: str = "=") -> Formula:
        """numbers = value"""
        return self.numbers.joined(sign, self.result)

    def lines(self, sign: str = "=") -> list[Line]:
        """= numbers = value, below the formula."""
        if self.numbers.node == self.result.node:
            return [Line(NOTHING, self.result, relation=node(sign), evidence=self.evidence)]
        if formula_width(self.numbers.node) > WIDEST_NUMBERS:
            shown = (("=", self.numbers), (sign, self.result))
            return [Line(NOTHING, side, relation=node(relation), evidence=self.evidence) for relation, side in shown]
        return [Line(NOTHING, self.joined(sign), evidence=self.evidence)]


def put_in(what: str, expression: Expr, values: Mapping[Expr, float], printer: NumberPrinter, checker: Checker) -> PutIn:
    """The value of a formula by the numbers as they are printed.

    Raises:
        CheckFailed: where the printed numbers lead to another value than the one that is printed behind them.
    """
    # Labels say of other entries which one is read.
    labelled = with_labels(expression, values)
    numbers = Formula(printer.node(labelled), (expression,))
    digits = printer.digits
    value = entry_value(labelled, values)
    read = parts(labelled)
    own = {entry: printed(known, digits).value for entry, known in values.items() if entry in read}
    found, result = entry_value(labelled, own), printed(value, digits)
    allowed = 10 ** (2 - digits) * abs(value)
    if not abs(found - value) <= allowed:
        allowed = _rounding(labelled, own, found, digits) + 2 * last_place(value, digits)
    shown = result.formula
    return PutIn(numbers, shown, value, checker.within(what, found, result.value, allowed, numbers, shown))


def _rounding(expression: Expr, values: Mapping[Expr, float], found: float, digits: int) -> float:
    """How far the digits that are not printed can move a value: Σ |f(…, v + h, …) − f(…, v, …)|, h a unit of the last digit printed."""
    total = 0.0
    for entry, value in values.items():
        total += abs(entry_value(expression, {**values, entry: value + last_place(value, digits)}) - found)
    return total
