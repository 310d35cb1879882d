"""How the dimensions of arrays lie in memory: what of them is one dimension, what a matrix, and how the two sides of a product meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation
from chainrule.codegen.backends.fast.ir.slices import Order
from chainrule.symbolic.forms.arrays import Letters

from .strides import Strided

#: Products of which is kept how their sides meet.
KEPT = 4096
#: Groups of letters that are one dimension each.
Groups = tuple[Letters, ...]


@dataclass(frozen=True)
class Layouts:
    """The order of each value's dimensions in memory, and how far apart the entries of views lie."""

    orders: dict[str, Order]
    views: dict[str, Strided] = field(default_factory=dict)

    def stored(self, entry: ArrayOperand) -> Letters:
        """The letters of an operand's dimensions as they lie in memory."""
        letters = entry.letters
        return tuple([letters[place] for place in self.orders[entry.name]])

    def is_mergeable(self, entry: ArrayOperand, groups: Groups) -> bool:
        """Whether each group is one dimension of the array as it lies in memory."""
        if entry.name in self.views:
            view = self.views[entry.name]
            return all(view.is_chain([entry.letters.index(letter) for letter in group]) for group in groups)
        return are_neighbours(self.stored(entry), groups)

    def is_contiguous(self, entry: ArrayOperand) -> bool:
        """Whether an array's entries lie side by side, in the order of its dimensions."""
        view = self.views.get(entry.name)
        return view is None or view.is_contiguous(self.orders[entry.name])

    def is_matrix(self, entry: ArrayOperand, shared: Letters, rows: Letters, columns: Letters) -> bool:
        """Whether BLAS takes it as a matrix for each position of the shared letters."""
        if not self.is_mergeable(entry, (rows, columns)):
            return False
        if entry.name in self.views:
            view = self.views[entry.name]
            return view.is_matrix(*([entry.letters.index(letter) for letter in group] for group in (rows, columns)))
        # BLAS takes a matrix whose rows or columns lie next to each other, so a stack's own letters may not be the last.
        return not shared or self.stored(entry)[-1] not in shared


def are_neighbours(stored: Letters, groups: Groups) -> bool:
    """Whether the letters of each group follow each other."""
    for group in groups:
        if len(group) > 1:
            start = stored.index(group[0])
            if stored[start : start + len(group)] != group:
                return False
    return True


@dataclass(frozen=True, slots=True)
class Sides:
    """The letters of a product: `shared` by both sides and kept, or taken one by one; those of each side alone; and those summed over."""

    shared: Letters
    rows: Letters
    columns: Letters
    over: Letters


def sides(operation: Operation) -> Sides:
    left, right = operation.entries
    return _sides(left.letters, right.letters, operation.result.letters, operation.apart, operation.over)


@lru_cache(maxsize=KEPT)
def _sides(left: Letters, right: Letters, kept: Letters, apart: Letters, over: Letters) -> Sides:
    """Equal layers have products with the same letters."""
    shared = tuple(letter for letter in kept if (letter in left and letter in right) or letter in apart)
    rows = tuple(letter for letter in kept if letter in left and letter not in shared)
    columns = tuple(letter for letter in kept if letter in right and letter not in shared)
    return Sides(shared, rows, columns, over)


def order_of(letters: Letters, stored: Letters) -> Order:
    return tuple([letters.index(letter) for letter in stored])
