"""Reads at places that integer tensors give, and what is added up there, as operations.

E[tok[n,t], d]          gather    rows of E
z[n, y[n]]              gather    one entry of each row
dE[tok[n,t], d] += …    scatter   zeros, to which the entries are added
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Symbol

from chainrule.symbolic.forms.arrays import Array, Gather, Letters, Positions, Read, Scatter
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name, fresh, index

from .builder import Builder
from .operations import ArrayOperand, Operation, Places

#: In place of the letter of a dimension that labels say.
BY_LABEL = AffineIndex(())


def gathered(builder: Builder, array: Gather) -> ArrayOperand | None:
    """What is read; None where places are computed, or may be out of range."""
    if array.name not in builder.tensors or array.name in builder.views:
        return None
    stored, declared = builder.tensors[array.name], builder.declared[array.name]
    by_letter = dict(zip(declared, array.places, strict=True))
    places = [by_letter[letter] for letter in stored.letters]
    axes = builder.values[stored.name].axes
    labels = _labels(builder, places, axes)
    if labels is None or not builder.is_float(stored) or stored.name in builder.views or builder.values[stored.name].slice:
        return None
    letters, written = _own_letters(places, axes, [letter for label in labels for letter in label.letters])
    result = tuple(dict.fromkeys(letter for place, own in zip(places, letters, strict=True) for letter in place.axes or (own,)))
    operation = Operation(
        "gather",
        (ArrayOperand(stored.name, letters), *labels),
        ArrayOperand(builder.fresh(), result),
        builder.equation,
        places=written,
    )
    return builder.stored(operation)


def scattered(builder: Builder, array: Scatter) -> ArrayOperand | None:
    """What is added up; None where places are computed, or may be out of range."""
    into = dict(zip(array.into, array.places, strict=True))
    places = [into.get(letter, Positions((letter,))) for letter in array.axes]
    axes = [axis_name(letter) for letter in array.axes]
    labels = _labels(builder, places, axes)
    if labels is None:
        return None
    written = tuple(AffineIndex(((place.axes[0], 1),)) if isinstance(place, Positions) else BY_LABEL for place in places)
    of_labels = [letter for label in labels for letter in label.letters]
    every = tuple(dict.fromkeys((*of_labels, *(letter for place in written for letter in place.letters))))
    operand = builder.operand(array.operand)
    if isinstance(operand, ArrayOperand) and not set(operand.letters) <= set(every):
        return None
    if not isinstance(operand, ArrayOperand) or set(operand.letters) != set(every) or operand.name in builder.views:
        operand = builder.emit("copy", (operand,), every)
    operation = Operation(
        "scatter",
        (builder.converted(operand), *labels),
        ArrayOperand(builder.fresh(), array.axes),
        builder.equation,
        places=written,
    )
    return builder.stored(operation)


def _labels(builder: Builder, places: Sequence[Array], axes: Sequence[str]) -> list[ArrayOperand] | None:
    """The integer tensors that say places, one for each dimension whose letter does not."""
    labels = []
    for place, axis in zip(places, axes, strict=True):
        match place:
            case Positions() if builder.sizes.is_as_long(place.axes[0], axis):
                continue
            case Read() if _points_into(builder, place, axis) and builder.is_whole(place.name, place.axes):
                labels.append(builder.read(place))
            case _:
                return None
    return labels


def _points_into(builder: Builder, label: Read, axis: str) -> bool:
    tensor = builder.system.tensors.get(label.name)
    return tensor is not None and tensor.is_integer and tensor.points_into == axis


def _own_letters(places: Sequence[Array], axes: Sequence[str], taken: Sequence[Symbol]) -> tuple[Letters, Places]:
    """A letter for each dimension that is read, and where along it is read."""
    letters: list[Symbol] = []
    written = []
    for place, axis in zip(places, axes, strict=True):
        letter = place.axes[0] if isinstance(place, Positions) else fresh(index(axis), [*letters, *taken])
        letters.append(letter)
        written.append(AffineIndex(((letter, 1),)) if isinstance(place, Positions) else BY_LABEL)
    return tuple(letters), tuple(written)
