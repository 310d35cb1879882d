"""Other axes for the same entries in the same order.

An axis that is split is read at an index sum, a*i + j. Axes that are merged are read where such a sum says where they are; where it does
not, as where a product runs over the merged axis, an equation places their entries, v[n, 49*c + 7*h + w] = u[n,c,h,w].
"""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.symbolic.index.failures import InvalidDescription

from .places import Axis, Place
from .sizes import Size, is_multiple, product, quotient
from .translation import FEATURES, Translation
from .values import Value

Shape = Sequence[Size]


def groups_of(old: Shape, new: Shape) -> list[tuple[list[int], list[int]]]:
    """Which axes become which: the shortest runs of both that have as many entries.

    Raises:
        InvalidDescription: where there are none.
    """
    found: list[tuple[list[int], list[int]]] = []
    left, right = 0, 0
    while left < len(old) or right < len(new):
        ends = [
            (after, first + second - after)
            for first in range(left, len(old) + 1)
            for second in range(right, len(new) + 1)
            if (first, second) != (left, right) and product(old[left:first]) == product(new[right:second])
            for after in (first,)
        ]
        both = [end for end in ends if end[0] > left and end[1] > right] or ends
        if not both:
            said = " × ".join(map(str, old)), " × ".join(map(str, new))
            raise InvalidDescription(f"found the shape {said[0]}, which does not become {said[1]}")
        first, second = min(both, key=lambda end: (sum(end), end))
        found.append(([*range(left, first)], [*range(right, second)]))
        left, right = first, second
    return found


def refined(old: Shape, new: Shape) -> tuple[Size, ...] | None:
    """Sizes of which both shapes are made by merging; None where there are none, as of (6, 4) and (8, 3)."""
    found: list[Size] = []
    left, right = [*old], [*new]
    while left and right:
        first, second = left.pop(), right.pop()
        try:
            left += [] if first == second or is_multiple(second, first) else [quotient(first, second)]
            right += [] if first == second or is_multiple(first, second) else [quotient(second, first)]
        except InvalidDescription:
            return None
        found.append(second if is_multiple(first, second) else first)
    return (*left, *right, *reversed(found))


def reshaped(translation: Translation, value: Value, shape: Shape) -> Value:
    """The value by axes of this shape."""
    value = _expanded(value)
    pieces = refined(value.shape, shape)
    if pieces not in (None, tuple(value.shape), tuple(shape)):
        # Axes that are split and merged at once, (N, 8) as (2*N, 4): first as (N, 2, 4).
        return reshaped(translation, reshaped(translation, value, pieces or ()), shape)
    groups = [([value.axes[at] for at in before], [shape[at] for at in after]) for before, after in groups_of(value.shape, shape)]
    axes = [_new_axes(before, after) for before, after in groups]
    flat: list[Value] = []

    def merged() -> Value:
        """All axes of each group as one, in an equation of its own; those that have parts stay apart."""
        if not flat:
            wholes: list[Axis] = []
            places: list[Place] = []
            reads: list[Place] = []
            for (before, _), own in zip(groups, axes, strict=True):
                # Of several axes those of 1 have no letter.
                at = [Place.at(0 if axis.size == 1 and len(before) > 1 else axis) for axis in before]
                reads += at
                if any(axis.parts for axis in own):
                    wholes, places = [*wholes, *before], [*places, *at]
                else:
                    wholes.append(before[0] if len(before) == 1 else Axis.new(product([axis.size for axis in before]), _hint(before)))
                    places.append(_together(before, at))
            flat.append(translation.placed("v", wholes, [(places, value.at(*reads))]))
        return flat[0]

    def read(places: Sequence[Place]) -> str:
        at, start = [], 0
        for own in axes:
            at.append(_together(own, places[start : start + len(own)]))
            start += len(own)
        found = [_apart(before, place) for (before, _), place in zip(groups, at, strict=True)]
        if all(parts is not None for parts in found):
            return value.read([place for parts in found for place in parts or ()])
        kept = [parts or [] if any(axis.parts for axis in own) else [place] for own, parts, place in zip(axes, found, at, strict=True)]
        return merged().read([place for each in kept for place in each])

    return Value(tuple(axis for own in axes for axis in own), read)


def _expanded(value: Value) -> Value:
    """The value by the parts of its axes."""
    if not any(axis.parts for axis in value.axes):
        return value

    def places(found: Sequence[Place]) -> list[Place]:
        rest, together = [*found], []
        for axis in value.axes:
            count = len(axis.parts) or 1
            together.append(Place(parts=tuple(rest[:count])) if axis.parts else rest[0])
            del rest[:count]
        return together

    return value.viewed([part for axis in value.axes for part in axis.parts or (axis,)], places)


def _hint(axes: Sequence[Axis]) -> str:
    return axes[-1].hint if axes else FEATURES


def _new_axes(before: Sequence[Axis], after: Shape) -> list[Axis]:
    """Those of a group: one that is as long as before is the same one."""
    if len(before) == len(after) == 1:
        return [*before]
    long = [axis for axis in before if axis.size != 1]
    if len(long) > 1 and any(isinstance(axis.size, str) for axis in long):
        if [size for size in after if size != 1] != [product([axis.size for axis in long])]:
            raise InvalidDescription(f"cuts the axes {' × '.join(str(axis.size) for axis in long)} into others, of which a size is free")
        return [Axis(size, _hint(long), long[0].number, tuple(long)) if size != 1 else Axis.new(1, FEATURES) for size in after]
    same = long[0] if len(long) == 1 and [size for size in after if size != 1] == [long[0].size] else None
    return [same if same and size != 1 else Axis.new(size, _hint(before)) for size in after]


def _together(axes: Sequence[Axis], places: Sequence[Place]) -> Place:
    """The place of an entry among all of several axes, the last one fastest."""
    if len(places) == 1:
        return places[0]
    found, step = Place(), 1
    for number, (axis, place) in enumerate(zip(reversed(axes), reversed(places), strict=True), 1):
        if axis.size != 1 and found == Place():
            # What stands alone may be a place of any kind.
            found = place.times(step)
        elif axis.size != 1:
            found = place.times(step).plus(found)
        if number < len(axes):
            step *= int(axis.size)
    return found


def _apart(axes: Sequence[Axis], place: Place) -> list[Place] | None:
    """Where a place among several axes is along each, as far as its sum says so."""
    long = [axis for axis in axes if axis.size != 1]
    if len(long) > 1 and place.along_parts:
        parts = iter(place.along_parts)
        return [next(parts) if axis.size != 1 else Place.at(0) for axis in axes]
    found: list[Place] = []
    for number, _ in enumerate(long):
        inner = product([axis.size for axis in long[number + 1 :]])
        if inner == 1:
            found.append(place)
            continue
        if not isinstance(inner, int) or place.label:
            return None
        outside = tuple((step // inner, axis) for step, axis in place.steps if step % inner == 0)
        inside = tuple((step, axis) for step, axis in place.steps if step % inner)
        rest = place.start % inner
        if any(step < 0 or not isinstance(axis.size, int) for step, axis in inside):
            return None
        if rest + sum(step * (int(axis.size) - 1) for step, axis in inside) >= inner:
            return None
        found.append(Place(outside, place.start // inner))
        place = Place(inside, rest)
    parts = iter(found)
    return [next(parts) if axis.size != 1 else Place.at(0) for axis in axes]


def with_rest(shape: Shape, asked: Shape) -> tuple[Size, ...]:
    """The sizes asked for, −1 replaced by what is left."""
    others = product([size for size in asked if size != -1])
    return tuple(quotient(product(shape), others) if size == -1 else size for size in asked)
