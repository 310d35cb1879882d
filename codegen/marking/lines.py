"""The lines of a work: what each assigns at both draws."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray

from .python.recorded import Place, Recorded, Run
from .python.values import Value
from .scale import Pair


@dataclass(frozen=True, eq=False)
class Rounds:
    """What a line is in all rounds of a loop along an axis, at both draws: arrays that stand beside each other `along` a dimension.

    With `are_vectors` each of them is a row, a column or a number, which stand there as vectors.
    """

    each: tuple[Sequence[Recorded], Sequence[Recorded]]
    along: int
    are_vectors: bool

    @cached_property
    def values(self) -> Pair:
        first, second = (self.beside([one.value for one in own]) for own in self.each)
        return first, second

    def beside(self, values: Sequence[NumericArray]) -> NumericArray:
        """What the rounds have as one array."""
        found: NumericArray = np.stack([vector(value) if self.are_vectors else value for value in values], axis=self.along)
        return found

    def parts(self, value: Pair) -> tuple[dict[Place, NumericArray], dict[Place, NumericArray]]:
        """The part of each round of such arrays."""
        first, second = (
            {one.place: part.reshape(one.value.shape) for one, part in zip(own, np.moveaxis(array, self.along, 0), strict=True)}
            for own, array in zip(self.each, value, strict=True)
        )
        return first, second


@dataclass(frozen=True, eq=False)
class Line:
    """One assignment, with its value at each draw; `step` is what an update takes off. Of a loop along an axis it is all rounds at once."""

    first: Recorded
    second: Recorded
    rounds: Rounds | None = None

    @property
    def number(self) -> int:
        return self.first.line

    @cached_property
    def name(self) -> str:
        names = {one.name for one in self.recorded[0]}
        return self.first.name if len(names) == 1 else self.target.split("[")[0].split(".")[-1]

    @property
    def target(self) -> str:
        return self.first.target

    @property
    def statement(self) -> ast.stmt:
        return self.first.statement

    @property
    def values(self) -> Pair:
        return (self.first.value, self.second.value) if self.rounds is None else self.rounds.values

    @property
    def recorded(self) -> tuple[Sequence[Recorded], Sequence[Recorded]]:
        """The assignments of all its rounds."""
        return ((self.first,), (self.second,)) if self.rounds is None else self.rounds.each

    def beside(self, values: Sequence[Value]) -> Value | None:
        """What would be its value, if its rounds had these; None where they do not go together."""
        if self.rounds is None:
            return values[0]
        try:
            return self.rounds.beside([np.asarray(value, dtype=float) for value in values])
        except (ValueError, TypeError):
            return None

    def parts(self, value: Pair) -> tuple[dict[Place, NumericArray], dict[Place, NumericArray]]:
        """What stands at its places where it has another value."""
        return ({self.places[0]: value[0]}, {self.places[1]: value[1]}) if self.rounds is None else self.rounds.parts(value)

    @property
    def places(self) -> tuple[Place, Place]:
        return self.first.place, self.second.place

    @property
    def step(self) -> Pair | None:
        first, second = self.first.step, self.second.step
        return None if first is None or second is None else (first, second)

    @property
    def expected(self) -> Pair | None:
        """What it has to be, where it is no quantity of the network."""
        first, second = self.first.expected, self.second.expected
        return None if first is None or second is None else (first, second)

    @property
    def key(self) -> tuple[str, int]:
        """What is changed in place is called so in one call of one function."""
        return self.first.target, self.first.scope

    @property
    def failed(self) -> bool:
        """Whether it has no value at one draw, as its shapes do not go together there; at the other two sizes may be the same."""
        return self.first.failed or self.second.failed

    @property
    def in_place(self) -> bool:
        """Whether it changes what is there, or would if its shapes went together."""
        return self.first.in_place or (self.failed and isinstance(self.statement, ast.AugAssign))


#: Along which dimension arrays of so many rounds, with these shapes at the two draws, stand beside each other; whether as vectors.
Beside = Callable[[tuple[int, int], tuple[tuple[int, ...], tuple[int, ...]]], tuple[int, bool] | None]


def lines(first: Run, second: Run, beside: Beside) -> list[Line]:
    """The assignments of two runs side by side; of a loop that goes round more often in one of them all rounds, or the last one."""
    own, others = _by_statement(first), _by_statement(second)
    looped = {one: line for line in _in_rounds(first, second, beside) if line.rounds is not None for one in line.rounds.each[0]}
    pairs: list[Line] = []
    for recorded in first.lines:
        name = recorded.place[:2]
        if recorded in looped:
            if looped[recorded] not in pairs:
                pairs.append(looped[recorded])
        elif len(own[name]) == len(others[name]):
            pairs.append(Line(recorded, others[name][own[name].index(recorded)]))
        elif others[name] and recorded is own[name][-1]:
            pairs.append(Line(recorded, others[name][-1]))
    return pairs


def _in_rounds(first: Run, second: Run, beside: Beside) -> Iterator[Line]:
    """The lines of loops that go round as often as an axis has places, one for each round of the loops around and inside."""
    own, others = _by_target(first), _by_target(second)
    for target, every in own.items():
        depths = {len(one.rounds) for one in (*every, *others[target])}
        if len(every) == len(others[target]) or len(depths) != 1:
            continue
        for depth in range(*depths):
            each, other = _by_round(every, depth), _by_round(others[target], depth)
            found = [_line(each[key], other[key], beside) for key in each] if each.keys() == other.keys() else []
            if found and all(found):
                yield from filter(None, found)
                break


def _line(first: Mapping[int, Recorded], second: Mapping[int, Recorded], beside: Beside) -> Line | None:
    counts = len(first), len(second)
    if any(sorted(own) != list(range(len(own))) for own in (first, second)):
        return None
    each = [first[place] for place in range(counts[0])], [second[place] for place in range(counts[1])]
    shapes = [{one.value.shape for one in own} for own in each]
    if any(len(own) > 1 for own in shapes) or any(one.step is not None or one.failed for one in each[0]):
        return None
    (one,), (other,) = shapes
    found = beside(counts, (one, other))
    return Line(each[0][-1], each[1][-1], Rounds(each, *found)) if found is not None else None


def _by_round(every: Sequence[Recorded], depth: int) -> dict[tuple[int, ...], dict[int, Recorded]]:
    """Assignments by the rounds of the other loops, and by that of the loop at a depth; none where one round has two."""
    found: dict[tuple[int, ...], dict[int, Recorded]] = defaultdict(dict)
    for one in every:
        found[one.rounds[:depth] + one.rounds[depth + 1 :]][one.rounds[depth]] = one
    return found if sum(map(len, found.values())) == len(every) else {}


def _by_target(run: Run) -> dict[tuple[int, str], list[Recorded]]:
    found: dict[tuple[int, str], list[Recorded]] = defaultdict(list)
    for recorded in run.lines:
        found[recorded.line, recorded.target].append(recorded)
    return found


def _by_statement(run: Run) -> dict[tuple[int, str], list[Recorded]]:
    found: dict[tuple[int, str], list[Recorded]] = defaultdict(list)
    for recorded in run.lines:
        found[recorded.place[:2]].append(recorded)
    return found


def vector(value: NumericArray) -> NumericArray:
    """A row, a column or a number as a vector."""
    return value.reshape([size for size in value.shape if size != 1] or [1])


def chain(line: Line, every: Sequence[Line]) -> list[Line]:
    """A line, and those after it that change what it assigned in its place."""
    found = [line]
    for other in every[every.index(line) + 1 :]:
        if other.key == line.key:
            if not other.in_place:
                break
            found.append(other)
    return found


def same(one: Line, other: Line) -> bool:
    """Whether nothing changed its values."""
    return all(a.shape == b.shape and bool((a == b).all()) for a, b in zip(one.values, other.values, strict=True))
