"""The Jacobian of one tensor by another as a document: by index with every step, or as matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sympy import Expr

from chainrule.codegen.checking.checker import Checker
from chainrule.codegen.document.document import (
    BlankLines,
    Block,
    Code,
    Display,
    Document,
    FrontMatter,
    Heading,
    Line,
    Math,
    Paragraph,
    Sentence,
    Words,
)
from chainrule.codegen.document.evidence_required import evidenced
from chainrule.codegen.document.formula import Formula
from chainrule.codegen.document.nodes import Letter, derivative_on_a_line, node
from chainrule.codegen.formulas.jacobian_printer import JacobianPrinter, JacobianText
from chainrule.codegen.formulas.notation import Notation
from chainrule.codegen.formulas.reasons import with_reasons
from chainrule.codegen.words.sentences import Field, say_with
from chainrule.symbolic.checking.jacobian_check import jacobian_values
from chainrule.symbolic.checking.verification import random_numbers, verify
from chainrule.symbolic.derivation.adjoint import Adjoint, Step
from chainrule.symbolic.derivation.jacobian import Jacobian
from chainrule.symbolic.forms.kronecker_form import Diagonal, jacobian_form
from chainrule.symbolic.index.failures import InvalidDescription, NotExpressible, expected_one_of
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.rewriting.rule import Rule

from .derivation_document import SIGNS
from .equation_writer import LineWriter, SourceParts

LEVELS = ("index", "matrix")
CONVENTION = "vec stacks the rows of a matrix, and each of its entries has a row"


def jacobian_document(jacobian: Jacobian, level: str, notation: Notation, latex: bool) -> Document:
    """The derivation, every step evaluated; its formulas are Unicode or LaTeX.

    Raises:
        InvalidDescription: where there is no such level.
        CheckFailed: where an equation does not hold.
    """
    return evidenced(Document(FrontMatter(jacobian.system.name), tuple(_Shown(jacobian, level, notation, latex).blocks())))


def jacobian_line(jacobian: Jacobian, level: str, notation: Notation, latex: bool) -> Line:
    """The result alone.

    Raises:
        InvalidDescription: where there is no such level.
        NotExpressible: where there is no matrix form.
        CheckFailed: where an equation does not hold.
    """
    shown = _Shown(jacobian, level, notation, latex)
    return shown.result() if level == "index" else shown.matrix_line()


def jacobian_blocks(jacobian: Jacobian, notation: Notation, checker: Checker) -> Iterator[Block]:
    """The derivation by index as part of a document in LaTeX."""
    return _Shown(jacobian, "index", notation, True, checker).blocks()


class _Shown:
    """A Jacobian and who writes it."""

    def __init__(self, jacobian: Jacobian, level: str, notation: Notation, latex: bool, checker: Checker | None = None) -> None:
        if level not in LEVELS:
            raise InvalidDescription(f"no level {level!r} of a Jacobian; {expected_one_of(level, LEVELS)}")
        self.jacobian, self.level, self.latex = jacobian, level, latex
        self.printer = JacobianPrinter(jacobian, notation) if latex else JacobianText(jacobian)
        self.checker, self.is_part = checker or Checker(), checker is not None
        derivation = jacobian.derivation
        # Where nothing leads from one to the other, there is no step to evaluate.
        if jacobian.adjoint is None:
            numbers = random_numbers(derivation)
            numbers = numbers.with_array(self.tensor.name, np.zeros(numbers.shape(self.tensor)))
        else:
            verified = verify(derivation, ())
            assert verified.numbers is not None
            numbers = verified.numbers
            self.checker.take_over(derivation, verified, numbers, ())
        self.writer = LineWriter(SourceParts(numbers, self.checker), self.printer)

    def blocks(self) -> Iterator[Block]:
        if self.level == "matrix":
            yield from self.matrix()
        elif self.jacobian.adjoint is None:
            yield self.heading(self.jacobian.wrt)
            yield Display((self.result(),))
        else:
            yield from self.by_index()

    def by_index(self) -> Iterator[Block]:
        """Every derivative on the way, from the tensor back."""
        for adjoint in self.jacobian.derivation.adjoints.values():
            yield self.heading(adjoint.tensor)
            chains = [*(path.steps for path in adjoint.paths), adjoint.steps]
            if adjoint.tensor == self.jacobian.of and len(adjoint.paths) == 1:
                # ∂v[i′]/∂v[i] is δ(i,i′): there is no rule to be used.
                chains.pop()
            yield Display(tuple(line for steps in chains for line in self.equalities(steps, adjoint)))
            if not self.is_part:
                yield BlankLines(1)

    def equalities(self, steps: Sequence[Step], adjoint: Adjoint) -> tuple[Line, ...]:
        return self.writer.chain(steps[0].before, self.reasons(steps, adjoint))

    def reasons(self, steps: Sequence[Step], adjoint: Adjoint) -> Iterator[tuple[Expr, Sentence]]:
        """As for gradients, but for where the ways lead to."""
        names = {"u": self.said(adjoint.tensor.name), "phi": self.said(self.jacobian.of.name)}
        signs = SIGNS | {"delta": Math(Letter("δ"))} if self.is_part else SIGNS
        for step, reasoned in zip(steps, with_reasons(steps, signs), strict=True):
            yield (step.after, say_with("reason.chain rule second", names)) if step.rule is Rule.CHAIN_RULE else reasoned

    def said(self, name: str) -> Field:
        """A tensor in a sentence: by its letter in a document, else by its name."""
        return Math(node(self.printer.entry(name, ()))) if self.is_part else name

    def heading(self, by: Tensor) -> Heading:
        """∂a2/∂W1 with its shape: the axes of what is differentiated, then those of what it is differentiated by."""
        of = self.jacobian.of
        sizes = [str(self.jacobian.system.axis(letter).size_expression) for letter in (*of.axes, *by.axes)]
        shape = f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
        title = f"∂{of.name}/∂{by.name}"
        if self.is_part:
            letters = Math(derivative_on_a_line(self.printer.entry(of.name, ()), self.printer.entry(by.name, ())))
            return Heading(3, (letters, Words(f"    {shape}")), f"jacobian-{by.name}")
        # LaTeX has a comment there.
        parts = (Words(f"{title}    {shape}"),) if self.latex else (Words(title), Code(shape))
        return Heading(2, parts, f"jacobian-{by.name}")

    def result(self) -> Line:
        return self.writer.line(self.tensor.own_entry, self.jacobian.expression)

    @property
    def tensor(self) -> Tensor:
        """The Jacobian by its name in the derivation."""
        system = self.jacobian.system
        return Tensor(system.adjoint_name(self.jacobian.wrt.name), (*self.jacobian.wrt.axes, *system.held), Role.ADJOINT)

    def matrix(self) -> Iterator[Block]:
        """The matrix form with its convention, and by index where there is none."""
        yield self.heading(self.jacobian.wrt)
        try:
            line = self.matrix_line()
        except NotExpressible as problem:
            yield Display((self.result(),))
            yield Paragraph((Words(f"(by index: {problem})"),))
            return
        yield Display((line,))
        yield Paragraph((Words(CONVENTION),))

    def matrix_line(self) -> Line:
        form = jacobian_form(self.jacobian)
        left, right = self.printer.form(form)
        said = [form.matrix] if isinstance(form, Diagonal) else [factor.matrix for factor in form.factors]
        shown = Formula(left, (self.tensor.own_entry,)), Formula(right, tuple(said))
        values = jacobian_values(self.jacobian, form, self.writer.source.numbers)
        return Line(
            *shown,
            evidence=self.checker.numbers_agree(f"the matrix form of ∂{self.jacobian.of.name}/∂{self.jacobian.wrt.name}", *values, *shown),
        )
