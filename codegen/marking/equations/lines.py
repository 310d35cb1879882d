"""The equations of a text: which lines are formulas, and what each of them says to be equal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chainrule.codegen.marking.python.bounds import Unreadable
from chainrule.codegen.marking.python.recorded import Unread

from .latex_names import IsName
from .reader import IsGradient
from .sides import sides
from .tokens import tokens
from .work import MOST_EQUATIONS, FormulaWork

MOST_SHOWN = 60
COMMENT = re.compile(r"\s*(?:#|%|//)")
#: A line of more letters is no formula that anybody reads.
LONGEST = 8_000
DEEPEST = 50
EQUALITY = re.compile(r"(?<![<>!=:])=(?!=)|:=|←")
OUTSIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """A line of a work that is a formula, with its number; a `problem` is why it cannot be read."""

    number: int
    text: str
    problem: str = ""


def plain_lines(text: str, is_name: IsName) -> Iterator[FormulaLine]:
    """The lines of a text that have a sign of equality outside of brackets; comments are none."""
    for number, line in enumerate(text.splitlines(), 1):
        for part in line.split(";"):
            if not COMMENT.match(part) and EQUALITY.search(_without_brackets(part[:LONGEST])):
                yield FormulaLine(number, _without_reason(part.strip()))


def _without_reason(text: str) -> str:
    """What stands behind an equation, some spaces away from it, is its shape or a reason."""
    left, sign, right = text.rpartition("=")
    return f"{left}{sign}{re.split(r' {3,}|  #', right.strip())[0]}"


def _without_brackets(text: str) -> str:
    for _ in range(DEEPEST):
        before, text = text, OUTSIDE.sub("", text)
        if before == text:
            break
    return text


def read_formulas(lines: Iterable[FormulaLine], is_gradient: IsGradient) -> FormulaWork:
    """The equations of lines; one that begins with = goes on from the one before. What cannot be read is said with its line."""
    statements: list[ast.stmt] = []
    unread: list[Unread] = []
    target: ast.expr | None = None
    for line in lines:
        if len(statements) >= MOST_EQUATIONS or len(unread) >= MOST_EQUATIONS:
            unread.append(Unread(line.number, "", f"it has more than {MOST_EQUATIONS} equations"))
            break
        try:
            if line.problem:
                raise Unreadable(line.problem)
            signs = tokens(line.text)
            goes_on = bool(signs) and signs[0] == "="
            if goes_on and target is None:
                raise Unreadable("it begins with =, and no equation stands before it")
            found = sides(signs, is_gradient, target if goes_on else None)
        except RecursionError:
            unread.append(Unread(line.number, _shown(line.text), "it is nested too deeply"))
        except Unreadable as problem:
            unread.append(Unread(line.number, _shown(line.text), str(problem)))
        else:
            target = found.target
            statements += [ast.Assign([target], value, lineno=line.number, col_offset=0) for value in found.values]
            continue
        target = target if line.text.startswith("=") else None
    return FormulaWork(ast.Module(statements, []), tuple(unread))


def _shown(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
