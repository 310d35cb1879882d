"""Windows, borders and placements as NumPy source: views that are made once, and the lines that write through them.

a1_w = windows(a1, {2: (range(0, 24, 2), range(2))})     a view, made once
copyto(x_1_inside, x)                                     into the middle of an array with a border of zeros
copyto(da1_spread, da2[:, :, None])                       to all places at once
for into, part in da1_parts: add(into, part, into)        to overlapping places, slice by slice
"""

from __future__ import annotations

from chainrule.codegen.backends.fast.ir.operations import Operation, Origin
from chainrule.codegen.backends.fast.passes.array_layout import Groups
from chainrule.codegen.backends.fast.passes.product_forms import GroupedOperand
from chainrule.codegen.backends.numpy.windows import ranges_text
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import axis_name

from .arrays import ArraysSource
from .views import suffix


def pad_lines(arrays: ArraysSource, operation: Operation) -> tuple[str, ...]:
    """What is inside the border is written."""
    (entry,), result = operation.entries, operation.result
    places = dict(zip(result.letters, operation.places, strict=True))
    own = dict(zip(result.letters, entry.letters, strict=True))
    stored = arrays.layouts.stored(result)
    subscript = []
    for letter in stored:
        start = places[letter].start
        if own[letter] == letter or axis_name(own[letter]) == axis_name(letter):
            subscript.append(":")
        else:
            size = arrays.source.size(axis_name(own[letter]))
            subscript.append(f"{start or ''}:{start + int(size)}")
    while subscript and subscript[-1] == ":":
        subscript.pop()
    base = arrays.base(result.name)
    inside = arrays.views.named(base, "inside", f"{base}_inside", Origin.MADE, f"{base}[{', '.join(subscript)}]")
    return (f"{arrays.function('copyto')}({inside}, {arrays.aligned(entry, tuple(own[letter] for letter in stored))})",)


def spread_lines(arrays: ArraysSource, operation: Operation) -> tuple[str, ...]:
    """Every entry of the result has its one place."""
    (entry,), result = operation.entries, operation.result
    letters = _letters(arrays, operation)
    base = arrays.base(result.name)
    sizes = ", ".join(arrays.source.size(axis_name(letter)) for letter in letters)
    out = arrays.views.named(base, ("spread", letters), f"{base}_{suffix((letters,))}", Origin.MADE, f"{base}.reshape({sizes})")
    if len(letters) == len(result.letters):
        out = base
    return (f"{arrays.function('copyto')}({out}, {arrays.aligned(entry, letters)})",)


def placed_lines(arrays: ArraysSource, operation: Operation) -> tuple[str, ...]:
    """Zeros, to which slices are added."""
    (entry,), result = operation.entries, operation.result
    stored = arrays.layouts.stored(result)
    places = dict(zip(result.letters, operation.places, strict=True))
    ordered = {
        number: arrays.source.short_first(places[letter]) for number, letter in enumerate(stored) if places[letter].letters != (letter,)
    }
    letters = tuple(letter for number, own in enumerate(stored) for letter in (ordered[number].letters if number in ordered else (own,)))
    # Dimensions that are not there count as ones.
    groups: Groups = tuple((letter,) if letter in entry.letters else () for letter in letters)
    base, values = arrays.base(result.name), arrays.view(GroupedOperand(entry, groups))
    arrays.uses.add("overlaps")
    text = f"overlaps({base}, {values}, {ranges_text(ordered, arrays.source)})"
    parts = arrays.views.named(base, ("parts", values), f"{base}_parts", arrays.values[entry.name].origin, text, (base, values))
    zero = arrays.numbers.zero
    return (
        f"{arrays.function('copyto')}({base}, {zero})",
        f"for into, part in {parts}:",
        f"    {arrays.function('add')}(into, part, into)",
    )


def _letters(arrays: ArraysSource, operation: Operation) -> Letters:
    """The letters of the places along the result's dimensions as they lie."""
    result = operation.result
    places = dict(zip(result.letters, operation.places, strict=True))
    return tuple(letter for own in arrays.layouts.stored(result) for letter in places[own].letters)
