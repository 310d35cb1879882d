"""Loops over blocks of rows: arrays over all pairs of positions are computed, read and dropped block by block, and never held.

    s[n,h,t,u] = Σ_d q[n,t,h,d] k[n,u,h,d]      for n, for h, for 64 rows t at a time:
    e = exp(s);  z[n,h,t] = Σ_u e                   s = q[n, t, h] k[n, :, h]ᵀ;  e = exp(s);  z = Σ_u e
    w[n,t,h,d] = Σ_u e/z v[n,u,h,d]                 w[n, t, h] = (e/z) v[n, :, h]

What a later loop reads of an earlier one's arrays over pairs it computes again, from the statistics of rows that stay (here z).
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, ArrayProgram, Operation, Value
from chainrule.codegen.backends.fast.ir.slices import runs
from chainrule.symbolic.system.system import System

from .array_layout import Layouts
from .dead_work import without_dead_work
from .row_tiles import Tiling
from .wide_arrays import WideArrays

#: A block of rows has about so many entries, so that some of them stay in the nearest caches, and at least so many rows.
BLOCK_ENTRIES = 1 << 15
FEWEST_ROWS = 16
#: The level of what each loop makes anew.
BEFORE = -1


@dataclass(frozen=True)
class RowBlocked:
    """Operations in a new order, with values, layouts and axes."""

    operations: tuple[Operation, ...]
    program: ArrayProgram
    layouts: Layouts
    system: System


def in_row_blocks(
    program: ArrayProgram,
    operations: Sequence[Operation],
    layouts: Layouts,
    system: System,
    wanted: Collection[str],
    every: Sequence[WideArrays],
    is_parted: bool,
    has_statistics: bool = False,
) -> RowBlocked:
    """The program without arrays over all pairs, where they are large and nobody wants them at the end.

    Where it `is_parted`, a loop of one function computes the statistics of rows again that a loop of another has left, unless it
    `has_statistics` of that one.
    """
    every = [arrays for arrays in every if not arrays.wide.keys() & set(wanted)]
    if not every:
        return RowBlocked(tuple(operations), program, layouts, system)
    sections = {name: number for number, section in enumerate(program.sections) for name in section.equations} if is_parted else {}
    tiling = Tiling(program, layouts, system)
    parts: list[tuple[int, tuple[Operation, ...]]] = []
    taken: set[int] = set()
    for arrays in every:
        groups = _Groups(arrays, operations, program.values, wanted, sections, has_statistics)
        taken |= set(arrays.numbers)
        # What else reads a mask has it under its own name.
        tiling.named |= {operations[number].result.name for number in arrays.makers}
        for number, members in reversed(groups.found()):
            parts.append((number, tiling.tiled(members, arrays, groups.stored, blocks(arrays))))
    start = 0
    for _, run in runs(operations):
        if run[0].loop is not None:
            parts.append((start, run))
        else:
            parts += [(number, (operation,)) for number, operation in enumerate(run, start) if number not in taken]
        start += len(run)
    ordered = _in_order(parts, tiling.values)
    if ordered is None:
        return RowBlocked(tuple(operations), program, layouts, system)
    return RowBlocked(without_dead_work(ordered, wanted, tiling.values), tiling.program, tiling.layouts, tiling.system)


def blocks(arrays: WideArrays) -> list[tuple[int, int, int]]:
    """How many rows, how many times, from where on: equal blocks, and what is left."""
    most = max(FEWEST_ROWS, BLOCK_ENTRIES // arrays.columns)
    rows = next((rows for rows in range(min(most, arrays.rows), most // 2, -1) if arrays.rows % rows == 0), min(most, arrays.rows))
    count, rest = divmod(arrays.rows, rows)
    return [(rows, count, 0), *([(rest, 1, count * rows)] if rest else [])]


class _Groups:
    """The loops in which some arrays over pairs are computed: another one where something is read that needs all rows of the one before."""

    def __init__(
        self,
        arrays: WideArrays,
        operations: Sequence[Operation],
        values: Mapping[str, Value],
        wanted: Collection[str],
        sections: Mapping[str, int],
        has_statistics: bool,
    ) -> None:
        self.is_alone = bool(sections) and not has_statistics
        self.arrays, self.operations, self.values = arrays, operations, values
        #: Statistics of rows that are read after their loop, or outside of it.
        self.stored = arrays.statistics.keys() & set(wanted)
        members = set(arrays.numbers)
        for number, operation in enumerate(operations):
            if number not in members:
                self.stored |= arrays.statistics.keys() & set(_reads(operation, values))
        self.levels = self._levels(sections) | dict.fromkeys(arrays.makers, BEFORE)
        self.producers = {operations[number].result.name: number for number in (*arrays.numbers, *arrays.makers)}

    def _levels(self, sections: Mapping[str, int]) -> dict[int, int]:
        """By number of an operation that of its loop, at the earliest; loops of one section of a program come after those of another."""
        members = set(self.arrays.numbers)
        behind: dict[str, int] = {}
        found: dict[int, int] = {}
        section, floor, start = 0, 0, 0
        for _, run in runs(self.operations):
            loop = run[0].loop
            latest = max((behind.get(name, -1) for operation in run for name in _reads(operation, self.values)), default=-1)
            for number, operation in enumerate(run, start):
                if sections.get(operation.equation, section) != section:
                    section, floor = sections[operation.equation], max(found.values(), default=-1) + 1
                if number in members:
                    own = [
                        behind[entry.name] if self._is_of_rows(entry.name) and entry.name in behind else behind.get(entry.name, -1) + 1
                        for entry in operation.entries
                    ]
                    found[number] = max([floor, *own])
                    behind[operation.result.name] = found[number]
                    continue
                own = [behind.get(name, -1) for name in _reads(operation, self.values)]
                for name in _writes(operation, self.values):
                    behind[name] = max([latest] if loop is not None else [behind.get(name, -1), *own])
            start += len(run)
        return found

    def _is_of_rows(self, name: str) -> bool:
        return name in self.arrays.wide or name in self.arrays.statistics

    def found(self) -> list[tuple[int, tuple[Operation, ...]]]:
        """For each loop the number of its last operation, and all of them, with what is computed again."""
        groups: list[tuple[int, tuple[Operation, ...]]] = []
        for level in sorted({self.levels[number] for number in self.arrays.numbers}, reverse=True):
            own = [number for number, its in self.levels.items() if its == level]
            waiting = [number for number in own if self._stays(self.operations[number].result.name)]
            needed: set[int] = set()
            while waiting:
                number = waiting.pop()
                if number in needed:
                    continue
                needed.add(number)
                for entry in self.operations[number].entries:
                    if (
                        entry.name in self.arrays.wide
                        or (entry.name in self.arrays.statistics and self.levels[self.producers[entry.name]] == level)
                        or (entry.name in self.arrays.statistics and self.is_alone)
                    ):
                        waiting.append(self.producers[entry.name])
                    elif entry.name in self.arrays.statistics:
                        self.stored |= {entry.name}
            first = min((number for number in own if number in needed), default=None)
            if first is not None:
                equation = self.operations[first].equation
                members = [self.operations[number] for number in sorted(needed)]
                again = {number for number in needed if self.levels[number] < level}
                members = [
                    replace(operation, equation=equation) if number in again else operation
                    for number, operation in zip(sorted(needed), members, strict=True)
                ]
                groups.append((max(number for number in own if number in needed), tuple(members)))
        return groups

    def _stays(self, name: str) -> bool:
        """Whether a result is held when the loop has ended."""
        return name not in self.arrays.wide and (name not in self.arrays.statistics or name in self.stored)


def _entries(operation: Operation) -> list[ArrayOperand]:
    return [*operation.entries, *(entry for member in operation.members for entry in member.entries)]


def _reads(operation: Operation, values: Mapping[str, Value]) -> set[str]:
    return {name for entry in _entries(operation) for name in (entry.name, *values[entry.name].arrays)}


def _writes(operation: Operation, values: Mapping[str, Value]) -> set[str]:
    return {name for entry in operation.results for name in (entry.name, *values[entry.name].arrays)}


def _in_order(parts: Sequence[tuple[int, tuple[Operation, ...]]], values: Mapping[str, Value]) -> tuple[Operation, ...] | None:
    """Every part after those that make what it reads, else by their numbers; None where two loops would wait for each other."""
    parts = sorted(parts, key=lambda part: part[0])
    writers: dict[str, set[int]] = {}
    for place, (_, operations) in enumerate(parts):
        for name in {name for operation in operations for name in _writes(operation, values)}:
            writers.setdefault(name, set()).add(place)
    before = [
        {place for operation in operations for name in _reads(operation, values) for place in writers.get(name, ())} - {number}
        for number, (_, operations) in enumerate(parts)
    ]
    after: dict[int, list[int]] = {}
    for number, needed in enumerate(before):
        for place in needed:
            after.setdefault(place, []).append(number)
    ready = [number for number, needed in enumerate(before) if not needed]
    heapq.heapify(ready)
    found: list[Operation] = []
    while ready:
        number = heapq.heappop(ready)
        found += parts[number][1]
        for later in after.get(number, ()):
            before[later].discard(number)
            if not before[later]:
                heapq.heappush(ready, later)
    return tuple(found) if len(found) == sum(len(operations) for _, operations in parts) else None
