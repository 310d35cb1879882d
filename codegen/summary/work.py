"""What a step of a program costs, quantity by quantity: floating-point operations of plain NumPy, and the bytes of its result.

A quantity that has no place of its own (what leaves a loop, an exponential that is computed once) counts where it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from chainrule.codegen.backends.fast.amounts import NOTHING, Amount, amount_of
from chainrule.codegen.backends.fast.cost_model import entries, expression_work, together
from chainrule.codegen.backends.fast.ir.sizes import extent_of
from chainrule.codegen.program.program import Assignment
from chainrule.symbolic.system.system import System


@dataclass(frozen=True, slots=True)
class StepWork:
    """Floating-point operations, a multiplication and an addition being two, and numbers that are held until the step ends."""

    flops: Amount = NOTHING
    held: Amount = NOTHING

    def __add__(self, other: StepWork) -> StepWork:
        return StepWork(self.flops + other.flops, self.held + other.held)


def work_by_part(assignments: Sequence[Assignment], system: System, part_of: Callable[[str], str | None], last: str) -> dict[str, StepWork]:
    """The work of assignments by the part that each belongs to; what nothing else claims belongs to `last`."""
    found: dict[str, StepWork] = {}
    for assignment, part in zip(assignments, _parts(assignments, part_of, last), strict=True):
        found[part] = found.get(part, StepWork()) + assignment_work(assignment, system)
    return found


def assignment_work(assignment: Assignment, system: System) -> StepWork:
    """Of a loop, its step as often as it runs."""
    flops = NOTHING
    if assignment.array is not None:
        flops += together(expression_work(assignment.array, system)).flops
    if assignment.step is not None and assignment.loop is not None:
        steps = amount_of(extent_of(tuple(loop.axis for loop in assignment.loop.nested), system))
        flops += together(expression_work(assignment.step.array, system)).flops * steps
    return StepWork(flops, entries(assignment.tensor.axes, system))


def _parts(assignments: Sequence[Assignment], part_of: Callable[[str], str | None], last: str) -> Iterable[str]:
    """From the last assignment back, so that each reader has its part before what it reads."""
    readers: dict[str, str] = {}
    parts = []
    for assignment in reversed(assignments):
        part = part_of(assignment.name) or readers.get(assignment.name, last)
        readers |= dict.fromkeys(assignment.reads, part)
        parts.append(part)
    return reversed(parts)
