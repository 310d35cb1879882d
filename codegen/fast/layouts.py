"""In which order the dimensions of each array lie in memory, the last one's entries next to each other.

    q[n,h,t,e] = Σ_i y[n,t,i] Wq[h,e,i]      stored (n, t, h, e): one product of (N·T, 64) and (64, 4·16)
    c[n,h,t,e] = Σ_u p[n,h,t,u] v[n,h,u,e]   stored (n, t, h, e) too, though computed for every n and h by itself: the next product
                                              takes it as (N·T, 4·16)

A wish goes from each product back to where its operands come from; then every operation, in order, gets the layout that costs it least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symbolic.arrays import Letters
from symbolic.axes import axis_name

from .operations import ENTRYWISE, ArrayProgram, Entry, Operation, Origin, Value

#: Numbers of a value's dimensions, outermost first.
Order = tuple[int, ...]
#: Groups of letters that are one dimension each.
Groups = tuple[Letters, ...]


@dataclass(frozen=True)
class Layouts:
    """The order of each value's dimensions in memory."""

    orders: dict[str, Order]

    def stored(self, entry: Entry) -> Letters:
        """The letters of an operand's dimensions as they lie in memory."""
        return tuple(entry.letters[place] for place in self.orders[entry.name])

    def is_mergeable(self, entry: Entry, groups: Groups) -> bool:
        """Whether each group is one dimension of the array as it lies in memory."""
        return are_neighbours(self.stored(entry), groups)


def are_neighbours(stored: Letters, groups: Groups) -> bool:
    """Whether the letters of each group follow each other."""
    for group in groups:
        if len(group) > 1:
            start = stored.index(group[0])
            if stored[start : start + len(group)] != group:
                return False
    return True


@dataclass(frozen=True, slots=True)
class Sides:
    """The letters of a product: `shared` by both sides and kept, those of each side alone, and those summed over."""

    shared: Letters
    rows: Letters
    columns: Letters
    over: Letters


def sides(operation: Operation) -> Sides:
    left, right = operation.entries
    kept = operation.result.letters
    shared = tuple(letter for letter in kept if letter in left.letters and letter in right.letters)
    rows = tuple(letter for letter in kept if letter in left.letters and letter not in right.letters)
    columns = tuple(letter for letter in kept if letter in right.letters and letter not in left.letters)
    return Sides(shared, rows, columns, operation.over)


def order_of(letters: Letters, stored: Letters) -> Order:
    return tuple(letters.index(letter) for letter in stored)


def declared_order(value: Value) -> Order:
    return tuple(range(len(value.axes)))


def parameter_orders(program: ArrayProgram, batch: str | None) -> dict[str, Order]:
    """W[j,i] of Σ_i x[n,i] W[j,i] is stored (i, j): a product of two matrices as they lie is the one that is quickest."""
    orders: dict[str, Order] = {}
    for operation in program.operations:
        if operation.function != "product" or operation.equation not in program.sections[0].equations:
            continue
        for own, other in zip(operation.entries, tuple(operation.entries)[::-1], strict=True):
            value = program.values[own.name]
            if value.origin is Origin.PARAMETER and own.name not in orders and batch in program.values[other.name].axes:
                kept = tuple(letter for letter in own.letters if letter not in operation.over)
                summed = tuple(letter for letter in own.letters if letter in operation.over)
                orders[own.name] = order_of(own.letters, summed + kept)
    return orders


def layouts(
    program: ArrayProgram, operations: Sequence[Operation], batch: str | None, parameters: Mapping[str, Order] | None = None
) -> Layouts:
    """An order of dimensions for every value; a gradient's is that of its parameter, which `parameters` may prescribe."""
    values = program.values
    orders = {name: declared_order(value) for name, value in values.items() if value.origin is not Origin.MADE}
    orders |= parameter_orders(program, batch) if parameters is None else parameters
    for gradient, output in program.outputs.items():
        orders[gradient] = tuple(output.places[place] for place in orders[output.parameter])
    wishes = _wishes(operations, batch)
    for operation in operations:
        result = operation.result
        if result.name not in orders:
            wish = wishes.get(result.name)
            wished = None if wish is None else tuple(result.letters[place] for place in wish)
            orders[result.name] = order_of(result.letters, _natural(operation, Layouts(orders), wished, batch))
    return Layouts(orders)


def _wishes(operations: Sequence[Operation], batch: str | None) -> dict[str, Order]:
    """In which order a value's dimensions should lie for the products that read it, also through functions of every entry."""
    wishes: dict[str, Order] = {}
    for operation in reversed(operations):
        if operation.function == "product":
            meeting = sides(operation)
            if meeting.shared:
                continue
            for entry, own in zip(operation.entries, (meeting.rows, meeting.columns), strict=True):
                first, second = (meeting.over, own) if _has(meeting.over, batch) else (own, meeting.over)
                wishes.setdefault(entry.name, order_of(entry.letters, _as_in(entry.letters, first) + _as_in(entry.letters, second)))
        elif operation.result.name in wishes and operation.function in ENTRYWISE:
            stored = tuple(operation.result.letters[place] for place in wishes[operation.result.name])
            for entry in operation.entries:
                if set(entry.letters) == set(stored):
                    wishes.setdefault(entry.name, order_of(entry.letters, stored))
    return wishes


def _natural(operation: Operation, known: Layouts, wish: Letters | None, batch: str | None) -> Letters:
    """The order in which an operation gives its result without a detour, as near to the wish as it can be."""
    result, entries = operation.result, list(operation.entries)
    if operation.function == "product":
        return _of_product(operation, known, wish, batch)
    if operation.function in ("sum", "max", "inner"):
        return tuple(letter for letter in known.stored(entries[0]) if letter not in operation.over)
    if operation.function in ENTRYWISE:
        alike = [known.stored(entry) for entry in entries if set(entry.letters) == set(result.letters)]
        if alike:
            return wish if wish in alike else alike[0]
    return wish or _batch_first(result.letters, batch)


def _of_product(operation: Operation, known: Layouts, wish: Letters | None, batch: str | None) -> Letters:
    meeting, (left, right) = sides(operation), operation.entries
    if meeting.shared:
        if wish and wish[-1] not in meeting.shared and are_neighbours(wish, (_as_in(wish, meeting.rows), _as_in(wish, meeting.columns))):
            return wish
        return (
            _as_in(known.stored(left), meeting.shared)
            + _as_in(known.stored(left), meeting.rows)
            + _as_in(known.stored(right), meeting.columns)
        )
    rows, columns = _as_in(known.stored(left), meeting.rows), _as_in(known.stored(right), meeting.columns)
    if wish and not _has(result_letters(operation), batch):
        return wish if wish in (rows + columns, columns + rows) else rows + columns
    return columns + rows if _has(columns, batch) else rows + columns


def result_letters(operation: Operation) -> Letters:
    return operation.result.letters


def _as_in(order: Letters, letters: Letters) -> Letters:
    """Letters in the order in which they come in another list."""
    return tuple(letter for letter in order if letter in letters)


def _has(letters: Letters, axis: str | None) -> bool:
    return any(axis_name(letter) == axis for letter in letters)


def _batch_first(letters: Letters, batch: str | None) -> Letters:
    return tuple(sorted(letters, key=lambda letter: axis_name(letter) != batch))
