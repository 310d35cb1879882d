"""Equations that depend on each other through a shift, h[n,t] on h[n,t−1]: found, ordered, and computed step by step.

The adjoint equations of a recurrence are one too, over the same axis backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    """One loop of a recurrence: the letter whose places it goes through, from the last one where it is backwards."""

    letter: Symbol
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
        """The letters that an equation has for the directions; of an axis the first, before those of a Hessian's second parameter."""
        return tuple(_letter_along(equation, direction.axis) for direction in self.directions)


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

    def shift(self, axis: str) -> int | None:
        """By how many steps along an axis it is read; None where it is not by whole steps."""
        places = (index for index, letter in zip(self.node.indices, self.member.indices, strict=True) if axis_name(letter) == axis)
        place = next(places, None)
        shift: Expr | None = None if place is None else place - _letter_along(self.reader, axis)
        return int(shift) if shift is not None and shift.is_Integer else None


def _letter_along(equation: Equation, axis: str) -> Symbol:
    return next(letter for letter in equation.indices if axis_name(letter) == axis)


def _loops(
    component: list[Equation], reads: Sequence[_Read], outer: tuple[Direction, ...]
) -> tuple[tuple[Direction, ...], list[Equation]] | None:
    """The loops inside of those around, and the order in each step: `reads` are those at the very places where these are."""
    deeper: list[tuple[Direction, list[_Read]]] = []
    for letter in component[0].indices:
        axis = axis_name(letter)
        everywhere = all(any(axis_name(other) == axis for other in equation.indices) for equation in component)
        if not everywhere or axis in {direction.axis for direction in outer}:
            continue
        shifts = [read.shift(axis) for read in reads]
        steps = [shift for shift in shifts if shift is not None]
        if len(steps) < len(shifts) or not any(steps) or min(steps) < 0 < max(steps):
            continue
        direction = Direction(letter, backwards=max(steps) > 0)
        now = [read for read, shift in zip(reads, shifts, strict=True) if shift == 0]
        order = _order_within_a_step(component, now)
        if order is not None:
            return (*outer, direction), order
        deeper.append((direction, now))
    found = (_loops(component, now, (*outer, direction)) for direction, now in deeper)
    return next((loops for loops in found if loops is not None), None)


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
