"""Operands with fewer dimensions, of another type, or data in another order are written out in full first: NumPy allocates for these.

    add(z1, b1, z1)              NumPy makes itself a buffer of up to 8,192 entries and fills it, at each call

    z1_filled[...] = b1          no allocation, and where arrays are small up to a quarter quicker: both steps run over memory as it lies
    add(z1, z1_filled, z1)

What is written out lies where nothing else does at the moment. Tests (bool) that are multiplied become numbers in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import COMPARISONS, UFUNCS, ArrayOperand, ElementType, Operation, Origin, Value, axes_of
from chainrule.symbolic.index.free_name import free_name

from .array_layout import Layouts, order_of


def with_full_operands(
    operations: Sequence[Operation], values: dict[str, Value], layouts: Layouts
) -> tuple[tuple[Operation, ...], dict[str, Value], Layouts]:
    """A copy before each function of every entry for each operand that lacks a dimension; single numbers stay as they are."""
    values, orders = dict(values), dict(layouts.orders)
    found: list[Operation] = []
    for operation in operations:
        if operation.function not in UFUNCS and operation.function not in COMPARISONS:
            found.append(operation)
            continue
        letters, operands = operation.result.letters, list(operation.operands)
        for place, operand in enumerate(operands):
            if not isinstance(operand, ArrayOperand) or not operand.letters:
                continue
            kind = ElementType.FLOAT if operation.function in UFUNCS else values[operand.name].kind
            lies_otherwise = set(operand.letters) == set(letters) and values[operand.name].origin is Origin.CALL
            lies_otherwise = lies_otherwise and layouts.stored(operand) != layouts.stored(operation.result)
            if set(operand.letters) < set(letters) or lies_otherwise or kind is not values[operand.name].kind:
                full = ArrayOperand(free_name(f"{operation.result.name}_filled", values), letters)
                values[full.name] = Value(full.name, axes_of(letters), kind, Origin.MADE)
                orders[full.name] = order_of(letters, layouts.stored(operation.result))
                found.append(replace(operation, function="copy", operands=(operand,), result=full))
                operands[place] = full
        found.append(operation if operands == list(operation.operands) else replace(operation, operands=tuple(operands)))
    return tuple(found), values, replace(layouts, orders=orders)
