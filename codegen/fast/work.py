"""What operations cost by an estimate: NumPy calls, floating-point operations, entries read and written.

    z[n,j] = Σ_i x[n,i] W[j,i]     1 call, 2 N·J·I operations (a multiplication and an addition each), reads N·I + J·I, writes N·J
    a[n,j] = tanh(z[n,j])          1 call, N·J operations (a function of an entry counts as one), reads N·J, writes N·J

A copy costs a call and its entries, a view nothing. What is printed as in plain style is counted by its expression; a loop that is
printed as in plain style is not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from symbolic.arrays import Apply, Array, Gather, Letters, Number, Placed, Positions, Product, Read, Reduce, Scatter, Size, Window, parts
from symbolic.axes import axis_name
from symbolic.equations import System

from .amounts import NOTHING, Amount, amount_of, total
from .operations import Operation
from .sizes import Extent, extent_of


@dataclass(frozen=True, slots=True)
class Cost:
    """NumPy calls of an operation, and floating-point operations for each combination of all letters that occur in it."""

    calls: int
    flops: int


#: Functions that are not one call, or not one floating-point operation.
COSTS = {
    "product": Cost(1, 2),
    "inner": Cost(1, 2),
    "copy": Cost(1, 0),
    "where": Cost(2, 0),
    "positions": Cost(0, 0),
    # Of the module's own, for one block: a fraction of two polynomials under a tanh.
    "erf": Cost(16, 16),
    "lines": Cost(0, 0),
}
USUAL = Cost(1, 1)
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
    return together([work.times(steps_of(operation)) for operation in operations for work in _parts(operation, system, over)])


def steps_of(operation: Operation) -> Amount:
    """How often it runs in a call."""
    if operation.loop is None:
        return amount_of(1)
    count = operation.loop.count
    return amount_of(int(count)) if count.isdigit() else amount_of(Extent(1, (count,)))


def together(works: Sequence[Work]) -> Work:
    return Work(
        total(work.calls for work in works),
        total(work.flops for work in works),
        total(work.read for work in works),
        total(work.written for work in works),
    )


def _parts(operation: Operation, system: System, over: Collection[str]) -> list[Work]:
    if operation.members:
        # One call for all of them.
        each = [work for member in operation.members for work in _parts(member, system, over)]
        return [each[0], *(Work(NOTHING, work.flops, work.read, work.written) for work in each[1:])]
    if operation.function == "plain":
        assert operation.detail is not None
        assert not isinstance(operation.detail, tuple)
        whole = entries(operation.detail.axes, system)
        return [*expression_work(operation.detail, system), Work(amount_of(1), NOTHING, whole, whole)]
    cost = COSTS.get(operation.function, USUAL)
    if not cost.calls:
        return []
    letters = dict.fromkeys(letter for entry in (*operation.entries, operation.result) for letter in entry.letters)
    read = total(entries(entry.letters, system) for entry in operation.entries)
    is_on_top = operation.function == "where" and operation.result.name in over
    calls = cost.calls - 1 if is_on_top else cost.calls
    return [Work(amount_of(calls), entries(tuple(letters), system) * cost.flops, read, entries(operation.result.letters, system))]


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


def entries(letters: Letters, system: System) -> Amount:
    """How many entries an array with these letters has."""
    return amount_of(extent_of(tuple(map(axis_name, letters)), system))
