"""Which arrays lie in the same memory: a result on top of an operand that is read for the last time, or where an array is no longer needed.

add(z1_1, b1) → z1        z1_1 is read no more: z1 is written over it
da1 = dz2 W2              z1, as large, was read for the last time before: da1 lies there
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from symbolic.equations import System

from .layouts import Layouts
from .operations import UFUNCS, Entry, Kind, Operation, Origin, Value
from .sizes import Extent, extent_of
from .stacking import Place

NO_PLACES: Mapping[str, Place] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of memory, as large as the first array that lies there."""

    name: str
    extent: Extent
    kind: Kind


@dataclass(frozen=True)
class Memory:
    """The block of each value that the workspace holds; gradients have their own, the parts of one flat array."""

    blocks: tuple[Block, ...]
    of: dict[str, Block]
    #: Values that are written over another one, entry by entry, with the one they are written over.
    over: dict[str, str]


def lifetimes(operations: Sequence[Operation], last_wanted: Sequence[str]) -> dict[str, int]:
    """The number of the operation that reads a value for the last time; one more than all where it is wanted at the end."""
    found: dict[str, int] = {}
    for place, operation in enumerate(operations):
        for result in operation.results:
            found[result.name] = place
        for entry in operation.entries:
            found[entry.name] = place
    return found | dict.fromkeys(last_wanted, len(operations))


def memory(
    operations: Sequence[Operation],
    values: dict[str, Value],
    layouts: Layouts,
    system: System,
    outputs: Collection[str],
    kept: Collection[str],
    places: Mapping[str, Place] = NO_PLACES,
    in_place: bool = True,
    reuse: bool = True,
) -> Memory:
    """A place for every value that an operation writes; the `kept` are there at the end; those in `places` stand in arrays of several."""
    last = lifetimes(operations, (*outputs, *kept))
    over: dict[str, str] = {}
    if in_place:
        for place, operation in enumerate(operations):
            operand = _overwritten(operation, place, values, layouts, last)
            if operand is not None and operand not in places:
                over[operation.result.name] = operand
    chains = _chains(over)
    blocks: list[Block] = []
    of: dict[str, Block] = {}
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
    for place, operation in enumerate(operations):
        name = operation.result.name
        root, value = chains.get(name, name), values[name]
        if value.origin is Origin.MADE and root not in elsewhere and operation.function != "positions":
            if root not in of:
                extent = extent_of(value.axes, system)
                block = free.taken(extent, value.kind) if reuse else None
                if block is None:
                    block = Block(name, extent, value.kind)
                    blocks.append(block)
                of[root] = block
            of[name] = of[root]
        for root in ending.get(place, ()):
            if root in of:
                free.add(of[root])
    return Memory(tuple(blocks), of, over)


class _Free:
    """Blocks that nothing needs at the moment."""

    def __init__(self) -> None:
        self.blocks: dict[tuple[Kind, tuple[str, ...]], dict[int, list[Block]]] = {}

    def add(self, block: Block) -> None:
        self.blocks.setdefault((block.kind, block.extent.open_sizes), {}).setdefault(block.extent.count, []).append(block)

    def taken(self, extent: Extent, kind: Kind) -> Block | None:
        """The smallest that is large enough; of those, the one that was freed last."""
        by_count = self.blocks.get((kind, extent.open_sizes), {})
        # A single number does not take an array's place.
        most = 1 if extent == Extent(1) else math.inf
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


def _overwritten(operation: Operation, place: int, values: dict[str, Value], layouts: Layouts, last: dict[str, int]) -> str | None:
    """An operand of the same layout that is read here for the last time."""
    if operation.function not in UFUNCS and operation.function != "where":
        return None
    result = operation.result
    stored = layouts.stored(result)
    entries = list(operation.entries)
    # Of a case distinction the first branch is written where the test holds: what is written over is the other one.
    candidates = [entry for entry in operation.operands[2:] if isinstance(entry, Entry)] if operation.function == "where" else entries
    for entry in candidates:
        value = values[entry.name]
        if (
            value.origin is Origin.MADE
            and value.kind is values[result.name].kind
            and last[entry.name] == place
            and layouts.stored(entry) == stored
            and all(other.letters == entry.letters for other in entries if other.name == entry.name)
        ):
            return entry.name
    return None
