"""Assignments as the template prints them: the equation as a comment above, the line of NumPy, loops."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chainrule.codegen.formulas.equations_with_shapes import equation_with_shape
from chainrule.symbolic.system.system import Equation, System

from .statements import Statement, Store, in_loops, with_loops

WIDTH = 92
INDENT = 4
#: A blank that no line may end at.
FIXED = "\0"


@dataclass(frozen=True, slots=True)
class CodeLine:
    """An assignment as the template prints it: `comment` already has its further lines marked as comments."""

    comment: str
    code: str


@dataclass(frozen=True, slots=True)
class Body:
    """A function: what it unpacks and checks, its assignments, and what it returns."""

    preparation: tuple[str, ...]
    assignments: tuple[CodeLine, ...]
    result: tuple[str, ...]


def lines_of(printed: Sequence[Statement], system: System) -> tuple[CodeLine, ...]:
    lines = []
    for each, steps in with_loops(printed):
        further = ["computed so that nothing overflows:"] if each.assignment.is_stabilised else []
        lines.append(CodeLine(equation_comment(system, each.assignment.equation, further), code_of(each, steps)))
    return tuple(lines)


def code_of(each: Statement, steps: Sequence[Store]) -> str:
    """An assignment with the loop that follows it, as it stands in a function behind its first indent."""
    inside = INDENT * (1 + len(each.headers))
    loop = in_loops(each.headers, [step.broken(inside) for step in steps])
    return "\n".join([each.start.broken(INDENT), *(f"{' ' * INDENT}{line}" for line in loop)])


def equation_comment(system: System, equation: Equation, further: Sequence[str] = (), indent: int = INDENT) -> str:
    """An equation with its shape as a comment, whose first mark the template writes."""
    return f"\n{' ' * indent}# ".join([*comment_lines(equation_with_shape(system, equation)), *further])


def comment_lines(equation: str) -> list[str]:
    """The lines of a comment; an entry such as h[n,t - 1,j] and a shape stay whole."""
    if len(equation) <= WIDTH:
        return [equation]
    whole = re.sub(r"\[[^\[\]]*\]|\([N\d][^()]*, [^()]*\)$", lambda entry: entry[0].replace(" ", FIXED), equation)
    return [line.replace(FIXED, " ") for line in textwrap.wrap(whole, WIDTH, subsequent_indent="    ")]


def wrapped_call(start: str, names: Iterable[str]) -> tuple[str, ...]:
    """A call over as many lines as it needs; they end between arguments, not in `start`, which may be `return Cache`."""
    written = f"{start.replace(' ', FIXED)}({', '.join(names)})"
    lines = textwrap.wrap(written, WIDTH, subsequent_indent=" " * (len(start) + 1), break_long_words=False)
    return tuple(line.replace(FIXED, " ") for line in lines)
