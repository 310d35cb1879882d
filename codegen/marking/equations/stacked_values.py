"""The numbers of a formula with a matrix for each place of further axes: h_t is that of one step, x_n that of one example."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from chainrule.codegen.marking.python.reasons import Mismatch, Unreadable
from chainrule.symbolic.index.numeric_array import NumericArray

from .index_values import entries, indices
from .matrix_values import MatrixValues


@dataclass(frozen=True)
class StackedValues(MatrixValues):
    """Values of whole arrays, and of their parts at the places that letters have; `kept` are the axes that parts of the left side have."""

    places: Mapping[str, int] = field(default_factory=dict)
    selected: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    @classmethod
    def of(cls, values: MatrixValues, formula: ast.AST) -> StackedValues:
        """Of a formula, whose letters say along which axes places are meant that are numbers."""
        names = {name for entry in entries(formula) for index in indices(entry) for name in _letters(index)}
        axes = (values.arrays.axis(name) for name in names)
        return cls(values.arrays, values.bounds, selected=frozenset(axis for axis in axes if axis is not None))

    def stacked(self, target: ast.Subscript, value: ast.expr, axes: Sequence[str], shape: Sequence[int]) -> NumericArray:
        """The array of a left side that has letters for some axes, whose other ones are those of a matrix.

        Raises:
            Mismatch: where a part has another shape.
        """
        names = [name for index in indices(target) for name in _letters(index)]
        along = [axes.index(axis) for name in names if (axis := self.arrays.axis(name)) in axes]
        if len(along) != len(indices(target)) or len(set(along)) < len(along):
            raise Mismatch("left.indices", count=len(names))
        found = np.zeros(shape)
        rest = tuple(size for place, size in enumerate(shape) if place not in along)
        kept = frozenset(axis for place, axis in enumerate(axes) if place not in along)
        for at in product(*(range(shape[place]) for place in along)):
            part = replace(self, places={**self.places, **dict(zip(names, at, strict=True))}, kept=kept).whole(value, rest)
            if np.shape(part) not in (rest, ()):
                raise Mismatch("shapes", first=np.shape(part), second=rest)
            where = dict(zip(along, at, strict=True))
            found[tuple(where.get(place, slice(None)) for place in range(len(shape)))] = part
        return found

    def value(self, node: ast.expr) -> NumericArray:
        match node:
            case ast.Subscript(value=ast.Name(id=own)):
                self.bounds.step()
                return self.at(own, indices(node))
            case ast.Name(id=own) if own in self.places:
                return np.asarray(float(self.places[own]))
        return super().value(node)

    def along(self, function: str, node: ast.Call) -> NumericArray:
        """A sum over the places of a letter; over an axis of a whole array as there."""
        letters = [each.id for each in node.args[:-1] if isinstance(each, ast.Name)]
        used = {name for entry in entries(node.args[-1]) for index in indices(entry) for name in _letters(index)}
        if function != "sum" or not letters or not used.issuperset(letters):
            return super().along(function, node)
        sizes = [self.arrays.size(letter) or 0 for letter in letters]
        parts = (
            replace(self, places={**self.places, **dict(zip(letters, at, strict=True))}).value(node.args[-1])
            for at in product(*map(range, sizes))
        )
        total: NumericArray = np.asarray(sum(parts, np.asarray(0.0)))
        return total

    def at(self, name: str, places: Sequence[ast.expr]) -> NumericArray:
        """The part of an array at some places, of a vector as a column; 0 out of range."""
        array, axes = self.arrays.quantity(name), self.arrays.axes(name)
        if array is None:
            raise Unreadable("name", name=name)
        if axes is None or len(axes) != np.ndim(array) or len(places) > len(axes):
            raise Mismatch("indices.other", own=np.ndim(array), found=len(places))
        at: list[int | slice] = [slice(None)] * len(axes)
        is_inside = True
        for place, axis in zip(places, self.axes_of(places, axes), strict=True):
            own = self.value(place)
            if own.size != 1 or not np.isfinite(own).all():
                raise Unreadable("index", part=ast.unparse(place))
            number, along = round(float(own.item())), axes.index(axis)
            is_inside = is_inside and 0 <= number < np.shape(array)[along]
            at[along] = number if is_inside else 0
        found = np.asarray(array)[tuple(at)]
        return self.column(found if is_inside else np.zeros_like(found))

    def axes_of(self, places: Sequence[ast.expr], axes: Sequence[str]) -> Sequence[str]:
        """That of each place: by its letter, else one that letters are of elsewhere, one that parts have not, or the first that is left."""
        found: dict[int, str] = {}
        for number, place in enumerate(places):
            axis = next((own for name in _letters(place) if (own := self.arrays.axis(name)) in axes), None)
            if axis is not None and axis not in found.values():
                found[number] = axis
        for number in range(len(places)):
            left = [axis for axis in axes if axis not in found.values()]
            if number not in found:
                found[number] = min(left, key=lambda axis: (axis not in self.selected, axis in self.kept))
        return [found[number] for number in range(len(places))]


def _letters(index: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(index) if isinstance(node, ast.Name))
