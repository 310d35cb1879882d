"""How a table writes its numbers: 1234.5 is also 1234,5, 1.234,5, 1,234.5, 1 234.5 or 1'234.5, as far as its cells leave no doubt."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

WITH_COMMA = re.compile(r"[-+]?(\d+),(\d+)(?:[eE][-+]?\d+)?")
WITH_POINT = re.compile(r"[-+]?(\d*)\.(\d+)(?:[eE][-+]?\d+)?")
#: With both marks it is plain which is which.
COMMAS_BETWEEN = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+\.\d+")
POINTS_BETWEEN = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+")
#: Blanks, those that do not break a line, and apostrophes mean nothing else.
BLANKS_BETWEEN = re.compile(r"[-+]?\d{1,3}([ \u00a0\u202f'\u2019])\d{3}(?:\1\d{3})*(?:[.,]\d+)?")
BLANKS = re.compile("[ \u00a0\u202f'\u2019]")
MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands before decimals, and what may stand between thousands."""

    decimal: str = "."
    thousands: str = ""


def marks_of(cells: Iterable[str]) -> Marks:
    """Those of all numbers of a table; 1,234 by itself may be either, and is no reason. 0,234 and 1234,567 have decimals."""
    found = [cell.strip() for cell in cells if "," in cell or "." in cell]
    if not any("," in cell for cell in found):
        return Marks()
    found = list(map(_without_blanks, found))
    with_comma, with_point = ([match for cell in found if (match := one.fullmatch(cell))] for one in (WITH_COMMA, WITH_POINT))
    commas, points = (any(map(both.fullmatch, found)) for both in (COMMAS_BETWEEN, POINTS_BETWEEN))
    decimal_comma, decimal_point = (any(map(_has_decimals, each)) for each in (with_comma, with_point))
    if commas and not (points or decimal_comma):
        return Marks(".", ",")
    if points and not (commas or decimal_point):
        return Marks(",", ".")
    return Marks(",") if decimal_comma and not (with_point or commas or points) else Marks()


def _has_decimals(number: re.Match[str]) -> bool:
    """Whether what stands behind its mark cannot be thousands."""
    return len(number[2]) != 3 or len(number[1]) > 3 or number[1].startswith("0") or not number[1]


def _without_blanks(text: str) -> str:
    return BLANKS.sub("", text) if BLANKS_BETWEEN.fullmatch(text) else text


def number_of(cell: str, marks: Marks) -> float | None:
    """As NumPy and spreadsheets read it; 1_000, which Python takes for a number, is none."""
    text = _without_blanks(cell.strip().replace(MINUS, "-"))
    if marks.thousands and marks.thousands in text:
        between, decimal = re.escape(marks.thousands), re.escape(marks.decimal)
        if not re.fullmatch(rf"[-+]?\d{{1,3}}(?:{between}\d{{3}})+(?:{decimal}\d*)?", text):
            return None
        text = text.replace(marks.thousands, "")
    try:
        value = float(text.replace(marks.decimal, "."))
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
