"""How much memory a step takes: parameters, gradients, the arrays of a workspace, and what a call makes besides.

What a workspace makes is said by the lines that make it, so that no pass can forget it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.operations import ElementType, Origin
from chainrule.codegen.backends.fast.ir.sizes import EntryCount
from chainrule.codegen.backends.fast.source.made_line import NewArray
from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.forms.arrays import Apply, Array, Product, Read, Reduce, Window, parts
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.system.system import System

from .amounts import NOTHING, Amount, amount_of, largest, total
from .compilation import Fast
from .cost_model import entries

#: Bytes of an entry; others are of the type of the data.
BYTES = {ElementType.TEST: 1, ElementType.INTEGER: 8}
FLOAT_TYPES = {"float32": 4, "float64": 8}


@dataclass(frozen=True, slots=True)
class Scratch:
    """What a function that the module brings has for itself: so many arrays, as large as what it works on but not above a block."""

    arrays: int
    block: int


SCRATCH = {"erf": Scratch(4, 16_384)}
#: How many arrays as large as its result there are at most while a function of the module itself runs.
AT_ONCE = {"erf": 6, "sigmoid": 3, "softmax": 3, "log_sum_exp": 3}


@dataclass(frozen=True, slots=True)
class Storage:
    """Numbers of the type of the data, and bytes of other types."""

    numbers: Amount = NOTHING
    other_bytes: Amount = NOTHING

    def __add__(self, other: Storage) -> Storage:
        return Storage(self.numbers + other.numbers, self.other_bytes + other.other_bytes)

    def bytes(self, dtype: str) -> Amount:
        """With data of a type among FLOAT_TYPES."""
        return self.numbers * FLOAT_TYPES[dtype] + self.other_bytes


@dataclass(frozen=True, slots=True)
class StepMemory:
    """What there is while a step runs, apart from the data, which belong to the caller."""

    parameters: Storage
    gradients: Storage
    workspace: Storage
    #: Arrays that a call makes and gives back: only for what is printed as in plain style.
    in_call: Storage

    @property
    def whole(self) -> Storage:
        return self.parameters + self.gradients + self.workspace + self.in_call


def step_memory(made: Fast, sizes: Mapping[str, int]) -> StepMemory:
    """The memory of a step; `sizes` are the open ones, by name: for them the largest of the passing arrays is found."""
    parameters = Storage(total(entries(tensor.axes, made.system) for tensor in made.system.parameters))
    lines = [*made.source.made, *made.source.views.lines[Origin.MADE]]
    scratch = Storage(total(_scratch(function, extents, sizes) for (function, _), (_, extents) in made.source.own_functions.items()))
    return StepMemory(
        parameters, parameters, workspace_storage([line.array for line in lines if line.array]) + scratch, Storage(_in_call(made, sizes))
    )


def _scratch(function: str, extents: Iterable[EntryCount], sizes: Mapping[str, int]) -> Amount:
    own = SCRATCH[function]
    entries_of_largest = largest(map(amount_of, extents), sizes)
    return min(entries_of_largest, amount_of(own.block), key=lambda amount: amount.at(sizes)) * own.arrays


def workspace_storage(arrays: Iterable[NewArray]) -> Storage:
    """What the arrays of a workspace take."""
    found = Storage()
    for array in arrays:
        count = total(map(amount_of, array.entries))
        found += Storage(NOTHING, count * BYTES[array.kind]) if array.kind in BYTES else Storage(count)
    return found


def _in_call(made: Fast, sizes: Mapping[str, int]) -> Amount:
    """The results of loops in plain style are there until the end, what one expression makes only for its line."""
    loops = [entries(operation.result.letters, made.system) for operation in made.operations if operation.function == "lines"]
    passing = [
        _passing(operation.detail, made.system, sizes)
        for operation in made.operations
        if operation.function == "plain" and operation.detail is not None and not isinstance(operation.detail, tuple)
    ]
    return total(loops) + largest(passing, sizes)


def _passing(array: Array, system: System, sizes: Mapping[str, int]) -> Amount:
    """What is there at most while NumPy computes an expression, its result included."""
    own = NOTHING if isinstance(array, Read) or not array.axes else entries(array.axes, system)
    inner = parts(array)
    moments = []
    for place, part in enumerate(inner):
        before = total(_kept(each, system) for each in inner[:place])
        moments.append(before + _passing(part, system, sizes))
    operands = total(_kept(part, system) for part in inner)
    match array:
        case Window():
            own = NOTHING if _is_inside(array, system, sizes) else entries(system.stored[array.name].axes, system)
        case Product():
            # Both operands may have to be turned first.
            operands += total(entries(part.axes, system) for part in (array.left, array.right))
        case Apply() | Reduce():
            own *= AT_ONCE.get(array.function, 1)
    return largest([*moments, operands + own], sizes)


def _is_inside(window: Window, system: System, sizes: Mapping[str, int]) -> bool:
    """Whether a window never reads out of range: then it is a view, and otherwise one of a copy with zeros around."""
    for place, letter in zip(window.places, system.stored[window.name].axes, strict=True):
        reach = sum(abs(step) * (_size(axis_name(own), system, sizes) - 1) for own, step in place.steps)
        if place.start < 0 or place.start + reach >= _size(axis_name(letter), system, sizes):
            return False
    return True


def _size(axis: str, system: System, sizes: Mapping[str, int]) -> int:
    return system.axes[axis].size or sizes[size_name(axis)]


def _kept(array: Array, system: System) -> Amount:
    """What is left of a part once it is computed."""
    return NOTHING if isinstance(array, Read | Window) or not array.axes else entries(array.axes, system)
