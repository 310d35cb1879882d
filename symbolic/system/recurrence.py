"""Equations that depend on each other through a shift, h[n,t] on h[n,t−1]: found, ordered, and computed step by step.

The adjoint equations of a recurrence are one too, over the same axis backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sympy import Expr, Indexed, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import nodes

from .dependence import Reader
from .system import Equation

Definition = TypeVar("Definition", bound=Reader)


class NoOrder(InvalidDescription):
    """Equations that depend on each other at the same place, by the `names` of their tensors."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{', '.join(names)}: each depends on the others at the same place; a cycle needs a shift, as in h[n,t-1,j]")
        self.names = names


@dataclass(frozen=True, slots=True)
class Group:
    """Equations in the order in which one step computes them. Without a `letter` it is one equation, computed at once."""

    equations: tuple[Equation, ...]
    letter: Symbol | None = None
    backwards: bool = False

    @property
    def names(self) -> frozenset[str]:
        return frozenset(equation.tensor.name for equation in self.equations)


def grouped(equations: Sequence[Equation]) -> list[Group]:
    """The equations as groups, each after what it depends on.

    Raises:
        NoOrder: at a cycle in which no shift leads from one step to the next.
    """
    defined = {equation.tensor.name: equation for equation in equations}
    groups = []
    for component in components(defined):
        first = component[0]
        if len(component) == 1 and first.tensor.name not in first.reads:
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
    names = {equation.tensor.name for equation in component}
    for letter in component[0].indices:
        shifts = _shifts(component, names, axis_name(letter))
        if shifts is None:
            continue
        every = [shift for reads in shifts.values() for shift in reads.values()]
        flat = [shift for shifts_of in every for shift in shifts_of]
        if not any(flat) or (min(flat) < 0 < max(flat)):
            continue
        now = {reader: [name for name, steps in reads.items() if 0 in steps] for reader, reads in shifts.items()}
        order = _order_within_a_step(component, now)
        if order is not None:
            return Group(tuple(order), letter, backwards=max(flat) > 0)
    raise NoOrder(sorted(names))


def _shifts(component: list[Equation], names: set[str], axis: str) -> dict[str, dict[str, set[int]]] | None:
    """Reader → tensor → by how many steps along an axis it is read; None where it is not by whole steps."""
    found: dict[str, dict[str, set[int]]] = {}
    for equation in component:
        # The first: the letters of a Hessian's second parameter come after the tensor's own.
        own = [letter for letter in equation.indices if axis_name(letter) == axis][:1]
        if not own:
            return None
        reads = found.setdefault(equation.tensor.name, {})
        for node in nodes(equation.expression):
            if isinstance(node, Indexed) and node.base.name in names:
                member = next(other for other in component if other.tensor.name == node.base.name)
                places = (index for index, letter in zip(node.indices, member.indices, strict=True) if axis_name(letter) == axis)
                place = next(places, None)
                if place is None:
                    return None
                shift: Expr = place - own[0]
                if not shift.is_Integer:
                    return None
                reads.setdefault(node.base.name, set()).add(int(shift))
    return found


def _order_within_a_step(component: list[Equation], now: dict[str, list[str]]) -> list[Equation] | None:
    """What is read at the same step comes first; None where that is a circle."""
    done: list[Equation] = []
    waiting = list(component)
    while waiting:
        ready = [
            equation for equation in waiting if all(name in {other.tensor.name for other in done} for name in now[equation.tensor.name])
        ]
        if not ready:
            return None
        done += ready
        waiting = [equation for equation in waiting if equation not in ready]
    return done
