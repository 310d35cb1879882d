"""Sums over the first and the last dimensions as two products with ones, where NumPy's own sum over both would take three times as long.

db[d] = Σ_i,j,n dz[i,d,j,n]      s[i,d] = Σ_j,n dz[i,d,j,n]      db[d] = Σ_i s[i,d]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation, Value, axes_of
from chainrule.symbolic.index.free_name import free_name

from .array_layout import Layouts, order_of


def with_split_sums(
    operations: Sequence[Operation], values: dict[str, Value], layouts: Layouts
) -> tuple[tuple[Operation, ...], dict[str, Value], Layouts]:
    """Two sums in place of one, the last dimensions first."""
    values, orders = dict(values), dict(layouts.orders)
    found: list[Operation] = []
    for operation in operations:
        if operation.function != "sum" or operation.loop is not None or values[operation.result.name].slice is not None:
            found.append(operation)
            continue
        (entry,) = operation.entries
        stored = layouts.stored(entry)
        last = len(stored)
        while last and stored[last - 1] in operation.over:
            last -= 1
        inner, outer = stored[last:], tuple(letter for letter in stored[:last] if letter in operation.over)
        if not inner or not outer or not operation.result.letters or not layouts.is_matrix(entry, (), stored[:last], inner):
            found.append(operation)
            continue
        name = free_name(f"{operation.result.name}_inner", values)
        partial = ArrayOperand(name, tuple(letter for letter in entry.letters if letter not in inner))
        values[name] = Value(name, axes_of(partial.letters))
        orders[name] = order_of(partial.letters, stored[:last])
        found.append(replace(operation, result=partial, over=inner))
        found.append(replace(operation, operands=(partial,), over=outer))
    return tuple(found), values, Layouts(orders, layouts.views)
