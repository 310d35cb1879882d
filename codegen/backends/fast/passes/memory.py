"""Which arrays lie in the same memory: a result on top of an operand that is read for the last time, or where an array is no longer needed.

add(z1_1, b1) → z1        z1_1 is read no more: z1 is written over it
da1 = dz2 W2              z1, as large, was read for the last time before: da1 lies there
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from chainrule.codegen.backends.fast.ir.operations import OWN_FUNCTIONS, UFUNCS, ArrayOperand, ElementType, Operation, Origin, Value
from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.codegen.backends.fast.ir.slices import padding, runs
from chainrule.symbolic.system.system import System

from .layouts import Layouts
from .stacking import StackPlace

NO_PLACES: Mapping[str, StackPlace] = MappingProxyType({})


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
    over: dict[str, str]
    #: How many positions an array has before its first and after its last.
    padded: dict[str, tuple[int, int]]


def lifetimes(operations: Sequence[Operation], last_wanted: Sequence[str], values: Mapping[str, Value]) -> dict[str, int]:
    """The number of the operation that reads a value for the last time; one more than all where it is wanted at the end.

    What a loop reads from outside, or at another step, it reads until its end. A slice is there as long as the whole.
    """
    found: dict[str, int] = {}
    for start, run in runs(operations):
        made = {result.name for operation in run for result in operation.results}
        end = start + len(run) - 1
        for place, operation in enumerate(run, start):
            for entry in (*operation.results, *operation.entries):
                part = values[entry.name].slice
                is_own = part is None and entry.name in made
                for name in values[entry.name].arrays:
                    found[name] = place if operation.loop is None or is_own else end
    found |= dict.fromkeys((array for name in last_wanted for array in values[name].arrays), len(operations))
    # What reads a view reads the array behind it.
    for operation in reversed(operations):
        if operation.function == "window":
            (entry,) = operation.entries
            for name in values[entry.name].arrays:
                found[name] = max(found[name], found[operation.result.name])
    return found


def memory(
    operations: Sequence[Operation],
    values: dict[str, Value],
    layouts: Layouts,
    system: System,
    outputs: Collection[str],
    kept: Collection[str],
    places: Mapping[str, StackPlace] = NO_PLACES,
    in_place: bool = True,
    reuse: bool = True,
) -> Memory:
    """A place for every value that an operation writes; those in `places` stand in arrays of several."""
    last = lifetimes(operations, (*outputs, *kept), values)
    padded = padding(operations, values, system)
    bordered = {operation.result.name for operation in operations if operation.function == "pad"}
    views = {operation.result.name for operation in operations if operation.function == "window"}
    untouched = {*padded, *bordered, *views}
    over: dict[str, str] = {}
    if in_place:
        for start, run in runs(operations):
            made = {operation.result.name for operation in run}
            for place, operation in enumerate(run, start):
                operand = _overwritten(operation, place, values, layouts, last, untouched)
                if operand is not None and operand not in places and (operation.loop is None or operand in made):
                    over[operation.result.name] = operand
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
        for part in (values[operation.result.name].slice for operation in run):
            if part is not None:
                settle(part.whole)
        for place, operation in enumerate(run, start):
            if operation.function not in ("positions", "window"):
                for result in operation.results:
                    if values[result.name].slice is None:
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


def _chains(over: dict[str, str]) -> dict[str, str]:
    """The last of the values that lie on each other, for each of them."""
    following = {before: after for after, before in over.items()}
    found: dict[str, str] = {}
    for name in (*over, *over.values()):
        end = name
        while end in following:
            end = following[end]
        found[name] = end
    return found


def _overwritten(
    operation: Operation,
    place: int,
    values: dict[str, Value],
    layouts: Layouts,
    last: dict[str, int],
    untouched: Collection[str],
) -> str | None:
    """An operand of the same layout that is read here for the last time; a view is none, nor is an array whose border stays."""
    result = operation.result
    is_whole = values[result.name].slice is None and result.name not in untouched
    if not is_whole or operation.function not in UFUNCS | OWN_FUNCTIONS | {"where", "shift"}:
        return None
    stored = layouts.stored(result)
    entries = list(operation.entries)
    # Of a case distinction the first branch is written where the test holds: what is written over is the other one.
    candidates = (
        [entry for entry in operation.operands[2:] if isinstance(entry, ArrayOperand)] if operation.function == "where" else entries
    )
    for entry in candidates:
        value = values[entry.name]
        if (
            value.origin is Origin.MADE
            and entry.name not in untouched
            and value.kind is values[result.name].kind
            and value.slice is None
            and last[entry.name] == place
            and layouts.stored(entry) == stored
            and all(other.letters == entry.letters for other in entries if other.name == entry.name)
        ):
            return entry.name
    return None
