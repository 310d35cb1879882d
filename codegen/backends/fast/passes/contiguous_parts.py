"""What a loop over blocks of rows multiplies every block by is copied once, so that in each step it lies as the product takes it.

    for n, for h:  for 32 rows t at a time:         k_copy[n,h,d,u] = k[n,u,h,d]
        s[t,u] = Σ_d q[n, t, h, d] k[n, u, h, d]    …   s[t,u] = Σ_d q[n, t, h, d] k_copy[n, h, d, u]

A matrix whose rows lie far apart, or are the columns of the product, costs BLAS two to seven times as much while blocks are small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation, Origin, RowBlocks, Value
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import fresh, index
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.system.system import System

from .array_layout import Layouts, sides
from .strides import Strided, whole


def with_contiguous_parts(
    operations: Sequence[Operation], values: dict[str, Value], layouts: Layouts, system: System
) -> tuple[tuple[Operation, ...], dict[str, Value], Layouts]:
    """A copy before the loop for each operand of a product that is the same for all blocks of rows."""
    values, orders, views = dict(values), dict(layouts.orders), dict(layouts.views)
    found: list[Operation] = []
    #: By loop where it begins, and the parts of copies by what they are of.
    starts: dict[RowBlocks, int] = {}
    parts: dict[object, str] = {}
    for operation in operations:
        loop = operation.loop
        if not isinstance(loop, RowBlocks):
            found.append(operation)
            continue
        starts.setdefault(loop, len(found))
        if operation.function != "product" or operation.apart:
            found.append(operation)
            continue
        meeting, stored = sides(operation), layouts.stored(operation.result)
        operands = list(operation.operands)
        for place, own in enumerate((meeting.rows, meeting.columns)):
            entry = operands[place]
            assert isinstance(entry, ArrayOperand)
            tile = values[entry.name].tile
            if tile is None or tile.along is not None or values[tile.whole].origin is not Origin.MADE:
                continue
            # The columns of a product lie side by side; where the result is turned, they are those of the other side.
            is_last = bool(stored) and stored[-1] in own
            columns = tuple(letter for letter in stored if letter in own)
            lies = meeting.over + columns if is_last else columns + meeting.over
            if len(lies) < len(entry.letters):
                continue
            key = loop, entry.name, tuple(entry.letters.index(letter) for letter in lies)
            if key not in parts:
                base = values[tile.whole]
                by_dimension = dict(zip(tile.dimensions, entry.letters, strict=True))
                letters: Letters = ()
                for dimension, axis in enumerate(base.axes):
                    letters += (by_dimension.get(dimension) or fresh(index(axis), (*letters, *entry.letters)),)
                order = (*(dimension for dimension, _ in tile.fixed), *(tile.dimensions[entry.letters.index(letter)] for letter in lies))
                name = free_name(f"{tile.whole}_copy", values)
                values[name], orders[name] = Value(name, base.axes, base.kind), order
                copy = Operation("copy", (ArrayOperand(tile.whole, letters),), ArrayOperand(name, letters), operation.equation)
                found.insert(starts[loop], copy)
                starts[loop] += 1
                part = free_name(f"{name}_part", values)
                values[part] = replace(values[entry.name], name=part, origin=Origin.MADE, tile=replace(tile, whole=name))
                orders[part] = tuple(entry.letters.index(letter) for letter in lies)
                dense = whole(values[name], order, system)
                views[part] = Strided(
                    tuple(dense.sizes[dimension] for dimension in tile.dimensions),
                    tuple(dense.strides[dimension] for dimension in tile.dimensions),
                )
                parts[key] = part
            operands[place] = ArrayOperand(parts[key], entry.letters)
        found.append(replace(operation, operands=tuple(operands)))
    return tuple(found), values, Layouts(orders, views)
