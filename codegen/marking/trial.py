"""A work run at both draws, with other values in the places of wrong ones, and how many gradients are right in it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from chainrule.codegen.mistakes.exchange import exchanged
from chainrule.symbolic.index.numeric_array import NumericArray

from .given import GivenArrays
from .lines import Line, lines
from .matching import Match, Matcher
from .python.recorded import Changes, Place, Run
from .python.values import Value
from .scale import Pair, Scale, equal
from .work import Work

Values = tuple[Mapping[Place, NumericArray], Mapping[Place, NumericArray]]
#: One that is not, of so many lines that are right.
MOST_FAILED = 8
UNCHANGED: Values = ({}, {})


@dataclass(frozen=True)
class Trial:
    """Both runs of a work."""

    work: Work
    matcher: Matcher
    values: Values = UNCHANGED
    matches: dict[tuple[str, tuple[int, ...], bytes], Match | None] = field(default_factory=dict)
    run_as: Trial | None = None
    changed: dict[tuple[int, int], tuple[ast.stmt, Trial]] = field(default_factory=dict)

    def by(self, matcher: Matcher) -> Trial:
        """The same runs beside other gradients: those of the other reduction, for which a work reads no other arrays."""
        return Trial(self.work, matcher, run_as=self)

    @cached_property
    def givens(self) -> tuple[GivenArrays, GivenArrays]:
        layouts, spellings = self.matcher.layouts, self.matcher.spellings
        first, second = (GivenArrays(layouts, draw, spellings) for draw in self.matcher.reference.draws)
        return first, second

    @cached_property
    def first_run(self) -> Run:
        return self.work.run(self.givens[0], Changes(self.values[0])) if self.run_as is None else self.run_as.first_run

    @cached_property
    def runs(self) -> tuple[Run, Run]:
        """Where the first one is not read to its end, the second is not begun."""
        if self.run_as is not None:
            return self.run_as.runs
        run = self.first_run
        return run, run if run.is_exhausted else self.work.run(self.givens[1], Changes(self.values[1]))

    @property
    def is_exhausted(self) -> bool:
        """Whether the work was not read to its end, so that it is not run again."""
        return any(run.is_exhausted for run in self.runs)

    @cached_property
    def lines(self) -> list[Line]:
        return lines(*self.runs, self.matcher.beside) if self.run_as is None else self.run_as.lines

    def with_value(self, line: Line, value: Pair) -> Trial:
        """The same with another value for one line."""
        first, second = ({**values, **own} for values, own in zip(self.values, line.parts(value), strict=True))
        return Trial(self.work, self.matcher, (first, second), self.matches)

    def without_value(self, line: Line) -> Trial:
        """The same with the line's own value again."""
        first, second = (
            {place: value for place, value in values.items() if place not in own}
            for values, own in zip(self.values, line.parts(line.values), strict=True)
        )
        return Trial(self.work, self.matcher, (first, second), self.matches)

    def match(self, line: Line) -> Match | None:
        """As the matcher's; it is asked once for a line that is the same in many trials."""
        first, second = line.values
        key = line.name, first.shape, first.tobytes() + second.tobytes()
        if key not in self.matches:
            self.matches[key] = self.matcher.match(line)
        return self.matches[key]

    def named(self, line: Line) -> str | None:
        """The quantity that a line's name means; none where it is part by part what another line of the name is as a whole."""
        return None if line.statement in self.of_parts else self.matcher.named(line.name)

    @cached_property
    def of_parts(self) -> frozenset[ast.stmt]:
        """The statements that are reached for each entry or window of what another line of the same name is as a whole."""
        wholes, parts = defaultdict[str, set[ast.stmt]](set), defaultdict[ast.stmt, list[str]](list)
        for line in self.lines:
            named = self.matcher.named(line.name)
            if named is not None and not line.failed:
                right, own = self.matcher.right[named][0], line.values[0]
                if own.shape == right.shape:
                    wholes[named].add(line.statement)
                elif own.size < right.size:
                    parts[line.statement].append(named)
        return frozenset(each for each, names in parts.items() if len(names) > 1 and all(wholes[name] - {each} for name in names))

    def may_be_wrong(self, line: Line) -> bool:
        """Whether more gradients may be right with another value in the place of a line.

        It is read on the way to one that is wrong, and by no line that is a quantity of as many entries: with any other value in its
        place that one would not be right. Entries added up may be right of wrong ones.
        """
        numbers = np.sin(np.arange(line.values[0].size) + 1.0).reshape(line.values[0].shape)
        other = self.with_value(line, (line.values[0] + numbers, line.values[1]))
        found = {recorded.place: recorded.value for recorded in other.first_run.lines}
        later = self.lines[self.lines.index(line) + 1 :]
        changed = [each for each in later if any(not np.array_equal(found.get(one.place, np.nan), one.value) for one in each.recorded[0])]
        right = [match.quantity for each in changed if each.values[0].size >= numbers.size and (match := self.match(each)) is not None]
        if any(not self.matcher.is_gradient(quantity) for quantity in right):
            return False
        wrong = [name for name in self.matcher.reference.gradients if name not in self.right_gradients]
        ends = self.updates | self.last_of
        return bool(changed) and any(name not in ends or ends[name] in changed for name in wrong)

    def reached(self, line: Line) -> list[Line]:
        """The lines of the statement of one, each a round or a call."""
        return [other for other in self.lines if other.statement is line.statement and other.name == line.name]

    def has_further_round(self, line: Line) -> bool:
        """Whether a later round of a loop sets the same name anew."""
        reached = self.reached(line)
        return any(other.first.scope == line.first.scope for other in reached[reached.index(line) + 1 :])

    def is_in_loop(self, line: Line) -> bool:
        """Whether its statement is reached more often than the function that it stands in is called."""
        reached = self.reached(line)
        return max(other.places[0][2] for other in reached) >= len({other.first.scope for other in reached})

    def with_statement(self, statement: ast.stmt, other: ast.stmt) -> Trial:
        """The same with another statement in the place of one; the last one that was tried is kept with its runs."""
        key = id(statement), id(other)
        if key not in self.changed:
            self.changed.clear()
            self.changed[key] = other, self._with_statement(statement, other)
        return self.changed[key][1]

    def _with_statement(self, statement: ast.stmt, other: ast.stmt) -> Trial:
        tree = exchanged(self.work.tree, lambda node: other if node is statement else node if isinstance(node, ast.expr) else None)
        return Trial(self.work.with_tree(tree), self.matcher, self.values, self.matches)

    def values_at(self, line: Line, tried: Sequence[ast.expr], draw: int) -> list[Value]:
        """What expressions would have as values just before a line is reached, at a draw; in a loop along an axis in all rounds at once."""
        times = [one.place[2] for one in line.recorded[draw]]
        each = dict(zip(sorted(times), self.values_in_rounds(line.statement, tried, draw, times), strict=False))
        return [line.beside(values) for values in zip(*(each[time] for time in times if time in each), strict=True)]

    def values_in_rounds(self, statement: ast.stmt, tried: Sequence[ast.expr], draw: int, times: Collection[int]) -> list[list[Value]]:
        """What expressions would have as values just before a statement at a draw, each time that it is reached after as many `times`."""
        return self.work.run(self.givens[draw], Changes(self.values[draw], tried, statement, times)).found

    @cached_property
    def last_of(self) -> dict[str, Line]:
        """The last line that is each gradient, by its name or its value."""
        found: dict[str, Line] = {}
        for line in self.lines:
            quantity = None if self.matcher.updated(line) else self.own_gradient(line)
            if quantity is not None:
                found[quantity] = line
        return found

    @cached_property
    def updates(self) -> dict[str, Line]:
        """The last line that takes something of each gradient off its parameter."""
        found = {self.matcher.updated(line): line for line in self.lines}
        return {quantity: line for quantity, line in found.items() if quantity is not None}

    def has_own_line(self, line: Line, quantity: str) -> bool:
        """Whether a quantity that a line is, but for a factor, has a line of its own name after it."""
        later = self.lines[self.lines.index(line) + 1 :]
        return self.named(line) != quantity and any(self.named(other) == quantity for other in later)

    def later_scales(self, line: Line) -> Iterator[Scale]:
        """How many times the adjoint of a quantity between layers each line after one is that is such an adjoint."""
        for later in self.lines[self.lines.index(line) + 1 :]:
            match = self.match(later)
            if match is not None and match.quantity in self.matcher.reference.adjoints and not self.matcher.is_gradient(match.quantity):
                yield match.scale

    def own_gradient(self, line: Line) -> str | None:
        """The gradient that a line is by its name or its value."""
        named = self.named(line)
        if named is not None and self.matcher.is_gradient(named):
            return named
        match = self.match(line)
        return match.quantity if match is not None and self.matcher.is_gradient(match.quantity) else None

    @cached_property
    def right_gradients(self) -> frozenset[str]:
        """Those that are right in the end: a factor that all steps have is one of the rate of learning.

        Where a step is the rate times a line that is called the gradient, that line has to be it, without a factor.
        """
        stepped = self.stepped
        factors = {round(scale.factor, 6) for scale in self.steps.values() if scale is not None}
        if stepped == {*self.updates, *self.last_of} and len(factors) == 1:
            plain = {name for name in self.last_of if is_rate_times_array(self.updates[name].statement)}
            return frozenset(name for name in stepped if name not in plain or self.is_right(self.last_of[name], name))
        not_uphill = {name for name, scale in self.steps.items() if scale is None or scale.factor > 0} | set(self.last_of) - set(
            self.updates
        )
        return frozenset(
            name
            for name in {**self.last_of, **self.updates}
            if (self.is_right(self.last_of[name], name) and name in not_uphill if name in self.last_of else name in stepped)
        )

    @cached_property
    def stepped(self) -> frozenset[str]:
        """Those along which their parameter is moved downhill."""
        return frozenset(name for name, line in self.updates.items() if self.is_downhill(line, name))

    @cached_property
    def steps(self) -> dict[str, Scale | None]:
        """How many times its gradient each parameter's step is."""
        return {name: self.matcher.scale(line.step, name) for name, line in self.updates.items() if line.step is not None}

    def is_downhill(self, line: Line, gradient: str) -> bool:
        """Whether a line takes some of a gradient off its parameter."""
        scale = self.matcher.scale(line.step, gradient) if line.step is not None else None
        return scale is not None and scale.axis is None and scale.factor > 0

    def is_turned(self, gradient: str) -> bool:
        """Whether a parameter goes uphill, or a number of examples farther than others do."""
        own, others = self.steps.get(gradient), [scale for name, scale in self.steps.items() if name != gradient and scale is not None]
        if own is None:
            return False
        return own.factor < 0 or (own.axis is not None and own.axis not in {scale.axis for scale in others} and bool(others))

    @cached_property
    def has_wrong_forward(self) -> bool:
        """Whether a quantity between layers has lines by its name, and none of them is it."""
        system = self.matcher.reference.derivation.system
        named = {self.named(line) for line in self.lines} & {equation.tensor.name for equation in system.equations}
        return not named <= {match.quantity for line in self.lines if (match := self.match(line)) is not None}

    @cached_property
    def is_settled(self) -> bool:
        """Whether formulas are what they say in every line that can be read, and few of them have shapes that do not go together."""
        return self.is_mostly_so and all(line.failed or self.is_so(line) for line in self.lines)

    @cached_property
    def is_mostly_so(self) -> bool:
        """Whether few lines of formulas are not what they say."""
        right = 0 if self.is_exhausted else sum(map(self.is_so, self.lines))
        return not self.is_exhausted and MOST_FAILED * (len(self.lines) - right) <= right and (right > 0 or not self.runs[0].unread)

    def is_so(self, line: Line) -> bool:
        """Whether a formula is what it has to be, by its name."""
        if line.expected is not None:
            return all(equal(*pair) for pair in zip(line.values, line.expected, strict=True))
        quantity = self.named(line)
        return quantity is not None and not line.failed and (self.matcher.is_given(quantity) or self.is_right(line, quantity))

    def is_right(self, line: Line, gradient: str) -> bool:
        """Whether a line is a gradient."""
        scale = self.matcher.scale(line.values, gradient)
        return scale is not None and scale.is_one


def is_rate_times_array(update: ast.stmt) -> bool:
    """Whether nothing but one number and one array is taken off a parameter: w -= rate * dw, but not w -= 2 * rate * dw."""
    if not isinstance(update, ast.Assign | ast.AugAssign):
        return False
    own = ast.unparse(update.targets[0] if isinstance(update, ast.Assign) else update.target)
    return len([leaf for leaf in _leaves(update.value) if ast.unparse(leaf) != own]) <= 2


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    """What a formula reads: names, entries, attributes and numbers, without the names of functions."""
    match node:
        case ast.Name() | ast.Subscript() | ast.Attribute() | ast.Constant():
            yield node
        case ast.Call(args=arguments):
            yield from (leaf for argument in arguments for leaf in _leaves(argument))
        case _:
            yield from (leaf for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr) for leaf in _leaves(part))
