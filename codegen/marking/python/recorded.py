"""What a run of a work leaves: the value of every assignment with its place, and the lines that could not be read."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from .reasons import Reason
from .values import Value

#: A statement of a work and what it assigns to: its first line, the name, and the how manieth time it is reached.
Place = tuple[int, str, int]


@dataclass(frozen=True, eq=False)
class Recorded:
    """One assignment: to `target` as it is written, known as `name`; in place where it changes what stood there before.

    An update of a parameter has a `step`, the old value without the new one; what has `failed` has no value, as shapes do not go together.
    What is no quantity of the network, as a local derivative, has the value that is `expected`. It is reached in the `rounds` of the loops
    around it, the innermost last.
    """

    place: Place
    target: str
    value: Value
    in_place: bool
    scope: int
    statement: ast.stmt
    step: Value | None = None
    failed: bool = False
    expected: Value | None = None
    rounds: tuple[int, ...] = ()

    @property
    def line(self) -> int:
        return self.place[0]

    @property
    def name(self) -> str:
        return self.place[1]


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that the interpreter has no meaning for, and why."""

    line: int
    text: str
    reason: Reason


@dataclass
class Changes:
    """What is different in a run: values that stand at places in place of the work's own.

    Expressions are tried at a statement when it has been reached as often before as one of the `times` says.
    """

    values: Mapping[Place, Value] = field(default_factory=dict)
    tried: Sequence[ast.expr] = ()
    at: ast.stmt | None = None
    times: Collection[int] = (0,)


@dataclass
class Run:
    """A work that was read to its end: assignments in the order in which they are reached."""

    kept: dict[tuple[object, ...], Recorded] = field(default_factory=dict)
    begun: dict[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)
    unread: dict[int, Unread] = field(default_factory=dict)
    found: list[list[Value]] = field(default_factory=list)
    is_exhausted: bool = False

    @property
    def lines(self) -> list[Recorded]:
        return list(self.kept.values())

    def keep(self, recorded: Recorded) -> int:
        """Of what is changed in place again and again the last value; of what begins anew in every round that of the round.

        How many entries are no longer kept.
        """
        target = recorded.target, recorded.scope
        if not recorded.in_place:
            self.begun[target] = recorded.rounds
        is_anew = recorded.rounds and self.begun.get(target) == recorded.rounds
        own = (*recorded.place[:2], recorded.scope, recorded.rounds if is_anew else ()) if recorded.in_place else recorded.place
        before = self.kept.pop(own, None)
        self.kept[own] = recorded
        return int(before.value.size) if before is not None else 0
