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
    """One axis of an array; a word as its size is one that is free. `hint` are the letters that it is called by, the first that is left."""

    size: int | str
    hint: str
    number: int

    @staticmethod
    def new(size: int | str, hint: str) -> Axis:
        return Axis(size, hint, next(_numbers))

    def __str__(self) -> str:
        """What stands in a text until the letter is chosen."""
        return f"⟨{self.number};{self.hint};{self.size}⟩"


@dataclass(frozen=True)
class Place:
    """A sum of steps along axes and a start, or an entry of an integer tensor."""

    steps: tuple[tuple[int, Axis], ...] = ()
    start: int = 0
    label: str = ""

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
        return self.steps[0][1] if len(self.steps) == 1 and self.steps[0][0] == 1 and not self.start and not self.label else None

    def times(self, factor: int) -> Place:
        return self if factor == 1 else Place(tuple((factor * step, axis) for step, axis in self.steps), factor * self.start)

    def plus(self, other: Place | Axis | int) -> Place:
        more = Place.at(other)
        return Place((*self.steps, *more.steps), self.start + more.start)

    def __str__(self) -> str:
        if self.label:
            return self.label
        if not self.steps:
            return str(self.start)
        return index_sum(*((step, str(axis)) for step, axis in self.steps), offset=self.start)
