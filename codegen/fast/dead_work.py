"""Operations whose results nothing reads are left out.

a3 = C_6 · C_7      the softmax, which the cost did not need      left out where the cost alone is wanted
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .operations import Operation


def without_dead_work(operations: Sequence[Operation], wanted: Collection[str]) -> tuple[Operation, ...]:
    """Only the operations that lead to wanted values."""
    needed = set(wanted)
    kept: list[Operation] = []
    later: set[str] = set()
    for operation in reversed(operations):
        # The lines of a loop stand with its first equation, and belong to all of them.
        if operation.result.name in needed or operation.equation in later:
            kept.append(operation)
            needed.update(entry.name for entry in operation.entries)
            if operation.function == "lines":
                later.add(operation.equation)
    return tuple(reversed(kept))
