"""The lines in which a handout derives one gradient, from the chain rule to the result, each different from the one above on paper."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from symbolic.derivation import Adjoint

from .source import Source


@dataclass(frozen=True, slots=True)
class DerivationLine:
    """An expression of the gradient, and the rule by which it follows from the one above."""

    rule: str
    expression: Expr


def derivation_lines(source: Source, adjoint: Adjoint) -> tuple[DerivationLine, ...]:
    """Where the cost alone is differentiated, its local derivative is the derivation."""
    steps = adjoint.steps
    if len(adjoint.paths) == 1 and adjoint.paths[0].through == source.system.cost.tensor.own_entry:
        steps = (*adjoint.paths[0].steps, *adjoint.steps[1:])
    found: dict[str, DerivationLine] = {}
    for step in steps:
        found.setdefault(source.latex.text(step.after), DerivationLine(step.rule, step.after))
    return tuple(found.values())
