"""Parts of arrays that hold all steps of a recurrence: what they are called, how they lie, and how far they reach over the ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from chainrule.symbolic.system.system import System

from .operations import ArrayOperand, ArrayProgram, Cut, Operation, Slice, Value

#: Numbers of a value's dimensions, outermost first.
Order = tuple[int, ...]


def slice_name(part: Slice, axis: str) -> str:
    """What a slice is called behind the name of the whole: t, before, after, before_2; at_0 for a fixed position."""
    if part.cut is Cut.FIXED:
        return f"at_{part.start}" if part.start >= 0 else f"at_minus_{-part.start}"
    if part.start == 0:
        return axis
    return ("after" if part.start > 0 else "before") + (f"_{abs(part.start)}" if abs(part.start) > 1 else "")


def part_order(part: Slice, whole: Order) -> Order:
    """How a slice's dimensions lie."""
    return tuple(part.dimensions.index(dimension) for dimension in whole if dimension in part.dimensions)


def whole_order(part: Slice, order: Order) -> Order:
    """How a whole array lies whose slice lies in this order: the steps come first, so that each is one piece of memory."""
    return (part.along, *(dimension for dimension in (part.dimensions[place] for place in order) if dimension != part.along))


def runs(operations: Sequence[Operation]) -> Iterator[tuple[int, tuple[Operation, ...]]]:
    """Operations of one loop, or outside of loops, that follow each other, with the number of the first."""
    place = 0
    for _, run in groupby(operations, key=lambda operation: operation.loop):
        found = tuple(run)
        yield place, found
        place += len(found)


def padding(operations: Sequence[Operation], values: Mapping[str, Value], system: System) -> dict[str, tuple[int, int]]:
    """How many positions the operations read before the first and after the last of a whole array."""
    found: dict[str, tuple[int, int]] = {}
    if all(value.slice is None for value in values.values()):
        return found
    for operation in operations:
        for entry in (*operation.entries, operation.result):
            part = values[entry.name].slice
            if part is not None and not part.beyond:
                before, after = found.get(part.whole, (0, 0))
                size = system.axes[values[part.whole].axes[part.along]].size
                # Where the size is not fixed, no position after the last has a number.
                reach = part.start if part.cut is not Cut.FIXED else 0 if size is None else part.start - size + 1
                found[part.whole] = max(before, -part.start), max(after, reach)
    return {name: reach for name, reach in found.items() if any(reach)}


def with_locals(program: ArrayProgram, operations: Sequence[Operation]) -> ArrayProgram:
    """Values of which nobody reads more than the present step are arrays of one step, used again at the next.

    z_t = z_1 + x_t, of which only h_t = tanh(z_t) is computed, needs no array z of all steps.
    """
    values, tensors, declared = dict(program.values), dict(program.tensors), dict(program.declared)
    made = {operation.result.name for operation in operations}
    read = {array for name in (*program.outputs, program.cost, *program.kept) for array in values[name].arrays}
    for operation in operations:
        for name in (entry.name for entry in operation.entries):
            part = values[name].slice
            read |= {name} if part is None else set() if name in made and part.cut is Cut.STEP else {part.whole}
    for name in made:
        part = values[name].slice
        if part is not None and part.cut is Cut.STEP and part.whole not in read:
            values[name] = replace(values[name], slice=None)
            if part.whole in tensors:
                letters = tensors[part.whole].letters
                tensors[name] = ArrayOperand(name, tuple(letters[dimension] for dimension in part.dimensions))
                declared[name] = tuple(letter for letter in declared[part.whole] if letter != letters[part.along])
    return replace(program, values=values, tensors=tensors, declared=declared)
