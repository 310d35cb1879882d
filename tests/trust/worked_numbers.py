"""The worked numbers of a handout, read back from its Markdown: what is printed is computed again from what is printed.

o_1 = \\frac{1}{1 + e^{-1.10590597}} = 0.75136507        the middle is evaluated; 1.10590597 must have been stated before
| w_11 | 0.15 | 0.000438567734 | 0.149780716 |         before − η gradient = after
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

#: Numbers are printed with nine digits; operands are rounded as well as results.
TOLERANCE = 2e-8
#: Of the table of gradients, with six digits.
SHORT_TOLERANCE = 2e-6
NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
FUNCTIONS = {"e": math.e, "ln": math.log, "log": math.log, "tanh": math.tanh, "sqrt": math.sqrt, "max": max}


@dataclass
class Reading:
    """What is stated so far, as it is written, and what does not fit."""

    stated: dict[str, str] = field(default_factory=dict)
    checked: int = 0
    failures: list[str] = field(default_factory=list)

    def expect(self, holds: bool, what: str) -> None:
        self.checked += 1
        if not holds:
            self.failures.append(what)


def worked_numbers(markdown: str) -> Reading:
    """Every line of the section on worked numbers, and the tables that follow."""
    reading = Reading()
    section = markdown[markdown.index("## Worked numbers") :]
    first = section.index("```math")
    for symbol, value in re.findall(rf"\$`?([^$`]+?) = ({NUMBER})`?\$", section[:first]):
        reading.stated[symbol] = value
    for block in re.findall(r"```math\n(.*?)```", section, re.DOTALL):
        if r"\approx" not in block:
            _block(block, reading)
    _update(section, reading)
    _gradients(section, reading)
    return reading


def _block(block: str, reading: Reading) -> None:
    """symbol = formula, then numbers = value, perhaps on two lines, for each entry."""
    symbol, pending = "", ""
    for line in re.findall(r"^(.*?)&= (.*?)(?: \\\\)?$", block, re.MULTILINE):
        left, right = (part.strip() for part in line)
        if left:
            symbol, pending = left, ""
            continue
        *middle, last = right.rsplit(" = ", 1)
        numbers = middle[0] if middle else pending
        if not re.fullmatch(NUMBER, last):
            pending = right
            continue
        if numbers:
            found, largest = _value(numbers), max(abs(float(each)) for each in re.findall(NUMBER, numbers))
            reading.expect(
                abs(found - float(last)) <= TOLERANCE * max(abs(found), largest), f"{symbol}: {numbers} is {found:.9g}, not {last}"
            )
            for operand in re.findall(r"(?<![\d.])\d+\.\d+", numbers):
                known = {value.lstrip("-") for value in reading.stated.values()}
                reading.expect(operand in known, f"{symbol}: {operand} in {numbers} is the value of nothing")
        else:
            reading.expect(last in reading.stated.values(), f"{symbol}: {last} is the value of nothing")
        reading.stated[symbol] = last


def _update(section: str, reading: Reading) -> None:
    """The table of one step of gradient descent, and the cost before it."""
    rate = float(re.search(rf"\\eta = ({NUMBER})", section).group(1))  # type: ignore[union-attr]
    for symbol, *row in re.findall(
        rf"^\| \$`?([^$`]+)`?\$ \| \$({NUMBER})\$ \| \$({NUMBER})\$ \| \$({NUMBER})\$ \|$", section, re.MULTILINE
    ):
        before, gradient, after = row
        reading.expect(abs(float(before) - rate * float(gradient) - float(after)) <= TOLERANCE, f"{symbol}: {before} becomes {after}")
        reading.expect(reading.stated.get(symbol) == before, f"{symbol}: {before} before the step is not its value")
        slope = next((value for name, value in reading.stated.items() if name == rf"\frac{{\partial C}}{{\partial {symbol}}}"), None)
        reading.expect(slope == gradient, f"{symbol}: its gradient is {slope}, not {gradient}")
    cost = re.search(rf"The cost falls from \$({NUMBER})\$", section)
    reading.expect(
        cost is not None and cost.group(1) == reading.stated.get("C"), "the cost before the step is not the one that was computed"
    )


def _gradients(section: str, reading: Reading) -> None:
    """The table of gradients beside numeric ones, with fewer digits."""
    row = rf"^\| \$`\\partial C / \\partial ([^$`]+)`\$ \| \$({NUMBER})\$ \| \$({NUMBER})\$ \|"
    for symbol, derived, numeric in re.findall(row, section, re.MULTILINE):
        stated = float(reading.stated.get(rf"\frac{{\partial C}}{{\partial {symbol}}}", "nan"))
        for kind, value in (("derived", derived), ("numeric", numeric)):
            reading.expect(
                abs(float(value) - stated) <= SHORT_TOLERANCE * abs(stated) * 3, f"{symbol}: the {kind} gradient {value} is not {stated}"
            )


def _value(latex: str) -> float:
    """The number of an expression of numbers."""
    return float(eval(_python(latex), {"__builtins__": {}}, FUNCTIONS))


def _python(latex: str) -> str:
    text = latex.replace(r"\left", "").replace(r"\right", "").replace(r"\cdot", "*").replace(r"\,", " ")
    while r"\frac{" in text:
        start = text.index(r"\frac{")
        above, rest = _braces(text[start + len(r"\frac") :])
        below, rest = _braces(rest)
        text = f"{text[:start]}(({above})/({below})){rest}"
    while "^{" in text:
        start = text.index("^{")
        power, rest = _braces(text[start + 1 :])
        text = f"{text[:start]}**({power}){rest}"
    return text.replace("\\", "").replace("{", "(").replace("}", ")")


def _braces(text: str) -> tuple[str, str]:
    """The inside of the braces that a text begins with, and what follows."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return text[1:place], text[place + 1 :]
    raise ValueError(f"a brace is not closed in {text}")
