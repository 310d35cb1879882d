"""Assignments of a program as statements of NumPy: each with what it uses, a recurrence as where it starts and a step of its loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chainrule.codegen.program.loops import Loop, LoopSlice
from chainrule.codegen.program.program import Assignment, Step
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.system.system import System

from .array_printer import ELEMENT_TYPE, TYPED
from .expressions import NumpySource
from .source import Memory, Source, made_of


@dataclass(frozen=True, slots=True)
class Statement:
    """`start` is the line of an assignment; in a loop with that `header`, each step is a line too. `uses` names what they need."""

    assignment: Assignment
    start: str
    uses: frozenset[str]
    header: str = ""
    step: str = ""


class StatementPrinter:
    """Prints assignments over the tensors of a system and those that have left a loop."""

    def __init__(self, system: System, assignments: Sequence[Assignment]) -> None:
        outside = {each.name: each.tensor for each in assignments if each.name not in system.stored}
        self.source = NumpySource(replace(system, tensors={**system.tensors, **outside}) if outside else system)

    def statement(self, assignment: Assignment) -> Statement:
        start = self.start(assignment)
        line = f"{assignment.name} = {start.text}"
        if assignment.step is None or assignment.loop is None:
            return Statement(assignment, line, start.uses)
        header, step = self.header(assignment.loop), self.step(assignment.step)
        return Statement(assignment, line, start.uses | header.uses | step.uses, header.text, step.text)

    def start(self, assignment: Assignment) -> Source:
        indices = assignment.equation.indices
        if assignment.array is None:
            shape = self.source.shape(indices)
            return made_of(f"np.zeros({shape.text}, {ELEMENT_TYPE})", (shape,), uses=TYPED)
        found = self.source.line(assignment.array, indices)
        # The steps add to it in place, and it is somebody else's.
        is_copied = assignment.step is not None and found.memory is not Memory.OWN
        return made_of(f"np.array({found.text})", (found,)) if is_copied else found

    def step(self, step: Step) -> Source:
        inside = replace(self.source, written={name: slice_source(part) for name, part in step.slices.items()})
        found = inside.line(step.array, step.order)
        return made_of(f"{slice_source(step.written).text} {'+=' if step.adds else '='} {found.text}", (found,))

    def header(self, loop: Loop) -> Source:
        steps = f"range({self.source.size(loop.axis)})"
        text = f"for {loop.letter} in {f'reversed({steps})' if loop.backwards else steps}:"
        return Source(text, uses=self.source.open_sizes([index(loop.axis)]))


def statements(assignments: Sequence[Assignment], system: System) -> tuple[Statement, ...]:
    return tuple(map(StatementPrinter(system, assignments).statement, assignments))


def with_loops(printed: Sequence[Statement]) -> Iterator[tuple[Statement, tuple[str, ...]]]:
    """Each statement, the last start of a recurrence with the steps of its loop."""
    for place, each in enumerate(printed):
        loop = each.assignment.loop
        following = printed[place + 1].assignment.loop if place + 1 < len(printed) else None
        yield each, tuple(other.step for other in printed if loop is not None and loop != following and other.assignment.loop == loop)


def slice_source(part: LoopSlice) -> Source:
    """z[:, t], or step(z, 1, t - 1), which is zero outside of the array."""
    if part.is_inside:
        return Source(f"{part.tensor}[{':, ' * part.along}{part.letter}]", memory=Memory.ANOTHER)
    at = f" {'+' if part.shift > 0 else '-'} {abs(part.shift)}" if part.shift else ""
    return Source(f"step({part.tensor}, {part.along}, {part.letter}{at})", uses=frozenset({"step"}), memory=Memory.ANOTHER)
