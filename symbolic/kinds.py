"""Which tensors are derived alike: the same readers up to the names of tensors and letters.

A network of a thousand equal layers has a handful of kinds. The key is the equations with every name replaced by its place of appearance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Expr, Indexed, Symbol

from .axes import PRIME, axis_name, index, size_symbol
from .equations import System
from .letters import is_letter, nodes
from .tensors import base, scalar

Names = dict[Expr, Expr]
MOST_PRIMES = 5


def kind_of(parts: Iterable[Expr], system: System) -> tuple[tuple[object, ...], Names]:
    """The key of a list of expressions, and the replacement of its names by their places of appearance."""
    parts = tuple(parts)
    tensors: dict[str, int] = {}
    axes: dict[str, int] = {}
    names: Names = {}
    marks: list[object] = []
    for part in parts:
        for node in nodes(part):
            if isinstance(node, Indexed):
                label = str(node.base.label)
                if label not in tensors:
                    place = tensors[label] = len(tensors)
                    is_integer = bool(node.base.is_integer)
                    names[node.base] = base(f"tensor{place}", is_integer)
                    marks.append(system.tensors[label].values if label in system.tensors else None)
            elif is_letter(node):
                if (axis := axis_name(node)) not in axes:
                    axes[axis] = len(axes)
                    _rename_axis(names, axis, f"axis{axes[axis]}" if axis != system.batch else axis)
            elif isinstance(node, Symbol) and not node.is_integer and node.name not in tensors:
                place = tensors[str(node.name)] = len(tensors)
                names[node] = scalar(f"tensor{place}")
    return (tuple(part.xreplace(names) for part in parts), tuple(marks)), names


def _rename_axis(names: Names, old: str, new: str) -> None:
    names[size_symbol(old)] = size_symbol(new)
    for primes in range(MOST_PRIMES):
        names[index(old + PRIME * primes)] = index(new + PRIME * primes)


def translation(first: Mapping[Expr, Expr], second: Mapping[Expr, Expr]) -> Names:
    """Names of one member of a kind to those of another."""
    back = {canonical: own for own, canonical in second.items()}
    return {own: back[canonical] for own, canonical in first.items() if back[canonical] != own}
