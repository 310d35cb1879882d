"""Equations that what is said shortly needs beside its own.

Running sums and products are tensors, one step from the last, so that they take linear time and divide by nothing:

    c[t] = c[t-1] + u[t]                    cumsum(t, u[t])
    p[t] = p[t-1]*u[t],  p[-1] = 1          cumprod(t, u[t]); prod(t, u[t]) is its last entry

So a product's derivative is right where factors are 0: ∂p/∂u[t] is p[t-1] times what the steps after t make of it, and not p/u[t].
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from .equation_lines import EquationLine
from .syntax import Syntax
from .trees import filled, names_of, renamed, subscript

#: A step, by P the entry before and E the argument.
STEPS = {"cumsum": "P + E", "cumprod": "P*E", "prod": "P*E"}


@dataclass
class FurtherEquations:
    """The equations that the functions of a text need beside it; `taken` are the names of the text."""

    taken: set[str]
    lines: list[EquationLine] = field(default_factory=list)
    #: What has a tensor already, by what it is.
    known: dict[str, str] = field(default_factory=dict)

    def named(self, function: str, letters: Sequence[str], along: str, body: ast.expr, line: EquationLine) -> str:
        """The tensor of a running sum or product over `along`; the same for what is the same but for its letters."""
        places = {letter: f"@{number}" for number, letter in enumerate(letters)}
        key = f"{STEPS[function]} {letters.index(along)} {ast.dump(renamed(body, places))}"
        if key not in self.known:
            name = next(name for name in _names(f"{line.name}_{function}") if name not in self.taken)
            self.taken.add(name)
            self.known[key] = name
            self.lines += steps(function, name, letters, along, body, line, len(self.lines) + 1)
        return self.known[key]

    def number(self, body: ast.expr, line: EquationLine) -> str:
        """A tensor without indices for an expression that has none."""
        key = ast.dump(body)
        if key not in self.known:
            name = next(name for name in _names(f"{line.name}_of") if name not in self.taken)
            self.taken.add(name)
            self.known[key] = name
            self.lines.append(_line(line, name, subscript(name, (), body), body, (), len(self.lines) + 1))
        return self.known[key]


def steps(
    function: str, name: str, letters: Sequence[str], along: str, body: ast.expr, line: EquationLine, part: int = 0
) -> list[EquationLine]:
    """The equation of a tensor that adds up or multiplies along a letter, and its boundary value where that is not 0."""
    here = names_of(letters, body)
    place = letters.index(along)

    def at(index: str) -> ast.expr:
        other = filled(index, {"t": [here[place]]}, body)
        return subscript(name, [*here[:place], other, *here[place + 1 :]], body)

    step = filled(STEPS[function], {"P": [at("t - 1")], "E": [body]}, body)
    found = [_line(line, name, at("t"), step, tuple(letters), part)]
    if function != "cumsum":
        places: tuple[str | int, ...] = (*letters[:place], -1, *letters[place + 1 :])
        found.append(_line(line, name, at("-1"), filled("1", {}, body), places, part + 1))
    return found


def _line(line: EquationLine, name: str, left: ast.expr, right: ast.expr, places: tuple[str | int, ...], part: int) -> EquationLine:
    return EquationLine(line.number, name, places, Syntax(ast.unparse(left), left), replace(line.right, tree=right), line.begin, part=part)


def _names(first: str) -> Iterable[str]:
    yield first
    yield from (f"{first}{number}" for number in count(2))
