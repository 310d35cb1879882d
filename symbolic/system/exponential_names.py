"""Which tensors of a system are exponentials, or sums and products with such, that may overflow: no largest one was subtracted before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy
from sympy import Add, Basic, Expr, Indexed, Mul, Pow, Sum, Symbol

from chainrule.symbolic.index.index_letters import holds, names_read, nodes
from chainrule.symbolic.index.named_functions import axis_max


def exponential_names(formulas: Mapping[str, Expr]) -> frozenset[str]:
    """Of tensors with their formulas, in the order in which they are computed; those of a recurrence are none, as they read themselves."""
    found: set[str] = set()
    largest: set[str] = set()
    lowered: set[str] = set()
    waiting = set(formulas)
    for name, formula in formulas.items():
        read = set(names_read(formula))
        if holds(formula, axis_max, sympy.Max):
            largest.add(name)
        if largest & read or name in largest:
            lowered.add(name)
        is_own = any(_overflows(part, found, largest | lowered) for part in summands(formula)) and not _is_quotient(formula)
        if is_own and not read & waiting:
            found.add(name)
        waiting.discard(name)
    return frozenset(found)


def summands(total: Expr) -> Iterator[Expr]:
    """What sums, products and powers are made of."""
    match total:
        case Add() | Mul():
            for part in total.args:
                yield from summands(part)
        case Sum():
            yield from summands(total.function)
        case Pow():
            yield from summands(total.base)
        case _:
            yield total


def tensor_name(part: Basic) -> str | None:
    """The tensor of which it is an entry."""
    if isinstance(part, Indexed):
        return str(part.base.name)
    return str(part.name) if isinstance(part, Symbol) and not part.is_integer else None


def _overflows(part: Expr, found: set[str], shifted: set[str]) -> bool:
    if isinstance(part, sympy.exp):
        return not holds(part.args[0], axis_max, sympy.Max) and not shifted & set(names_read(part.args[0]))
    return tensor_name(part) in found


def _is_quotient(formula: Expr) -> bool:
    """Whether anything is divided by others, so that the whole may be of moderate size: 1/(1 + e) is of that kind, 1/s is not."""
    if isinstance(formula, Pow) and formula.exp.is_negative:
        return isinstance(formula.base, Add) and any(term.is_number for term in formula.base.args)
    return any(isinstance(node, Pow) and node.exp.is_negative for node in nodes(formula))
