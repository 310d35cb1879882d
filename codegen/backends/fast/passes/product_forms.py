"""Products as calls of `dot` and `matmul`: which dimensions are taken together, and what has to be copied first because it lies otherwise.

dWq[h,e,i] = Σ_n,t dq[n,h,t,e] y[n,t,i]      dot of (N·T, 4·16) turned and (N·T, 64), as dq is stored (n, t, h, e)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation, Value
from chainrule.codegen.backends.fast.ir.slices import Order
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.free_name import free_name

from .array_layout import Groups, Layouts, are_neighbours, order_of, sides


@dataclass(frozen=True, slots=True)
class GroupedOperand:
    """An array with the letters of each group as one dimension; an empty group is a dimension of one."""

    entry: ArrayOperand
    groups: Groups


@dataclass(frozen=True, slots=True)
class ProductCall:
    """`function`(left, right) written into `result`."""

    function: str
    left: GroupedOperand
    right: GroupedOperand
    result: GroupedOperand


def call_of(operation: Operation, layouts: Layouts) -> ProductCall:
    """The call that computes a product whose operands lie as they have to."""
    meeting, (left, right) = sides(operation), operation.entries
    stored = layouts.stored(operation.result)
    shared = tuple(letter for letter in stored if letter in meeting.shared)
    rows, columns, over = _groups(operation, layouts)
    if shared:
        return ProductCall(
            "matmul",
            GroupedOperand(left, (*_stack(left, shared), rows, over)),
            GroupedOperand(right, (*_stack(right, shared), over, columns)),
            GroupedOperand(operation.result, (*_stack(operation.result, shared), rows, columns)),
        )
    if rows and columns and stored[0] in columns:
        # The result lies the other way round: (A B)ᵀ = Bᵀ Aᵀ.
        return ProductCall(
            "dot" if layouts.is_contiguous(operation.result) else "matmul",
            GroupedOperand(right, (columns, over)),
            GroupedOperand(left, (over, rows)),
            GroupedOperand(operation.result, (columns, rows)),
        )
    # `dot` writes only to where entries lie side by side.
    return ProductCall(
        "dot" if layouts.is_contiguous(operation.result) else "matmul",
        GroupedOperand(left, tuple(group for group in (rows, over) if group)),
        GroupedOperand(right, tuple(group for group in (over, columns) if group)),
        GroupedOperand(operation.result, tuple(group for group in (rows, columns) if group)),
    )


def _stack(entry: ArrayOperand, shared: Letters) -> Groups:
    """A dimension for each of the letters that a stack of products has, of one position where an operand has not got it."""
    groups = tuple((letter,) if letter in entry.letters else () for letter in shared)
    while groups and not groups[0]:
        groups = groups[1:]
    return groups


def _groups(operation: Operation, layouts: Layouts) -> tuple[Letters, Letters, Letters]:
    """Rows and columns in the order in which they lie in the result, the letters summed over as they lie in an operand."""
    meeting, (left, right) = sides(operation), operation.entries
    stored = layouts.stored(operation.result)
    rows = tuple(letter for letter in stored if letter in meeting.rows)
    columns = tuple(letter for letter in stored if letter in meeting.columns)
    orders = [tuple(letter for letter in layouts.stored(entry) if letter in meeting.over) for entry in (left, right)]
    # An operand in which they are neighbours says the order; the other one may have to be copied.
    fits = [layouts.is_mergeable(entry, (own, order)) for entry, own, order in zip((left, right), (rows, columns), orders, strict=True)]
    return rows, columns, orders[0] if fits[0] or not fits[1] else orders[1]


def with_copies(
    operations: Sequence[Operation], values: dict[str, Value], layouts: Layouts, apart: Collection[str], takes_any: bool = False
) -> tuple[tuple[Operation, ...], dict[str, Value], Layouts]:
    """A copy before each product whose operand cannot be taken as it lies, and after each whose result is wanted otherwise.

    Where products take `any` operands, only what every step of a loop would turn anew is copied.
    """
    values, orders = dict(values), dict(layouts.orders)
    found: list[Operation] = []
    copies: dict[tuple[str, Order], str] = {}
    #: Where the loop begins in which an operation is, and what is made in it.
    start, made = 0, frozenset[str]()

    def is_steady(entry: ArrayOperand) -> bool:
        """Whether an operand is the same array with the same values at every step."""
        return entry.name not in made and values[entry.name].slice is None

    def known_copy(entry: ArrayOperand, own: Letters, over: Letters, shared: Letters) -> ArrayOperand | None:
        """A copy that was made for another product and can be taken as it lies."""
        for (name, order), copy in copies.items():
            if name == entry.name:
                lies = tuple(entry.letters[place] for place in order)
                if are_neighbours(lies, (own, over)) and (not shared or lies[-1] not in shared):
                    return ArrayOperand(copy, entry.letters)
        return None

    def copied(entry: ArrayOperand, stored: Letters, operation: Operation) -> ArrayOperand:
        order = order_of(entry.letters, stored)
        before_loop = operation.loop is None or is_steady(entry)
        if before_loop and (entry.name, order) in copies:
            return ArrayOperand(copies[entry.name, order], entry.letters)
        name = free_name(f"{entry.name}_copy", values)
        values[name] = Value(name, values[entry.name].axes, values[entry.name].kind)
        orders[name] = order
        result = ArrayOperand(name, entry.letters)
        copy = Operation("copy", (entry,), result, operation.equation, loop=None if before_loop else operation.loop)
        found.insert(start if operation.loop is not None and before_loop else len(found), copy)
        if before_loop:
            copies[entry.name, order] = name
        return result

    is_apart = bool(apart)
    for place, operation in enumerate(operations):
        if is_apart and operation.equation not in apart:
            # Another function begins, which may run again without the first.
            copies.clear()
            is_apart = False
        known = Layouts(orders, layouts.views)
        if operation.loop is None or place == 0 or operations[place - 1].loop != operation.loop:
            start, loop = len(found), operation.loop
            made = frozenset(other.result.name for other in operations if other.loop == loop) if loop is not None else frozenset()
        if operation.function == "inner" and not takes_any:
            left, right = operation.entries
            stored = known.stored(left)
            left, right = (
                entry if known.stored(entry) == stored and known.is_mergeable(entry, (stored,)) else copied(entry, stored, operation)
                for entry in (left, right)
            )
            found.append(replace(operation, operands=(left, right)))
            continue
        if operation.function != "product" or (takes_any and operation.loop is None):
            found.append(operation)
            continue
        meeting, (left, right) = sides(operation), operation.entries
        result = operation.result
        rows, columns, over = _groups(operation, known)
        stored = known.stored(result)
        is_direct = takes_any or _is_result(stored, meeting.shared, rows, columns)
        if not is_direct:
            name = free_name(f"{result.name}_product", values)
            values[name] = Value(name, values[result.name].axes)
            orders[name] = order_of(result.letters, tuple(letter for letter in stored if letter in meeting.shared) + rows + columns)
        shared = tuple(letter for letter in stored if letter in meeting.shared)
        operands = []
        is_slow = operation.loop is not None and not shared and all(known.stored(entry)[-1] in over for entry in (left, right))
        for entry, own in ((left, rows), (right, columns)):
            if is_slow and own and is_steady(entry):
                # A Bᵀ is the slow case of BLAS, and a step's matrices are small: one copy serves all steps.
                operands.append(copied(entry, over + own, operation))
                continue
            usable = takes_any or known.is_matrix(entry, shared, own, over)
            stack = tuple(letter for letter in shared if letter in entry.letters)
            operands.append(entry if usable else known_copy(entry, own, over, stack) or copied(entry, stack + own + over, operation))
        if is_direct:
            found.append(operation if operands == [left, right] else replace(operation, operands=tuple(operands)))
        else:
            found.append(replace(operation, operands=tuple(operands), result=ArrayOperand(name, result.letters)))
            found.append(Operation("copy", (ArrayOperand(name, result.letters),), result, operation.equation, loop=operation.loop))
    return tuple(found), values, Layouts(orders, layouts.views)


def _is_result(stored: Letters, shared: Letters, rows: Letters, columns: Letters) -> bool:
    """Whether a product can be written as it has to lie."""
    if shared:
        return stored[-1] not in shared and are_neighbours(stored, (rows, columns))
    return stored in (rows + columns, columns + rows)
