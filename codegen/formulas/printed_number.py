"""Numbers with the digits that a reader sees, and what they are worth: a printed number is not the one that was rounded to it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from chainrule.codegen.document.formula import Formula
from chainrule.codegen.document.nodes import MINUS, Letter, Node, Number, Text, row, scripted
from chainrule.codegen.words.translation import spoken_language

_WORDS: dict[str, Node] = {"nan": Text("NaN"), "inf": Letter("∞"), "-inf": row(MINUS, "∞")}


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """Decimal digits, and the power of ten behind them."""

    digits: str
    exponent: int = 0

    @property
    def value(self) -> float:
        return float(f"{self.digits}e{self.exponent}" if self.exponent else self.digits)

    @property
    def node(self) -> Node:
        if self.exponent:
            power = scripted("10", above=signed(str(self.exponent)))
            return row(signed(self.digits), spoken_language().times, power)
        return _WORDS.get(self.digits) or signed(self.digits)

    @property
    def formula(self) -> Formula:
        return Formula(self.node, (self.value,))


def signed(digits: str) -> Node:
    """A number with its sign in front where it is below zero."""
    return row(MINUS, digits[1:]) if digits.startswith("-") else Number(digits)


def printed(value: float, digits: int = 6) -> PrintedNumber:
    """A number with so many significant digits, in powers of ten where it is very small or very large."""
    if not math.isfinite(value) or value == 0:
        return PrintedNumber(f"{value:.0f}".replace("-0", "0"))
    exponent = math.floor(math.log10(abs(value)))
    if -4 <= exponent < digits + 3:
        return PrintedNumber(_trimmed(f"{value:.{max(digits - 1 - exponent, 0)}f}"))
    return PrintedNumber(_trimmed(f"{value / 10**exponent:.{digits - 1}f}"), exponent)


def number(value: float, digits: int = 6) -> Node:
    """The same as a node."""
    return printed(value, digits).node


def last_place(value: float, digits: int) -> float:
    """What the last of so many significant digits is worth."""
    return 0.0 if value == 0 else 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)


def _trimmed(written: str) -> str:
    return written.rstrip("0").rstrip(".") if "." in written else written
