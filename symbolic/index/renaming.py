"""Expressions in other names: what was derived for one layer, for another one that is equal to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Indexed, Symbol

from .axes import axis_name, axis_of_size, index, size_symbol
from .index_letters import is_letter
from .tensors import entry_of


@dataclass(frozen=True, slots=True)
class Renaming:
    """New names of tensors (bases of entries, and plain symbols) and of axes; a letter keeps its primes."""

    tensors: Mapping[Expr, Expr]
    axes: Mapping[str, str]

    def of(self, expression: Expr) -> Expr:
        """The expression in the new names."""
        if isinstance(expression, Indexed):
            tensor, *indices = expression.args
            return entry_of(self.tensors.get(tensor, tensor), tuple(map(self.of, indices)))
        if isinstance(expression, Symbol):
            return self.symbol(expression)
        parts = [self.of(part) for part in expression.args]
        return expression if all(map(_same, parts, expression.args)) else expression.func(*parts)

    def symbol(self, symbol: Symbol) -> Expr:
        """An index letter, the size of an axis, or a tensor without axes."""
        if not symbol.is_integer:
            return self.tensors.get(symbol, symbol)
        if is_letter(symbol):
            axis = axis_name(symbol)
            return index(self.axes[axis] + symbol.name[len(axis) :]) if axis in self.axes else symbol
        axis = axis_of_size(symbol)
        return size_symbol(self.axes[axis]) if axis in self.axes else symbol


def _same(one: object, other: object) -> bool:
    return one is other
