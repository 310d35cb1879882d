"""Nests that go through their outer loops together, so that what one makes of a row is in the nearest cache when the next one reads it.

m[n,t] = Σ_i x[n,t,i] / I          for n, t:    m[…] = total of x[…];   for i: u[…] = x[…] - m[…];   v[…] = total of u[…]²
u[n,t,i] = x[n,t,i] - m[n,t]
v[n,t] = Σ_i u[n,t,i]²
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation
from chainrule.symbolic.forms.arrays import Letters

from .nests import Nest, renamed
from .places import Places
from .row_products import is_row_product


@dataclass(frozen=True)
class SharedLoops:
    """Nests one after the other, and of each the letters of the loops around all of them; none where a nest is by itself."""

    nests: tuple[Nest, ...]
    outer: tuple[Letters, ...]


def shared_loops(nests: Sequence[Nest], held: Collection[str], places: Places) -> list[SharedLoops]:
    """Neighbours of which one is a sum share the outer loops that all of them have, where none reads another row than the one just made."""
    found: list[SharedLoops] = []
    group: list[Nest] = []
    depth = 0

    def close() -> None:
        if len(group) == 1 or all(nest.is_entrywise for nest in group):
            found.extend(SharedLoops((nest,), ((),)) for nest in group)
        else:
            found.append(SharedLoops(tuple(group), tuple(_rows(nest, places)[:depth] for nest in group)))
        group.clear()

    for nest in nests:
        own = _depth(group, depth, nest, held, places) if group else 0
        if not own:
            close()
            own = len(_rows(nest, places))
        group.append(nest)
        depth = own
    close()
    return found


def _rows(nest: Nest, places: Places) -> Letters:
    """The loops that a nest can share, outermost first: those of every entry, or of sums over what lies side by side."""
    if nest.is_entrywise:
        return nest.letters
    (operation,) = nest.operations
    if is_row_product(operation, places):
        return places.layouts.stored(operation.result)
    if operation.function not in ("sum", "max"):
        return ()
    (entry,) = operation.entries
    lies = places.layouts.stored(entry)
    return places.layouts.stored(operation.result) if lies and lies[-1] in operation.over else ()


def _depth(group: Sequence[Nest], depth: int, nest: Nest, held: Collection[str], places: Places) -> int:
    """How many loops the nest can share with all before it."""
    rows, first = _rows(nest, places), _rows(group[0], places)[:depth]
    while rows and first:
        depth = min(len(rows), len(first))
        rows, first = rows[:depth], first[:depth]
        is_alike = [places.sizes.of_letter(letter) for letter in rows] == [places.sizes.of_letter(letter) for letter in first]
        if is_alike and all(_are_by_row(other, nest, depth, held, places) for other in group):
            return depth
        rows = rows[:-1]
    return 0


def _are_by_row(before: Nest, after: Nest, depth: int, held: Collection[str], places: Places) -> bool:
    """Whether what both touch, and one of them writes, is the same row of the same memory at every step of the loops."""
    for one, letters, is_written in _touched(before, depth, held, places):
        for other, own, is_changed in _touched(after, depth, held, places):
            if not (is_written or is_changed) or places.memory_key(one.name) != places.memory_key(other.name):
                continue
            if not _is_one_row(one, letters, other, own, places):
                return False
    return True


def _touched(nest: Nest, depth: int, held: Collection[str], places: Places) -> list[tuple[ArrayOperand, Letters, bool]]:
    """What a nest reads and writes in memory, with the outer letters of each operation, and whether it is written."""
    found: list[tuple[ArrayOperand, Letters, bool]] = []
    for operation in nest.operations:
        letters = _outer(nest, operation, depth, places)
        found += [(entry, letters, False) for entry in operation.entries if entry.name in held or entry.name not in nest.made]
        if operation.result.name in held:
            found.append((operation.result, letters, True))
    return found


def _outer(nest: Nest, operation: Operation, depth: int, places: Places) -> Letters:
    if not nest.is_entrywise:
        return _rows(nest, places)[:depth]
    back: dict[Symbol, Symbol] = {other: letter for letter, other in renamed(nest, operation, places).items()}
    return tuple(back[letter] for letter in nest.letters[:depth])


def _is_one_row(one: ArrayOperand, letters: Letters, other: ArrayOperand, own: Letters, places: Places) -> bool:
    """Both have the outer letters first, equally far apart from the same place on."""
    if one.name in places.windows or other.name in places.windows:
        return False
    if places.layouts.stored(one)[: len(letters)] != letters or places.layouts.stored(other)[: len(own)] != own:
        return False
    here, there = places.of(one.name), places.of(other.name)
    apart = [places.apart(one, letter) for letter in letters], [places.apart(other, letter) for letter in own]
    return (here.base, here.before) == (there.base, there.before) and apart[0] == apart[1]
