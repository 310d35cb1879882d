"""Equations that depend on each other through a shift, h[n,t] on h[n,t−1]: found, ordered, and computed step by step.

The adjoint equations of a recurrence are one too, over the same axis backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TypeVar

from sympy import Expr, Indexed, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.index_letters import nodes

from .dependence import Reader
from .system import Equation

Definition = TypeVar("Definition", bound=Reader)


class NoOrder(InvalidDescription):
    """Equations that depend on each other at the same place, by the `names` of their tensors."""

    def __init__(self, names: Sequence[str], is_solved: bool = False) -> None:
        remedy = ", or fixed_point(…) where it is to be solved" if len(names) == 1 else ""
        if is_solved:
            remedy = "; what is solved together is one tensor with an axis for its parts, as in z[k,i] = fixed_point(where(k < 1, …, …))"
        super().__init__(
            f"{', '.join(names)}: each depends on the others at the same place; a cycle needs a shift, as in h[n,t-1,j]{remedy}"
        )
        self.names = names


@dataclass(frozen=True, slots=True)
class Direction:
    """One loop of a recurrence: the letter whose places it goes through, from the last one where it is backwards.

    `letters` has that of each equation, by its tensor's name: of P[t,t′] = P[t,t′−1] x[t] it is the second along the axis.
    """

    letter: Symbol
    letters: Mapping[str, Symbol]
    backwards: bool = False

    @property
    def axis(self) -> str:
        return axis_name(self.letter)


@dataclass(frozen=True, slots=True)
class Group:
    """Equations in the order in which one step computes them. Without `directions` it is one equation, computed or solved at once.

    Of several, the first is the outermost loop: r[i,j] of r[i−1,j], r[i,j−1] and r[i−1,j−1] goes through i, and in each through j.
    """

    equations: tuple[Equation, ...]
    directions: tuple[Direction, ...] = ()

    @property
    def is_recurrence(self) -> bool:
        return bool(self.directions)

    @property
    def is_of_steps(self) -> bool:
        """Whether what is computed is read again: step by step, or by an equation that is solved."""
        return self.is_recurrence or isinstance(self.equations[0].expression, implicit)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(equation.tensor.name for equation in self.equations)

    def rounds(self, sizes: Mapping[str, int]) -> int:
        """How many steps there are."""
        return prod(sizes[direction.axis] for direction in self.directions)

    def places(self, sizes: Mapping[str, int]) -> Iterator[tuple[int, ...]]:
        """The places of every step, one a direction, in order."""
        ranges = (range(sizes[direction.axis]) for direction in self.directions)
        return product(*(steps[::-1] if way.backwards else steps for way, steps in zip(self.directions, ranges, strict=True)))

    def own_letters(self, equation: Equation) -> tuple[Symbol, ...]:
        """The letters that an equation has for the directions."""
        return tuple(direction.letters[equation.tensor.name] for direction in self.directions)

    def with_common_letters(self) -> Group:
        """The same group where every equation has the directions' letters; another letter of such a name takes that of the former."""
        common = tuple(direction.letter for direction in self.directions)
        if all(self.own_letters(equation) == common for equation in self.equations):
            return self
        directions = tuple(replace(way, letters=dict.fromkeys(self.names, way.letter)) for way in self.directions)
        return Group(tuple(_exchanged(each, self.own_letters(each), common) for each in self.equations), directions)


def _exchanged(equation: Equation, own: Sequence[Symbol], common: Sequence[Symbol]) -> Equation:
    """The equation with other names for letters, each of which stays the only one of its name."""
    away, back = [letter for letter in own if letter not in common], [letter for letter in common if letter not in own]
    names = dict(zip((*own, *back), (*common, *away), strict=True))
    tensor = replace(equation.tensor, axes=tuple(names.get(letter, letter) for letter in equation.indices))
    return replace(equation, tensor=tensor, expression=equation.expression.xreplace(names))


def grouped(equations: Sequence[Equation]) -> list[Group]:
    """The equations as groups, each after what it depends on.

    Raises:
        NoOrder: at a cycle in which no shift leads from one step to the next.
    """
    defined = {equation.tensor.name: equation for equation in equations}
    groups = []
    for component in components(defined):
        first = component[0]
        if len(component) == 1 and (first.tensor.name not in first.reads or isinstance(first.expression, implicit)):
            groups.append(Group((first,)))
        else:
            groups.append(_recurrence(component))
    return groups


def components(defined: Mapping[str, Definition]) -> Iterator[list[Definition]]:
    """Equations that depend on each other, dependencies first (Tarjan, 1972), without recursion for deep networks."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for root in defined:
        if root in number:
            continue
        work = [(root, iter([name for name in defined[root].reads if name in defined]))]
        number[root] = low[root] = len(number)
        path.append(root)
        on_path.add(root)
        while work:
            name, reads = work[-1]
            following = next(reads, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    component = []
                    while True:
                        member = path.pop()
                        on_path.discard(member)
                        component.append(member)
                        if member == name:
                            break
                    if len(component) == 1:
                        yield [defined[name]]
                    else:
                        members = set(component)
                        yield [equation for member, equation in defined.items() if member in members]
            elif following not in number:
                number[following] = low[following] = len(number)
                path.append(following)
                on_path.add(following)
                work.append((following, iter([read for read in defined[following].reads if read in defined])))
            elif following in on_path:
                low[name] = min(low[name], number[following])


def _recurrence(component: list[Equation]) -> Group:
    members = {equation.tensor.name: equation for equation in component}
    reads = [
        _Read(equation, members[node.base.name], node)
        for equation in component
        for node in nodes(equation.expression)
        if isinstance(node, Indexed) and node.base.name in members
    ]
    found = _loops(component, reads, ())
    if found is None:
        raise NoOrder(sorted(members), any(isinstance(equation.expression, implicit) for equation in component))
    directions, order = found
    return Group(tuple(order), directions)


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry of one member of a circle that another reads."""

    reader: Equation
    member: Equation
    node: Indexed

    def shift(self, own: Mapping[str, Symbol]) -> int | None:
        """By how many steps along the letters that equations have it is read; None where it is not by whole steps."""
        place = self.node.indices[self.member.indices.index(own[self.member.tensor.name])]
        shift: Expr = place - own[self.reader.tensor.name]
        return int(shift) if shift.is_Integer else None


def _loops(
    component: list[Equation], reads: Sequence[_Read], outer: tuple[Direction, ...]
) -> tuple[tuple[Direction, ...], list[Equation]] | None:
    """The loops inside of those around, and the order in each step: `reads` are those at the very places where these are."""
    deeper: list[tuple[Direction, list[_Read]]] = []
    for letter in component[0].indices:
        own = None if any(letter == direction.letter for direction in outer) else _own_letters(letter, component, reads, outer)
        if own is None:
            continue
        shifts = [read.shift(own) for read in reads]
        steps = [shift for shift in shifts if shift is not None]
        if len(steps) < len(shifts) or not any(steps) or min(steps) < 0 < max(steps):
            continue
        direction = Direction(letter, own, backwards=max(steps) > 0)
        now = [read for read, shift in zip(reads, shifts, strict=True) if shift == 0]
        order = _order_within_a_step(component, now)
        if order is not None:
            return (*outer, direction), order
        deeper.append((direction, now))
    found = (_loops(component, now, (*outer, direction)) for direction, now in deeper)
    return next((loops for loops in found if loops is not None), None)


def _own_letters(letter: Symbol, component: list[Equation], reads: Sequence[_Read], outer: Sequence[Direction]) -> dict[str, Symbol] | None:
    """The letter of each equation that goes with this one of the first; None where an equation has none along the axis.

    Of several it is the one that is read a number of steps away from a letter that is known: in P[t,t′] = P[t,t′−1] Q[t′,t] and
    Q[t,t′] = P[t′,t−1] the second of P and the first of Q. Where nothing says so it is the first, before those of a Hessian's second
    parameter.
    """
    possible: dict[str, list[Symbol]] = {}
    for equation in component:
        taken = {direction.letters[equation.tensor.name] for direction in outer}
        along = [own for own in equation.indices if axis_name(own) == axis_name(letter) and own not in taken]
        if not along:
            return None
        possible[equation.tensor.name] = along
    possible[component[0].tensor.name] = [letter]
    unsaid = [name for name, letters in possible.items() if len(letters) > 1]
    while unsaid:
        said = next((found for read in reads if (found := _said_by(read, possible)) is not None), None)
        name, own = (unsaid[0], possible[unsaid[0]][0]) if said is None else said
        possible[name] = [own]
        unsaid.remove(name)
    return {name: own for name, (own,) in possible.items()}


def _said_by(read: _Read, possible: Mapping[str, Sequence[Symbol]]) -> tuple[str, Symbol] | None:
    """Of a read of which one side's letter is known and the other's is not yet, that of the other."""
    reader, member = read.reader.tensor.name, read.member.tensor.name
    if (len(possible[reader]) == 1) == (len(possible[member]) == 1):
        return None
    for name, own in ((side, own) for side in (reader, member) if len(possible[side]) > 1 for own in possible[side]):
        letters = {each: letters[0] for each, letters in possible.items()} | {name: own}
        if read.shift(letters) is not None:
            return name, own
    return None


def _order_within_a_step(component: list[Equation], now: Sequence[_Read]) -> list[Equation] | None:
    """What is read at the same step comes first, what is solved there reads itself; None where that is a circle."""
    needed: dict[str, set[str]] = {equation.tensor.name: set() for equation in component}
    for read in now:
        if read.member is not read.reader or not isinstance(read.reader.expression, implicit):
            needed[read.reader.tensor.name].add(read.member.tensor.name)
    done: list[Equation] = []
    waiting = list(component)
    while waiting:
        names = {equation.tensor.name for equation in done}
        ready = [equation for equation in waiting if needed[equation.tensor.name] <= names]
        if not ready:
            return None
        done += ready
        waiting = [equation for equation in waiting if equation not in ready]
    return done
