"""Random choices that are the same on every machine and in every version of Python.

Of the module `random` only `random()` is used: its sequence after a given whole-number seed is guaranteed by its documentation, while those
of `choice` and `shuffle` may change.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

#: More draws than one sheet can need, so that no two seeds share one.
DRAWS_OF_A_SEED = 1 << 16


class QuestionDraw:
    """The choices of one question: those of another question, or of another seed, have nothing to do with them."""

    def __init__(self, seed: int, question: int) -> None:
        self._source = random.Random(seed * DRAWS_OF_A_SEED + question)

    def below(self, count: int) -> int:
        """A whole number from 0, less than `count`."""
        return int(self._source.random() * count)

    def one_of(self, items: Sequence[Item]) -> Item:
        return items[self.below(len(items))]

    def some_of(self, items: Sequence[Item], count: int) -> tuple[Item, ...]:
        """So many different ones, in the order in which they were drawn."""
        return self.shuffled(items)[:count]

    def shuffled(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Every order is as likely as every other (Fisher and Yates, 1938)."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return tuple(mixed)
