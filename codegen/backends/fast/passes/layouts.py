"""In which order the dimensions of each array lie in memory, the last one's entries next to each other.

    q[n,h,t,e] = Σ_i y[n,t,i] Wq[h,e,i]      stored (n, t, h, e): one product of (N·T, 64) and (64, 4·16)
    c[n,h,t,e] = Σ_u p[n,h,t,u] v[n,h,u,e]   stored (n, t, h, e) too, though computed for every n and h by itself: the next product
                                              takes it as (N·T, 4·16)

A wish goes from each product back to where its operands come from; then every operation, in order, gets the layout that costs it least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.codegen.backends.fast.ir.operations import (
    ENTRYWISE,
    ArrayProgram,
    Cut,
    Operation,
    Origin,
    Places,
    Slice,
    Value,
)
from chainrule.codegen.backends.fast.ir.slices import Order, part_order, whole_order
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.system.system import System

from .array_layout import Layouts, are_neighbours, order_of, sides
from .strides import Strided, of_window, whole


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
    program: ArrayProgram,
    operations: Sequence[Operation],
    system: System,
    decided: Mapping[str, Order],
    wished: Mapping[str, Order],
    as_declared: bool = False,
) -> Layouts:
    """An order of dimensions for every value; a gradient's is that of its parameter. Some are `decided` before, or `wished` for.

    `as_declared`: each tensor's dimensions lie as it is declared, those of other values as they come.
    """
    values, batch = program.values, system.batch
    # How a whole must lie, the slices say that operations read; those that were taken out of their loops only give way to them.
    used = dict.fromkeys(entry.name for operation in operations for entry in (*operation.entries, *operation.results))
    parts = [part for name in (*values, *used) if (part := values[name].slice) is not None]
    boundaries = {name: part for part in parts for _, name in part.beyond}
    stepwise = {part.whole: part for part in parts if part.cut is not Cut.SHIFTED}
    orders = {name: declared_order(value) for name, value in values.items() if value.origin is not Origin.MADE}
    views: dict[str, Strided] = {}
    if not as_declared:
        orders |= parameter_orders(program, batch)
    orders |= decided
    for gradient, output in program.outputs.items():
        orders[gradient] = tuple(output.places[place] for place in orders[output.parameter])
    wishes, firm = _wishes(operations, values, stepwise, batch, wished)
    if as_declared:
        wishes = _declared_orders(program)
        firm = set(wishes)

    def settle(name: str, order: Order) -> None:
        """The order of a value, with that of the whole where it is a slice; of arrays that are read by step the steps come first."""
        part = values[name].slice or boundaries.get(name)
        if part is None:
            along = stepwise[name].along if name in stepwise else None
            orders[name] = order if along is None else (along, *(place for place in order if place != along))
        else:
            if part.whole not in orders:
                settle(part.whole, whole_order(part, order))
            orders[name] = part_order(part, orders[part.whole])

    for operation in operations:
        for entry in operation.entries:
            if entry.name not in orders:
                # A slice, of what is there or is yet to come in a step.
                settle(entry.name, wishes.get(entry.name, order_of(entry.letters, _batch_first(entry.letters, batch))))
        result = operation.result
        if operation.function == "window":
            (entry,) = operation.entries
            places = operation.places
            base = views.get(entry.name) or whole(values[entry.name], orders[entry.name], system)
            views[result.name] = of_window(values[result.name], base, places, system)
            orders[result.name] = order_of(result.letters, _expanded(orders[entry.name], places))
        elif result.name not in orders:
            wish = wishes.get(result.name)
            wished_letters = None if wish is None else tuple(result.letters[place] for place in wish)
            natural = _natural(operation, Layouts(orders), wished_letters, batch)
            is_firm = result.name in firm and wished_letters is not None
            settle(result.name, order_of(result.letters, wished_letters if is_firm and wished_letters else natural))
    return Layouts(orders, views)


def _expanded(order: Order, places: Places) -> Letters:
    """The letters of places along dimensions, those of the outermost dimension first."""
    return tuple(letter for place in order for letter in places[place].letters)


def _declared_orders(program: ArrayProgram) -> dict[str, Order]:
    """Of a tensor the order in which it is declared, of another value that in which it came about."""
    declared = {entry.name: order_of(entry.letters, program.declared[name]) for name, entry in program.tensors.items()}
    return {name: declared.get(name, declared_order(value)) for name, value in program.values.items()}


def _wishes(
    operations: Sequence[Operation], values: dict[str, Value], stepwise: dict[str, Slice], batch: str | None, wished: Mapping[str, Order]
) -> tuple[dict[str, Order], set[str]]:
    """In which order a value's dimensions should lie for the products that read it, also through functions of every entry.

    Where it is read step by step, it is no mere wish that the steps come first: these values are named too.
    """
    wishes: dict[str, Order] = dict(wished)
    firm: set[str] = set()
    for operation in reversed(operations):
        name, letters = operation.result.name, operation.result.letters
        if name in stepwise:
            along = letters[stepwise[name].along]
            order = tuple(letters[place] for place in wishes[name]) if name in wishes else _batch_first(letters, batch)
            wishes[name] = order_of(letters, (along, *(letter for letter in order if letter != along)))
            firm.add(name)
        if name in wishes and operation.function in ("spread", "placed", "pad"):
            (entry,) = operation.entries
            outer = _expanded(wishes[name], operation.places)
            if operation.function == "pad":
                outer = tuple(entry.letters[place] for place in wishes[name])
            wishes.setdefault(entry.name, order_of(entry.letters, _as_in(outer, entry.letters)))
        if operation.function == "product":
            meeting = sides(operation)
            if meeting.shared:
                continue
            for entry, own in zip(operation.entries, (meeting.rows, meeting.columns), strict=True):
                first, second = (meeting.over, own) if _has(meeting.over, batch) else (own, meeting.over)
                wishes.setdefault(entry.name, order_of(entry.letters, _as_in(entry.letters, first) + _as_in(entry.letters, second)))
        elif operation.function in ("sum", "max") and not _has(operation.over, batch):
            # Σ over the last dimension is a product with ones.
            (entry,) = operation.entries
            kept = _batch_first(tuple(letter for letter in entry.letters if letter not in operation.over), batch)
            wishes.setdefault(entry.name, order_of(entry.letters, kept + operation.over))
        elif operation.result.name in wishes and operation.function in ENTRYWISE:
            stored = tuple(operation.result.letters[place] for place in wishes[operation.result.name])
            for entry in operation.entries:
                if set(entry.letters) == set(stored):
                    if operation.result.name in firm and entry.name not in firm:
                        wishes[entry.name] = order_of(entry.letters, stored)
                        firm.add(entry.name)
                    wishes.setdefault(entry.name, order_of(entry.letters, stored))
        for entry in operation.entries:
            part = values[entry.name].slice
            if part is not None and entry.name in wishes:
                wishes.setdefault(part.whole, whole_order(part, wishes[entry.name]))
    return wishes, firm


def _natural(operation: Operation, known: Layouts, wish: Letters | None, batch: str | None) -> Letters:
    """The order in which an operation gives its result without a detour, as near to the wish as it can be."""
    result, entries = operation.result, list(operation.entries)
    if operation.function == "product":
        return _of_product(operation, known, wish, batch)
    if operation.function in ("spread", "placed", "pad") and wish is None:
        return _collapsed(known.stored(entries[0]), operation)
    if operation.function == "gather" and len(entries) == 2:
        (taken,) = (letter for letter, place in zip(entries[0].letters, operation.places, strict=True) if not place.letters)
        lies = known.stored(entries[0])
        rows = (*lies[: lies.index(taken)], *known.stored(entries[1]), *lies[lies.index(taken) + 1 :])
        if len(set(rows)) == len(rows):
            return rows
    if operation.function in ("sum", "max", "inner"):
        return tuple(letter for letter in known.stored(entries[0]) if letter not in operation.over)
    if operation.function in ENTRYWISE:
        alike = [known.stored(entry) for entry in entries if set(entry.letters) == set(result.letters)]
        if alike:
            return wish if wish in alike else alike[0]
    return wish or _batch_first(result.letters, batch)


def _collapsed(stored: Letters, operation: Operation) -> Letters:
    """The result's dimensions in the order in which what is written to them lies."""
    (entry,), result, places = operation.entries, operation.result, operation.places
    if operation.function == "pad":
        return tuple(result.letters[entry.letters.index(letter)] for letter in stored)
    first = {
        letter: min((stored.index(own) for own in place.letters if own in stored), default=len(stored))
        for letter, place in zip(result.letters, places, strict=True)
    }
    return tuple(sorted(result.letters, key=lambda letter: first[letter]))


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
    if wish and not _has(operation.result.letters, batch):
        return wish if wish in (rows + columns, columns + rows) else rows + columns
    return columns + rows if _has(columns, batch) else rows + columns


def _as_in(order: Letters, letters: Letters) -> Letters:
    """Letters in the order in which they come in another list."""
    return tuple(letter for letter in order if letter in letters)


def _has(letters: Letters, axis: str | None) -> bool:
    return any(axis_name(letter) == axis for letter in letters)


def _batch_first(letters: Letters, batch: str | None) -> Letters:
    return tuple(sorted(letters, key=lambda letter: axis_name(letter) != batch))
