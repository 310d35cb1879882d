"""How much memory a step takes: parameters, gradients, the arrays of a workspace, and what a call makes besides.

What a workspace makes is read from the lines that make it, so that no pass can forget to say it:

    a1 = np.empty((N, 128), dtype)     128 N numbers
    m1 = np.empty((N, 128), bool)      128 N bytes
    a1_jn = a1.T                       a view: nothing
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.operations import Origin
from chainrule.codegen.backends.fast.ir.sizes import EntryCount
from chainrule.codegen.backends.numpy.array_printer import size_name
from chainrule.symbolic.forms.arrays import Apply, Array, Product, Read, Reduce, Window, parts
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.system.system import System

from .amounts import NOTHING, Amount, amount_of, largest, total
from .compilation import Fast
from .cost_model import entries

#: NumPy's functions that make an array of a given shape; `array` makes one of a single number.
MAKING = frozenset("empty zeros ones full arange array".split())
#: Bytes of an entry, by the type as it is written; others are of the type of the data.
BYTES = {"bool": 1, "int": 8}
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
    return StepMemory(parameters, parameters, workspace_storage(lines) + scratch, Storage(_in_call(made, sizes)))


def _scratch(function: str, extents: Iterable[EntryCount], sizes: Mapping[str, int]) -> Amount:
    own = SCRATCH[function]
    entries_of_largest = largest(map(amount_of, extents), sizes)
    return min(entries_of_largest, amount_of(own.block), key=lambda amount: amount.at(sizes)) * own.arrays


def workspace_storage(lines: Sequence[str]) -> Storage:
    """What the lines of a workspace make."""
    found = Storage()
    for line in lines:
        for node in ast.walk(ast.parse(line)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("np.") in MAKING:
                found += _array(node)
    return found


def _array(call: ast.Call) -> Storage:
    name = ast.unparse(call.func).removeprefix("np.")
    count = amount_of(1) if name == "array" else _entries(call.args[0])
    dtype = "int" if name == "arange" else ast.unparse(call.args[1]) if len(call.args) > 1 else "dtype"
    return Storage(NOTHING, count * BYTES[dtype]) if dtype in BYTES else Storage(count)


def _entries(shape: ast.expr) -> Amount:
    """The number of entries of a shape, which is made of numbers and sizes: (N, 24 * N_t, 5)."""
    match shape:
        case ast.Tuple():
            count = amount_of(1)
            for each in shape.elts:
                count *= _entries(each)
            return count
        case ast.Constant(value=int() as value):
            return amount_of(value)
        case ast.Name():
            return amount_of(EntryCount(1, (shape.id,)))
        case ast.BinOp(op=ast.Mult()):
            return _entries(shape.left) * _entries(shape.right)
        case ast.BinOp(op=ast.Add()):
            return _entries(shape.left) + _entries(shape.right)
        case ast.BinOp(op=ast.Sub()):
            return _entries(shape.left) - _entries(shape.right)
    raise AssertionError(f"no size: {ast.unparse(shape)}")


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
