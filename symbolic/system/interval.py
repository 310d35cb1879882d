"""Numbers between bounds, and their arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, prod


@dataclass(frozen=True, slots=True)
class Bounds:
    """From `low` to `high`; neither is reached where it `is_above` and `is_below`."""

    low: float = -inf
    high: float = inf
    is_above: bool = False
    is_below: bool = False

    @property
    def is_positive(self) -> bool:
        return self.low > 0 or (self.low == 0 and self.is_above)

    @property
    def is_not_negative(self) -> bool:
        return self.low >= 0

    def hold(self, number: float) -> bool:
        return (self.low < number if self.is_above else self.low <= number) and (
            number < self.high if self.is_below else number <= self.high
        )

    def negative(self) -> Bounds:
        return Bounds(-self.high, -self.low, self.is_below, self.is_above)

    def plus(self, other: Bounds) -> Bounds:
        return Bounds(self.low + other.low, self.high + other.high, self.is_above or other.is_above, self.is_below or other.is_below)

    def times(self, other: Bounds) -> Bounds:
        if self.low < 0 and self.high <= 0:
            return self.negative().times(other).negative()
        if other.low < 0 and other.high <= 0:
            return self.times(other.negative()).negative()
        if self.is_not_negative and other.is_not_negative:
            low, above, below = _times(self.low, other.low), self.is_above or other.is_above, self.is_below or other.is_below
            return Bounds(low, _times(self.high, other.high), self.is_positive and other.is_positive if low == 0 else above, below)
        corners = [_times(one, another) for one in (self.low, self.high) for another in (other.low, other.high)]
        return Bounds(min(corners), max(corners))

    def united(self, other: Bounds) -> Bounds:
        first, last = min(self.low, other.low), max(self.high, other.high)
        above = all(each.is_above for each in (self, other) if each.low == first)
        return Bounds(first, last, above, all(each.is_below for each in (self, other) if each.high == last))

    def mapped(self, rising: Callable[[float], float], low: float = -inf, high: float = inf) -> Bounds:
        """Those of a rising function, which comes close to `low` and `high` far out."""
        first = low if self.low == -inf else rising(self.low)
        last = high if self.high == inf else rising(self.high)
        return Bounds(first, last, self.is_above or self.low == -inf, self.is_below or self.high == inf)


ANY, POSITIVE, NOT_NEGATIVE = Bounds(), Bounds(0, inf, True), Bounds(0)
#: Between 0 and 1, and neither.
PROBABILITY = Bounds(0, 1, True, True)


def _times(one: float, other: float) -> float:
    return 0.0 if 0 in (one, other) else prod((one, other))
