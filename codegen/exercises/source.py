"""What questions are made of: the material of the handout, random numbers to check on, and the numbers of one student."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

from sympy import Expr

from chainrule.codegen.checking.checker import Checker, together
from chainrule.codegen.checking.gradient_check import EXACT_BOUNDS
from chainrule.codegen.document.document import Line
from chainrule.codegen.document.evidence import AskedAbout, Evaluated
from chainrule.codegen.document.formula import NOTHING
from chainrule.codegen.document.nodes import Node, derivative_on_a_line
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.lesson.equation_writer import EquationWriter
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.sections.numbers import limit
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.matrices import Matrix
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.system.system import System

from .backward_code import BackwardCode, backward_code
from .student_numbers import StudentNumbers, student_numbers

#: A formula is tried with many mistakes, each at all positions of all its letters.
MOST_TERMS = 100_000


@dataclass(frozen=True)
class QuestionSource:
    """One network for one student; `further` counts the numbers that a student gets beside those of the sheet, which are number 0."""

    material: Material
    seed: int
    further: int = 0

    @property
    def derivation(self) -> Derivation:
        return self.material.derivation

    @property
    def system(self) -> System:
        return self.derivation.system

    @property
    def by_index(self) -> IndexPrinter:
        return self.material.by_index

    @property
    def writer(self) -> EquationWriter:
        """Writes lines that were evaluated at `numbers`."""
        return self.material.writer

    @property
    def checker(self) -> Checker:
        return self.material.checker

    @property
    def numbers(self) -> Numbers:
        """Random arrays of pairwise different sizes that obey every equation, backward too."""
        return self.material.numbers

    @cached_property
    def student(self) -> StudentNumbers | None:
        """The student's own numbers; None where the network is too large to be worked by hand."""
        return student_numbers(self.derivation, self.seed, self.further)

    @cached_property
    def adjoints(self) -> tuple[Adjoint, ...]:
        """The gradients that there is something to ask about: those that a parameter's gradient needs, and that can be tried often."""
        return tuple(adjoint for adjoint in self.derivation.needed if not adjoint.expression.is_number and self._is_small(adjoint))

    @cached_property
    def backward_code(self) -> BackwardCode | None:
        """The lines of the module's backward pass; None where it has none that can be shown."""
        return backward_code(self.material)

    @property
    def is_all_small(self) -> bool:
        """Whether every gradient can be tried often, and so a network of the same size be checked once more."""
        return all(self._is_small(adjoint) for adjoint in self.derivation.needed)

    def _is_small(self, adjoint: Adjoint) -> bool:
        """Whether a formula has few enough letters: the interpreter has a dimension for each."""
        own = letters(adjoint.expression) | set(adjoint.tensor.axes)
        return prod(self.numbers.sizes[axis_name(letter)] for letter in own) <= MOST_TERMS

    def adjoint(self, name: str) -> Adjoint:
        return self.derivation.adjoint(name)

    def bare(self, name: str) -> Node:
        """∂C/∂W, without indices, as LaTeX."""
        return derivative_on_a_line(self.by_index.cost, self.material.bare(name))

    def gradient_line(self, adjoint: Adjoint) -> Line:
        """The formula of a gradient; that of a layer that equals an earlier one is held against complex steps, too."""
        if not adjoint.is_first_of_kind:
            self.checker.gradient(adjoint, self.numbers)
        return self.writer.line(adjoint.as_tensor.own_entry, adjoint.expression, written=self.material.entry(adjoint.as_tensor.name))

    def matrix_lines(self, adjoint: Adjoint) -> tuple[Line, Line] | None:
        """The formula of a gradient in matrix notation, and once more with shapes; None where there is none that can be evaluated."""
        plain, shapes = (self.writer.matrix_or_none(adjoint.equation, shapes) for shapes in (False, True))
        return None if plain is None or shapes is None else (plain, replace(shapes, left=NOTHING))

    def matrix_form(self, adjoint: Adjoint) -> Matrix | None:
        """The formula of a gradient in matrix notation, or None where there is none."""
        try:
            return self.writer.form(adjoint.equation)
        except NotExpressible:
            return None

    def wrong(self, left: Expr, right: Expr) -> AskedAbout | None:
        """The evidence of a line that is wrong on purpose; None where it is not clearly wrong."""
        return self.checker.wrong(left, right, self.numbers)


def checked_by_evaluation(*all_evidence: Evaluated) -> Sentence:
    """How an answer that is a formula was checked."""
    return say("exercises.checked.formula", error=_bound(together(all_evidence)))


def checked_in_two_ways(*all_evidence: Evaluated) -> Sentence:
    """How an answer that is a number was checked."""
    return say("exercises.checked.number", error=_bound(together(all_evidence)))


def _bound(evidence: Evaluated) -> Math:
    return Math(limit(evidence.error, EXACT_BOUNDS))
