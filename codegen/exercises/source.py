"""What questions are made of: the material of the handout, random numbers to check on, and the numbers of one student."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from sympy import Expr

from codegen.gradient_check import EXACT_BOUNDS
from codegen.latex import Latex
from codegen.lesson_material import Material
from codegen.lesson_numbers import bound
from codegen.sentence_parts import Math, Sentence
from codegen.sentences import say
from symbolic.axes import axis_name
from symbolic.derivation import Adjoint, Derivation
from symbolic.equations import System
from symbolic.evaluate import Numbers, evaluate
from symbolic.failures import CheckFailed
from symbolic.letters import free_letters, letters
from symbolic.verification import TOLERANCE, difference, random_numbers

from .student_numbers import StudentNumbers, student_numbers

#: A formula that is off by less than this at random numbers is too close to a right one to be called wrong.
CLEARLY_WRONG = 1e-3
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

    @cached_property
    def numbers(self) -> Numbers:
        """Random arrays of pairwise different sizes that obey every equation, backward too."""
        return random_numbers(self.derivation)

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

    def gap_between(self, left: Expr, right: Expr) -> float:
        """How far two expressions are apart, relative to their largest entry, at the random arrays."""
        over = tuple(sorted(free_letters(left) | free_letters(right), key=lambda letter: letter.name))
        return difference(evaluate(left, self.numbers, over), evaluate(right, self.numbers, over))

    def is_clearly_wrong(self, left: Expr, right: Expr) -> bool:
        return not self.gap_between(left, right) <= CLEARLY_WRONG

    def error_of(self, left: Expr, right: Expr) -> float:
        """The same of two sides that must be equal.

        Raises:
            CheckFailed: where they are not.
        """
        error = self.gap_between(left, right)
        if not error <= TOLERANCE:
            raise CheckFailed(f"an answer does not hold: {left} = {right} is off by {error:.1e}")
        return error


def checked_by_evaluation(error: float) -> Sentence:
    """How an answer that is a formula was checked."""
    return say("exercises.checked.formula", error=Math(bound(error, EXACT_BOUNDS)))


def checked_in_two_ways(error: float) -> Sentence:
    """How an answer that is a number was checked."""
    return say("exercises.checked.number", error=Math(bound(error, EXACT_BOUNDS)))


def agreed(found: float, expected: float, what: str) -> float:
    """The relative difference of two numbers that were computed in different ways.

    Raises:
        CheckFailed: where they differ by more than rounding.
    """
    error = difference(np.asarray(found, dtype=complex), np.asarray(expected, dtype=complex))
    if not error <= TOLERANCE:
        raise CheckFailed(f"the answer {what} = {found!r} is not confirmed: computed in another way it is {expected!r}")
    return error
