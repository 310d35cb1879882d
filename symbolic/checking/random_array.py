"""Random arrays that are what tensors say their entries are, of whatever numbers: any ones to check with, short ones to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.declared_values import CLOSEST, Chosen, OneHotRows, OwnTranspose, Reals, Shares, Uniform, Whole, meaning

Shape = tuple[int, ...]
#: Of switches, as of a mask's entries: one that leaves nothing of a row leaves no softmax of it.
SHARE_OF_ONES = 0.75


class RandomNumbers(Protocol):
    """Where the numbers of an array come from."""

    def below(self, count: int, shape: Shape) -> NumericArray:
        """Whole numbers from 0, less than `count`."""

    def shares(self, shape: Shape) -> NumericArray:
        """Numbers from 0 that sum to 1 along the last axis."""

    def fractions(self, shape: Shape) -> NumericArray:
        """Numbers from 0 to 1."""

    def reals(self, shape: Shape, role: Role) -> NumericArray:
        """Numbers of any kind."""


def random_array(tensor: Tensor, sizes: Mapping[str, int], batch: str | None, numbers: RandomNumbers) -> NumericArray:
    """Numbers that are what the tensor says its entries are."""
    shape = tuple(sizes[axis_name(letter)] for letter in tensor.axes)
    match meaning(tensor).draw:
        case Reals():
            return numbers.reals(shape, tensor.role)
        case Uniform(low, high):
            return low + (high - low) * numbers.fractions(shape)
        case Whole(below, is_along_axis):
            found = numbers.below(below + (sizes[tensor.points_into or ""] if is_along_axis else 0), shape)
            return found if tensor.is_integer else found.astype(float)
        case Chosen(choices):
            return np.array(choices)[numbers.below(len(choices), shape)]
        case OwnTranspose():
            array = numbers.reals(shape, tensor.role)
            return (array + np.swapaxes(array, -1, -2)) / 2
        case OneHotRows() | Shares() as rows:
            along = tensor.axes.index(tensor.class_axis(batch))
            classes, others = shape[along], shape[:along] + shape[along + 1 :]
            is_one_hot = isinstance(rows, OneHotRows)
            found = np.eye(classes)[numbers.below(classes, others)] if is_one_hot else numbers.shares((*others, classes))
            return np.moveaxis(found, -1, along)


def in_tenths(numbers: RandomNumbers, shape: Shape) -> NumericArray:
    """Numbers with one decimal that sum to 1 along the last axis: ten tenths, each given out by itself."""
    places = numbers.below(shape[-1], (*shape[:-1], 10))
    counts: NumericArray = np.sum(places[..., None] == np.arange(shape[-1]), axis=-2)
    return counts / 10


@dataclass(frozen=True, slots=True)
class NormalNumbers:
    """Numbers to check with: standard normal ones; or 0 and 1, as switches are."""

    rng: np.random.Generator
    are_switches: bool = False

    def below(self, count: int, shape: Shape) -> NumericArray:
        return self.rng.integers(0, count, size=shape)

    def shares(self, shape: Shape) -> NumericArray:
        weights = self.rng.uniform(0.1, 1.0, size=shape)
        rows: NumericArray = weights / weights.sum(axis=-1, keepdims=True)
        return rows

    def fractions(self, shape: Shape) -> NumericArray:
        return self.rng.uniform(CLOSEST, 1 - CLOSEST, size=shape)

    def reals(self, shape: Shape, role: Role) -> NumericArray:
        return (self.rng.random(shape) < SHARE_OF_ONES).astype(float) if self.are_switches else self.rng.standard_normal(shape)
