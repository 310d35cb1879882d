"""Why both sides of a step have the same value: the rules that a derivation goes by, and what a rewrite is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sympy import Expr, Symbol

from chainrule.symbolic.system.system import Equation, System


class Rule(StrEnum):
    """Why both sides of a step have the same value, by the name that its sentence has: the rules that somebody asks for.

    Of the others, rewrites, the name stands in their row.
    """

    # The chain rule over the readers of a tensor.
    CHAIN_RULE = "chain rule"
    DIFFERENTIATE = "differentiate"
    DIFFERENTIATE_STOPPED = "differentiate stopped"
    DIFFERENTIATE_STEPS = "differentiate steps"
    DIFFERENTIATE_ROWS = "differentiate rows"
    LOCAL_DERIVATIVE = "local derivative"
    DELTA = "delta"
    OUTPUT_FORM = "output form"
    RECOGNISE = "recognise"
    PUT_IN = "put in"
    IMPLICIT = "implicit"
    # Rewrites that a step may come to where another rule is applied.
    SIFT = "sift"
    SPLIT_THE_SUM = "split the sum"
    CANCEL = "cancel"
    COMMON_FACTOR = "common factor"
    # Of a formula that is collected: see collecting_rewrites.
    DERIVED = "derived"
    PUT_IN_ADJOINT = "put in adjoint"
    MULTIPLY_OUT = "multiply out"
    COMMON_FRONT = "common front"
    # What another rule came to, and what a document states without one.
    RENAMED = "renamed"
    STATED = "stated"


#: The rules of SymPy's derivative.
DIFFERENTIATING = (Rule.DIFFERENTIATE, Rule.DIFFERENTIATE_STOPPED, Rule.DIFFERENTIATE_STEPS, Rule.DIFFERENTIATE_ROWS)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rewrite may rely on: the system's tensors, and the letters of the adjoint, which no sum may use for its own.

    Where a formula is collected: the `equations` whose left sides may stand for their right sides, and the names of the `adjoints`,
    in which the formula is linear.
    """

    system: System
    outside: frozenset[Symbol]
    equations: tuple[Equation, ...] = ()
    adjoints: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A rule, by the name that its sentence has, and what it makes of an expression."""

    rule: str
    apply: Callable[[Expr, Facts], Expr]
