"""Which arrays lie in the same memory: those that are written over each other, and one where another is no longer needed.

da1 = dz2 W2              z1, as large, was read for the last time before: da1 lies there
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.operations import ElementType, Operation, Origin, Value
from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.codegen.backends.fast.ir.slices import padding, runs
from chainrule.symbolic.system.system import System

from .lifetimes import lifetimes, untouched_arrays
from .stacking import StackPlace


@dataclass(frozen=True, slots=True)
class MemoryBlock:
    """A piece of memory, as large as the first array that lies there."""

    name: str
    extent: EntryCount
    kind: ElementType


@dataclass(frozen=True)
class Memory:
    """The block of each value that the workspace holds; gradients have their own, the parts of one flat array."""

    blocks: tuple[MemoryBlock, ...]
    of: dict[str, MemoryBlock]
    #: Values that are written over another one, entry by entry, with the one they are written over.
    over: Mapping[str, str]
    #: How many positions an array has before its first and after its last.
    padded: dict[str, tuple[int, int]]


def memory(
    operations: Sequence[Operation],
    values: dict[str, Value],
    system: System,
    wanted: Sequence[str],
    outputs: Collection[str],
    places: Mapping[str, StackPlace],
    over: Mapping[str, str],
    reuse: bool = True,
) -> Memory:
    """A place for every value that an operation writes; those in `places` stand in arrays of several, some are written `over` others."""
    last = lifetimes(operations, wanted, values)
    padded = padding(operations, values, system)
    untouched = untouched_arrays(operations, values, system)
    chains = _chains(over)
    blocks: list[MemoryBlock] = []
    of: dict[str, MemoryBlock] = {}
    free = _Free()
    end: dict[str, int] = {}
    for name in values:
        root = chains.get(name, name)
        end[root] = max(end.get(root, 0), last.get(name, 0))
    ending: dict[int, list[str]] = {}
    for root, place in end.items():
        ending.setdefault(place, []).append(root)
    # Gradients are parts of one flat array, and what is written over on the way to them lies there too.
    elsewhere = {chains.get(name, name) for name in (*outputs, *places)}

    def settle(name: str) -> None:
        """Memory for a value, unless the one that it is written over has it."""
        root, value = chains.get(name, name), values[name]
        if value.origin is not Origin.MADE or root in elsewhere:
            return
        if root not in of:
            extent = extent_of(value.axes, system)
            # The positions around an array stay as they are from call to call.
            block = free.taken(extent, value.kind) if reuse and name not in untouched else None
            if block is None:
                block = MemoryBlock(name, extent, value.kind)
                blocks.append(block)
            of[root] = block
        of[name] = of[root]

    for start, run in runs(operations):
        # An array of all steps is there from the first of them to the last.
        for part in (values[operation.result.name] for operation in run):
            if part.is_part:
                settle(part.arrays[0])
        for place, operation in enumerate(run, start):
            if operation.function not in ("positions", "window"):
                for result in operation.results:
                    if not values[result.name].is_part:
                        settle(result.name)
            for root in ending.get(place, ()):
                if root in of and root not in untouched:
                    free.add(of[root])
    return Memory(tuple(blocks), of, over, padded)


class _Free:
    """Blocks that nothing needs at the moment."""

    def __init__(self) -> None:
        self.blocks: dict[tuple[ElementType, tuple[str, ...]], dict[int, list[MemoryBlock]]] = {}

    def add(self, block: MemoryBlock) -> None:
        self.blocks.setdefault((block.kind, block.extent.open_sizes), {}).setdefault(block.extent.count, []).append(block)

    def taken(self, extent: EntryCount, kind: ElementType) -> MemoryBlock | None:
        """The smallest that is large enough; of those, the one that was freed last."""
        by_count = self.blocks.get((kind, extent.open_sizes), {})
        # A single number does not take an array's place.
        most = 1 if extent == EntryCount(1) else math.inf
        fitting = min((count for count, blocks in by_count.items() if blocks and extent.count <= count <= most), default=None)
        return None if fitting is None else by_count[fitting].pop()


def _chains(over: Mapping[str, str]) -> dict[str, str]:
    """The last of the values that lie on each other, for each of them."""
    following = {before: after for after, before in over.items()}
    found: dict[str, str] = {}
    for name in (*over, *over.values()):
        end = name
        while end in following:
            end = following[end]
        found[name] = end
    return found
