"""Assignments of a program as statements of NumPy: each with what it uses, a recurrence as where it starts and a step of its loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.codegen.program.loops import Loop, LoopSlice
from chainrule.codegen.program.program import Assignment, Step
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.system.system import System

from .array_printer import ELEMENT_TYPE, TYPED
from .expressions import NumpySource
from .source import Memory, Source, made_of

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Statement:
    """`start` is the line of an assignment; in loops with these `headers`, each step is a line too. `uses` names what they need."""

    assignment: Assignment
    start: str
    uses: frozenset[str]
    headers: tuple[str, ...] = ()
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
        headers, step = [self.header(loop) for loop in assignment.loop.nested], self.step(assignment.step)
        uses = start.uses.union(step.uses, *(header.uses for header in headers))
        return Statement(assignment, line, uses, tuple(header.text for header in headers), step.text)

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
        slices: dict[str, Source] = {}
        for name, part in step.slices.items():
            slices[name] = slice_source(part, slices)
        inside = replace(self.source, written=slices)
        found = inside.line(step.array, step.order)
        written = "".join(_cut(part) for part in step.written)
        return made_of(f"{step.written[0].tensor}{written} {'+=' if step.adds else '='} {found.text}", (found,))

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


def in_loops(headers: Sequence[str], steps: Sequence[str]) -> tuple[str, ...]:
    """The lines of loops inside of each other, with the steps in the innermost; nothing where there are none."""
    if not steps:
        return ()
    return (*(f"{INDENT * depth}{header}" for depth, header in enumerate(headers)), *(f"{INDENT * len(headers)}{step}" for step in steps))


def slice_source(part: LoopSlice, slices: Mapping[str, Source]) -> Source:
    """z[:, t], or step(z, 1, t - 1), which is zero outside of the array; z may be one of the slices itself."""
    whole = slices.get(part.tensor, Source(part.tensor))
    if part.is_inside:
        return Source(whole.text + _cut(part), uses=whole.uses, memory=Memory.ANOTHER)
    at = f" {'+' if part.shift > 0 else '-'} {abs(part.shift)}" if part.shift else ""
    return Source(f"step({whole.text}, {part.along}, {part.letter}{at})", uses=whole.uses | {"step"}, memory=Memory.ANOTHER)


def _cut(part: LoopSlice) -> str:
    return f"[{':, ' * part.along}{part.letter}]"
