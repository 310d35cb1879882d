"""Reading and writing at places that integer tensors give, as NumPy source: a[n, y[n]], E[tok[n,t], d]."""

from __future__ import annotations

from chainrule.symbolic.forms.arrays import Array, Gather, Letters, Positions, Read, Scatter

from .array_printer import ArrayPrinter
from .source import Source, made_of


def gather_source(array: Gather, own: Letters, source: ArrayPrinter) -> Source:
    """a[n, y[n]] for every n; E[tok[n,t], d] for every n, t and d."""
    stored, places = source.named(array.name), array.places
    looked_up = [place for place in places if not isinstance(place, Positions)]
    inside = source.is_whole(array.name, [place.axes[0] if isinstance(place, Positions) else None for place in places])
    if inside and len(looked_up) == 1 and isinstance(looked_up[0], Read) and own == _taken_order(places):
        # One integer tensor, whose letters are its own: NumPy's take puts its axes where the looked-up one was.
        labels = source.read(looked_up[0], looked_up[0].axes)
        return made_of(f"{stored.text}.take({labels.text}, axis={places.index(looked_up[0])})", (stored, labels))
    indices = [source.aligned(place, own) for place in places]
    written = ", ".join(index.text for index in indices)
    if inside and all(isinstance(place, Positions | Read) for place in places):
        return made_of(f"{stored.text}[{written}]", (stored, *indices))
    return made_of(f"gather({stored.text}, {written})", (stored, *indices), uses=("gather",))


def _taken_order(places: tuple[Array, ...]) -> Letters | None:
    """The dimensions that `take` gives, or None where a letter would stand twice."""
    order = tuple(letter for place in places for letter in place.axes)
    return order if len(set(order)) == len(order) else None


def scatter_source(array: Scatter, own: Letters, source: ArrayPrinter) -> Source:
    """Zeros of the result's shape, to which the operand's entries are added at their places."""
    inner = tuple(dict.fromkeys(letter for part in (array.operand, *array.places) for letter in part.axes))
    where = [array.places[array.into.index(letter)] if letter in array.into else Positions((letter,)) for letter in own]
    parts = [source.shape(own), source.values(array.operand, inner), *(source.aligned(place, inner) for place in where)]
    return made_of(f"scatter({', '.join(part.text for part in parts)})", parts, uses=("scatter",))
