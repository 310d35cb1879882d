"""How often an address may ask: so many questions at once, which come back over a minute."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from .limits import ADDRESSES, AT_ONCE, PER_MINUTE


@dataclass
class Rates:
    """What each address has left, of those that asked last."""

    per_minute: float = PER_MINUTE
    at_once: float = AT_ONCE
    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, address: str) -> float:
        """Takes one question off what the address has left; 0, or the seconds until it may ask again."""
        now = self.clock()
        left, since = self._left.pop(address, (self.at_once, now))
        left = min(self.at_once, left + (now - since) * self.per_minute / 60)
        self._left[address] = (left - 1 if left >= 1 else left, now)
        while len(self._left) > ADDRESSES:
            self._left.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) * 60 / self.per_minute
