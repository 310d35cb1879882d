"""The largest entry is taken off before an exponential only where the exponential could overflow otherwise.

    m = max_u s[t,u]        if not −44 < min s ≤ max s < 44:        44 = log(largest float32) / 2
    z = s − m                   m = max_u s[t,u]
                                s −= m
    e = exp z               e = exp s

A softmax is the same for every number that is taken off. The largest entry of each row takes ten times as long as the smallest and
the largest entry of all. Where the rows' largest entries are needed besides, as in the logarithm of a sum of exponentials, where
arrays are small, and in loops, it stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import Operation, Value
from chainrule.codegen.backends.fast.ir.sizes import extent_of
from chainrule.symbolic.system.system import System

#: Of arrays with fewer entries the largest of each row are quickly found.
FEWEST_ENTRIES = 512


def with_needed_shifts(
    operations: Sequence[Operation], values: dict[str, Value], system: System, only_needed: bool
) -> tuple[Operation, ...]:
    """A "shift" together with the maximum that it reads as one operation of two `members`, or else a difference."""
    made = {operation.result.name: operation for operation in operations}
    readers: dict[str, int] = {}
    for operation in operations:
        for entry in operation.entries:
            readers[entry.name] = readers.get(entry.name, 0) + 1
    found: dict[str, Operation] = {}
    for operation in operations:
        found[operation.result.name] = operation
        if operation.function != "shift":
            continue
        difference = replace(operation, function="subtract")
        found[operation.result.name] = difference
        exponents, largest = operation.entries
        maximum = made.get(largest.name)
        is_alone = readers[largest.name] == 1 and maximum is not None and maximum.function == "max"
        source = made.get(exponents.name)
        is_view = values[exponents.name].slice is not None or (source is not None and source.function == "window")
        is_usable = is_alone and not is_view and operation.loop is None and _is_large(values[exponents.name], system)
        if only_needed and is_usable and maximum is not None:
            del found[largest.name]
            found[operation.result.name] = replace(operation, operands=(exponents,), members=(maximum, difference))
    return tuple(found.values())


def _is_large(value: Value, system: System) -> bool:
    extent = extent_of(value.axes, system)
    return extent.count >= FEWEST_ENTRIES or len(extent.open_sizes) > 1
