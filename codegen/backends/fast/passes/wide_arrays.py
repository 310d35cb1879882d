"""Arrays over pairs of positions, much larger than all that they are made of and all that is made of them: the weights of an attention.

    s[n,h,t,u] = Σ_d q[n,t,h,d] k[n,u,h,d]        the product from which they come: T·T numbers of 2·T·d
    p[n,h,t,u] = exp(s) / Σ_u exp(s)              the others are those that meet them with both letters
    w[n,h,t,d] = Σ_u p[n,h,t,u] v[n,u,h,d]        here they end
    dk[n,h,u,d] = Σ_t ds[n,h,t,u] q[n,h,t,d]      here too, as a sum over all rows

Each row t is computed from rows of what is smaller. Sums over the rows are sums of the blocks' own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import ENTRYWISE, ArrayOperand, ElementType, Operation, Origin, Value
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.system.system import System

from .array_layout import sides

#: Below this many entries for each example the arrays of all pairs stay in the caches.
FEWEST_PAIRS = 1 << 16
#: How many times larger than its operands the product is at least.
LEAST_RATIO = 4
#: What the dimensions of an array over pairs are; higher numbers stand for those over which there are loops.
ROW, COLUMN = 0, 1
#: By dimension of a value what it is.
Roles = dict[int, int]


@dataclass(frozen=True)
class WideArrays:
    """The arrays over one kind of pairs, what is computed of whole rows of them, and the operations of both in order, by number.

    `wide` and `statistics` say what the dimensions are; `loops` are the axes of the seed's other dimensions.
    """

    wide: Mapping[str, Roles]
    statistics: Mapping[str, Roles]
    numbers: tuple[int, ...]
    #: Operations that make what is the same for all positions of the loops, and may be read elsewhere too.
    makers: tuple[int, ...]
    loops: tuple[str, ...]
    axis: str
    rows: int
    columns: int

    def roles(self, operation: Operation) -> dict[Symbol, int]:
        """What the letters of one of the operations stand for."""
        return roles_in(operation, {**self.wide, **self.statistics})


def roles_in(operation: Operation, known: Mapping[str, Roles]) -> dict[Symbol, int]:
    """What letters stand for where they are dimensions of arrays that are known."""
    return {entry.letters[place]: role for entry in entries_of(operation) for place, role in known.get(entry.name, {}).items()}


def wide_arrays(
    operations: Sequence[Operation], values: Mapping[str, Value], system: System, fewest: int | None = None, ratio: float | None = None
) -> list[WideArrays]:
    """All that a program can compute in blocks of rows; `fewest` pairs, and at least by this `ratio` larger than what they come from."""
    fewest, ratio = FEWEST_PAIRS if fewest is None else fewest, LEAST_RATIO if ratio is None else ratio
    touching: dict[str, list[int]] = {}
    for number, operation in enumerate(operations):
        for entry in entries_of(operation):
            touching.setdefault(entry.name, []).append(number)
    found: list[WideArrays] = []
    seen: set[str] = set()
    taken: set[int] = set()
    for operation in operations:
        pair = _pair(operation, values, system, fewest, ratio)
        if pair is None or operation.result.name in seen:
            continue
        grown = _grown(operation.result, pair, operations, values, touching)
        if grown is None:
            continue
        wide, shared = grown
        seen |= set(wide)
        numbers = sorted({number for name in wide for number in touching[name]})
        makers = tuple(number for name in shared for number in touching[name] if operations[number].result.name == name)
        wide = {**wide, **shared}
        both = (wide, {name: _turned(own) for name, own in wide.items()})
        made = [
            each for roles in both if (each := _by_rows(operation.result, roles, numbers, makers, operations, values, system)) is not None
        ]
        # What is summed over all rows is there only after a loop.
        for best in sorted(made, key=lambda each: _sums(each, operations))[:1]:
            # An operation stands in one loop.
            if taken.isdisjoint(best.numbers):
                taken |= set(best.numbers)
                found.append(best)
    return found


def entries_of(operation: Operation) -> tuple[ArrayOperand, ...]:
    return (*operation.entries, operation.result)


def _turned(roles: Roles) -> Roles:
    return {dimension: {ROW: COLUMN, COLUMN: ROW}.get(role, role) for dimension, role in roles.items()}


def _pair(operation: Operation, values: Mapping[str, Value], system: System, fewest: int, ratio: float) -> tuple[Symbol, Symbol] | None:
    """The letters of rows and columns of a product that is large enough."""
    if operation.function != "product" or operation.loop is not None or operation.apart:
        return None
    if any(values[entry.name].origin is Origin.PARAMETER for entry in operation.entries) or values[operation.result.name].is_part:
        return None

    def size(letter: Symbol) -> int:
        return system.axis(letter).size or 0

    meeting = sides(operation)
    if not meeting.rows or not meeting.columns:
        return None
    row, column = max(meeting.rows, key=size), max(meeting.columns, key=size)
    length = math.prod(map(size, operation.over))
    is_larger = size(row) * size(column) >= ratio * length * (size(row) + size(column))
    return (row, column) if length and size(row) * size(column) >= fewest and is_larger else None


def _grown(
    seed: ArrayOperand,
    pair: tuple[Symbol, Symbol],
    operations: Sequence[Operation],
    values: Mapping[str, Value],
    touching: Mapping[str, Sequence[int]],
) -> tuple[dict[str, Roles], dict[str, Roles]] | None:
    """What meets the product with both letters, and what meets that; nothing where a letter would be two things.

    Apart from these: what has not got all the other letters, as a mask that is the same for all examples, and what that is made of.
    """
    others = [letter for letter in seed.letters if letter not in pair]
    found = {seed.name: {place: _role(letter, pair, others) for place, letter in enumerate(seed.letters)}}
    shared: dict[str, Roles] = {}
    waiting = [seed.name]
    while waiting:
        name = waiting.pop()
        for number in touching[name]:
            operation = operations[number]
            if name in shared and operation.result.name != name:
                # Who else reads a mask does not matter.
                continue
            roles: dict[Symbol, int] = {}
            for entry in entries_of(operation):
                for dimension, role in {**found, **shared}.get(entry.name, {}).items():
                    if roles.setdefault(entry.letters[dimension], role) != role:
                        return None
            for entry in entries_of(operation):
                own = {place: roles[letter] for place, letter in enumerate(entry.letters) if letter in roles}
                if values[entry.name].origin is not Origin.MADE or not {ROW, COLUMN} <= set(own.values()):
                    continue
                # What sums over a letter has not got it, and yet another value for each of the others.
                is_sum = entry is operation.result and any(letter in roles for letter in operation.over)
                to = found if len(set(own.values())) == len(seed.letters) or is_sum or entry.name in found else shared
                known = {**found, **shared}.get(entry.name, {})
                if known == own and entry.name in to:
                    continue
                if any(own.get(place) != role for place, role in known.items()):
                    return None
                shared.pop(entry.name, None)
                to[entry.name] = own
                waiting.append(entry.name)
    return found, shared


def _role(letter: Symbol, pair: tuple[Symbol, Symbol], others: Sequence[Symbol]) -> int:
    return pair.index(letter) if letter in pair else 2 + others.index(letter)


def _by_rows(
    seed: ArrayOperand,
    wide: Mapping[str, Roles],
    numbers: Sequence[int],
    makers: tuple[int, ...],
    operations: Sequence[Operation],
    values: Mapping[str, Value],
    system: System,
) -> WideArrays | None:
    """The arrays where each row can be computed by itself."""
    wide = _looped(wide, numbers, operations)
    by_role = {role: dimension for dimension, role in wide[seed.name].items()}
    axes = values[seed.name].axes
    loops = tuple(axes[by_role[role]] for role in range(2, len(by_role)))
    row, column = (system.axes[axes[by_role[role]]] for role in (ROW, COLUMN))
    arrays = WideArrays(wide, {}, tuple(numbers), makers, loops, row.name, row.size or 0, column.size or 0)
    statistics: dict[str, Roles] = {}
    for number in (*makers, *numbers):
        operation = operations[number]
        roles = arrays.roles(operation)
        if not _is_by_row(operation, roles, len(loops), wide, values):
            return None
        own = {place: roles[letter] for place, letter in enumerate(operation.result.letters) if letter in roles}
        if operation.result.name not in wide and _is_statistic(operation.result.letters, own):
            statistics[operation.result.name] = own
        for member in operation.members:
            letters = roles_in(member, wide)
            if member.result.name not in wide:
                statistics[member.result.name] = {
                    place: letters[letter] for place, letter in enumerate(member.result.letters) if letter in letters
                }
    # What is computed of these alone, entry by entry, stands in the same loop.
    every = {*numbers, *makers}
    for number, operation in enumerate(operations):
        if number in every or operation.function not in ENTRYWISE or operation.loop is not None or operation.members:
            continue
        letters = {entry.letters[place]: role for entry in operation.entries for place, role in statistics.get(entry.name, {}).items()}
        own = {place: letters[letter] for place, letter in enumerate(operation.result.letters) if letter in letters}
        if letters and _is_statistic(operation.result.letters, own) and not any(values[e.name].is_part for e in entries_of(operation)):
            statistics[operation.result.name] = own
            every.add(number)
    return replace(arrays, statistics=statistics, numbers=tuple(sorted(every - set(makers))))


def _sums(arrays: WideArrays, operations: Sequence[Operation]) -> int:
    """How many sums go over all rows."""
    every = (operations[number] for number in arrays.numbers)
    return sum(ROW in {arrays.roles(operation).get(letter) for letter in operation.over} for operation in every)


def _looped(wide: Mapping[str, Roles], numbers: Sequence[int], operations: Sequence[Operation]) -> dict[str, Roles]:
    """Without the roles of dimensions over which rows sum: there is no loop over these."""
    staying: set[int] = set()
    for number in numbers:
        operation = operations[number]
        roles = roles_in(operation, wide)
        own = {roles[letter] for letter in operation.over if letter in roles}
        staying |= own if ROW not in own else set()
    kept = [role for role in sorted({role for own in wide.values() for role in own.values()}) if role <= COLUMN or role not in staying]
    return {name: {dimension: kept.index(role) for dimension, role in own.items() if role in kept} for name, own in wide.items()}


def _is_statistic(letters: Letters, roles: Roles) -> bool:
    """Whether an array has nothing but a number for each row."""
    return len(roles) == len(letters) and ROW in roles.values() and COLUMN not in roles.values()


def _is_by_row(
    operation: Operation, roles: Mapping[Symbol, int], loops: int, wide: Mapping[str, Roles], values: Mapping[str, Value]
) -> bool:
    """Whether rows give rows, or are summed up."""
    if operation.loop is not None or any(values[entry.name].slice is not None for entry in entries_of(operation)):
        return False
    if operation.result.name not in wide and values[operation.result.name].kind is not ElementType.FLOAT:
        return False
    row = next(letter for letter, role in roles.items() if role == ROW)
    if operation.function in ENTRYWISE:
        return operation.result.name in wide
    if operation.function not in ("product", "inner", "sum", "max") or operation.apart:
        return False
    if row not in operation.over:
        return True
    # A sum over all positions of every loop, each of them once.
    return operation.function != "max" and {role for role in roles.values() if role > COLUMN} == set(range(2, 2 + loops))
