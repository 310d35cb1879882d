"""Places along axes: a model's arrays are read at sums of letters, such as 2*i + p - 1, whose letters are chosen when all are known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count

from chainrule.symbolic.layers.layer_equations import index_sum

#: How an axis stands in a text until its letter is chosen: which it is, what it may be called, its size.
MARK = re.compile(r"⟨(\d+);(\w+);([^⟩]*)⟩")
_numbers = count()


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis of an array; a word as its size is one that is free. `hint` are the letters that it is called by, the first that is left.

    One that was made of several, of which a size is free, has these as its `parts`, and is written as their letters.
    """

    size: int | str
    hint: str
    number: int
    parts: tuple[Axis, ...] = ()

    @staticmethod
    def new(size: int | str, hint: str) -> Axis:
        return Axis(size, hint, next(_numbers))

    def __str__(self) -> str:
        """What stands in a text until the letter is chosen."""
        if self.parts:
            return ",".join(map(str, self.parts))
        return f"⟨{self.number};{self.hint};{self.size}⟩"


@dataclass(frozen=True)
class Place:
    """A sum of steps along axes and a start, an entry of an integer tensor, or a place for each part of an axis that has parts."""

    steps: tuple[tuple[int, Axis], ...] = ()
    start: int = 0
    label: str = ""
    parts: tuple[Place, ...] = ()

    @staticmethod
    def at(given: Place | Axis | int) -> Place:
        """A number, a letter's own place, or what is a place already."""
        match given:
            case Axis():
                return Place(((1, given),))
            case int():
                return Place((), given)
            case _:
                return given

    @property
    def axis(self) -> Axis | None:
        """The axis whose letter alone it is."""
        is_plain = len(self.steps) == 1 and self.steps[0][0] == 1 and not self.start and not self.label
        return self.steps[0][1] if is_plain else None

    def times(self, factor: int) -> Place:
        return self if factor == 1 else Place(tuple((factor * step, axis) for step, axis in self.steps), factor * self.start)

    def plus(self, other: Place | Axis | int) -> Place:
        more = Place.at(other)
        return Place((*self.steps, *more.steps), self.start + more.start)

    @property
    def along_parts(self) -> tuple[Place, ...]:
        """Where it is along each part of its axis; nothing where it is one number along it."""
        return self.parts or tuple(map(Place.at, self.axis.parts if self.axis else ()))

    def __str__(self) -> str:
        if self.label:
            return self.label
        if self.parts:
            return ",".join(map(str, self.parts))
        if not self.steps:
            return str(self.start)
        return index_sum(*((step, str(axis)) for step, axis in self.steps), offset=self.start)
