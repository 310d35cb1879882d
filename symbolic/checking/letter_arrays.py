"""Arrays with a dimension for each index letter of an expression, whatever letters they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Expr, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.numeric_array import NumericArray

from .numbers import Numbers


@dataclass(frozen=True)
class LetterArrays:
    """Of each letter its dimension, behind the one of moves where there are any."""

    numbers: Numbers
    dimensions: Mapping[Symbol, int]
    #: The position of a letter, where it does not run over its axis.
    at: Mapping[Symbol, int]

    @cached_property
    def rank(self) -> int:
        """Dimensions of an array over all letters, the one of moves before them."""
        return len(self.dimensions) + bool(self.numbers.moved)

    def positions(self, letter: Symbol) -> NumericArray:
        """0, 1, 2, … along the letter's own dimension."""
        if letter in self.at:
            return np.full((1,) * self.rank, self.at[letter])
        shape = [1] * self.rank
        shape[self.dimensions[letter]] = -1
        return np.arange(self.numbers.sizes[axis_name(letter)]).reshape(shape)

    def laid_out(self, array: NumericArray, indices: tuple[Expr, ...], is_moved: bool) -> NumericArray:
        """An array read at different letters of its own axes: all of it, each axis along its letter's dimension."""
        places = [*(0,) * is_moved, *(self.dimensions[index] for index in indices)]
        held = (slice(self.at[index], self.at[index] + 1) if index in self.at else slice(None) for index in indices)
        array = array[(*(slice(None),) * is_moved, *held)]
        shape = [1] * self.rank
        for place, size in zip(places, array.shape, strict=True):
            shape[place] = size
        return array.transpose(sorted(range(len(places)), key=places.__getitem__)).reshape(shape)

    def added_up(self, values: NumericArray, letter: Symbol) -> NumericArray:
        """The total along a letter's dimension; what does not depend on the letter counts as often as it has positions."""
        size = self.numbers.sizes[axis_name(letter)]
        dimension = self.dimensions[letter]
        if values.ndim == 0 or values.shape[dimension] == 1 != size:
            return values * size
        total: NumericArray = values.sum(axis=dimension, keepdims=True)
        return total
