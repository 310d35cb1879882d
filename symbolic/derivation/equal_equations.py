"""Which tensors are derived alike: the same readers up to the names of tensors and letters.

A network of a thousand equal layers has a handful of kinds. The key is the equations as text, with every name replaced by its place of
appearance.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cache

from sympy import Add, Basic, Expr, Indexed, Mul, Sum, Symbol, srepr

from chainrule.symbolic.index.axes import axis_name, axis_of_size
from chainrule.symbolic.index.index_letters import is_letter
from chainrule.symbolic.index.ordering import order_of
from chainrule.symbolic.index.renaming import Renaming
from chainrule.symbolic.index.tensors import entry_name
from chainrule.symbolic.system.system import Equation, System

#: Under what a system has the keys of its equations.
WRITTEN_ALIKE = "equations written alike"


@dataclass(frozen=True, slots=True)
class ExpressionNames:
    """The names of a list of expressions in order of appearance: bases of entries and plain symbols, axes, and the letters that run over
    these.
    """

    tensors: tuple[Expr, ...]
    axes: tuple[str, ...]
    letters: tuple[Symbol, ...]


def canonical_form(parts: Iterable[Expr], system: System) -> tuple[str, ExpressionNames]:
    """The key of a list of expressions, and the names that it leaves open."""
    places = _Places(system)
    key = ";".join(map(places.text, parts))
    return key, ExpressionNames(tuple(places.tensors.values()), tuple(places.axes), tuple(places.letters))


def written_alike(equation: Equation, system: System) -> tuple[Hashable, ExpressionNames]:
    """The key of equations that are written, and computed, alike: also in the same order of terms and factors, with axes of the same sizes.

    Worked out once for an equation of a system.
    """
    kept: dict[Equation, tuple[Hashable, ExpressionNames]] = vars(system).setdefault(WRITTEN_ALIKE, {})
    found = kept.get(equation)
    if found is None:
        form, names = canonical_form((equation.tensor.own_entry, equation.expression), system)
        axes = [system.axes.get(axis) for axis in names.axes]
        sizes = tuple((axis.size, axis.rule) if axis else None for axis in axes)
        order = system.order.among([*map(entry_name, names.tensors)]), order_of([str(letter.name) for letter in names.letters])
        kept[equation] = found = (form, sizes, order, tuple([axis == "n" for axis in names.axes])), names
    return found


def renaming(first: ExpressionNames, second: ExpressionNames) -> Renaming:
    """Names of one member of a kind to those of another."""
    tensors = {old: new for old, new in zip(first.tensors, second.tensors, strict=True) if old is not new}
    return Renaming(tensors, {old: new for old, new in zip(first.axes, second.axes, strict=True) if old != new})


class _Places:
    """Writes expressions by the places at which their names appear first."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.tensors: dict[str, Expr] = {}
        self.places: dict[str, str] = {}
        self.axes: dict[str, str] = {}
        self.letters: dict[Symbol, str] = {}

    def text(self, node: Basic) -> str:
        if isinstance(node, Indexed):
            tensor, *indices = node.args
            name = tensor.name
            places = [self.letters.get(index) or self.text(index) for index in indices]
            return f"{self.places.get(name) or self.tensor(name, tensor)}[{','.join(places)}]"
        if isinstance(node, Symbol):
            return self.letters.get(node) or self.symbol(node)
        if isinstance(node, Sum):
            body = self.text(node.function)
            return f"Σ({body},{','.join([self.text(limit[0]) for limit in node.limits])})"
        if not node.args:
            return _constant(node)
        parts = [self.text(part) for part in node.args]
        # SymPy's own order of terms and factors depends on their names.
        return f"{type(node).__name__}({','.join(sorted(parts) if isinstance(node, Add | Mul) else parts)})"

    def symbol(self, symbol: Symbol) -> str:
        name = str(symbol.name)
        if not symbol.is_integer:
            return self.tensor(name, symbol)
        if is_letter(symbol):
            axis = axis_name(symbol)
            self.letters[symbol] = written = self.axis(axis) + name[len(axis) :]
            return written
        return f"N({self.axis(axis_of_size(symbol))})"

    def tensor(self, name: str, written: Expr) -> str:
        """The place of a tensor; of one of the network's, with what its entries may be, and its axes: out of their range it is 0."""
        if name not in self.places:
            known = self.system.tensors.get(name)
            stored = self.system.stored.get(name)
            axes = ",".join(self.axis(axis_name(letter)) for letter in stored.axes) if stored else ""
            into = self.axis(known.points_into) if known and known.points_into else ""
            self.places[name] = f"t{len(self.places)}{known.values.name if known else ''}({axes}){into}"
            self.tensors[name] = written
        return self.places[name]

    def axis(self, axis: str) -> str:
        """The place of an axis; the examples are an axis of their own."""
        if axis not in self.axes:
            self.axes[axis] = f"i{len(self.axes)}" if axis != self.system.batch else "n"
        return self.axes[axis]


@cache
def _constant(node: Basic) -> str:
    return str(srepr(node))
