"""Reads and sums at places of labels as NumPy source.

take(E, tok, 0, a1, "clip")                     rows of a table; the labels have been checked, and "clip" spares a copy
add(y, z8_rows, z8_places, casting="unsafe")    y[n] + 10 n: where z8[n,y[n]] lies in z8 as one row
take(z8_flat, z8_places, None, C_1, "clip")
add_at(dE_flat, dE_places, da1_flat)            NumPy adds into one dimension six times as quickly as into rows
"""

from __future__ import annotations

from chainrule.codegen.backends.fast.ir.gathers import BY_LABEL
from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, ElementType, Operation, Origin
from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.codegen.backends.fast.passes.product_forms import GroupedOperand
from chainrule.codegen.backends.fast.passes.strides import whole
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import axis_name

from .arrays import ArraysSource
from .made_line import MadeLine, NewArray


def gather_lines(arrays: ArraysSource, operation: Operation) -> tuple[str, ...]:
    """Whole rows by one call where the result lies as the table does, single entries otherwise."""
    table, *labels = operation.entries
    stored = arrays.layouts.stored(operation.result)
    out = arrays.base(operation.result.name)
    taken = [letter for letter, place in zip(table.letters, operation.places, strict=True) if place == BY_LABEL]
    if len(labels) == 1:
        lies = arrays.layouts.stored(table)
        place = lies.index(taken[0])
        own = arrays.layouts.stored(labels[0])
        if stored == (*lies[:place], *own, *lies[place + 1 :]):
            rows = arrays.view(GroupedOperand(labels[0], tuple((letter,) for letter in own)))
            return (f'{arrays.function("take")}({arrays.base_view(table)}, {rows}, {place}, {out}, "clip")',)
    lines, places = _places(arrays, operation, table, labels, stored)
    flat = arrays.view(GroupedOperand(table, (arrays.layouts.stored(table),)))
    return (*lines, f'{arrays.function("take")}({flat}, {places}, None, {out}, "clip")')


def scatter_lines(arrays: ArraysSource, operation: Operation) -> tuple[str, ...]:
    """Zeros, to which single entries are added."""
    values, *labels = operation.entries
    result = operation.result
    stored = arrays.layouts.stored(values)
    lines, places = _places(arrays, operation, result, labels, stored)
    flat = arrays.view(GroupedOperand(result, (arrays.layouts.stored(result),)))
    flat_places = arrays.views.named(places, "flat", f"{places}_flat", Origin.MADE, f"{places}.reshape(-1)")
    return (
        f"{arrays.function('copyto')}({arrays.base(result.name)}, {arrays.numbers.zero})",
        *lines,
        f"{arrays.function('add_at')}({flat}, {flat_places}, {arrays.view(GroupedOperand(values, (stored,)))})",
    )


def _places(
    arrays: ArraysSource, operation: Operation, table: ArrayOperand, labels: list[ArrayOperand], stored: Letters
) -> tuple[list[str], str]:
    """Lines that compute where entries lie in a table as one row, into an array with dimensions `stored`; and its name."""
    value = arrays.values[table.name]
    strides = whole(value, arrays.layouts.orders[table.name], arrays.system).strides
    base = arrays.base(table.name)
    places = arrays.views.fresh(f"{base}_places")
    axes = tuple(map(axis_name, stored))
    whole_numbers = NewArray((extent_of(axes, arrays.system),), ElementType.INTEGER)
    arrays.made.append(MadeLine(places, f"np.empty({arrays.shape(axes)}, np.intp)", (), whole_numbers))
    numbers = {place.letters[0]: stride for place, stride in zip(operation.places, strides, strict=True) if place != BY_LABEL}
    of_labels = [stride for place, stride in zip(operation.places, strides, strict=True) if place == BY_LABEL]
    lines: list[str] = []
    # The label with the longest stride first: what is added to it then has to be multiplied by 1 only.
    for stride, label in sorted(zip(of_labels, labels, strict=True), key=lambda pair: pair[0] == EntryCount(1)):
        aligned = arrays.aligned(label, stored)
        if stride != EntryCount(1):
            scaled = places if not lines else arrays.views.fresh(f"{places}_more")
            if scaled != places:
                arrays.made.append(MadeLine(scaled, f"np.empty({places}.shape, np.intp)", (places,), whole_numbers))
            # Labels may be narrow: they are made wide before they are multiplied.
            lines.append(f'{arrays.function("copyto")}({scaled}, {aligned}, casting="unsafe")')
            lines.append(f"{arrays.function('multiply')}({scaled}, {stride}, {scaled})")
            aligned = scaled
        if lines and aligned != places:
            lines.append(f'{arrays.function("add")}({places}, {aligned}, {places}, casting="unsafe")')
        elif not lines:
            lines.append(f'{arrays.function("copyto")}({places}, {aligned}, casting="unsafe")')
    if numbers:
        counted = [place for place, letter in enumerate(stored) if letter in numbers]
        steps = " + ".join(_positions(arrays, place, numbers, stored) for place in counted)
        rows = arrays.views.fresh(f"{base}_rows")
        extent = extent_of(tuple(axes[place] for place in counted), arrays.system)
        arrays.made.append(MadeLine(rows, steps, (), NewArray((extent,), ElementType.INTEGER)))
        if of_labels == [EntryCount(1)]:
            lines = [f'{arrays.function("add")}({arrays.aligned(labels[0], stored)}, {rows}, {places}, casting="unsafe")']
        else:
            lines.append(f"{arrays.function('add')}({places}, {rows}, {places})")
    return lines, places


def _positions(arrays: ArraysSource, place: int, numbers: dict[object, EntryCount], stored: Letters) -> str:
    """Positions along one dimension times how far they are from each other, as it broadcasts."""
    size = arrays.source.size(axis_name(stored[place]))
    behind = len(stored) - place - 1
    text = f"np.arange({size})" + (f"[:{', None' * behind}]" if behind else "")
    stride = numbers[stored[place]]
    return text if stride == EntryCount(1) else f"{text} * ({stride})" if " " in str(stride) else f"{text} * {stride}"
