"""What printers of arrays know of a system: sizes, axes and names; how an array is printed is left open here."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Symbol

from chainrule.codegen.program.data_types import is_float_array
from chainrule.codegen.program.index_sums import stored_axes
from chainrule.symbolic.forms.arrays import Array, Gather, Letters, Read, Window, everything
from chainrule.symbolic.index.axes import axis_name, size_symbol
from chainrule.symbolic.system.system import System

from .source import Memory, Source, made_of, tuple_text

#: The type of the data, in every function of a module.
ELEMENT_TYPE = "params[0].dtype"
#: What an expression uses that has it.
TYPED = ("params",)


@dataclass(frozen=True)
class ArrayPrinter(ABC):
    """For one system; some names stand for slices that are `written` otherwise."""

    system: System
    written: Mapping[str, Source] = field(default_factory=dict)

    @abstractmethod
    def source(self, array: Array, order: Letters) -> Source:
        """Dimensions are those letters of `order` that the array has, in that order."""

    @abstractmethod
    def read(self, array: Read, own: Letters) -> Source:
        """A tensor with its dimensions in the order `own`."""

    def aligned(self, array: Array, order: Letters) -> Source:
        """The array so that it broadcasts against dimensions `order`: missing ones in between become None."""
        found = self.source(array, order)
        first = next((place for place, letter in enumerate(order) if letter in array.axes), len(order))
        if all(letter in array.axes for letter in order[first:]):
            return found
        subscript = ", ".join(":" if letter in array.axes else "None" for letter in order[first:])
        return found.rewritten(f"{found.bracketed}[{subscript}]")

    def values(self, array: Array, order: Letters) -> Source:
        """An array of the data's type that broadcasts against dimensions `order`."""
        found = self.aligned(array, order)
        return found if is_float_array(array) else made_of(f"np.asarray({found.text}, {ELEMENT_TYPE})", (found,), uses=TYPED)

    def fixed_size(self, axis: str) -> int | None:
        return self.system.axes[axis].size

    def is_whole(self, name: str, letters: Sequence[Symbol | None]) -> bool:
        """Whether letters run over all of a tensor's axes (None: whatever is read along that axis)."""
        stored = self.stored_axes(name)
        if not letters or stored is None:
            return True
        return all(letter is None or self.is_as_long(letter, axis) for letter, axis in zip(letters, stored, strict=True))

    def is_as_long(self, letter: Symbol, axis: str) -> bool:
        """Whether a letter runs over the positions of an axis, from the first to the last."""
        size = self.fixed_size(axis)
        return axis_name(letter) == axis or (size is not None and size == self.fixed_size(axis_name(letter)))

    def count(self, letter: Symbol) -> int:
        """How many positions a letter has, or more than any other where that is not fixed."""
        return self.fixed_size(axis_name(letter)) or sys.maxsize

    def stored_axes(self, name: str) -> tuple[str, ...] | None:
        """The axes of a tensor or an adjoint, by name; None for a slice."""
        if name in self.written:
            return None
        axes = stored_axes(name, self.system)
        return None if axes is None else tuple(axis_name(letter) for letter in axes)

    def reads_data(self, array: Array) -> bool:
        """Whether anything but numbers, sizes and constants is read."""
        return any(isinstance(part, Read | Window | Gather) and part.name not in self.system.constants for part in everything(array))

    def named(self, name: str) -> Source:
        """A tensor, or what a name stands for."""
        return self.written.get(name) or Source(name, memory=Memory.ANOTHER)

    def size(self, axis: str) -> str:
        """The number of positions along an axis, by its name where it is read from the arrays."""
        fixed = self.fixed_size(axis)
        return size_name(axis) if fixed is None else str(fixed)

    def open_sizes(self, letters: Iterable[Symbol]) -> frozenset[str]:
        """The names of the sizes of letters that are read from the arrays."""
        return frozenset(size_name(axis) for axis in map(axis_name, letters) if self.fixed_size(axis) is None)

    def shape(self, letters: Letters) -> Source:
        """(N, 10)."""
        return Source(tuple_text([self.size(axis_name(letter)) for letter in letters]), uses=self.open_sizes(letters))


def size_name(axis: str) -> str:
    """N for the examples, N_k for another axis."""
    return str(size_symbol(axis).name)
