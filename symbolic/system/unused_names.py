"""Names that are declared and that nothing reads: a forgotten bias, a mask that is not applied."""

from __future__ import annotations

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.index.tensors import Role

from .system import System


def unused_names(system: System) -> tuple[str, ...]:
    """The inputs, targets, parameters and constants that no equation reads.

    An array that nothing reads may still be what an axis has its size from; it is of use then.
    """
    read = {name for equation in system.equations for name in equation.reads}
    given = [tensor for tensor in system.tensors.values() if tensor.role in (Role.INPUT, Role.TARGET, Role.PARAMETER)]
    sized = {axis_name(letter) for tensor in given if tensor.name in read for letter in tensor.axes}
    sized |= {axis.name for axis in system.axes.values() if axis.size is not None or axis.rule is not None}
    needed = {axis_name(letter) for equation in system.equations for letter in (*equation.indices, *letters(equation.expression))} - sized
    unread = [tensor.name for tensor in given if tensor.name not in read and needed.isdisjoint(map(axis_name, tensor.axes))]
    return (*unread, *(name for name in system.constants if name not in read))
