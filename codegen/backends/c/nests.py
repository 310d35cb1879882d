"""Operations in loops: which of them go through their entries together, and what they make that no array needs to hold.

z1[n,j] = z1_1[n,j] + b1[j]         for n, j:   z1 = work->z1_1[…] + params->b1[j]
a1[n,j] = tanh(z1[n,j])                         work->a1[…] = tanh(z1)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import ENTRYWISE, ArrayOperand, Operation, Scalar
from chainrule.codegen.backends.fast.passes.lifetimes import seen_through
from chainrule.symbolic.forms.arrays import Letters

from .places import Places


@dataclass
class Nest:
    """Operations of every entry over the same dimensions, or one operation of another kind."""

    operations: list[Operation]
    #: The dimensions of the loops, outermost first, as letters of the first operation.
    letters: Letters
    is_entrywise: bool
    made: set[str] = field(default_factory=set)
    #: What the sums of a product are multiplied by, and whether they are added to what lies where its result does.
    factor: Scalar | None = None
    is_added: bool = False


def nests(operations: Sequence[Operation], places: Places) -> list[Nest]:
    """Neighbours that can go through their entries together do."""
    found: list[Nest] = []
    for operation in operations:
        if operation.function in ("positions", "window"):
            continue
        is_entrywise = operation.function in ENTRYWISE
        letters = places.layouts.stored(operation.result) if is_entrywise else ()
        if is_entrywise and found and _fits(found[-1], operation, letters, places):
            found[-1].operations.append(operation)
        else:
            found.append(Nest([operation], letters, is_entrywise))
        found[-1].made.add(operation.result.name)
    return found


def renamed(nest: Nest, operation: Operation, places: Places) -> dict[Symbol, Symbol]:
    """The letters of an operation in those of its nest."""
    return dict(zip(places.layouts.stored(operation.result), nest.letters, strict=True))


def _fits(nest: Nest, operation: Operation, letters: Letters, places: Places) -> bool:
    first = nest.operations[0]
    if not nest.is_entrywise or first.loop != operation.loop:
        return False
    sizes = [[places.sizes.of_letter(letter) for letter in each] for each in (nest.letters, letters)]
    if sizes[0] != sizes[1]:
        return False
    result = operation.result
    for entry in operation.entries:
        # What the loop has just made is there only at its own place.
        if _meets(entry, nest.made, places) and not (entry.name in nest.made and places.layouts.stored(entry) == letters):
            return False
    # What is written over may not be read at another place afterwards.
    key = places.memory_key(result.name)
    for other in nest.operations:
        own = places.layouts.stored(other.result)
        for entry in (*other.entries, other.result):
            if places.memory_key(entry.name) == key and (places.layouts.stored(entry) != own or not _is_whole(entry, result, places)):
                return False
    return all(
        places.layouts.stored(entry) == letters and _is_whole(entry, result, places)
        for entry in operation.entries
        if places.memory_key(entry.name) == key
    )


def _meets(entry: ArrayOperand, made: Collection[str], places: Places) -> bool:
    """Whether an operand lies where something lies that was made."""
    key = places.memory_key(entry.name)
    return any(places.memory_key(name) == key for name in made)


def _is_whole(entry: ArrayOperand, other: ArrayOperand, places: Places) -> bool:
    """Whether two values lie at the same places of their memory, neither a part of it."""
    values = places.values
    if entry.name in places.windows or other.name in places.windows:
        return False
    return (values[entry.name].slice, values[entry.name].tile) == (values[other.name].slice, values[other.name].tile)


def stored_values(every: Sequence[Nest], wanted: Collection[str], places: Places) -> set[str]:
    """The values that need an array: all but those that only the loop reads in which they are made."""
    seen = seen_through(places.at.operations, places.values)
    found = set(wanted)
    for nest in every:
        for operation in nest.operations:
            for name in (entry.name for entry in operation.entries):
                if name not in nest.made or not nest.is_entrywise:
                    found |= seen[name]
            if places.values[operation.result.name].is_part or not nest.is_entrywise:
                found.add(operation.result.name)
    return found
