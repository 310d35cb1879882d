"""A text and its syntax tree by Python's own grammar, and refusals that show the text with a mark under the place.

Nothing is ever evaluated as Python: a tree is only looked at.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from dataclasses import dataclass

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.limits import DEEPEST_NESTING, LONGEST_NUMBER, LONGEST_TEXT

from .trees import below

#: How much of a long text a message shows to the left of the mark, and in all.
SHOWN_BEFORE, SHOWN = 50, 100

TOO_LONG_NUMBER = re.compile(rf"\d{{{LONGEST_NUMBER},}}")
TOO_DEEP = f"more than {DEEPEST_NESTING} levels of brackets and operators"
CLOSING = {"(": ")", "[": "]", "{": "}"}
#: Signs that stand on paper but not in this language, and what is written for them.
INSTEAD = {
    "−": "-",
    "–": "-",
    "·": "*",
    "×": "*",
    "⋅": "*",
    "÷": "/",
    "²": "**2",
    "³": "**3",
    "≤": "<=",
    "≥": ">=",
    "√": "sqrt(…)",
    "Σ": "sum(k, …)",
    "∑": "sum(k, …)",
    "π": "pi",
}
#: What Python's parser says, and what is said here.
BETWEEN = "not an expression from here on; between two values stands an operator such as *, between two arguments a comma"
NAMED = "an argument has no name; equality is written ==, as in where(k == 1, u, v)"
COMPLAINTS = {
    "invalid decimal literal": "a name does not begin with a digit, and a product is written with *, as in 2*x",
    "invalid syntax": BETWEEN,
    "positional argument follows keyword argument": NAMED,
    "invalid syntax. Perhaps you forgot a comma?": BETWEEN,
}


@dataclass(frozen=True, slots=True)
class TextPlaces:
    """Where the characters of a text stand in what a user wrote, from which its `rows` were put together.

    Each row is where it begins in the text and where in the whole; a part of the text begins at `start`.
    """

    rows: tuple[tuple[int, int], ...] = ((0, 0),)
    start: int = 0

    def of(self, place: int) -> int:
        begin, whole = max(row for row in self.rows if row[0] <= max(self.start + place, 0))
        return whole + self.start + place - begin

    def behind(self, start: int) -> TextPlaces:
        return TextPlaces(self.rows, self.start + start)


@dataclass(frozen=True, slots=True)
class Syntax:
    """A text with its tree; what a user has not written so has no places."""

    text: str
    tree: ast.expr
    places: TextPlaces | None = None

    def at(self, node: ast.AST, message: str) -> InvalidDescription:
        """A refusal that marks where the node begins."""
        row, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        return refusal(self.text, self.text_position(row, column), message, self.places)

    def text_position(self, row: int, column: int) -> int:
        return sum(len(line) + 1 for line in self.text.split("\n")[: row - 1]) + column


def syntax_of(text: str, places: TextPlaces = TextPlaces()) -> Syntax:
    """The syntax tree of an expression.

    Raises:
        InvalidDescription: with the text and a mark under the place, where it is none.
    """
    places = places.behind(len(text) - len(text.lstrip()))
    text = with_double_signs(text.strip())
    if len(text) > LONGEST_TEXT:
        raise InvalidDescription(f"an expression of {len(text)} characters; at most {LONGEST_TEXT} are read")
    if not text.isascii():
        raise _foreign_character(text, places)
    if long_number := TOO_LONG_NUMBER.search(text):
        raise refusal(text, long_number.start(), f"a number of more than {LONGEST_NUMBER} digits", places)
    try:
        # Warnings are about Python's meaning of a text, which it does not have here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return Syntax(text, ast.parse(text, mode="eval").body, places)
    except SyntaxError as problem:
        raise _not_an_expression(text, problem, places) from None
    except (RecursionError, MemoryError, ValueError):
        raise InvalidDescription("an expression that is nested too deeply or holds a character that is not allowed") from None


def check_depth(syntax: Syntax) -> None:
    """Refuses brackets and operators in each other that are too many to be read one inside of the other.

    Raises:
        InvalidDescription: with a mark under the first that is too deep.
    """
    level: list[ast.AST] = [syntax.tree]
    for _ in range(DEEPEST_NESTING + 1):
        level = [part for node in level for part in below(node) if isinstance(part, ast.expr)]
        if not level:
            return
    if level:
        raise syntax.at(level[0], TOO_DEEP)


def with_double_signs(text: str) -> str:
    """The text with == for = inside of brackets without a name: [i = j], as it is written on paper, for [i== j]."""
    if "=" not in text[text.find("[") + 1 :]:
        return text
    written, opened, before = "", [False], ""
    for place, sign in enumerate(text):
        if sign in CLOSING:
            opened.append((sign == "[" and not (before.isalnum() or before in ("_", "]", ")"))) or (opened[-1] and sign == "("))
        elif sign in CLOSING.values() and len(opened) > 1:
            opened.pop()
        if opened[-1] and sign == "=" and before not in ("<", ">", "=", "!") and text[place + 1 : place + 2] != "=":
            # A space before makes room, so that what follows stays where it is in its line.
            written = f"{written.removesuffix(' ')}=="
        else:
            written += sign
        before = before if sign.isspace() else sign
    return written


def refusal(text: str, column: int, message: str, places: TextPlaces | None) -> InvalidDescription:
    """The message, then the text with a mark under the place."""
    at = (places.of(column),) if places else ()
    text = re.sub(r"\s", " ", text)
    start = max(0, column - SHOWN_BEFORE)
    return InvalidDescription(f"{message}\n    {text[start : start + SHOWN]}\n    {' ' * (column - start)}^", at)


def unclosed_bracket(text: str) -> tuple[int, str] | None:
    """The place of a bracket without its counterpart and what is wrong with it, or None where all are in pairs."""
    opened: list[tuple[int, str]] = []
    for place, sign in enumerate(text):
        if sign in CLOSING:
            opened.append((place, sign))
        elif sign in CLOSING.values():
            if not opened:
                return place, f"this {sign!r} closes no bracket"
            begun, bracket = opened.pop()
            if CLOSING[bracket] != sign:
                return place, f"{CLOSING[bracket]!r} was expected before this {sign!r}, for the {bracket!r} at character {begun + 1}"
    return (opened[-1][0], f"a bracket is not closed: {opened[-1][1]!r}") if opened else None


def _foreign_character(text: str, places: TextPlaces) -> InvalidDescription:
    place = next(place for place, sign in enumerate(text) if not sign.isascii())
    remedy = f"write {INSTEAD[text[place]]}" if text[place] in INSTEAD else "names are of the letters a to z, digits and underscores"
    return refusal(text, place, f"the character {ascii(text[place]) if not text[place].isprintable() else text[place]!r}: {remedy}", places)


def _not_an_expression(text: str, problem: SyntaxError, places: TextPlaces) -> InvalidDescription:
    if found := unclosed_bracket(text):
        return refusal(text, *found, places)
    for word in re.finditer(r"[A-Za-z_]\w*", text):
        if keyword.iskeyword(word.group()):
            return refusal(text, word.start(), f"{word.group()!r} is a word of Python's; choose another name", places)
    message = COMPLAINTS.get(problem.msg, f"not an expression ({problem.msg})")
    rows = text.split("\n")[: (problem.lineno or 1) - 1]
    column = sum(len(row) + 1 for row in rows) + problem.offset - 1 if problem.offset else len(text)
    return refusal(text, min(column, len(text)), message, places)
