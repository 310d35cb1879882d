"""Several operations of one kind as one call over the arrays in which their operands stand next to each other."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation, Origin, Scalar
from chainrule.codegen.backends.fast.ir.sizes import extent_of
from chainrule.codegen.backends.fast.passes.array_layout import Groups
from chainrule.codegen.backends.fast.passes.product_forms import call_of
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import axis_name

from .arrays import ArraysSource
from .made_line import MadeLine
from .views import suffix

#: Functions that warn where the place for the result is given by position.
BY_KEYWORD = frozenset({"maximum", "minimum"})


def at_once(arrays: ArraysSource, members: Sequence[Operation]) -> str:
    """One call for several operations of a kind."""
    first, result = members[0], [member.result for member in members]
    sides = [[member.entries[side] for member in members] for side in range(len(first.entries))]
    if first.function == "product":
        call = call_of(first, arrays.layouts)
        left, right = sides if call.left.entry == sides[0][0] else sides[::-1]
        views = [
            stack_view(arrays, side, _flat(view.groups)) for side, view in ((left, call.left), (right, call.right), (result, call.result))
        ]
        return f"{arrays.function('matmul')}({', '.join(views)})"
    stored = arrays.layouts.stored(first.result)
    if first.function == "sum":
        array, (over,) = sides[0], first.over
        lies = arrays.layouts.stored(array[0])
        operands = [arrays.numbers.ones((over,)), stack_view(arrays, array, lies)]
        operands = operands if lies[0] == over else operands[::-1]
        return f"{arrays.function('matmul')}({', '.join(operands)}, {stack_view(arrays, result, stored)})"
    waiting = iter(sides)
    written = [
        arrays.numbers.of(operand.array) if isinstance(operand, Scalar) else stack_view(arrays, next(waiting), stored)
        for operand in first.operands
    ]
    by_keyword = "out=" if first.function in BY_KEYWORD else ""
    return f"{arrays.function(first.function)}({', '.join(written)}, {by_keyword}{stack_view(arrays, result, stored)})"


def stack_view(arrays: ArraysSource, entries: Sequence[ArrayOperand], letters: Letters) -> str:
    """The arrays of several values as one, the dimensions of each in the order `letters`."""
    first, stored = entries[0], arrays.layouts.stored(entries[0])
    if first.name in arrays.program.outputs:
        base = arrays.views.fresh(f"{first.name}_to_{entries[-1].name}")
        one = arrays.base(first.name)
        order = [tensor.name for tensor in arrays.system.parameters]
        begin, end = (order.index(arrays.program.outputs[entry.name].parameter) for entry in entries[:2])
        passed = arrays.system.parameters[begin:end]
        distance = sum(extent_of(tuple(map(axis_name, tensor.axes)), arrays.system).count for tensor in passed)
        shape, strides = f"({len(entries)}, *{one}.shape)", f"({distance} * dtype.itemsize, *{one}.strides)"
        arrays.made.append(MadeLine(base, f"np.lib.stride_tricks.as_strided({one}, {shape}, {strides})", (one,)))
    else:
        place = arrays.stacked.places[first.name]
        base = arrays.stack(place.stack)
        if len(entries) < len(arrays.stacked.stacks[place.stack]):
            part = f"{base}[{place.number}:{place.number + len(entries)}]"
            base = arrays.views.named(base, (place.number, len(entries)), f"{first.name}_to_{entries[-1].name}", Origin.MADE, part)
    if letters == stored:
        return base
    places = ", ".join(str(stored.index(letter) + 1) for letter in letters)
    wanted = f"{base}_{suffix(tuple((letter,) for letter in letters))}"
    return arrays.views.named(base, letters, wanted, Origin.MADE, f"{base}.transpose(0, {places})")


def _flat(groups: Groups) -> Letters:
    return tuple(letter for group in groups for letter in group)
