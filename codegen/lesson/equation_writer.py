"""Lines of equations: what is printed is evaluated first, from the same objects, so that no line says what was not evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from sympy import Expr

from chainrule.codegen.checking.checker import Checker, together
from chainrule.codegen.document.document import Display, Formula, Line, Sentence
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.document.formula import NOTHING
from chainrule.codegen.document.nodes import EMPTY, Node, row
from chainrule.codegen.formulas.formula_printer import FormulaPrinter
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.forms.matrices import Matrix
from chainrule.symbolic.forms.matrix_form import matrix_form
from chainrule.symbolic.forms.step_form import StepForm, step_form
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.system.integer_marks import equation_with_marks
from chainrule.symbolic.system.system import Equation

from .numbering import Numbering


class EquationSource(Protocol):
    """Where the equations of a writer come from: random numbers that obey them, and the claims and numbers of the document."""

    @property
    def numbers(self) -> Numbers: ...

    @property
    def checker(self) -> Checker: ...

    @property
    def numbering(self) -> Numbering: ...


@dataclass(frozen=True, slots=True)
class SourceParts:
    """A source by its parts."""

    numbers: Numbers
    checker: Checker
    numbering: Numbering = field(default_factory=Numbering)


@dataclass(frozen=True)
class LineWriter:
    """Lines of one system in one spelling; a line that does not hold fails the build."""

    source: EquationSource
    printer: FormulaPrinter

    def node(self, expression: Expr) -> Node:
        return self.printer.formula(expression).node

    def claim(self, left: Expr, right: Expr) -> Evaluated:
        """Evaluates both sides; raises `CheckFailed` where they differ."""
        return self.source.checker.sides(left, right, self.source.numbers)

    def line(self, left: Expr, right: Expr, reason: Sentence = (), written: Node | None = None) -> Line:
        """left = right; `written` is another way to write the left side."""
        evidence, own = self.claim(left, right), self.printer.formula(left)
        return Line(own.rewritten(written) if written else own, self.printer.formula(right), reason, evidence=evidence)

    def further(self, left: Expr, right: Expr, reason: Sentence = ()) -> Line:
        """The next line of a chain of equalities that begins with `left`."""
        evidence = self.claim(left, right)
        return Line(NOTHING, self.printer.formula(right), reason, evidence=evidence)

    def chain(self, left: Expr, steps: Iterable[tuple[Expr, Sentence]]) -> tuple[Line, ...]:
        """left = … = … with the reason of each step, each equal to the one above it; steps that look alike on paper are one line."""
        lines: list[Line] = []
        above = left
        for right, reason in steps:
            line = self.further(above, right, reason) if lines else self.line(left, right, reason)
            above = right
            if lines and line.right.node == lines[-1].right.node:
                lines[-1] = replace(lines[-1], evidence=together([evidence_of(lines[-1]), evidence_of(line)]))
            else:
                lines.append(line)
        return tuple(lines)

    def named(self, left: Expr, right: Expr, written: tuple[Node, Node], reason: Sentence = ()) -> Line:
        """left = right, both written in their own way: a = σ(z) for the formula of the activation."""
        line = self.line(left, right, reason, written[0])
        return replace(line, right=line.right.rewritten(written[1]))

    def equation(self, equation: Equation, reason: Sentence = ()) -> Line:
        return self.line(equation.tensor.own_entry, equation.expression, reason)

    def matrix_as(self, equation: Equation, left: Node, write: Callable[[Matrix], Formula], reason: Sentence = ()) -> Line:
        """The equation in matrix notation as it is written, evaluated so.

        Raises:
            NoMatrixForm: where it has none; NotExpressible where it has a function that is not evaluated as a matrix.
        """
        form = self.form(equation)
        evidence = self.source.checker.matrix(equation, form, self.source.numbers)
        self.claim(equation.tensor.own_entry, equation.expression)
        return Line(Formula(left, (equation.tensor.own_entry,)), write(form), reason, evidence=evidence)

    def step_as(self, equation: Equation, left: Callable[[str, StepForm], Node], write: Callable[[Matrix], Formula]) -> Line:
        """The same for one step of a recurrence, or of arrays with more axes."""
        system = self.source.numbers.system
        form = step_form(equation_with_marks(equation, system), system.order, system.stored)
        evidence = self.source.checker.matrix(equation, form, self.source.numbers)
        self.claim(equation.tensor.own_entry, equation.expression)
        own = Formula(left(equation.tensor.name, form), (equation.tensor.own_entry,))
        return Line(own, write(form.matrix), evidence=evidence)

    def form(self, equation: Equation) -> Matrix:
        """The equation in matrix notation; raises `NoMatrixForm` where it has none."""
        system = self.source.numbers.system
        return matrix_form(equation_with_marks(equation, system), system.order, system.stored)

    def numbered(self, line: Line, name: str) -> Display:
        return Display((line,), self.source.numbering.next_for(name))


@dataclass(frozen=True)
class EquationWriter(LineWriter):
    """The same in a notation, with matrices."""

    printer: IndexPrinter
    matrices: MatrixPrinter

    def matrix(self, equation: Equation, shapes: bool = False, reason: Sentence = ()) -> Line:
        """The equation in matrix notation; raises as `matrix_as` does."""
        left = self.matrices.name(equation.tensor.name)
        return self.matrix_as(equation, left, lambda form: self.matrices.formula(form, shapes), reason)

    def matrix_or_none(self, equation: Equation, shapes: bool = False) -> Line | None:
        """The equation in matrix notation, or None where it has none, or is one of single numbers."""
        try:
            return self.matrix(equation, shapes) if equation.indices else None
        except NotExpressible:
            return None

    def whole(self, equation: Equation) -> Line:
        """The equation in matrix notation where it has one, else by index."""
        return self.matrix_or_none(equation) or self.equation(equation)


def in_terms(line: Line, terms: Sequence[Node]) -> tuple[Line, ...]:
    """A line whose right side is a sum, with a line for each term that is written."""
    first, *others = terms
    below = (Line(NOTHING, line.right.rewritten(row("+", term)), relation=EMPTY, evidence=line.evidence) for term in others)
    return (replace(line, right=line.right.rewritten(first)), *below)


def evidence_of(line: Line) -> Evaluated:
    """What was found when a line that holds was evaluated."""
    assert isinstance(line.evidence, Evaluated), line
    return line.evidence
