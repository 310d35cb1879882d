"""The steps in which a handout derives one gradient, from the chain rule to the result, each different from the one above on paper."""

from __future__ import annotations

from chainrule.codegen.document.nodes import Node
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.symbolic.derivation.adjoint import Adjoint, Step
from chainrule.symbolic.system.system import System


def derivation_lines(printer: IndexPrinter, system: System, adjoint: Adjoint) -> tuple[Step, ...]:
    """Where the cost alone is differentiated, its local derivative is the derivation."""
    steps = (*adjoint.paths[0].steps, *adjoint.steps[1:]) if is_direct(system, adjoint) else adjoint.steps
    found: dict[Node, Step] = {}
    for step in steps:
        found.setdefault(printer.node(step.after), step)
    return tuple(found.values())


def is_direct(system: System, adjoint: Adjoint) -> bool:
    """Whether the cost itself is the one equation that reads the tensor."""
    return len(adjoint.paths) == 1 and bool(adjoint.paths[0].through == system.cost.tensor.own_entry)
