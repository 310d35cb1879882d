"""Long lines of generated source in several, as a formatter would break them: before an operator, or with an argument a line.

The source is what this project writes itself: spaces around binary operators except **, none around the = of a keyword.
"""

from __future__ import annotations

import re
from functools import cache

LONGEST = 100
STEP = 4
OPENING, CLOSING = "([{", ")]}"
ASSIGNMENTS = (" = ", " += ")
#: Where an expression is cut, loosest first.
OPERATORS = ((" & ",), (" == ", " >= ", " <= ", " > ", " < "), (" + ", " - "), (" * ", " / ", " @ "))


def broken(statement: str, indent: int) -> str:
    """An assignment or a loop's head as lines of at most `LONGEST` characters where that can be; the first is behind `indent` spaces."""
    if indent + len(statement) <= LONGEST:
        return statement
    if statement.startswith("for "):
        names, _, source = statement.removeprefix("for ").partition(" in ")
        return _between("for (", [f"{name}," for name in names.split(", ")], f") in {source}", indent)
    for sign in ASSIGNMENTS:
        left, *right = _cut(statement, (sign,))
        if right:
            value = "".join(right).removeprefix(sign)
            return f"{left}{sign}{broken_value(value, indent, indent + len(left + sign))}"
    return statement


def broken_value(expression: str, indent: int, start: int) -> str:
    """An expression that begins in column `start` of a line indented by `indent`, and needs brackets to go on in the next."""
    if start + len(expression) <= LONGEST:
        return expression
    items = _cut(expression, (", ",))
    if len(items) > 1:
        return _between("(", [f"{item.removeprefix(', ')}," for item in items], ")", indent)
    if _operands(expression):
        return _between("(", [_part(expression, indent + STEP)], ")", indent)
    return _call(expression, indent)


def _part(expression: str, indent: int) -> str:
    """An expression inside of brackets, where it may go on in the next line as it is."""
    if indent + len(expression) <= LONGEST:
        return expression
    operands = _operands(expression)
    if not operands:
        return _call(expression, indent)
    lines = []
    for place, operand in enumerate(operands):
        # An operand but the first begins with its operator.
        sign, rest = ("", operand) if place == 0 else operand[1:].split(" ", 1)
        lines.append(f"{sign} {_part(rest, indent)}".lstrip())
    return ("\n" + " " * indent).join(lines)


def _call(expression: str, indent: int) -> str:
    """function(…), the arguments of its longest bracket a line each; what follows the bracket, such as [:, None], stays behind it."""
    start, end = _longest_bracket(expression)
    if end - start <= 2:
        return expression
    items = [item.removeprefix(", ") for item in _cut(expression[start + 1 : end], (", ",))]
    comma = "," if len(items) > 1 else ""
    lines = [f"{_part(item, indent + STEP)}{comma}" for item in items]
    return _between(expression[: start + 1], lines, expression[end:], indent)


def _between(start: str, lines: list[str], end: str, indent: int) -> str:
    inner = "\n" + " " * (indent + STEP)
    return f"{start}{inner}{inner.join(lines)}\n{' ' * indent}{end}"


def _operands(expression: str) -> list[str]:
    """The expression cut before its loosest operators; nothing where it has none outside of brackets."""
    for signs in OPERATORS:
        parts = _cut(expression, signs)
        if len(parts) > 1:
            return parts
    return []


def _cut(text: str, separators: tuple[str, ...]) -> list[str]:
    """The text cut before every separator that stands outside of brackets and quotation marks."""
    parts, depth, quoted, last = [], 0, False, 0
    for found in _signs(separators).finditer(text):
        sign, place = found.group(), found.start()
        if sign == '"':
            quoted = not quoted
        elif sign:
            depth += 1 if sign in OPENING else -1
        elif depth == 0 and not quoted and place > last:
            parts.append(text[last:place])
            last = place
    return [*parts, text[last:]]


@cache
def _signs(separators: tuple[str, ...]) -> re.Pattern[str]:
    """Brackets and quotation marks, and nothing at the places where a separator begins."""
    return re.compile(rf"[{re.escape(OPENING + CLOSING)}\"]|(?={'|'.join(map(re.escape, separators))})")


def _longest_bracket(expression: str) -> tuple[int, int]:
    """Where the longest of the outermost brackets begins and ends."""
    depth, start, longest = 0, 0, (0, 0)
    for place, letter in enumerate(expression):
        if letter in OPENING:
            start = place if depth == 0 else start
            depth += 1
        elif letter in CLOSING:
            depth -= 1
            if depth == 0 and place - start > longest[1] - longest[0]:
                longest = start, place
    return longest
