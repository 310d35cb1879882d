"""A shorter input that goes wrong in the same way: pieces are left out, large ones first, as long as that is so."""

from __future__ import annotations

import time
from collections.abc import Callable


def shrunk(data: bytes, still_wrong: Callable[[bytes], bool], seconds: float = 30.0) -> bytes:
    """The input without every piece that can be left out; after `seconds` what was found until then."""
    until = time.monotonic() + seconds
    size = max(1, len(data) // 2)
    while size >= 1:
        place, changed = 0, False
        while place < len(data) and time.monotonic() < until:
            shorter = data[:place] + data[place + size :]
            if still_wrong(shorter):
                data, changed = shorter, True
            else:
                place += size
        if not changed or size > 1:
            if size == 1:
                break
            size //= 2
        if time.monotonic() >= until:
            break
    return data
