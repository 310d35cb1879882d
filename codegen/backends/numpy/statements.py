"""Assignments of a program as statements of NumPy: each with what it uses, a recurrence as where it starts and a step of its loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.codegen.program.loops import Loop, LoopSlice
from chainrule.codegen.program.program import Assignment, Step
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.system.system import System

from .array_printer import ELEMENT_TYPE
from .expressions import NumpySource
from .line_breaking import broken_value
from .module_names import loop_variable
from .source import Memory, Source, made_of

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Store:
    """target = value, or target += value, which computes `name`; the target may be a slice of it."""

    name: str
    target: str
    value: Source
    adds: bool = False

    @property
    def sign(self) -> str:
        return "+=" if self.adds else "="

    @property
    def left(self) -> str:
        return f"{self.target} {self.sign} "

    @property
    def text(self) -> str:
        return self.left + self.value.text

    def broken_value(self, indent: int) -> str:
        """The value over as many lines as it needs behind so many spaces."""
        return broken_value(self.value.text, indent, indent + len(self.left))

    def broken(self, indent: int) -> str:
        return self.left + self.broken_value(indent)


@dataclass(frozen=True, slots=True)
class Statement:
    """`start` is the line of an assignment; in loops with these `headers`, each step is a line too."""

    assignment: Assignment
    start: Store
    headers: tuple[Source, ...] = ()
    step: Store | None = None

    @property
    def uses(self) -> frozenset[str]:
        """What has to be there for the lines."""
        steps = (self.step.value,) if self.step is not None else ()
        return self.start.value.uses.union(*(each.uses for each in (*self.headers, *steps)))


class StatementPrinter:
    """Prints assignments over the tensors of a system and those that have left a loop."""

    def __init__(self, system: System, assignments: Sequence[Assignment], element_type: Source = ELEMENT_TYPE) -> None:
        outside = {each.name: each.tensor for each in assignments if each.name not in system.stored}
        own = replace(system, tensors={**system.tensors, **outside}) if outside else system
        self.source = NumpySource(own, element_type=element_type)

    def statement(self, assignment: Assignment) -> Statement:
        start = Store(assignment.name, assignment.name, self.start(assignment))
        if assignment.step is None or assignment.loop is None:
            return Statement(assignment, start)
        return Statement(assignment, start, tuple(map(self.header, assignment.loop.nested)), self.step(assignment.step))

    def start(self, assignment: Assignment) -> Source:
        indices = assignment.equation.indices
        if assignment.array is None:
            shape, kind = self.source.shape(indices), self.source.element_type
            return made_of(f"np.zeros({shape.text}, {kind.text})", (shape, kind))
        found = self.source.line(assignment.array, indices)
        # The steps add to it in place, and it is somebody else's.
        is_copied = assignment.step is not None and found.memory is not Memory.OWN
        return made_of(f"np.array({found.text})", (found,)) if is_copied else found

    def step(self, step: Step) -> Store:
        slices: dict[str, Source] = {}
        for name, part in step.slices.items():
            slices[name] = slice_source(part, slices, self.source.system)
        inside = replace(self.source, written=slices)
        name, cuts = step.written[0].tensor, "".join(_cut(part, self.source.system) for part in step.written)
        return Store(name, f"{name}{cuts}", inside.line(step.array, step.order), step.adds)

    def header(self, loop: Loop) -> Source:
        steps = f"range({self.source.size(loop.axis)})"
        text = f"for {loop_variable(loop.letter, self.source.system)} in {f'reversed({steps})' if loop.backwards else steps}:"
        functions = {"range", *(("reversed",) if loop.backwards else ())}
        return Source(text, uses=self.source.open_sizes([index(loop.axis)]) | functions)


def statements(assignments: Sequence[Assignment], system: System, element_type: Source = ELEMENT_TYPE) -> tuple[Statement, ...]:
    return tuple(map(StatementPrinter(system, assignments, element_type).statement, assignments))


def with_loops(printed: Sequence[Statement]) -> Iterator[tuple[Statement, tuple[Store, ...]]]:
    """Each statement, the last start of a recurrence with the steps of its loop."""
    for place, each in enumerate(printed):
        loop = each.assignment.loop
        following = printed[place + 1].assignment.loop if place + 1 < len(printed) else None
        ends = loop is not None and loop != following
        steps = (other.step for other in printed if other.assignment.loop == loop) if ends else ()
        yield each, tuple(step for step in steps if step is not None)


def in_loops(headers: Sequence[Source], steps: Sequence[str]) -> tuple[str, ...]:
    """The lines of loops inside of each other, with the steps in the innermost; nothing where there are none."""
    if not steps:
        return ()
    heads = (f"{INDENT * depth}{header.text}" for depth, header in enumerate(headers))
    return (*heads, *(f"{INDENT * len(headers)}{step}" for step in steps))


def slice_source(part: LoopSlice, slices: Mapping[str, Source], system: System) -> Source:
    """z[:, t], or step(z, 1, t - 1), which is zero outside of the array; z may be one of the slices itself."""
    whole = slices.get(part.tensor, Source(part.tensor, reads=(part.tensor,)))
    if part.is_inside:
        return replace(whole, text=whole.text + _cut(part, system), memory=Memory.ANOTHER)
    at = f" {'+' if part.shift > 0 else '-'} {abs(part.shift)}" if part.shift else ""
    text = f"step({whole.text}, {part.along}, {loop_variable(str(part.letter), system)}{at})"
    return replace(whole, text=text, uses=whole.uses | {"step"}, memory=Memory.ANOTHER)


def _cut(part: LoopSlice, system: System) -> str:
    return f"[{':, ' * part.along}{loop_variable(str(part.letter), system)}]"
