"""What questions are made of: the material of the handout, random numbers to check on, and the numbers of one student."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

from sympy import Expr

from codegen.blocks import Line
from codegen.claims import Claims, together
from codegen.gradient_check import EXACT_BOUNDS
from codegen.grounds import Asked, Evaluated
from codegen.latex import Latex
from codegen.lesson_material import Material
from codegen.lesson_numbers import bound
from codegen.sentence_parts import Math, Sentence
from codegen.sentences import say
from codegen.writer import Writer
from symbolic.axes import axis_name
from symbolic.derivation import Adjoint, Derivation
from symbolic.equations import System
from symbolic.evaluate import Numbers
from symbolic.failures import NotExpressible
from symbolic.letters import letters
from symbolic.matrix_form import Matrix

from .student_numbers import StudentNumbers, student_numbers

#: A formula is tried with many mistakes, each at all positions of all its letters.
MOST_TERMS = 100_000


@dataclass(frozen=True)
class Source:
    """One network for one student."""

    material: Material
    seed: int

    @property
    def derivation(self) -> Derivation:
        return self.material.derivation

    @property
    def system(self) -> System:
        return self.derivation.system

    @property
    def latex(self) -> Latex:
        return self.material.latex

    @property
    def writer(self) -> Writer:
        """Writes lines that were evaluated at `numbers`."""
        return self.material.writer

    @property
    def claims(self) -> Claims:
        return self.material.claims

    @property
    def numbers(self) -> Numbers:
        """Random arrays of pairwise different sizes that obey every equation, backward too."""
        return self.material.numbers

    @cached_property
    def student(self) -> StudentNumbers | None:
        """The student's own numbers; None where the network is too large to be worked by hand."""
        return student_numbers(self.derivation, self.seed)

    @cached_property
    def adjoints(self) -> tuple[Adjoint, ...]:
        """The gradients that there is something to ask about: those that a parameter's gradient needs, and that can be tried often."""
        return tuple(adjoint for adjoint in self.derivation.needed if not adjoint.expression.is_number and self._is_small(adjoint))

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

    def bare(self, name: str) -> str:
        """∂C/∂W, without indices, as LaTeX."""
        return rf"\partial {self.latex.cost} / \partial {self.material.bare(name)}"

    def gradient_line(self, adjoint: Adjoint) -> Line:
        """The formula of a gradient; that of a layer that equals an earlier one is held against complex steps, too."""
        if not adjoint.is_first_of_kind:
            self.claims.gradient(adjoint, self.numbers)
        return self.writer.line(adjoint.as_tensor.own_entry, adjoint.expression, written=self.material.entry(adjoint.as_tensor.name))

    def matrix_lines(self, adjoint: Adjoint) -> tuple[Line, Line] | None:
        """The formula of a gradient in matrix notation, and once more with shapes; None where there is none that can be evaluated."""
        plain, shapes = (self.writer.matrix_or_none(adjoint.equation, shapes) for shapes in (False, True))
        return None if plain is None or shapes is None else (plain, replace(shapes, left=""))

    def matrix_form(self, adjoint: Adjoint) -> Matrix | None:
        """The formula of a gradient in matrix notation, or None where there is none."""
        try:
            return self.writer.form(adjoint.equation)
        except NotExpressible:
            return None

    def wrong(self, left: Expr, right: Expr) -> Asked | None:
        """The ground of a line that is wrong on purpose; None where it is not clearly wrong."""
        return self.claims.wrong(left, right, self.numbers)


def ground_of(line: Line) -> Evaluated:
    """What was found when a line that holds was evaluated."""
    assert isinstance(line.ground, Evaluated), line
    return line.ground


def checked_by_evaluation(*grounds: Evaluated) -> Sentence:
    """How an answer that is a formula was checked."""
    return say("exercises.checked.formula", error=_bound(together(grounds)))


def checked_in_two_ways(*grounds: Evaluated) -> Sentence:
    """How an answer that is a number was checked."""
    return say("exercises.checked.number", error=_bound(together(grounds)))


def _bound(ground: Evaluated) -> Math:
    return Math(bound(ground.error, EXACT_BOUNDS))
