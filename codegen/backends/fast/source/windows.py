"""Windows, borders and placements as NumPy source: views that are made once, and the lines that write through them.

a1_w = windows(a1, {2: (range(0, 24, 2), range(2))})     a view, made once
copyto(x_1_inside, x)                                     into the middle of an array with a border of zeros
copyto(da1_spread, da2[:, :, None])                       to all places at once
for into, part in da1_parts: add(into, part, into)        to overlapping places, slice by slice
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.codegen.backends.fast.ir.operations import Operation, Origin
from chainrule.codegen.backends.fast.ir.windows import expanded
from chainrule.codegen.backends.fast.passes.layouts import Groups
from chainrule.codegen.backends.fast.passes.product_forms import GroupedOperand
from chainrule.codegen.backends.numpy.windows import ranges_text, view_source
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name

from .views import suffix

if TYPE_CHECKING:
    from .arrays import ArraysSource
    from .calls import PassesSource


def window_text(arrays: ArraysSource, operation: Operation) -> str:
    """The source of a view; its dimensions are those of `lies_of`."""
    (entry,) = operation.entries
    places = operation.places
    order = [entry.letters.index(letter) for letter in arrays.lies(entry)]
    places = tuple(places[place] for place in order)
    axes = [arrays.values[entry.name].axes[place] for place in order]
    written = view_source(arrays.base(entry.name), places, axes, expanded(places), arrays.source)[0]
    # Without the dots a single entry would be a number of its own.
    return written if expanded(places) else f"{written.removesuffix(']')}, ...]"


def grouped_view_text(name: str, lies: Letters, groups: Groups, size: object) -> str:
    """A view of a view: `lies` are its dimensions."""
    letters = tuple(letter for group in groups for letter in group)
    text = name
    if letters != lies:
        text += ".T" if letters == lies[::-1] else f".transpose({', '.join(str(lies.index(letter)) for letter in letters)})"
    if any(len(group) > 1 for group in groups):
        assert callable(size)
        text += f".reshape({', '.join(size(group) if group else '1' for group in groups)})"
    elif any(not group for group in groups):
        subscript = [":" if group else "None" for group in groups]
        while subscript[-1] == ":":
            subscript.pop()
        text += f"[{', '.join(subscript)}]"
    return text


def pad_lines(passes: PassesSource, operation: Operation) -> tuple[str, ...]:
    """What is inside the border is written."""
    (entry,), result = operation.entries, operation.result
    places = dict(zip(result.letters, operation.places, strict=True))
    own = dict(zip(result.letters, entry.letters, strict=True))
    stored = passes.layouts.stored(result)
    subscript = []
    for letter in stored:
        start = places[letter].start
        if own[letter] == letter or axis_name(own[letter]) == axis_name(letter):
            subscript.append(":")
        else:
            size = passes.source.size(axis_name(own[letter]))
            subscript.append(f"{start or ''}:{start + int(size)}")
    while subscript and subscript[-1] == ":":
        subscript.pop()
    base = passes.base(result.name)
    inside = passes.views.named(base, "inside", f"{base}_inside", Origin.MADE, f"{base}[{', '.join(subscript)}]")
    return (f"{passes.function('copyto')}({inside}, {passes.aligned(entry, tuple(own[letter] for letter in stored))})",)


def spread_lines(passes: PassesSource, operation: Operation) -> tuple[str, ...]:
    """Every entry of the result has its one place."""
    (entry,), result = operation.entries, operation.result
    letters = _letters(passes, operation)
    base = passes.base(result.name)
    sizes = ", ".join(passes.source.size(axis_name(letter)) for letter in letters)
    out = passes.views.named(base, ("spread", letters), f"{base}_{suffix((letters,))}", Origin.MADE, f"{base}.reshape({sizes})")
    if len(letters) == len(result.letters):
        out = base
    return (f"{passes.function('copyto')}({out}, {passes.aligned(entry, letters)})",)


def placed_lines(passes: PassesSource, operation: Operation) -> tuple[str, ...]:
    """Zeros, to which slices are added."""
    (entry,), result = operation.entries, operation.result
    stored = passes.layouts.stored(result)
    places = dict(zip(result.letters, operation.places, strict=True))
    ordered = {number: _short_first(places[letter], passes) for number, letter in enumerate(stored) if places[letter].letters != (letter,)}
    letters = tuple(letter for number, own in enumerate(stored) for letter in (ordered[number].letters if number in ordered else (own,)))
    # Dimensions that are not there count as ones.
    groups: Groups = tuple((letter,) if letter in entry.letters else () for letter in letters)
    base, values = passes.base(result.name), passes.view(GroupedOperand(entry, groups))
    passes.source.used.add("overlaps")
    text = f"overlaps({base}, {values}, {ranges_text(ordered, passes.source)})"
    parts = passes.views.named(base, ("parts", values), f"{base}_parts", passes.values[entry.name].origin, text)
    zero = passes.constant_zero()
    return (
        f"{passes.function('copyto')}({base}, {zero})",
        f"for into, part in {parts}:",
        f"    {passes.function('add')}(into, part, into)",
    )


def _letters(passes: PassesSource, operation: Operation) -> Letters:
    """The letters of the places along the result's dimensions as they lie."""
    result = operation.result
    places = dict(zip(result.letters, operation.places, strict=True))
    return tuple(letter for own in passes.layouts.stored(result) for letter in places[own].letters)


def _short_first(place: AffineIndex, passes: PassesSource) -> AffineIndex:
    """The letter with most positions last: all of them are one slice."""
    return AffineIndex(tuple(sorted(place.steps, key=lambda pair: passes.source.count(pair[0]))), place.start)
