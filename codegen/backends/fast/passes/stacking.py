"""What equal neighbouring layers do one after the other is done once for all of them, where nothing needs a result in between.

    dW2 = dz2ᵀ a1, dW3 = dz3ᵀ a2, …      matmul(dz2_to_dz20ᵀ, a1_to_a19, dW2_to_dW20): one call for 19
    1 − a2², 1 − a3², …                  two calls for all layers, before the backward pass goes through them

The operands of such a group are written next to each other into one array from the start, so that nothing is copied. The gradients are
where they are, as the parameters of equal layers follow each other at equal distances.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import UFUNCS, ArrayOperand, ArrayProgram, Operation, Origin, Value
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.system.system import System

from .array_layout import Layouts

#: Fewer are not worth an array of their own.
FEWEST = 3
#: Above so many entries along the axes of a fixed size, a call costs little beside what it does.
MOST_ENTRIES = 128 * 128
STACKABLE = UFUNCS - {"divide", "power"}


@dataclass(frozen=True, slots=True)
class StackPlace:
    """Where a value stands in the array of its group."""

    stack: str
    number: int


@dataclass(frozen=True)
class Stacked:
    """Operations in a new order, groups of them as one with `members`; the places of values; by stack, its values."""

    operations: tuple[Operation, ...]
    places: dict[str, StackPlace]
    stacks: dict[str, tuple[str, ...]]


def stacked(operations: Sequence[Operation], program: ArrayProgram, layouts: Layouts, system: System) -> Stacked:
    """Groups of at least FEWEST operations of one kind, as long as their operands can stand in one array each."""
    found = _Stacking(list(operations), program, layouts, system)
    # What a loop makes, or reads step by step, lies as the loop needs it.
    alone = {name for value in program.values.values() if value.slice is not None for name in (value.name, *value.slice.arrays)}
    alone |= {operation.result.name for operation in operations if operation.loop is not None}
    usual = [
        operation if operation.loop is None and alone.isdisjoint(entry.name for entry in (*operation.entries, operation.result)) else None
        for operation in operations
    ]
    # Of two functions, one may run again without the other.
    for group in _groups(usual, program.values, layouts, system, program.first_function):
        found.add(group)
    return found.result()


def _groups(
    operations: Sequence[Operation | None], values: dict[str, Value], layouts: Layouts, system: System, first: Collection[str]
) -> list[list[int]]:
    """Numbers of operations that do the same with arrays of the same sizes, all for equations of the `first` function or for others."""
    alike: dict[object, list[int]] = {}
    for number, operation in enumerate(operations):
        signature = None if operation is None else _signature(operation, values, layouts, system)
        if operation is not None and signature is not None:
            alike.setdefault((signature, operation.equation in first), []).append(number)
    # The largest first: of the values that stand in its arrays, others may take a part.
    return sorted((group for group in alike.values() if len(group) >= FEWEST), key=len, reverse=True)


def _signature(operation: Operation, values: dict[str, Value], layouts: Layouts, system: System) -> object | None:
    """What two operations of one group have in common; None of what stands alone."""
    function, entries, result = operation.function, operation.entries, operation.result
    is_entrywise = function in STACKABLE
    if not entries or operation.apart or len(operation.over) > 1 or not (is_entrywise or function in ("product", "sum")):
        return None
    involved = [values[entry.name] for entry in (*entries, result)]
    if any(value.origin is not Origin.MADE for value in involved) or any(entry.name in layouts.views for entry in entries):
        return None
    if function != "product" and len({entry.name for entry in entries}) != len(entries):
        return None
    stored = [layouts.stored(entry) for entry in entries]
    number: dict[Symbol, int] = {}
    for letter in itertools.chain.from_iterable(stored):
        number.setdefault(letter, len(number))
    if is_entrywise and any(len(letters) != len(number) for letters in (*stored, result.letters)):
        return None
    if len(number) != {"product": 3, "sum": 2}.get(function, len(number)):
        return None
    sizes = tuple([system.axis(letter).size or axis_name(letter) for letter in number])
    if math.prod([size for size in sizes if isinstance(size, int)]) > MOST_ENTRIES:
        return None
    places = iter([tuple([number[letter] for letter in letters]) for letters in stored])
    operands = tuple([next(places) if isinstance(operand, ArrayOperand) else operand.array for operand in operation.operands])
    kinds = tuple([value.kind for value in involved])
    return function, operands, kinds, sizes, tuple([number[letter] for letter in layouts.stored(result)]), len(result.letters)


class _Stacking:
    def __init__(self, operations: list[Operation], program: ArrayProgram, layouts: Layouts, system: System) -> None:
        self.operations, self.program, self.layouts, self.system = operations, program, layouts, system
        self.made = {operation.result.name: number for number, operation in enumerate(operations)}
        self.first_read: dict[str, int] = {}
        for number, operation in enumerate(operations):
            for entry in operation.entries:
                self.first_read.setdefault(entry.name, number)
        self.places: dict[str, StackPlace] = {}
        self.stacks: dict[str, tuple[str, ...]] = {}
        #: After which operation a group comes, with its members.
        self.after: dict[int, list[Operation]] = {}
        self.moved: set[int] = set()

    def add(self, group: list[int]) -> None:
        members = [self.operations[number] for number in group]
        if len({member.equation for member in members}) < len(members):
            return
        latest = max(self.time_of(entry.name) for member in members for entry in member.entries)
        earliest = min(self.first_read.get(member.result.name, len(self.operations)) for member in members)
        if latest >= earliest:
            return
        is_gradient = [member.result.name in self.program.outputs for member in members]
        if any(is_gradient) != all(is_gradient):
            return
        # Backwards through the layers, gradients come from the last to the first.
        if is_gradient[0]:
            order = [tensor.name for tensor in self.system.parameters]
            members.sort(key=lambda member: order.index(self.program.outputs[member.result.name].parameter))
            if not self.are_equally_far([self.program.outputs[member.result.name].parameter for member in members]):
                return
        else:
            members.sort(key=lambda member: list(map(self.place_of, member.entries)))
        columns = [[member.entries[side].name for member in members] for side in range(len(members[0].entries))]
        if not is_gradient[0]:
            columns.append([member.result.name for member in members])
        # A value has one place: in u + v and v + w, v can stand with the first operands or with the second ones, not with both.
        different = set(map(tuple, columns))
        if len(set().union(*different)) < sum(map(len, different)) or not all(map(self.fits, columns)):
            return
        for column in columns:
            self.put(column)
        first = members[0]
        operands = tuple(entry for member in members for entry in member.entries)
        whole = Operation("stacked", operands, first.result, first.equation, members=tuple(members))
        self.after.setdefault(latest, []).append(whole)
        self.moved.update(group)
        for member in members:
            self.made[member.result.name] = latest

    def time_of(self, name: str) -> int:
        return self.made.get(name, -1)

    def place_of(self, entry: ArrayOperand) -> tuple[str, int]:
        place = self.places.get(entry.name)
        return (place.stack, place.number) if place else ("", self.time_of(entry.name))

    def fits(self, column: list[str]) -> bool:
        """Whether these values can stand in one array, in this order: nothing else is decided of them, or just that."""
        if len(set(column)) < len(column) or any(name in self.program.outputs for name in column):
            return False
        known = [self.places.get(name) for name in column]
        if not any(known):
            return True
        first = known[0]
        return first is not None and all(place == StackPlace(first.stack, first.number + number) for number, place in enumerate(known))

    def put(self, column: list[str]) -> None:
        if column[0] not in self.places:
            name = f"{column[0]}_to_{column[-1]}"
            self.stacks[name] = tuple(column)
            self.places |= {value: StackPlace(name, number) for number, value in enumerate(column)}

    def are_equally_far(self, parameters: list[str]) -> bool:
        """Whether the gradients lie at equal distances in the flat array: the same sizes come between each two."""
        order = {tensor.name: place for place, tensor in enumerate(self.system.parameters)}
        between = []
        for before, after in itertools.pairwise(parameters):
            passed = self.system.parameters[order[before] : order[after]]
            between.append([tuple(self.system.axis(letter).size for letter in tensor.axes) for tensor in passed])
        return all(sizes == between[0] for sizes in between) and all(size for sizes in between for shape in sizes for size in shape)

    def result(self) -> Stacked:
        found: list[Operation] = list(self.after.get(-1, []))
        for number, operation in enumerate(self.operations):
            if number not in self.moved:
                found.append(operation)
            found += self.after.get(number, [])
        return Stacked(tuple(found), self.places, self.stacks)
