"""Answers that were made, by the hash of what was asked; those that nobody has asked for longest go first."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .limits import KEPT


@dataclass
class Results:
    """At most so many bytes of answers. What several ask at the same time is made once."""

    most: int = KEPT
    _kept: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _making: dict[str, asyncio.Task[bytes]] = field(default_factory=dict)

    async def answer(self, part: str, asked: bytes, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The answer that is kept, or the one that is being made, or a new one; raises what `make` does."""
        key = hashlib.sha256(part.encode() + b"\n" + asked).hexdigest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._made(key, make))
            # Where it fails, and all who asked have gone, nobody is left to be told.
            self._making[key].add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._making[key])

    async def _made(self, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        try:
            found = await make()
        finally:
            del self._making[key]
        self._kept[key] = found
        self._bytes += len(found)
        while self._bytes > self.most:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped)
        return found
