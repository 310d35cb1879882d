"""What a network is given, array by array: which of its dimensions counts the examples, and how large the others are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import names_read
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role, Tensor, Values
from chainrule.symbolic.system.cost_of_parts import ExamplesJoined, cost_of_parts
from chainrule.symbolic.system.system import System

#: The type that arrays of data have.
FLOAT = np.dtype(np.float64)


@dataclass(frozen=True, slots=True)
class Given:
    """An input or a target: the dimension along which the examples lie, None where all share it, and the sizes, None where open.

    `classes` is how many there are where its numbers are positions along an axis, or its rows one-hot; None where that is open. What a mean
    divides by is the sum of a mask, which `is_mask`.
    """

    tensor: Tensor
    along: int | None
    sizes: tuple[int | None, ...]
    classes: int | None = None
    is_mask: bool = False

    @property
    def name(self) -> str:
        return self.tensor.name

    @property
    def is_target(self) -> bool:
        return self.tensor.role is Role.TARGET

    @property
    def is_scaled(self) -> bool:
        """Whether its features are made comparable: inputs of real numbers are."""
        return not (self.is_target or self.is_mask or self.along is None) and self.tensor.values is Values.REAL

    @property
    def of_an_example(self) -> tuple[int | None, ...]:
        return tuple(size for place, size in enumerate(self.sizes) if place != self.along)

    @property
    def shape_text(self) -> str:
        sizes = ["examples" if place == self.along else "any" if size is None else str(size) for place, size in enumerate(self.sizes)]
        return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"

    def checked(self, array: NumericArray, where: str) -> NumericArray:
        """The array, floats as FLOAT.

        Raises:
            InvalidDescription: beginning with `where`, where its type, its shape or a number is not possible.
        """
        kinds = "iu" if self.tensor.is_integer else "fiub"
        if array.dtype.kind not in kinds:
            expected = "whole numbers" if self.tensor.is_integer else "numbers"
            raise InvalidDescription(f"{where}: found an array of type {array.dtype}, expected {expected}")
        fits = array.ndim == len(self.sizes) and all(own in (None, size) for own, size in zip(self.sizes, array.shape, strict=True))
        if not fits:
            raise InvalidDescription(f"{where}: found the shape {array.shape}, expected {self.shape_text}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            place = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
            raise InvalidDescription(f"{where}: found {array[place]} at {list(place)}, expected finite numbers")
        if self.tensor.is_integer and array.size and self.classes is not None:
            least, most = int(array.min()), int(array.max())
            if least < 0 or most >= self.classes:
                raise InvalidDescription(f"{where}: found labels from {least} to {most}, expected 0 to {self.classes - 1}")
        return array if self.tensor.is_integer else array.astype(FLOAT)


def given(system: System) -> tuple[Given, ...]:
    """Inputs, then targets.

    Raises:
        InvalidDescription: where the network has no axis of examples to train along.
    """
    if system.batch is None or not any(tensor.place_of(system.batch) is not None for tensor in (*system.inputs, *system.targets)):
        raise InvalidDescription('training takes examples: the description has no axis of them; say which it is, as in batch = "n"')
    return tuple(_given(system, system.batch))


def counted(takes: Sequence[Given]) -> Given:
    """The first whose dimension of examples says how many there are."""
    return next(each for each in takes if each.along is not None)


def _given(system: System, batch: str) -> Iterator[Given]:
    try:
        masks = names_read(cost_of_parts(system).divisor)
    except ExamplesJoined:
        masks = {}
    for tensor in (*system.inputs, *system.targets):
        along = tensor.place_of(batch)
        sizes = tuple(None if place == along else system.axis(letter).size for place, letter in enumerate(tensor.axes))
        classes = None
        if tensor.points_into is not None:
            classes = system.axes[tensor.points_into].size
        elif tensor.values in (Values.ONE_HOT, Values.DISTRIBUTION):
            classes = system.axes[axis_name(tensor.class_axis(batch))].size
        yield Given(tensor, along, sizes, classes, tensor.name in masks)
