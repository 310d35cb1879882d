"""The lines of a work: what each assigns at both draws."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from .python.recorded import Place, Recorded, Run
from .scale import Pair


@dataclass(frozen=True, eq=False)
class Line:
    """One assignment, with its value at each draw; `step` is what an update takes off."""

    first: Recorded
    second: Recorded

    @property
    def number(self) -> int:
        return self.first.line

    @property
    def name(self) -> str:
        return self.first.name

    @property
    def target(self) -> str:
        return self.first.target

    @property
    def statement(self) -> ast.stmt:
        return self.first.statement

    @property
    def values(self) -> Pair:
        return self.first.value, self.second.value

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
        """Whether it has no value at either draw, as its shapes do not go together."""
        return self.first.failed and self.second.failed

    @property
    def in_place(self) -> bool:
        return self.first.in_place


def lines(first: Run, second: Run) -> list[Line]:
    """The assignments of two runs side by side; of a loop that goes round more often in one of them the last round."""
    own, others = _by_statement(first), _by_statement(second)
    pairs = []
    for recorded in first.lines:
        name = recorded.place[:2]
        if len(own[name]) == len(others[name]):
            pairs.append(Line(recorded, others[name][own[name].index(recorded)]))
        elif others[name] and recorded is own[name][-1]:
            pairs.append(Line(recorded, others[name][-1]))
    return pairs


def _by_statement(run: Run) -> dict[tuple[int, str], list[Recorded]]:
    found: dict[tuple[int, str], list[Recorded]] = defaultdict(list)
    for recorded in run.lines:
        found[recorded.place[:2]].append(recorded)
    return found


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
