"""The steps in which a handout derives one gradient, from the chain rule to the result, each different from the one above on paper."""

from __future__ import annotations

from dataclasses import replace

from chainrule.codegen.document.document import Formula, Line
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.lesson.sections.derivation import reason_of
from chainrule.symbolic.derivation.adjoint import Adjoint, Step
from chainrule.symbolic.system.system import System

from .source import QuestionSource


def derivation_lines(printer: IndexPrinter, system: System, adjoint: Adjoint) -> tuple[Step, ...]:
    """Where the cost alone is differentiated, its local derivative is the derivation."""
    steps = (*adjoint.paths[0].steps, *adjoint.steps[1:]) if is_direct(system, adjoint) else adjoint.steps
    found: dict[Node, Step] = {}
    for step in steps:
        found.setdefault(printer.node(step.after), step)
    return tuple(found.values())


def steps_of(source: QuestionSource, adjoint: Adjoint) -> tuple[Step, ...]:
    """Those of a gradient of the question's own network."""
    return derivation_lines(source.by_index, source.system, adjoint)


def reasoned_lines(source: QuestionSource, adjoint: Adjoint) -> tuple[Line, ...]:
    """The steps as lines, with the reason of each."""
    own = adjoint.as_tensor.own_entry
    steps = steps_of(source, adjoint)
    above = [own, *(step.after for step in steps[:-1])]
    first, *others = (
        source.writer.further(before, step.after, reason_of(source.material, step, adjoint))
        for before, step in zip(above, steps, strict=True)
    )
    return replace(first, left=Formula(source.material.entry(adjoint.as_tensor.name), (own,))), *others


def is_direct(system: System, adjoint: Adjoint) -> bool:
    """Whether the cost itself is the one equation that reads the tensor."""
    return len(adjoint.paths) == 1 and bool(adjoint.paths[0].through == system.cost.tensor.own_entry)
