"""A view of the network: a smaller or turned system, derived by the same chain rule, its every formula evaluated before it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from chainrule.codegen.checking.checker import Checker
from chainrule.codegen.document.document import Line
from chainrule.codegen.document.nodes import bracketed, row
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.codegen.formulas.notation import Notation
from chainrule.codegen.formulas.view_printer import Spelling, ViewPrinter
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.verification import Verified, random_numbers, verify
from chainrule.symbolic.derivation.activation_derivatives import ActivationDerivative, slopes
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.rewriting.substitution import substituted
from chainrule.symbolic.system.system import Equation, System

from .equation_writer import EquationWriter
from .numbering import Numbering


@lru_cache(maxsize=64)
def derived_and_verified(system: System) -> tuple[Derivation, Verified]:
    """Once for all documents of a process that have the same view: notations, languages, slides and sheets."""
    derivation = derive(system)
    return derivation, verify(derivation)


@dataclass(frozen=True)
class NetworkView:
    """A system with its derivation, the notation, and what it has claimed."""

    system: System
    notation: Notation
    checker: Checker
    numbering: Numbering = field(default_factory=Numbering)

    @cached_property
    def derivation(self) -> Derivation:
        """Derived and verified like any other."""
        derivation, verified = derived_and_verified(self.system)
        self.checker.verified = self.checker.verified.together(verified)
        return derivation

    @cached_property
    def slopes(self) -> dict[str, ActivationDerivative]:
        return slopes(self.derivation)

    @cached_property
    def numbers(self) -> Numbers:
        """Random numbers that obey every equation, the slopes among them."""
        numbers = random_numbers(self.derivation)
        for slope in self.slopes.values():
            own = slope.equation
            numbers = numbers.with_array(slope.name, evaluate(own.expression, numbers, own.indices))
        return numbers

    def writer(self, spelling: Spelling | None = None) -> EquationWriter:
        """Writes lines of this view in a spelling."""
        spelling = spelling or Spelling()
        # Where a layer stands for any, it has not the letters that a description gives to that layer alone.
        overrides = {name: letter for name, letter in self.notation.overrides.items() if name[1:] not in spelling.layers}
        notation = replace(self.notation, overrides=overrides)
        arguments = {slope.name: slope.at.name for slope in self.slopes.values()}
        printer = ViewPrinter(self.system, notation, spelling, arguments)
        with_slopes = {slope.name: slope.equation.tensor for slope in self.slopes.values()}
        system = self.system
        shown = replace(system, tensors={**system.tensors, **with_slopes})
        return EquationWriter(self, printer, MatrixPrinter(shown, notation, printer))

    def is_signed(self, z: str) -> bool:
        """Whether the activation of z is written σ(z): a function of every entry by itself, and not the identity."""
        return z in self.slopes and not self.slopes[z].is_identity

    def activation_line(self, writer: EquationWriter, z: str) -> Line:
        """a = σ(z) for an activation with a slope, a = z for the identity."""
        activation = self.system.definition[self.slopes[z].of.name]
        if not self.is_signed(z):
            return writer.equation(activation)
        written = row(self.notation.activation, bracketed(writer.node(self.slopes[z].at.own_entry)))
        return writer.named(activation.tensor.own_entry, activation.expression, (writer.node(activation.tensor.own_entry), written))

    def chain(self, name: str, known: Iterable[str] = ()) -> Equation:
        """∂C/∂name by the chain rule alone, with the chains of what comes later put in, up to the adjoints of `known`."""
        adjoint = self.derivation.adjoint(name)
        kept = set(known)
        expression, outside = adjoint.steps[0].after, frozenset(adjoint.tensor.axes)
        for later in reversed(list(self.derivation.adjoints.values())):
            if later.tensor.name != name and later.tensor.name not in kept:
                expression = substituted(expression, Equation(later.as_tensor, later.steps[0].after), outside, self.system)
        return Equation(adjoint.as_tensor, expression)

    def link(self, name: str) -> Equation:
        """The chain rule of one move: ∂C/∂name by the adjoints of what reads it."""
        adjoint = self.derivation.adjoint(name)
        return Equation(adjoint.as_tensor, adjoint.steps[0].after)
