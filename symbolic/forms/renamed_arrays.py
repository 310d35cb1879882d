"""Arrays in other names: what was made of one equation, for another one that is written alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Symbol

from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.renaming import Renaming
from chainrule.symbolic.index.tensors import entry_name

from .arrays import (
    Apply,
    Array,
    Factor,
    Gather,
    Letters,
    Number,
    Placed,
    Positions,
    Product,
    Read,
    Reduce,
    Scatter,
    Size,
    Solution,
    Window,
)


@dataclass(frozen=True)
class ArrayRenaming:
    """New names of tensors and axes, in arrays."""

    renaming: Renaming

    @cached_property
    def names(self) -> dict[str, str]:
        return {entry_name(old): entry_name(new) for old, new in self.renaming.tensors.items()}

    @cached_property
    def known(self) -> dict[Symbol, Symbol]:
        return {}

    def of(self, array: Array) -> Array:
        """The array in the new names."""
        match array:
            case Read(name, axes):
                return Read(self.name(name), self.letters(axes))
            case Apply(function, arguments, axes):
                return Apply(function, tuple(map(self.of, arguments)), self.letters(axes))
            case Number():
                return array
            case Product(left, right, over, axes):
                return Product(self.of(left), self.of(right), self.letters(over), self.letters(axes))
            case Reduce(function, operand, over, axes):
                return Reduce(function, self.of(operand), self.letters(over), self.letters(axes))
            case Size(axis):
                return Size(self.renaming.axes.get(axis, axis))
            case Positions(axes):
                return Positions(self.letters(axes))
            case Window(name, places, axes):
                return Window(self.name(name), tuple(map(self.place, places)), self.letters(axes))
            case Placed(operand, into, places, axes):
                return Placed(self.of(operand), self.letters(into), tuple(map(self.place, places)), self.letters(axes))
            case Gather(name, places, axes):
                return Gather(self.name(name), tuple(map(self.of, places)), self.letters(axes))
            case Scatter(operand, into, places, axes):
                return Scatter(self.of(operand), self.letters(into), tuple(map(self.of, places)), self.letters(axes))
            case Solution(name, matrix, right, rows, columns, axes, stored, is_linear):
                rows, columns, axes, stored = map(self.letters, (rows, columns, axes, stored))
                return Solution(self.name(name), self.of(matrix), self.of(right), rows, columns, axes, stored, is_linear)
            case Factor(name, operand, axes):
                return Factor(self.name(name), self.of(operand), self.letters(axes))

    def name(self, name: str) -> str:
        return self.names.get(name, name)

    def letters(self, letters: Letters) -> Letters:
        return tuple([self.known.get(letter) or self.letter(letter) for letter in letters])

    def letter(self, letter: Symbol) -> Symbol:
        self.known[letter] = new = self.renaming.symbol(letter)
        return new

    def place(self, place: AffineIndex) -> AffineIndex:
        return AffineIndex(tuple((self.letter(letter), step) for letter, step in place.steps), place.start)
