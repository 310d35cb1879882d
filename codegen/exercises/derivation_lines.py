"""The lines in which a handout derives one gradient, from the chain rule to the result, each different from the one above on paper."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from codegen.latex import Latex
from symbolic.derivation import Adjoint
from symbolic.equations import System


@dataclass(frozen=True, slots=True)
class DerivationLine:
    """An expression of the gradient, and the rule by which it follows from the one above."""

    rule: str
    expression: Expr


def derivation_lines(latex: Latex, system: System, adjoint: Adjoint) -> tuple[DerivationLine, ...]:
    """Where the cost alone is differentiated, its local derivative is the derivation."""
    steps = (*adjoint.paths[0].steps, *adjoint.steps[1:]) if is_direct(system, adjoint) else adjoint.steps
    found: dict[str, DerivationLine] = {}
    for step in steps:
        found.setdefault(latex.text(step.after), DerivationLine(step.rule, step.after))
    return tuple(found.values())


def is_direct(system: System, adjoint: Adjoint) -> bool:
    """Whether the cost itself is the one equation that reads the tensor."""
    return len(adjoint.paths) == 1 and bool(adjoint.paths[0].through == system.cost.tensor.own_entry)
