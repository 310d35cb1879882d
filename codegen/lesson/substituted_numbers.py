"""Numbers put into a formula, formula = numbers = value, evaluated with the digits that are printed and not with those behind them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr

from chainrule.codegen.checking.checker import Checker
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.formulas.latex import LatexNumbers, number

from .worked_values import entry_value, parts, with_labels


@dataclass(frozen=True, slots=True)
class PutIn:
    """The formula with its numbers, and its value, as LaTeX; they are equal as far as the digits go, which `evidence` says."""

    numbers: str
    written: str
    value: float
    evidence: Evaluated


def put_in(what: str, expression: Expr, values: Mapping[Expr, float], printer: LatexNumbers, checker: Checker) -> PutIn:
    """The value of a formula by the numbers as they are printed.

    Raises:
        CheckFailed: where the printed numbers lead to another value than the one that is printed behind them.
    """
    # Labels say of other entries which one is read.
    expression = with_labels(expression, values)
    value = entry_value(expression, values)
    digits = printer.digits
    read = parts(expression)
    own = {entry: read_back(number(known, digits)) for entry, known in values.items() if entry in read}
    found = entry_value(expression, own)
    written = number(value, digits)
    allowed = 10 ** (2 - digits) * abs(value)
    if not abs(found - value) <= allowed:
        allowed = _rounding(expression, own, found, digits) + 2 * last_place(value, digits)
    evidence = checker.within(what, found, read_back(written), allowed)
    return PutIn(printer.text(expression), written, value, evidence)


def read_back(written: str) -> float:
    """The number that `number` has written."""
    if written.endswith(r"\infty"):
        return -math.inf if written.startswith("-") else math.inf
    if "NaN" in written:
        return math.nan
    parts = re.fullmatch(r"(-?[\d.]+)(?: \\(?:times|cdot) 10\^\{(-?\d+)\})?", written)
    if parts is None:
        raise ValueError(f"found {written!r}, expected a number")
    return float(f"{parts[1]}e{parts[2] or 0}")


def last_place(value: float, digits: int) -> float:
    """What the last of so many significant digits is worth."""
    return 0.0 if value == 0 else 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)


def _rounding(expression: Expr, values: Mapping[Expr, float], found: float, digits: int) -> float:
    """How far the digits that are not printed can move a value: Σ |f(…, v + h, …) − f(…, v, …)|, h a unit of the last digit printed."""
    total = 0.0
    for entry, value in values.items():
        total += abs(entry_value(expression, {**values, entry: value + last_place(value, digits)}) - found)
    return total
