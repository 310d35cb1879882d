"""What printers of arrays know of a system: sizes, axes and names; how an array is printed is left open here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sympy import Symbol

from chainrule.codegen.program.array_sizes import ArraySizes, size_name
from chainrule.codegen.program.data_types import is_float_array
from chainrule.symbolic.forms.arrays import Array, Gather, Letters, Read, Window, everything
from chainrule.symbolic.index.axes import PRIME, axis_name

from .module_names import loop_variable
from .source import Memory, Source, made_of, tuple_text

#: The type of the data, in every function of a module.
ELEMENT_TYPE = Source("params[0].dtype", uses=frozenset({"params"}))


@dataclass(frozen=True)
class ArrayPrinter(ArraySizes, ABC):
    """For one system; some names stand for slices that are `written` otherwise."""

    written: Mapping[str, Source] = field(default_factory=dict)
    element_type: Source = ELEMENT_TYPE

    @abstractmethod
    def source(self, array: Array, order: Letters) -> Source:
        """Dimensions are those letters of `order` that the array has, in that order."""

    @abstractmethod
    def line(self, array: Array, order: Letters) -> Source:
        """All dimensions of `order`, of the data's type."""

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
        return found if is_float_array(array) else self.as_array(found)

    def as_array(self, number: Source) -> Source:
        """A number, or an array of another type, as an array of the data's type."""
        return made_of(f"np.asarray({number.text}, {self.element_type.text})", (number, self.element_type))

    def stored_axes(self, name: str) -> tuple[str, ...] | None:
        """The axes of a tensor or an adjoint, by name; None for a slice."""
        return None if name in self.written else super().stored_axes(name)

    def reads_data(self, array: Array) -> bool:
        """Whether anything but numbers, sizes and constants is read."""
        return any(isinstance(part, Read | Window | Gather) and part.name not in self.system.constants for part in everything(array))

    def named(self, name: str) -> Source:
        """A tensor, or what a name stands for."""
        if name in self.written:
            return self.written[name]
        is_letter = name.rstrip(PRIME) in self.system.axes and name not in self.system.stored
        return Source(loop_variable(name, self.system) if is_letter else name, reads=(name,), memory=Memory.ANOTHER)

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
