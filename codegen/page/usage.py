"""How long processes have worked for each address lately: what was long ago counts less and less."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .limits import ADDRESSES, HALVED_IN, HEAVY


@dataclass
class Usage:
    """Seconds by address, of those that used some last; they are halved every so often."""

    clock: Callable[[], float] = time.monotonic
    _seconds: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def add(self, address: str, seconds: float) -> None:
        found = self.of(address) + seconds
        self._seconds.pop(address, None)
        self._seconds[address] = (found, self.clock())
        while len(self._seconds) > ADDRESSES:
            self._seconds.popitem(last=False)

    def of(self, address: str) -> float:
        seconds, since = self._seconds.get(address, (0.0, 0.0))
        return seconds * 0.5 ** ((self.clock() - since) / HALVED_IN) if seconds else 0.0

    def is_heavy(self, address: str) -> bool:
        """Whether it used so much that others come first."""
        return self.of(address) >= HEAVY

    def in_order(self, addresses: Iterable[str]) -> list[str]:
        """Those that have not used much as they stand, the others behind them, those that used least first."""
        return sorted(addresses, key=lambda address: self.of(address) if self.is_heavy(address) else 0.0)
