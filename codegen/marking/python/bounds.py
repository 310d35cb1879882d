"""How much a work may ask for: steps, entries of arrays, time, depth; what goes beyond is a line that cannot be read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod

from .reasons import Exhausted, Unreadable

MOST_STEPS = 400_000
#: Between two looks at the clock.
STEPS_BETWEEN = 500
MOST_STEPS_IN_ALL = 2_000_000
#: Of one array, of all arrays that are ever made in a run, and of those that a run leaves: at 8 bytes each 8, 128 and 24 MB.
MOST_ENTRIES = 1_000_000
MOST_ENTRIES_IN_ALL = 16_000_000
MOST_ENTRIES_KEPT = 3_000_000
#: What a place of a list takes, in entries of arrays.
ENTRIES_OF_PLACE = 10
#: Of what a formula by index is before its sums, at one time.
MOST_AT_ONCE = 4_000_000
#: Of a list, however lists stand in each other.
MOST_LISTED = 100_000
#: Of this thread's time, for all runs of one work, and for saying what is wrong with its lines afterwards.
MOST_SECONDS = 2.9
SECONDS_FOR_MISTAKES = 1.0
#: Of it, for what has to be run.
SECONDS_KEPT = 0.4
MOST_CALLS_DEEP = 20
#: Of a value that is tried in place of another one.
MOST_TRIED = 50_000
MOST_BITS = 256
MOST_LETTERS = 10_000


@dataclass
class Spent:
    """The steps of all runs of one work, and when its time is up."""

    steps: int = 0
    until: float = field(default_factory=lambda: time.thread_time() + MOST_SECONDS)

    @property
    def is_all(self) -> bool:
        """Whether it is run no more than it has to be."""
        return self.steps > MOST_STEPS_IN_ALL or time.thread_time() > self.until - SECONDS_KEPT

    @property
    def is_over(self) -> bool:
        """Whether its time is up, so that a run of it ends at once."""
        return time.thread_time() > self.until

    def bounds(self) -> Bounds:
        """Those of a further run."""
        return Bounds(until=self.until)

    def explaining(self) -> None:
        """Begins the time for saying what is wrong."""
        self.until = max(self.until, time.thread_time()) + SECONDS_FOR_MISTAKES

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The time of what is no part of the work, as the numbers of its network are."""
        started = time.thread_time()
        yield
        self.until += time.thread_time() - started


@dataclass
class Bounds:
    """What one run of a work has used up."""

    steps: int = 0
    entries: int = 0
    kept: int = 0
    look: int = 0
    depth: int = 0
    until: float = field(default_factory=lambda: time.thread_time() + MOST_SECONDS)

    def step(self, count: int = 1) -> None:
        """One node of the syntax tree, or what takes the time of several.

        Raises:
            Exhausted: where it is one too many, or time is up.
        """
        self.steps += count
        if self.steps >= self.look:
            self.looked()

    def looked(self) -> None:
        """Looks at the clock; one that is read at every step would take most of the time."""
        if self.steps > MOST_STEPS or time.thread_time() > self.until:
            raise Exhausted("steps")
        self.look = min(self.steps + STEPS_BETWEEN, MOST_STEPS + 1)

    def entries_once(self, count: int) -> None:
        """As many entries as one formula has places, which are not kept.

        Raises:
            Unreadable: where they are too many at once.
            Exhausted: where all formulas together have too many, or time is up.
        """
        if count > MOST_AT_ONCE:
            raise Unreadable("letters", count=count)
        self.step(count // 1000)

    def array(self, shape: tuple[int, ...]) -> None:
        """An array that is about to be made.

        Raises:
            Unreadable: where it is too large, or all of them together.
        """
        count = prod(shape)
        if count > MOST_ENTRIES:
            raise Unreadable("large", count=count)
        self.entries += count
        # What is large takes time.
        self.step(count // 1000)
        if self.entries > MOST_ENTRIES_IN_ALL:
            raise Exhausted("memory")

    def places(self, count: int) -> None:
        """A list, tuple, dictionary or text of so many places; raises as for an array."""
        self.array((ENTRIES_OF_PLACE * count,))

    def keep(self, count: int) -> None:
        """So many entries that are there when the run has ended.

        Raises:
            Exhausted: where they are too many.
        """
        self.kept += count
        if self.kept > MOST_ENTRIES_KEPT:
            raise Exhausted("memory")
