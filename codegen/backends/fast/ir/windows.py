"""Reads at combinations of letters as operations: a window is a view of what is there, zeros out of range are a border that is made once.

a2[n,d,2 i + p]      window   a view, whatever it is read for
x[n,c,i + p − 1]     pad      x_1, x with a border of zeros, whose inside is written by each call
                     window   a view of x_1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from chainrule.symbolic.forms.arrays import Letters, Read, Window
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name, fresh, index

from .builder import Builder
from .operations import ArrayOperand, Places, Value


def window(builder: Builder, array: Window | Read) -> ArrayOperand | None:
    """What is read, as a view; None where that needs sizes that only the arrays have, or where it is a diagonal."""
    if array.name not in builder.tensors:
        return None
    places = array.places if isinstance(array, Window) else tuple(AffineIndex(((letter, 1),)) for letter in array.axes)
    stored, declared = builder.tensors[array.name], builder.declared[array.name]
    by_letter = dict(zip(declared, places, strict=True))
    return window_of(builder, stored, tuple(by_letter[letter] for letter in stored.letters))


def window_of(builder: Builder, entry: ArrayOperand, places: Places) -> ArrayOperand | None:
    """The same of an array, read at one place for each of its dimensions."""
    letters = expanded(places)
    if len(set(letters)) < len(letters) or builder.values[entry.name].slice is not None:
        return None
    padding = []
    sizes = builder.sizes
    for place, axis in zip(places, builder.values[entry.name].axes, strict=True):
        if place.is_plain and sizes.is_as_long(place.letters[0], axis):
            padding.append((0, 0))
            continue
        size, reach = sizes.fixed_size(axis), sizes.ends(place)
        if place == AffineIndex(()):
            reach, size = (0, 0), size or 1  # every axis has a first position
        if size is None or reach is None:
            return None
        padding.append((max(0, -reach[0]), max(0, reach[1] + 1 - size)))
    if any(map(any, padding)):
        entry = padded(builder, entry, padding)
        places = tuple(
            replace(place, start=place.start + before) if place.steps or before else place
            for place, (before, _) in zip(places, padding, strict=True)
        )
        sizes = builder.sizes
    if all(
        place.is_plain and sizes.is_as_long(place.letters[0], axis)
        for place, axis in zip(places, builder.values[entry.name].axes, strict=True)
    ):
        return ArrayOperand(entry.name, letters)
    kind, origin = builder.values[entry.name].kind, builder.values[entry.name].origin
    operand = ArrayOperand(entry.name, base_letters(builder.values[entry.name], places))
    return builder.placed_operation("window", operand, letters, places, kind, origin)


def padded(builder: Builder, entry: ArrayOperand, padding: Sequence[tuple[int, int]]) -> ArrayOperand:
    """The array with a border of zeros: so many before the first and after the last position of each dimension."""
    letters: list[Symbol] = []
    places = []
    for letter, axis, (before, after) in zip(entry.letters, builder.values[entry.name].axes, padding, strict=True):
        longer = builder.longer_axis(axis, before + after) if before or after else axis
        letters.append(fresh(index(longer), letters))
        places.append(AffineIndex(((letter, 1),), before))
    return builder.placed_operation("pad", entry, tuple(letters), tuple(places))


def expanded(places: Places) -> Letters:
    """The letters of what is read: those of each place, in order."""
    return tuple(letter for place in places for letter in place.letters)


def base_letters(value: Value, places: Places) -> Letters:
    """A letter for each dimension of what is read: the one that it is read with, where that is all, or one that nothing else has."""
    taken = list(expanded(places))
    letters = []
    for axis, place in zip(value.axes, places, strict=True):
        letter = place.letters[0] if place.is_plain and axis_name(place.letters[0]) == axis else fresh(index(axis), taken)
        taken.append(letter)
        letters.append(letter)
    return tuple(letters)
