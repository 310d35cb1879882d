"""What operations cost by an estimate: NumPy calls, floating-point operations, entries read and written.

    z[n,j] = Σ_i x[n,i] W[j,i]     1 call, 2 N·J·I operations (a multiplication and an addition each), reads N·I + J·I, writes N·J
    a[n,j] = tanh(z[n,j])          1 call, N·J operations (a function of an entry counts as one), reads N·J, writes N·J

A copy costs a call and its entries, a view nothing; what labels choose from a table two, sums into it three. What is
printed as in plain style is counted by its expression; a loop that is printed as in plain style is not counted.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.operations import Operation, RowBlocks
from chainrule.codegen.backends.fast.ir.sizes import extent_of
from chainrule.symbolic.forms.arrays import (
    Apply,
    Array,
    Factor,
    Gather,
    Letters,
    Number,
    Placed,
    Positions,
    Product,
    Read,
    Reduce,
    Scatter,
    Size,
    Solution,
    Window,
    parts,
)
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.system.system import System

from .amounts import NOTHING, Amount, amount_of, total

#: What makes no call by itself: views, positions that are counted once, and loops in plain style.
WITHOUT_CALL = frozenset({"window", "positions", "lines"})
#: What moves entries without computing any, with its NumPy calls.
MOVING = {"copy": 1, "pad": 1, "spread": 1, "where": 2, "gather": 2}
#: Floating-point operations of an entry; of products for each combination of letters, an addition included.
FLOPS = {"product": 2, "inner": 2, "erf": 16}
#: Functions of the module's own take as many calls as operations, all within the cache.
CALLS = {"erf": 16, "scatter": 3}
#: The calls of a softmax and of a logarithm of sums of exponentials in plain style, each over all entries.
CALLS_OF_REDUCTIONS = {"softmax": 5, "log_sum_exp": 6}


@dataclass(frozen=True, slots=True)
class Work:
    """Estimates for one or several operations."""

    calls: Amount = NOTHING
    flops: Amount = NOTHING
    read: Amount = NOTHING
    written: Amount = NOTHING

    def times(self, count: Amount) -> Work:
        return Work(self.calls * count, self.flops * count, self.read * count, self.written * count)

    @property
    def moved(self) -> Amount:
        """Entries that are read or written."""
        return self.read + self.written


def work_of(operations: Iterable[Operation], system: System, over: Collection[str]) -> Work:
    """All of them; `over` are the values that are written over another one."""
    return together([work.times(steps_of(operation, system)) for operation in operations for work in _parts(operation, system, over)])


def steps_of(operation: Operation, system: System) -> Amount:
    """How often it runs in a call."""
    if operation.loop is None:
        return amount_of(1)
    if isinstance(operation.loop, RowBlocks):
        return amount_of(extent_of(operation.loop.axes, system)) * operation.loop.count
    return amount_of(extent_of((operation.loop.axis,), system))


def together(works: Sequence[Work]) -> Work:
    return Work(
        total(work.calls for work in works),
        total(work.flops for work in works),
        total(work.read for work in works),
        total(work.written for work in works),
    )


def _parts(operation: Operation, system: System, over: Collection[str]) -> list[Work]:
    if operation.function == "shift":
        # As a rule only the smallest and the largest entry are looked for.
        every = total(entries(entry.letters, system) for entry in operation.entries) * 2
        return [Work(amount_of(2), every, every, NOTHING)]
    if operation.members:
        # One call for all of them.
        each = [work for member in operation.members for work in _parts(member, system, over)]
        return [each[0], *(Work(NOTHING, work.flops, work.read, work.written) for work in each[1:])]
    if operation.function == "plain":
        assert operation.detail is not None
        assert not isinstance(operation.detail, tuple)
        whole = entries(operation.detail.axes, system)
        return [*expression_work(operation.detail, system), Work(amount_of(1), NOTHING, whole, whole)]
    if operation.function in WITHOUT_CALL:
        return []
    result = entries(operation.result.letters, system)
    read = total(entries(entry.letters, system) for entry in operation.entries)
    if operation.function in MOVING:
        is_on_top = operation.function == "where" and operation.result.name in over
        # Of a table only what is taken counts, of an array with a border only what is inside.
        moved = result if operation.function == "gather" else read
        return [Work(amount_of(MOVING[operation.function] - is_on_top), NOTHING, moved, read if operation.function == "pad" else result)]
    letters = dict.fromkeys(letter for entry in (*operation.entries, operation.result) for letter in entry.letters)
    if operation.function in ("placed", "scatter"):
        # Zeros, and what is added to them; the places are letters of the result.
        letters = dict.fromkeys(letter for entry in operation.entries for letter in entry.letters)
        added = entries(tuple(letters), system)
        calls = amount_of(CALLS["scatter"]) if operation.function == "scatter" else amount_of(1) + _slices(operation, system)
        return [Work(calls, added, read + added, result + added)]
    flops = entries(tuple(letters), system) * FLOPS.get(operation.function, 1)
    return [Work(amount_of(CALLS.get(operation.function, 1)), flops, read, result)]


def _slices(operation: Operation, system: System) -> Amount:
    """What is placed is added slice by slice: along each dimension one for every position of all letters but one."""
    count = amount_of(1)
    for place in operation.places:
        if isinstance(place, AffineIndex):
            sizes = sorted((system.axis(letter).size or math.inf, str(letter), letter) for letter in place.letters)
            for *_, letter in sizes[:-1]:
                count *= entries((letter,), system)
    return count


def expression_work(array: Array, system: System) -> list[Work]:
    """NumPy's calls for an expression in plain style, each of which makes a new array."""
    inner = [work for part in parts(array) for work in expression_work(part, system)]
    result = entries(array.axes, system)
    read = total(entries(part.axes, system) for part in parts(array))
    match array:
        case Read() | Number() | Size():
            return []
        case Apply():
            flops = result if array.function != "where" else NOTHING
            return [*inner, Work(amount_of(1), flops, read, result)]
        case Product():
            every = tuple(dict.fromkeys((*array.left.axes, *array.right.axes)))
            return [*inner, Work(amount_of(1), entries(every, system) * 2, read, result)]
        case Reduce():
            calls = CALLS_OF_REDUCTIONS.get(array.function, 1)
            return [*inner, Work(amount_of(calls), read * calls, read * calls, result * calls)]
        case Window() | Gather() | Positions():
            return [*inner, Work(amount_of(1), NOTHING, result, result)]
        case Placed() | Scatter():
            return [*inner, Work(amount_of(1), read, read, result)]
        case Solution():
            # Elimination takes some s³ of a matrix with s rows; of Newton's method this is one step.
            return [*inner, Work(amount_of(1), entries((*array.axes, *array.columns, *array.columns), system), read, result)]
        case Factor():
            return [*inner, Work(amount_of(1), entries((*array.axes, array.axes[-1]), system), read, result)]


def entries(letters: Letters, system: System) -> Amount:
    """How many entries an array with these letters has."""
    return amount_of(extent_of(tuple(map(axis_name, letters)), system))
