"""Several operations of one kind as one call over the arrays in which their operands stand next to each other."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.codegen.backends.fast.ir.operations import Operation, Scalar
from chainrule.codegen.backends.fast.passes.array_layout import Groups
from chainrule.codegen.backends.fast.passes.product_forms import call_of
from chainrule.symbolic.forms.arrays import Letters

from .arrays import ArraysSource

#: Functions that warn where the place for the result is given by position.
BY_KEYWORD = frozenset({"maximum", "minimum"})


def at_once(arrays: ArraysSource, members: Sequence[Operation]) -> str:
    """One call for several operations of a kind."""
    first, result = members[0], [member.result for member in members]
    sides = [[list(member.entries)[side] for member in members] for side in range(len(list(first.entries)))]
    if first.function == "product":
        call = call_of(first, arrays.layouts)
        left, right = sides if call.left.entry == sides[0][0] else sides[::-1]
        views = [
            arrays.stack_view(side, _flat(view.groups)) for side, view in ((left, call.left), (right, call.right), (result, call.result))
        ]
        return f"{arrays.function('matmul')}({', '.join(views)})"
    stored = arrays.layouts.stored(first.result)
    if first.function == "sum":
        array, (over,) = sides[0], first.over
        lies = arrays.layouts.stored(array[0])
        operands = [arrays.numbers.ones((over,)), arrays.stack_view(array, lies)]
        operands = operands if lies[0] == over else operands[::-1]
        return f"{arrays.function('matmul')}({', '.join(operands)}, {arrays.stack_view(result, stored)})"
    waiting = iter(sides)
    written = [
        arrays.numbers.of(operand.array) if isinstance(operand, Scalar) else arrays.stack_view(next(waiting), stored)
        for operand in first.operands
    ]
    by_keyword = "out=" if first.function in BY_KEYWORD else ""
    return f"{arrays.function(first.function)}({', '.join(written)}, {by_keyword}{arrays.stack_view(result, stored)})"


def _flat(groups: Groups) -> Letters:
    return tuple(letter for group in groups for letter in group)
