"""How much a work may ask for: steps, entries of arrays, time, depth; what goes beyond is a line that cannot be read."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from math import prod

MOST_STEPS = 150_000
MOST_STEPS_IN_ALL = 800_000
#: Of one array, and of all arrays that are ever made: at 8 bytes each 16 and 160 MB.
MOST_ENTRIES = 2_000_000
MOST_ENTRIES_IN_ALL = 20_000_000
#: Of what a formula by index is before its sums, at one time.
MOST_AT_ONCE = 4_000_000
#: Of a list, however lists stand in each other.
MOST_LISTED = 100_000
MOST_SECONDS = 3.0
MOST_CALLS_DEEP = 20
MOST_BITS = 256
MOST_LETTERS = 10_000


class Unreadable(Exception):
    """A piece of a work that the interpreter has no meaning for; the message says what it is."""


class Mismatch(Unreadable):
    """Arrays whose shapes do not go together."""


class Exhausted(Unreadable):
    """A work that goes on beyond its bounds: nothing more of it is read."""


@dataclass
class Spent:
    """The steps of all runs of one work."""

    steps: int = 0

    @property
    def is_all(self) -> bool:
        """Whether it is run no more than it has to be."""
        return self.steps > MOST_STEPS_IN_ALL


@dataclass
class Bounds:
    """What one run of a work has used up."""

    steps: int = 0
    entries: int = 0
    depth: int = 0
    until: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)

    def step(self) -> None:
        """One node of the syntax tree.

        Raises:
            Exhausted: where it is one too many, or time is up.
        """
        self.steps += 1
        if self.steps > MOST_STEPS or (self.steps % 64 == 0 and time.monotonic() > self.until):
            raise Exhausted("it takes too many steps")

    def entries_once(self, count: int) -> None:
        """As many entries as one formula has places, which are not kept.

        Raises:
            Unreadable: where they are too many at once.
            Exhausted: where all formulas together have too many, or time is up.
        """
        if count > MOST_AT_ONCE:
            raise Unreadable(f"its letters have {count} places together, which are too many")
        self.steps += count // 1000
        if self.steps > MOST_STEPS or time.monotonic() > self.until:
            raise Exhausted("it takes too many steps")

    def array(self, shape: tuple[int, ...]) -> None:
        """An array that is about to be made.

        Raises:
            Unreadable: where it is too large, or all of them together.
        """
        count = prod(shape)
        if count > MOST_ENTRIES:
            raise Unreadable(f"an array of {count} entries is too large")
        self.entries += count
        if self.entries > MOST_ENTRIES_IN_ALL:
            raise Exhausted("its arrays take too much memory")
