"""Sizes of axes that no array has: they follow from the index sums in which the axes occur.

The range of an index is the largest that keeps every read inside, N_i = (N_u − N_p)//2 + 1 for a read x[n, 2*i + p] along u, and a placed
axis ends with its last place, N_u = 2 (N_i − 1) + N_p for y[n, 2*i + p] on the left. Such a rule is a formula in the sizes of other axes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Indexed, Integer, Max, Min, Symbol, expand, floor

from chainrule.symbolic.index.axes import Axis, axis_name, size_symbol
from chainrule.symbolic.index.failures import InvalidDescription, KeyPath
from chainrule.symbolic.index.index_letters import free_letters

from .placements import largest_place

MOST_ROUNDS = 200
#: Of an axis whose size follows from chosen ones: one position would not tell a sum from its term.
FEWEST_POSITIONS = 2


@dataclass(frozen=True, slots=True)
class IndexSumRead:
    """A tensor is read along `axis` at the index sum `place`, in the equation of that title, which stands `at` a place of a description."""

    axis: str
    place: Expr
    where: str
    at: KeyPath = ("equations",)


def rules(reads: Sequence[IndexSumRead], placed: Mapping[str, Sequence[Expr]], known: Iterable[str]) -> dict[str, Expr]:
    """Axis → its size, a formula in the sizes of axes that are `known` or have a rule before it.

    `placed` are the places on left sides by the axis that they make up.
    """
    sizes = {name: size_symbol(name) for name in known}
    found: dict[str, Expr] = {}
    constraints = _by_letter(reads)
    # Axes of which every read can be judged come first; then those of which some can.
    complete = True
    while True:
        added = False
        for axis in [*placed, *constraints]:
            if axis in sizes:
                continue
            rule = _placed_size(placed[axis], sizes) if axis in placed else _range(axis, constraints[axis], sizes, complete)
            if rule is not None:
                found[axis] = rule
                sizes[axis] = size_symbol(axis)
                added = True
                if not complete:
                    break
        if not added and not complete:
            return found
        complete = added


def _by_letter(reads: Sequence[IndexSumRead]) -> dict[str, list[IndexSumRead]]:
    found: dict[str, list[IndexSumRead]] = {}
    for read in dict.fromkeys(reads):
        for letter in sorted(free_letters(read.place), key=str):
            own = found.setdefault(axis_name(letter), [])
            # A shift along its own axis, h[n,t-1,j], says nothing of how long that is.
            if axis_name(letter) != read.axis:
                own.append(read)
    return found


def _placed_size(places: Sequence[Expr], sizes: Mapping[str, Expr]) -> Expr | None:
    last = [largest_place(place, _by_symbol(place, sizes)) for place in places]
    ends = [expand(place + 1) for place in last if place is not None]
    return Max(*ends) if len(ends) == len(places) else None


def _range(axis: str, reads: Sequence[IndexSumRead], sizes: Mapping[str, Expr], complete: bool) -> Expr | None:
    counts = [_count(axis, read, sizes) for read in reads]
    usable = [count for count in counts if count is not None]
    if not usable or (complete and len(usable) < len(counts)):
        return None
    return Min(*usable)


def _count(axis: str, read: IndexSumRead, sizes: Mapping[str, Expr]) -> Expr | None:
    """How many positions of an index keep one read inside; None where that cannot be told (yet)."""
    letters = free_letters(read.place)
    own = [letter for letter in letters if axis_name(letter) == axis]
    others = letters - set(own)
    if len(own) != 1 or read.place.has(Indexed) or any(axis_name(letter) not in sizes for letter in others):
        return None
    step = read.place.coeff(own[0])
    rest = read.place - step * own[0]
    if step.is_positive:
        if read.axis not in sizes:
            return None
        room = sizes[read.axis] - 1 - largest_place(rest, _by_symbol(rest, sizes))
    elif rest.is_Integer:
        # Backwards, x[n, 9 - i]: down to place 0 from the first one.
        room = rest
    else:
        return None
    room = expand(room)
    return room + 1 if abs(step) == 1 else floor(room / abs(step)) + 1


def _by_symbol(place: Expr, sizes: Mapping[str, Expr]) -> dict[Symbol, Expr]:
    return {letter: sizes[axis_name(letter)] for letter in free_letters(place) if axis_name(letter) in sizes}


def chosen_sizes(axes: Mapping[str, Axis], chosen: Mapping[str, int], fixed: Collection[str] = ()) -> dict[str, int]:
    """Sizes that obey the rules: those chosen for the axes without one, and what follows.

    Where that leaves no room, axes get longer than was chosen, but for those that are `fixed`.
    """
    own = {name: size for name, size in chosen.items() if axes[name].rule is None}
    for _ in range(MOST_ROUNDS):
        sizes = followed(own, axes)
        short = next((name for name in in_order(axes) if sizes[name] < FEWEST_POSITIONS), None)
        longer = [name for name in behind(short, axes, own) if name not in fixed] if short is not None else []
        if not longer:
            break
        own |= {name: own[name] + 1 for name in longer}
    return {name: max(1, sizes[name]) for name in axes}


def followed(own: Mapping[str, int], axes: Mapping[str, Axis]) -> dict[str, int]:
    """Those of the axes without a rule, and what follows; a rule that leaves no position gives a number below 1."""
    sizes = dict(own)
    for name in in_order(axes):
        rule = axes[name].rule
        assert rule is not None
        sizes[name] = evaluated(rule, sizes)
    return sizes


def behind(axis: str, axes: Mapping[str, Axis], own: Mapping[str, int]) -> list[str]:
    """The axes without a rule that make an axis longer when they get longer: itself, where it has none."""
    rule = axes[axis].rule
    if rule is None:
        return [axis]
    names = {axis.size_symbol: name for name, axis in axes.items()}
    while any(axes[names[symbol]].rule is not None for symbol in rule.free_symbols):
        rule = rule.xreplace({symbol: axes[names[symbol]].rule or symbol for symbol in rule.free_symbols})
    found = []
    for symbol in sorted(rule.free_symbols, key=str):
        longer = rule.xreplace({symbol: symbol + 100})
        here = {other: Integer(own[names[other]]) for other in rule.free_symbols}
        if longer.xreplace(here) > rule.xreplace(here):
            found.append(names[symbol])
    return found


def in_order(axes: Mapping[str, Axis]) -> list[str]:
    """The axes with a rule, each after those that its rule speaks of."""
    names = {axis.size_symbol: name for name, axis in axes.items()}
    done: dict[str, None] = {}
    waiting = [name for name, axis in axes.items() if axis.rule is not None]
    while waiting:
        for name in waiting:
            rule = axes[name].rule
            if rule is not None and all(names[symbol] in done or axes[names[symbol]].rule is None for symbol in rule.free_symbols):
                done[name] = None
        waiting = [name for name in waiting if name not in done]
    return list(done)


def evaluated(rule: Expr, sizes: Mapping[str, int]) -> int:
    """A rule's number for given sizes."""
    return int(rule.xreplace({size_symbol(name): Integer(size) for name, size in sizes.items()}))


def with_rules(names: Iterable[str], fixed: Mapping[str, int], given: Mapping[str, Expr], reads: Sequence[IndexSumRead]) -> dict[str, Axis]:
    """Every axis with its size, its rule, or neither, where it is read from the arrays.

    Raises:
        InvalidDescription: where a rule leaves no position.
    """
    axes: dict[str, Axis] = {}
    numbers = {size_symbol(name): Integer(size) for name, size in fixed.items()}
    for name, rule in given.items():
        value = rule.xreplace(numbers)
        if value.is_Integer:
            numbers[size_symbol(name)] = value
            if value < 1:
                raise _no_room(name, reads, numbers)
    for name in names:
        size = numbers.get(size_symbol(name))
        axes[name] = Axis(name, None if size is None else int(size), given.get(name))
    return axes


def _no_room(name: str, reads: Sequence[IndexSumRead], numbers: Mapping[Symbol, Expr]) -> InvalidDescription:
    for read in reads:
        extent = numbers.get(size_symbol(read.axis))
        if extent is not None and name in {axis_name(letter) for letter in free_letters(read.place)}:
            return InvalidDescription(
                f"{read.where}: the index sum {read.place} leaves no position inside an axis of size {extent}", read.at
            )
    return InvalidDescription(f"the axis {name} has no position", ("equations",))
