"""Reading and writing at combinations of letters as NumPy source: the simplest of slices, reshapes, diagonals, and views of windows.

b[n, k + 5]            b[:, 5:10]
x[n, 7 h + w]          x.reshape(N, 7, 7)
A[i, i]                A.diagonal()
x[n, 2 u + p]          windows(x, {1: (range(0, 10, 2), range(3))})
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Symbol

from chainrule.symbolic.forms.arrays import Letters, Placed, Window
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name

from .array_printer import ArrayPrinter
from .products import transposed
from .source import Memory, Source, made_of, tuple_text


def window_source(array: Window, own: Letters, source: ArrayPrinter) -> Source:
    """What is read, with its dimensions in the order `own`."""
    return view_source(source.named(array.name), array.places, source.stored_axes(array.name), own, source)


def view_source(
    array: Source, places: Sequence[AffineIndex], stored: Sequence[str] | None, own: Letters, source: ArrayPrinter, is_view: bool = False
) -> Source:
    """What is read of the array that is written so, whose dimensions are the axes `stored`; as a view, a single entry is an array too."""
    axes = [_Axis(place, stored[number] if stored else None, source) for number, place in enumerate(places)]
    written, uses, memory = array.text, set(array.uses), Memory.ANOTHER
    for number, axis in reversed(list(enumerate(axes))):
        if not axis.place.steps and not axis.is_inside:
            uses.add("step")
            written = f"step({written}, {number}, {axis.place.start})"
    subscript = [axis.subscript for axis in axes if axis.place.steps or axis.is_inside]
    while subscript and subscript[-1] == ":":
        subscript.pop()
    if is_view and not own:
        # A number would be no view.
        subscript.append("...")
    written += f"[{', '.join(subscript)}]" if subscript else ""
    axes = [axis for axis in axes if axis.place.steps]
    if any(axis.is_windows for axis in axes):
        ranges = {number: axis.ordered(own) for number, axis in enumerate(axes) if axis.is_windows}
        uses.update(("windows", "range"), *(source.open_sizes(place.letters) for place in ranges.values()))
        written, memory = f"windows({written}, {ranges_text(ranges, source)})", Memory.OVERLAPPING
    found = [letter for axis in axes for letter in (axis.ordered(own).letters if axis.is_windows else axis.place.letters)]
    if any(axis.is_reshape for axis in axes):
        uses.update(source.open_sizes(found))
        written += f".reshape({', '.join(source.size(axis_name(letter)) for letter in found)})"
    while len(set(found)) < len(found):
        letter = next(letter for place, letter in enumerate(found) if letter in found[:place])
        first, second, *_ = (place for place, other in enumerate(found) if other == letter)
        written += ".diagonal()" if (first, second) == (0, 1) else f".diagonal(axis1={first}, axis2={second})"
        found = [*(other for place, other in enumerate(found) if place not in (first, second)), letter]
    return transposed(Source(written, uses=frozenset(uses), reads=array.reads, memory=memory), tuple(found), own)


@dataclass(frozen=True)
class _Axis:
    """One axis of a stored array, and where it is read. `name` is None where nothing is known of the axis."""

    place: AffineIndex
    name: str | None
    source: ArrayPrinter

    @property
    def size(self) -> int | None:
        return None if self.name is None else self.source.system.axes[self.name].size

    @property
    def is_whole(self) -> bool:
        """Read from its first position to its last."""
        if not self.place.is_plain:
            return False
        return self.name is None or self.source.is_as_long(self.place.letters[0], self.name)

    @property
    def ends(self) -> tuple[int, int] | None:
        """The first and the last position that is read; None where that depends on an array."""
        return self.source.ends(self.place)

    @property
    def is_inside(self) -> bool:
        """Whether no position that is read is out of range."""
        if self.place == AffineIndex(()):
            return True  # every axis has a first position
        return self.size is not None and self.ends is not None and self.ends[0] >= 0 and self.ends[1] < self.size

    @property
    def is_slice(self) -> bool:
        return len(self.place.steps) == 1 and (self.is_whole or self.is_inside)

    @property
    def is_reshape(self) -> bool:
        return len(self.place.steps) > 1 and self.is_inside and self.source.is_dense(self.place)

    @property
    def is_windows(self) -> bool:
        return bool(self.place.steps) and not self.is_slice and not self.is_reshape

    @property
    def subscript(self) -> str:
        """A position, a slice, or all of the axis."""
        if not self.place.steps:
            return str(self.place.start)
        if self.is_whole or self.is_windows:
            return ":"
        assert self.ends is not None
        first, last = self.ends
        step = self.place.steps[0][1] if self.is_slice else 1
        start = first if step > 0 else last
        if step < 0:
            # Backwards, position 0 can only be the end by leaving the end out.
            return f"{'' if start + 1 == self.size else start}:{first - 1 if first else ''}:{step}"
        reaches_the_end = self.size is not None and last + step >= self.size
        return f"{start or ''}:{'' if reaches_the_end else last + 1}{f':{step}' if step > 1 else ''}"

    def ordered(self, own: Letters) -> AffineIndex:
        """The place with its letters as they come in `own`."""
        return ordered_place(self.place, own)


def ordered_place(place: AffineIndex, own: Letters) -> AffineIndex:
    """The same place, its letters in the order in which they stand in `own`."""
    return AffineIndex(tuple(sorted(place.steps, key=lambda pair: own.index(pair[0]))), place.start)


def ranges_text(places: dict[int, AffineIndex], source: ArrayPrinter) -> str:
    """{2: (range(10), range(3))}: by the number of an axis, the ranges whose sums are its positions."""
    parts = []
    for number, place in places.items():
        ranges = [
            _range_text(letter, step, place.start if position == 0 else 0, source) for position, (letter, step) in enumerate(place.steps)
        ]
        parts.append(f"{number}: {tuple_text(ranges)}")
    return f"{{{', '.join(parts)}}}"


def _range_text(letter: Symbol, step: int, start: int, source: ArrayPrinter) -> str:
    size = source.fixed_size(axis_name(letter))
    if size is not None:
        end = str(start + step * size)
    else:
        name = source.size(axis_name(letter))
        length = name if abs(step) == 1 else f"{abs(step)} * {name}"
        reach = f"{'-' if step < 0 else ''}{length}"
        end = f"{start} {'-' if step < 0 else '+'} {length}" if start > 0 else f"{reach} - {-start}" if start < 0 else reach
    if step == 1:
        return f"range({start}, {end})" if start else f"range({end})"
    return f"range({start}, {end}, {step})"


def placed_source(array: Placed, own: Letters, source: ArrayPrinter) -> Source:
    """Zeros of the result's shape, to which the operand is added at its places."""
    places = {own.index(letter): place for letter, place in zip(array.into, array.places, strict=True)}
    ordered = {number: source.short_first(place) for number, place in sorted(places.items())}
    shape = source.shape(own)
    if set(array.operand.axes) >= {letter for place in places.values() for letter in place.letters} and all(
        source.is_filled(place, own[number]) for number, place in places.items()
    ):
        inner = tuple(letter for number, kept in enumerate(own) for letter in (places[number].letters if number in places else (kept,)))
        operand = source.source(array.operand, inner)
        sizes = ", ".join(source.size(axis_name(letter)) for letter in own)
        return replace(made_of(f"{operand.bracketed}.reshape({sizes})", (operand, shape)), memory=Memory.ANOTHER)
    inner = tuple(letter for number, kept in enumerate(own) for letter in (ordered[number].letters if number in ordered else (kept,)))
    values = source.values(array.operand, inner)
    uses = {"placed", "range", *source.open_sizes([letter for place in ordered.values() for letter in place.letters])}
    return made_of(f"placed({shape.text}, {values.text}, {ranges_text(ordered, source)})", (shape, values), uses=uses)
