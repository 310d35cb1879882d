"""The numbers of a system: an array for every tensor that is known, and of which type they are."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.far_places import Nearer
from chainrule.symbolic.system.system import System

from .elementary_functions import EXTENDED_DIGITS, STEP, WIDE_STEP

#: Expressions, and numbers in them, of which is kept what they were found to be: every entry that is moved evaluates the same ones again.
KEPT = 4096


@dataclass(frozen=True)
class Numbers:
    """What is known: arrays by tensor name, positions along every axis, values of constants, and the system for ∂v/∂u.

    `element` is the type of the numbers; `precise` are the same ones in extended precision, worked out from what is given. Where there are
    `sides`, every evaluation adds to them on which side of a kink each number is: the kink, and signs, truths or places. Equal sides at two
    points mean the same branch of every formula. Where there is `held`, the values of stop(…) are those that stand there; the first
    evaluation adds them. Places far along an axis are those that `nearer` says, where the sizes are small ones.

    Several moves are made side by side: the arrays of tensors that are `moved` have a first dimension more, with a place for each of so
    many `moves`.
    """

    system: System
    arrays: Mapping[str, NumericArray]
    sizes: Mapping[str, int]
    jacobians: dict[tuple[str, str], NumericArray] = field(default_factory=dict)
    element: type[np.inexact[Any]] = np.complex128
    sides: list[tuple[Expr, NumericArray]] | None = None
    held: dict[Hashable, NumericArray] | None = None
    precise: Numbers | None = field(default=None, compare=False, repr=False)
    nearer: Nearer | None = None
    moved: frozenset[str] = frozenset()
    moves: int = 0

    @property
    def step(self) -> np.floating[Any]:
        """That of complex steps: its square is nothing beside any number that occurs."""
        return np.float64(STEP) if self.complex_element == np.complex128 else WIDE_STEP

    @property
    def complex_element(self) -> np.dtype[np.complexfloating[Any]]:
        """The type of numbers that are moved by such a step."""
        return np.result_type(self.element, np.complex64)

    def slope(self, moved: Numbers) -> NumericArray:
        """What a complex step has made of the cost, of each of its entries where it has several; of moves side by side, each by itself."""
        return np.asarray(np.imag(moved.arrays[self.system.cost.tensor.name]) / self.step)

    def first_gap(self) -> str | None:
        """The first entry that the network computes and that is no finite number, as 0/0 of what is read before the start is."""
        for equation in self.system.equations:
            gaps = np.argwhere(~np.isfinite(self.arrays[equation.tensor.name]))
            if len(gaps):
                return f"{equation.tensor.name}[{', '.join(map(str, gaps[0]))}]" if equation.tensor.axes else equation.tensor.name
        return None

    def shape(self, tensor: Tensor) -> tuple[int, ...]:
        return tuple(self.sizes[axis_name(letter)] for letter in tensor.axes)

    def with_array(self, name: str, array: NumericArray) -> Numbers:
        """The same with one array replaced, where there are moves by one with a place for each; Jacobians are not carried over."""
        found = self.with_arrays({**self.arrays, name: array})
        return replace(found, moved=self.moved | {name}) if self.moved else found

    def with_arrays(self, arrays: Mapping[str, NumericArray]) -> Numbers:
        """The same with these arrays in place of all."""
        return replace(self, arrays=arrays, jacobians={}, precise=None)

    def with_entries_moved(self, name: str, array: NumericArray, positions: Sequence[tuple[int, ...]]) -> Numbers:
        """A complex step in each of these entries of an array, side by side."""
        moved = np.array(np.broadcast_to(array, (len(positions), *array.shape)), dtype=self.complex_element)
        for move, position in enumerate(positions):
            moved[move, *position] += 1j * self.step
        return replace(self.with_array(name, moved), moved=frozenset({name}), moves=len(positions))

    def each_move(self) -> Iterator[Numbers]:
        """The numbers of every move that is made beside others."""
        for move in range(self.moves):
            arrays = {name: array[move] if name in self.moved else array for name, array in self.arrays.items()}
            yield replace(self.with_arrays(arrays), moved=frozenset(), moves=0)

    def number(self, value: Expr | float) -> NumericArray:
        """A number, without rounding it to less than its type holds."""
        if isinstance(value, Expr):
            return np.asarray(_constant(value, np.dtype(self.element)))
        return np.asarray(self.element(value))

    def note_side(self, kink: Expr, side: NumericArray) -> None:
        if self.sides is not None:
            self.sides.append((kink, side))


@lru_cache(maxsize=KEPT)
def _constant(value: Expr, element: np.dtype[np.inexact[Any]]) -> Any:
    if element.type in (np.longdouble, np.clongdouble) and value.is_finite and value.is_real:
        return element.type(np.longdouble(str(value.evalf(EXTENDED_DIGITS))))
    plain = complex(value)
    return plain if element.type is np.complex128 else element.type(plain.real)
