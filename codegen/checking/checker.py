"""What a document claims: equations that were evaluated because they are shown, each counted once; evidence names what was evaluated."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sympy import Expr

from chainrule.codegen.backends.numpy_module import GRADIENT_TOLERANCE
from chainrule.codegen.document.evidence import AskedAbout, Evaluated
from chainrule.codegen.document.formula import Formula
from chainrule.symbolic.checking.matrix_values import matrix_difference, matrix_error
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.verification import TOLERANCE, Verified, against_complex_step, difference, difference_of_sides, step_error
from chainrule.symbolic.derivation.adjoint import Adjoint, Step
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.forms.matrices import Matrix
from chainrule.symbolic.forms.scalar_form import ScalarEquation
from chainrule.symbolic.forms.step_form import StepForm
from chainrule.symbolic.index.failures import CheckFailed, NotExpressible
from chainrule.symbolic.rewriting.rule import Rule
from chainrule.symbolic.system.system import Equation

#: Places of a gradient at which it is held against complex steps; the one that it was renamed from is tried at many more.
MOST_SLOPES = 4
#: A formula that is off by less than this at random numbers is too close to a right one to be called wrong.
CLEARLY_WRONG = 1e-3


@dataclass
class Checker:
    """What the sections of a document have had evaluated, beside the steps of the derivation.

    `known` holds what was evaluated before, by what it says: an equation that stands in two sections counts once.
    """

    verified: Verified = field(default_factory=lambda: Verified(0, 0.0))
    known: dict[Hashable, Evaluated] = field(default_factory=dict)
    evaluated_at: dict[int, Numbers] = field(default_factory=dict)

    def take_over(self, derivation: Derivation, verified: Verified, numbers: Numbers, forms: Sequence[Collected]) -> None:
        """The steps of a derivation and its collected forms that were verified at some numbers: they were counted then."""
        firsts = [name for name, adjoint in derivation.adjoints.items() if adjoint.is_first_of_kind]
        steps = [step for name in firsts for step in derivation.steps(name)]
        for step in (*steps, *(step for form in forms for step in form.steps)):
            said = step.before, step.after
            self.known[self._said(numbers, *said)] = Evaluated(verified.largest_error, frozenset(said))

    def sides(self, left: Expr, right: Expr, numbers: Numbers) -> Evaluated:
        """Evaluates both sides of an equation.

        Raises:
            CheckFailed: where they differ.
        """
        said = self._said(numbers, left, right)
        if said not in self.known:
            self.known[said] = self._counted(step_error(str(left), Step(Rule.STATED, left, right), numbers), left, right)
        return self.known[said]

    def gradient(self, adjoint: Adjoint, numbers: Numbers) -> Evaluated:
        """A gradient that was found by renaming that of an equal layer, against complex steps through the network at some of its places.

        Its numbers follow from its own equation, so that to evaluate the two sides alone would say nothing.
        """
        said = self._said(numbers, adjoint.as_tensor.own_entry)
        if said not in self.known:
            error = against_complex_step(adjoint, numbers, MOST_SLOPES)
            self.known[said] = self._counted(error, adjoint.as_tensor.own_entry, adjoint.expression)
        return self.known[said]

    def equal_layer(self, derivation: Derivation, adjoint: Adjoint, numbers: Numbers) -> None:
        """The steps of a layer that is equal to an earlier one: they were evaluated in the names of that one, and the result is here."""
        evidence = self.gradient(adjoint, numbers)
        for step in derivation.steps(adjoint.tensor.name):
            said = step.before, step.after
            self.known[self._said(numbers, *said)] = replace(evidence, of=frozenset(said))

    def entry(self, equation: ScalarEquation, numbers: Numbers) -> Evaluated:
        """Evaluates one entry, written out without sums."""
        return self.sides(equation.entry, equation.expression, numbers)

    def matrix(self, equation: Equation, form: Matrix | StepForm, numbers: Numbers) -> Evaluated:
        """Evaluates matrix notation as it is written, against the equation by index.

        Raises:
            CheckFailed: where they differ.
            NotExpressible: where matrix notation has a function that is not evaluated.
        """
        said = self._said(numbers, equation.tensor.own_entry, form)
        if said not in self.known:
            written = form.matrix if isinstance(form, StepForm) else form
            self.known[said] = self._counted(matrix_error(equation, form, numbers), equation.tensor.own_entry, written)
        return self.known[said]

    def numbers_agree(self, what: str, left: object, right: object, *shown: Formula) -> Evaluated:
        """Two numbers or arrays that a document says are equal, by the formulas `shown`.

        Raises:
            CheckFailed: where they are not.
        """
        error = difference(np.asarray(left, dtype=complex), np.asarray(right, dtype=complex))
        if not error <= TOLERANCE:
            raise CheckFailed(f"{what} does not hold: the sides differ by {error:.1e}")
        return self._counted(error, *_said_by(shown))

    def within(self, what: str, found: float, expected: float, tolerance: float, *shown: Formula) -> Evaluated:
        """Two numbers that are equal as far as the digits go that are printed; `tolerance` is absolute, and not part of the largest error.

        Raises:
            CheckFailed: where they differ by more.
        """
        error = abs(found - expected)
        if not error <= tolerance and not (np.isinf(found) and found == expected) and not (np.isnan(found) and np.isnan(expected)):
            raise CheckFailed(f"{what} does not hold: {found!r} is not {expected!r} to the digits shown")
        return replace(self._counted(0.0, *_said_by(shown)), error=error)

    def differences(self, largest: float, *shown: Formula) -> Evaluated:
        """A derivative is nearly a quotient of differences; `largest` is how far the module's check found them apart.

        Raises:
            CheckFailed: where that is more than differences are apart.
        """
        if not largest <= GRADIENT_TOLERANCE:
            raise CheckFailed(f"a gradient differs from the numeric one by {largest:.1e} of its largest entry")
        return replace(self._counted(0.0, *_said_by(shown)), error=largest)

    def gap(self, whole: Evaluated, shown: Formula) -> AskedAbout:
        """A formula with something left out, of which the whole was evaluated."""
        return AskedAbout("gap", whole.error, whole.of.union(shown.said))

    def wrong(self, left: Expr, right: Expr, numbers: Numbers) -> AskedAbout | None:
        """An equation that is wrong on purpose; None where its sides are equal after all, or nearly."""
        return _clearly(difference_of_sides(left, right, numbers), left, right)

    def wrong_matrix(self, equation: Equation, form: Matrix, numbers: Numbers) -> AskedAbout | None:
        """Matrix notation that is wrong on purpose; None where it holds, or has a function that is not evaluated.

        It is wrong, too, where the shapes of its arrays do not fit together.
        """
        try:
            found = matrix_difference(equation, form, numbers)
        except (CheckFailed, ValueError, IndexError):
            found = np.inf
        except NotExpressible:
            return None
        return _clearly(found, equation.tensor.own_entry, form)

    def _counted(self, error: float, *said: Hashable) -> Evaluated:
        self.verified = self.verified.together(Verified(1, error))
        return Evaluated(error, frozenset(said))

    def _said(self, numbers: Numbers, *parts: Hashable) -> Hashable:
        """Two systems may have equal expressions of different meaning: what is said is said of some numbers, which are kept."""
        self.evaluated_at[id(numbers)] = numbers
        return (id(numbers), *parts)


def together(all_evidence: Sequence[Evaluated], *shown: Formula) -> Evaluated:
    """One formula that says what several say: ∂C/∂w for all weights w; `shown` are its sides. There must be one evidence at least."""
    of = frozenset(_said_by(shown)).union(*(evidence.of for evidence in all_evidence))
    return Evaluated(max(evidence.error for evidence in all_evidence), of)


def _clearly(found: float, *said: Hashable) -> AskedAbout | None:
    return None if found <= CLEARLY_WRONG else AskedAbout("wrong", found, frozenset(said))


def _said_by(shown: Sequence[Formula]) -> list[Hashable]:
    return [said for formula in shown for said in formula.said]
