"""A view of the network: a smaller or turned system, derived by the same chain rule, its every formula evaluated before it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from sympy import Expr

from symbolic.chain_rule import derive
from symbolic.derivation import Derivation
from symbolic.equations import Equation, System
from symbolic.evaluate import Numbers, evaluate
from symbolic.failures import CheckFailed, NotExpressible
from symbolic.matrix_form import matrix_form
from symbolic.matrix_values import matrix_error
from symbolic.put_in import with_definition
from symbolic.slopes import Slope, slopes
from symbolic.steps import Step
from symbolic.verification import TOLERANCE, Verified, difference, random_numbers, step_error, verify

from .blocks import Display, Line, Sentence
from .latex_matrix import LatexMatrix
from .lesson_numbering import Numbering
from .notation import Notation
from .view_latex import Spelling, ViewLatex


@dataclass
class Claims:
    """What the sections of a document have had evaluated, beside the steps of the derivation."""

    verified: Verified = field(default_factory=lambda: Verified(0, 0.0))

    def add(self, error: float) -> None:
        self.verified = self.verified.together(Verified(1, error))

    def numbers_agree(self, what: str, left: object, right: object) -> None:
        """Two numbers or arrays that a document says are equal.

        Raises:
            CheckFailed: where they are not.
        """
        error = difference(np.asarray(left, dtype=complex), np.asarray(right, dtype=complex))
        if not error <= TOLERANCE:
            raise CheckFailed(f"{what} does not hold: the sides differ by {error:.1e}")
        self.add(error)


@dataclass(frozen=True)
class View:
    """A system with its derivation, the notation, and what it has claimed."""

    system: System
    notation: Notation
    claims: Claims
    numbering: Numbering = field(default_factory=Numbering)

    @cached_property
    def derivation(self) -> Derivation:
        """Derived and verified like any other."""
        derivation = derive(self.system)
        self.claims.verified = self.claims.verified.together(verify(derivation))
        return derivation

    @cached_property
    def slopes(self) -> dict[str, Slope]:
        return slopes(self.derivation)

    @cached_property
    def numbers(self) -> Numbers:
        """Random numbers that obey every equation, the slopes among them."""
        numbers = random_numbers(self.derivation)
        for slope in self.slopes.values():
            own = slope.equation
            numbers = numbers.with_array(slope.name, evaluate(own.expression, numbers, own.indices))
        return numbers

    def writer(self, spelling: Spelling | None = None) -> Writer:
        return Writer(self, spelling or Spelling())

    def chain(self, name: str, known: Iterable[str] = ()) -> Equation:
        """∂C/∂name by the chain rule alone, with the chains of what comes later put in, up to the adjoints of `known`."""
        adjoint = self.derivation.adjoint(name)
        kept = set(known)
        expression, outside = adjoint.steps[0].after, frozenset(adjoint.tensor.axes)
        for later in reversed(list(self.derivation.adjoints.values())):
            if later.tensor.name != name and later.tensor.name not in kept:
                expression = with_definition(expression, Equation(later.as_tensor, later.steps[0].after), outside)
        return Equation(adjoint.as_tensor, expression)

    def link(self, name: str) -> Equation:
        """The chain rule of one move: ∂C/∂name by the adjoints of what reads it."""
        adjoint = self.derivation.adjoint(name)
        return Equation(adjoint.as_tensor, adjoint.steps[0].after)


@dataclass(frozen=True)
class Writer:
    """Lines of a view in one spelling; a line that does not hold fails the build."""

    view: View
    spelling: Spelling

    @cached_property
    def notation(self) -> Notation:
        """The view's: where a layer stands for any, without the letters that a description gives to that layer alone."""
        notation = self.view.notation
        return replace(
            notation, overrides={name: letter for name, letter in notation.overrides.items() if name[1:] not in self.spelling.layers}
        )

    @cached_property
    def latex(self) -> ViewLatex:
        view = self.view
        arguments = {slope.name: slope.at.name for slope in view.slopes.values()}
        return ViewLatex(view.system, self.notation, self.spelling, arguments)

    @cached_property
    def matrices(self) -> LatexMatrix:
        with_slopes = {slope.name: slope.equation.tensor for slope in self.view.slopes.values()}
        system = self.view.system
        shown = System(system.name, system.axes, {**system.tensors, **with_slopes}, system.equations, system.constants, system.batch)
        return LatexMatrix(shown, self.notation, self.latex)

    def text(self, expression: Expr) -> str:
        return self.latex.text(expression)

    def claim(self, left: Expr, right: Expr) -> None:
        """Evaluates both sides; raises `CheckFailed` where they differ."""
        self.view.claims.add(step_error(str(left), Step("stated", left, right), self.view.numbers))

    def line(self, left: Expr, right: Expr, reason: Sentence = (), written: str = "") -> Line:
        """left = right; `written` is another way to write the left side, empty where the line goes on from the one above."""
        self.claim(left, right)
        return Line(written or self.text(left), self.text(right), reason)

    def further(self, left: Expr, right: Expr, reason: Sentence = ()) -> Line:
        """The next line of a chain of equalities that begins with `left`."""
        self.claim(left, right)
        return Line("", self.text(right), reason)

    def equation(self, equation: Equation, reason: Sentence = ()) -> Line:
        return self.line(equation.tensor.own_entry, equation.expression, reason)

    def matrix(self, equation: Equation, shapes: bool = False, reason: Sentence = ()) -> Line:
        """The equation in matrix notation, evaluated as it is written.

        Raises:
            NotExpressible: where it has none.
        """
        form = matrix_form(equation)
        error = matrix_error(equation, form, self.view.numbers)
        if error is None:
            raise NotExpressible(f"{equation.tensor.name} has a function that is not evaluated as a matrix")
        self.view.claims.add(error)
        self.claim(equation.tensor.own_entry, equation.expression)
        return Line(self.matrices.name(equation.tensor.name), self.matrices.text(form, shapes), reason)

    def whole(self, equation: Equation) -> Line:
        """The equation in matrix notation where it has one, else by index."""
        try:
            return self.matrix(equation)
        except NotExpressible:
            return self.equation(equation)

    def numbered(self, line: Line, name: str) -> Display:
        return Display((line,), self.view.numbering.next_for(name))
