"""A recurrence as its steps: what a step computes, hands to the next, is given, and shares with all others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Basic, Expr, Indexed, Integer

from chainrule.symbolic.index.index_letters import is_letter, names_read, nodes
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.recurrence import Direction, Group, grouped
from chainrule.symbolic.system.system import System

#: States that are handed on, each on a way of its own.
MOST_STATES = 3


@dataclass(frozen=True)
class Recurrence:
    """A loop of a group of equations, each step of which reads `states` of the step before."""

    system: System
    group: Group
    direction: Direction
    states: tuple[Tensor, ...]

    @property
    def shift(self) -> int:
        """−1 where a step reads the one before it, 1 where it reads the one after it."""
        return 1 if self.direction.backwards else -1

    @property
    def last(self) -> str:
        """What the last equation of a step computes, in the order in which they are written."""
        return next(equation.tensor.name for equation in reversed(self.system.equations) if equation.tensor.name in self.group.names)

    @property
    def inner(self) -> tuple[Tensor, ...]:
        """What a step computes and does not hand on."""
        return tuple(equation.tensor for equation in self.group.equations if equation.tensor not in self.states)

    @cached_property
    def shared(self) -> tuple[Tensor, ...]:
        """The parameters that every step reads, the same at all of them; what stands for a state before the first is none."""
        starts = {name for boundary in self.system.boundaries for name in names_read(boundary.value)}
        read = (tensor for tensor in self._read if tensor.role is Role.PARAMETER and tensor.name not in starts)
        return tuple(tensor for tensor in read if not self._runs_along(tensor))

    @cached_property
    def given(self) -> tuple[Tensor, ...]:
        """What comes in at each step from outside of the loop."""
        return tuple(tensor for tensor in self._read if self._runs_along(tensor) and tensor.name not in self.group.names)

    @cached_property
    def readers(self) -> tuple[Tensor, ...]:
        """What is computed from the steps, each or all of them."""
        return tuple(
            equation.tensor
            for equation in self.system.equations
            if equation.tensor.name not in self.group.names and any(self._reads_every_step(node) for node in nodes(equation.expression))
        )

    @property
    def _read(self) -> list[Tensor]:
        names = {name for equation in self.group.equations for name in equation.reads}
        return [tensor for name, tensor in self.system.tensors.items() if name in names]

    def _runs_along(self, tensor: Tensor) -> bool:
        return any(self.system.axis(letter) is self.system.axis(self.direction.letter) for letter in tensor.axes)

    def _reads_every_step(self, node: Basic) -> bool:
        if not (isinstance(node, Indexed) and node.base.name in self.group.names):
            return False
        return is_letter(_place_along(self.system, self.direction, node))

    def at(self, tensor: Tensor, place: Expr) -> tuple[Expr, ...]:
        """The index along the loop, for what has one."""
        return (place,) if self._runs_along(tensor) else ()


def first_recurrence(system: System) -> Recurrence | None:
    """The first loop each step of which reads its neighbour alone; None without one."""
    found = (_recurrence(system, group) for group in grouped(system.equations) if group.is_recurrence)
    return next((recurrence for recurrence in found if recurrence is not None), None)


def _recurrence(system: System, group: Group) -> Recurrence | None:
    direction = group.directions[0]
    states: dict[str, None] = {}
    for reader in group.equations:
        own = direction.letters[reader.tensor.name]
        for read in nodes(reader.expression):
            if not (isinstance(read, Indexed) and read.base.name in group.names):
                continue
            shift = _place_along(system, direction, read) - own
            if shift not in {Integer(0), Integer(1), Integer(-1)}:
                return None
            if shift != 0:
                states[read.base.name] = None
    if not 0 < len(states) <= MOST_STATES:
        return None
    return Recurrence(system, group, direction, tuple(system.tensors[name] for name in states))


def _place_along(system: System, direction: Direction, read: Indexed) -> Expr:
    """Where along the loop an entry of one of its members is read."""
    name = read.base.name
    return read.indices[system.tensors[name].axes.index(direction.letters[name])]
