"""A work run at both draws, with other values in the places of wrong ones, and how many gradients are right in it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from chainrule.symbolic.index.numeric_array import NumericArray

from .given import GivenArrays
from .lines import Line, lines
from .matching import Matcher
from .python.reader import CodeWork
from .python.recorded import Changes, Place, Run
from .python.values import Value
from .scale import Pair

Values = tuple[Mapping[Place, NumericArray], Mapping[Place, NumericArray]]
UNCHANGED: Values = ({}, {})


@dataclass(frozen=True)
class Trial:
    """Both runs of a work."""

    work: CodeWork
    matcher: Matcher
    values: Values = UNCHANGED
    kept: dict[tuple[int, ...], int] = field(default_factory=dict)

    @cached_property
    def givens(self) -> tuple[GivenArrays, GivenArrays]:
        layouts, spellings = self.matcher.layouts, self.matcher.spellings
        first, second = (GivenArrays(layouts, draw, spellings) for draw in self.matcher.reference.draws)
        return first, second

    @cached_property
    def runs(self) -> tuple[Run, Run]:
        """Where the first one is not read to its end, the second is not begun."""
        first, second = zip(self.givens, map(Changes, self.values), strict=True)
        run = self.work.run(*first)
        return run, run if run.is_exhausted else self.work.run(*second)

    @property
    def is_exhausted(self) -> bool:
        """Whether the work was not read to its end, so that it is not run again."""
        return any(run.is_exhausted for run in self.runs)

    @cached_property
    def lines(self) -> list[Line]:
        return lines(*self.runs)

    def with_value(self, line: Line, value: Pair) -> Trial:
        """The same with another value for one line."""
        first, second = ({**values, place: own} for values, place, own in zip(self.values, line.places, value, strict=True))
        return Trial(self.work, self.matcher, (first, second))

    def values_at(self, statement: ast.stmt, tried: Sequence[ast.expr]) -> list[list[tuple[Value, Value]]]:
        """What expressions would have as values just before a statement, each time that it is reached, at both draws."""
        found = [
            self.work.run(given, Changes(values, tried, statement)).found for given, values in zip(self.givens, self.values, strict=True)
        ]
        return [list(zip(*pair, strict=True)) for pair in zip(*found, strict=False)]

    @cached_property
    def last_of(self) -> dict[str, Line]:
        """The last line that says something of each gradient, its own or an update by it."""
        found: dict[str, Line] = {}
        for line in self.lines:
            quantity = self.matcher.updated(line) or self.own_gradient(line)
            if quantity is not None:
                found[quantity] = line
        return found

    def own_gradient(self, line: Line) -> str | None:
        """The gradient that a line is by its name or its value."""
        named = self.matcher.named(line.name)
        if named is not None and self.matcher.is_gradient(named):
            return named
        match = self.matcher.match(line)
        return match.quantity if match is not None and self.matcher.is_gradient(match.quantity) else None

    @cached_property
    def right_gradients(self) -> frozenset[str]:
        """Those that are right in the end."""
        return frozenset(name for name, line in self.last_of.items() if self.is_right(line, name))

    def is_right(self, line: Line, gradient: str) -> bool:
        """Whether a line is a gradient, or takes some of it off its parameter."""
        if line.step is not None and self.matcher.updated(line) == gradient:
            scale = self.matcher.scale(line.step, gradient)
            return scale is not None and scale.axis is None and scale.factor > 0
        scale = self.matcher.scale(line.values, gradient)
        return scale is not None and scale.is_one
