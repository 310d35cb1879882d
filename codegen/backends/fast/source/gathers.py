"""Reads and sums at places of labels as NumPy source.

take(E, tok, 0, a1, "clip")                     rows of a table; the labels have been checked, and "clip" spares a copy
add(y, z8_rows, z8_places, casting="unsafe")    y[n] + 10 n: where z8[n,y[n]] lies in z8 as one row
take(z8_flat, z8_places, None, C_1, "clip")
add_at(dE_flat, dE_places, da1_flat)            NumPy adds into one dimension six times as quickly as into rows
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.codegen.backends.fast.ir.gathers import BY_LABEL
from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation, Origin
from chainrule.codegen.backends.fast.ir.sizes import EntryCount
from chainrule.codegen.backends.fast.passes.product_forms import GroupedOperand
from chainrule.codegen.backends.fast.passes.strides import whole
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import axis_name

if TYPE_CHECKING:
    from .calls import PassesSource


def gather_lines(passes: PassesSource, operation: Operation) -> tuple[str, ...]:
    """Whole rows by one call where the result lies as the table does, single entries otherwise."""
    table, *labels = operation.entries
    stored = passes.layouts.stored(operation.result)
    out = passes.base(operation.result.name)
    taken = [letter for letter, place in zip(table.letters, operation.places, strict=True) if place == BY_LABEL]
    if len(labels) == 1:
        lies = passes.layouts.stored(table)
        place = lies.index(taken[0])
        own = passes.layouts.stored(labels[0])
        if stored == (*lies[:place], *own, *lies[place + 1 :]):
            rows = passes.view(GroupedOperand(labels[0], tuple((letter,) for letter in own)))
            return (f'{passes.function("take")}({passes.base_view(table)}, {rows}, {place}, {out}, "clip")',)
    lines, places = _places(passes, operation, table, labels, stored)
    flat = passes.view(GroupedOperand(table, (passes.layouts.stored(table),)))
    return (*lines, f'{passes.function("take")}({flat}, {places}, None, {out}, "clip")')


def scatter_lines(passes: PassesSource, operation: Operation) -> tuple[str, ...]:
    """Zeros, to which single entries are added."""
    values, *labels = operation.entries
    result = operation.result
    stored = passes.layouts.stored(values)
    lines, places = _places(passes, operation, result, labels, stored)
    flat = passes.view(GroupedOperand(result, (passes.layouts.stored(result),)))
    flat_places = passes.views.named(places, "flat", f"{places}_flat", Origin.MADE, f"{places}.reshape(-1)")
    return (
        f"{passes.function('copyto')}({passes.base(result.name)}, {passes.constant_zero()})",
        *lines,
        f"{passes.function('add_at')}({flat}, {flat_places}, {passes.view(GroupedOperand(values, (stored,)))})",
    )


def _places(
    passes: PassesSource, operation: Operation, table: ArrayOperand, labels: list[ArrayOperand], stored: Letters
) -> tuple[list[str], str]:
    """Lines that compute where entries lie in a table as one row, into an array with dimensions `stored`; and its name."""
    value = passes.values[table.name]
    strides = whole(value, passes.layouts.orders[table.name], passes.system).strides
    base = passes.base(table.name)
    places = passes.views.fresh(f"{base}_places")
    passes.made.append(f"{places} = np.empty({passes.shape([axis_name(letter) for letter in stored])}, np.intp)")
    numbers = {place.letters[0]: stride for place, stride in zip(operation.places, strides, strict=True) if place != BY_LABEL}
    of_labels = [stride for place, stride in zip(operation.places, strides, strict=True) if place == BY_LABEL]
    lines: list[str] = []
    # The label with the longest stride first: what is added to it then has to be multiplied by 1 only.
    for stride, label in sorted(zip(of_labels, labels, strict=True), key=lambda pair: pair[0] == EntryCount(1)):
        aligned = passes.aligned(label, stored)
        if stride != EntryCount(1):
            scaled = places if not lines else passes.views.fresh(f"{places}_more")
            if scaled != places:
                passes.made.append(f"{scaled} = np.empty({places}.shape, np.intp)")
            # Labels may be narrow: they are made wide before they are multiplied.
            lines.append(f'{passes.function("copyto")}({scaled}, {aligned}, casting="unsafe")')
            lines.append(f"{passes.function('multiply')}({scaled}, {stride}, {scaled})")
            aligned = scaled
        if lines and aligned != places:
            lines.append(f'{passes.function("add")}({places}, {aligned}, {places}, casting="unsafe")')
        elif not lines:
            lines.append(f'{passes.function("copyto")}({places}, {aligned}, casting="unsafe")')
    if numbers:
        steps = " + ".join(_positions(passes, place, numbers, stored) for place, letter in enumerate(stored) if letter in numbers)
        rows = passes.views.fresh(f"{base}_rows")
        passes.made.append(f"{rows} = {steps}")
        if of_labels == [EntryCount(1)]:
            lines = [f'{passes.function("add")}({passes.aligned(labels[0], stored)}, {rows}, {places}, casting="unsafe")']
        else:
            lines.append(f"{passes.function('add')}({places}, {rows}, {places})")
    return lines, places


def _positions(passes: PassesSource, place: int, numbers: dict[object, EntryCount], stored: Letters) -> str:
    """Positions along one dimension times how far they are from each other, as it broadcasts."""
    size = passes.source.size(axis_name(stored[place]))
    text = f"np.arange({size})" + "[:" + ", None" * (len(stored) - place - 1) + "]"
    text = text.removesuffix("[:]")
    stride = numbers[stored[place]]
    return text if stride == EntryCount(1) else f"{text} * ({stride})" if " " in str(stride) else f"{text} * {stride}"
