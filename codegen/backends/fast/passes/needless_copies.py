"""A copy that would lie as what it is copied from is left out.

a1_rows = copy of a1, stored (t, c, n)      a1 is stored (t, c, n) itself: its windows are read where it lies
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operand, Operation, Origin, Value

from .array_layout import Layouts


def without_needless_copies(
    operations: Sequence[Operation], values: dict[str, Value], layouts: Layouts, kept: Collection[str]
) -> tuple[Operation, ...]:
    """The operations without copies of arrays of the same type and layout, but for those that are `kept`."""
    # What slices are parts of is read by other names too.
    kept = {*kept, *(name for value in values.values() if value.slice is not None for name in value.slice.arrays)}
    instead: dict[str, str] = {}
    found: list[Operation] = []

    def replaced(operand: Operand) -> Operand:
        return replace(operand, name=instead.get(operand.name, operand.name)) if isinstance(operand, ArrayOperand) else operand

    for operation in operations:
        if any(entry.name in instead for entry in operation.entries):
            operation = replace(operation, operands=tuple(map(replaced, operation.operands)))
        if _is_needless(operation, values, layouts) and operation.result.name not in kept:
            (entry,) = operation.entries
            instead[operation.result.name] = entry.name
        else:
            found.append(operation)
    return tuple(found)


def _is_needless(operation: Operation, values: dict[str, Value], layouts: Layouts) -> bool:
    if operation.function != "copy" or operation.loop is not None or not isinstance(operation.operands[0], ArrayOperand):
        return False
    entry, result = operation.operands[0], operation.result
    first, second = values[entry.name], values[result.name]
    return (
        entry.letters == result.letters
        and first.axes == second.axes
        and first.kind is second.kind
        and first.origin is second.origin is Origin.MADE
        and first.slice is second.slice is None
        and entry.name not in layouts.views
        and layouts.orders[entry.name] == layouts.orders[result.name]
    )
