"""Products of two arrays: which letters are the rows, columns and terms of one call of the module's own kernel, and which are loops.

z1[n,j] = Σ_i x[n,i] W1[j,i]     rows n, columns j, terms i:
    product(z1, N, 32, 32, x by (64; 1), W1 by (1; 32), 64, 1, 0)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, ElementType, Operation
from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.codegen.backends.fast.passes.array_layout import sides
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.axes import axis_name

from .places import Places

ONE = EntryCount(1)
#: The kernel sums along so many axes.
MOST_TERMS = 3
#: Products of no more multiplications than this (for one example) are loops that a compiler unrolls: a call would take longer.
SMALL = 16
#: What an open size is taken for, where the longest of several axes is looked for.
OPEN_SIZE = 64


@dataclass(frozen=True)
class MergedAxis:
    """Letters whose positions are equally far apart, as one axis: of all operands that have it."""

    letters: Letters
    size: EntryCount
    #: By operand how far its entries are apart along it.
    apart: tuple[EntryCount, ...]


@dataclass(frozen=True)
class Kernel:
    """One call: `loops` are the letters around it; columns lie side by side in the result."""

    result: ArrayOperand
    left: ArrayOperand
    right: ArrayOperand
    loops: Letters
    #: Apart in the result, and in the left side.
    rows: MergedAxis
    #: Apart in the result, and in the right side.
    columns: MergedAxis
    #: Apart in the left side, and in the right side.
    terms: tuple[MergedAxis, ...]


def merged(letters: Letters, operands: Sequence[ArrayOperand], places: Places) -> list[MergedAxis]:
    """The letters as few axes, outermost first: of neighbours the outer one moves as far as the inner one is long."""
    found: list[MergedAxis] = []
    for letter in letters:
        size, apart = extent_of((axis_name(letter),), places.system), tuple(places.apart(each, letter) for each in operands)
        if found and found[-1].apart == tuple(each.times(size) for each in apart):
            found[-1] = MergedAxis((*found[-1].letters, letter), found[-1].size.times(size), apart)
        else:
            found.append(MergedAxis((letter,), size, apart))
    return found


def kernel(operation: Operation, places: Places) -> Kernel | None:
    """The call for a product; nothing where it is a few multiplications, or no kernel sums like this."""
    left, right = operation.entries
    result, meeting = operation.result, sides(operation)
    stored = places.layouts.stored(result)
    if not stored or any(len(set(each.letters)) < len(each.letters) for each in (left, right, result)):
        return None
    if any(places.values[each.name].kind is not ElementType.FLOAT for each in (left, right, result)):
        return None
    own, other = meeting.columns, meeting.rows
    if stored[-1] in meeting.rows:
        left, right, own, other = right, left, other, own
    if stored[-1] not in own or places.apart(result, stored[-1]) != ONE:
        return None
    *_, columns = merged(tuple(letter for letter in stored if letter in own), (result, right), places)
    rows = merged(tuple(letter for letter in stored if letter in other), (result, left), places)
    order = sorted(operation.over, key=lambda letter: _length(places.apart(right, letter)), reverse=True)
    terms = merged(tuple(order), (left, right), places)
    if len(terms) > MOST_TERMS:
        return None
    longest = max(rows, key=lambda axis: _length(axis.size)) if rows else MergedAxis((), ONE, (ONE, ONE))
    every = [longest.size, columns.size, *(axis.size for axis in terms)]
    if math.prod(size.count for size in every) <= SMALL:
        return None
    inside = {*longest.letters, *columns.letters}
    return Kernel(result, left, right, tuple(letter for letter in stored if letter not in inside), longest, columns, tuple(terms))


def inner(operation: Operation, places: Places) -> Kernel | None:
    """The call for the sum of all products of two arrays; nothing where their entries lie in orders that are too different."""
    left, right = operation.entries
    terms = merged(places.layouts.stored(left), (left, right), places)
    if len(terms) > MOST_TERMS or any(places.values[each.name].kind is not ElementType.FLOAT for each in (left, right)):
        return None
    one = MergedAxis((), ONE, (ONE, EntryCount(0)))
    return Kernel(operation.result, left, right, (), one, one, tuple(terms))


def product_kernel(operation: Operation, places: Places) -> Kernel | None:
    """The call for a sum of products of either kind."""
    return kernel(operation, places) if operation.function == "product" else inner(operation, places)


def call(
    found: Kernel, places: Places, variables: Mapping[Symbol, str], factor: str = "1", is_added: bool = False, panels: str = ""
) -> str:
    """product(result, rows, columns, apart, left, right, terms, factor, is added); of panels where the right side lies in these."""
    at, count = _at(found, variables), places.sizes.count
    result = f"&{places.entry(found.result, at)}, {count(found.rows.size)}, {count(found.columns.size)}, {count(found.rows.apart[0])}"
    left, right = _side(found, found.left, found.rows, 0, places, at), right_side(found, places, variables)
    sizes = ", ".join(count(axis.size) for axis in _terms(found))
    name, more = ("product_of_panels", f", {panels}") if panels else ("product", "")
    return f"{name}({result},\n        {left},\n        {right}, (const ptrdiff_t[]){{{sizes}}}, {factor}, {int(is_added)}{more});"


def right_side(found: Kernel, places: Places, variables: Mapping[Symbol, str]) -> str:
    """From its first number on."""
    return _side(found, found.right, found.columns, 1, places, _at(found, variables))


def _side(found: Kernel, operand: ArrayOperand, own: MergedAxis, number: int, places: Places, at: Mapping[Symbol, str]) -> str:
    apart = ", ".join(places.sizes.count(axis.apart[number]) for axis in _terms(found))
    return f"(side){{&{places.entry(operand, at)}, {places.sizes.count(own.apart[1])}, {{{apart}}}}}"


def _at(found: Kernel, variables: Mapping[Symbol, str]) -> Mapping[Symbol, str]:
    """The letters of the loops as variables, and the kernel's own at their first position."""
    return {**variables, **{letter: "0" for axis in (found.rows, found.columns, *found.terms) for letter in axis.letters}}


def _terms(found: Kernel) -> list[MergedAxis]:
    """As many as the kernel has."""
    return [MergedAxis((), ONE, (EntryCount(0), EntryCount(0)))] * (MOST_TERMS - len(found.terms)) + list(found.terms)


def _length(count: EntryCount) -> int:
    return int(abs(count.count) * OPEN_SIZE ** len(count.open_sizes))
