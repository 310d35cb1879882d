"""`derive` for those who work in Python: of a file, a shorthand or a network; what it gives shows itself, and has gradients by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sympy import Expr, Symbol

from chainrule.codegen.descriptions.reader import Description, described, read_description
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.chain_rule import derive as derivation_of
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.system import System

from .typeset_steps import TypesetSteps

# Who derives alone waits for nothing that prints, checks or computes.
if TYPE_CHECKING:
    from chainrule.codegen.document.document import Document
    from chainrule.codegen.document.document import Line as DocumentLine
    from chainrule.codegen.formulas.printers import Printers
    from chainrule.codegen.program.program import Program
    from chainrule.symbolic.checking.verification import Verified
    from chainrule.symbolic.derivation.jacobian import Jacobian

#: Longer lines are cut.
LONGEST_LINE = 140


def derive(network: Network | System | Description | str | Path, wrt: Iterable[str] = ()) -> DescribedDerivation:
    """Every gradient of a network with the steps that lead to it; of inputs and targets those that `wrt` or the description names.

    The network may be a description: the path of a file, its text, or a shorthand such as "784-16-16-10".

    Raises:
        InvalidDescription: where a description is wrong, arrays have too many entries for anything to be tried, or `wrt` names labels.
    """
    if isinstance(network, str | Path):
        network = read_description(network)
    description = network if isinstance(network, Description) else described(network)
    found = derivation_of(description.network, (*description.wrt, *wrt))
    return DescribedDerivation(found.system, found.adjoints, found.network, description=description)


@dataclass(frozen=True, repr=False)
class DescribedDerivation(Derivation):
    """A derivation with the description that it is of; it runs over the names of what it has a gradient by."""

    description: Description = field(kw_only=True)

    def __getitem__(self, name: str) -> Gradient:
        """∂C/∂name; raises as `adjoint` does."""
        return Gradient(self, self.adjoint(name))

    def steps(self, name: str) -> TypesetSteps:
        """How ∂C/∂name came about: the local derivatives of its paths, then the steps of the whole; raises as `adjoint` does."""

        def document() -> Document:
            from chainrule.codegen.formulas.printers import in_notation
            from chainrule.codegen.lesson.derivation_document import derivation_document

            from .build import letters_of

            return derivation_document(self, name, "index", in_notation(letters_of(self.description), self.system))

        return TypesetSteps.of(super().steps(name), document, self.description.language)

    def collected(self, name: str, through: str | None = None) -> CollectedGradient:
        """∂C/∂name in one line, which a notebook typesets; raises as the derivation's own does."""
        found = super().collected(name, through)
        parts = {each.name: getattr(found, each.name) for each in fields(found)}
        return CollectedGradient(**parts, derivation=self)

    def jacobian(self, of: str, wrt: str) -> JacobianOfTensor:
        """∂of/∂wrt, of any tensor by any other; of a gradient such as "dW1" it is a block of the Hessian.

        Raises:
            InvalidDescription: where there is no such tensor, no equation defines `of`, or `wrt` holds labels.
        """
        from chainrule.symbolic.derivation.jacobian import derive_jacobian

        return JacobianOfTensor(self, derive_jacobian(self, of, wrt))

    def __iter__(self) -> Iterator[str]:
        return iter(self.adjoints)

    def __repr__(self) -> str:
        """A line an equation: the network, then the adjoints from the cost back, with their shapes."""
        from rich.cells import cell_len

        from chainrule.codegen.formulas.plain_printer import PlainPrinter

        from .typeset_equations import shortened

        printer = PlainPrinter(self.system)
        rows = [(printer.text(left), printer.text(right), shape) for left, right, shape in self.equations]
        width = max(cell_len(left) for left, _, _ in rows)
        lines = []
        for left, right, shape in rows:
            line = f"  {left}{' ' * (width - cell_len(left))} = {right}"
            lines.append(f"{line if len(line) <= LONGEST_LINE else f'{line[:LONGEST_LINE]} …'}    {shape}".rstrip())
        return "\n".join([self.system.name, *shortened(lines, "  …")])

    def _repr_latex_(self) -> str:
        """The same, typeset; every step is evaluated before."""
        from chainrule.codegen.formulas.index_printer import IndexPrinter

        from .build import letters_of
        from .typeset_equations import typeset_equations

        _ = self.verified
        printer = IndexPrinter(self.system, letters_of(self.description))
        return typeset_equations(printer, [(left, right) for left, right, _ in self.equations])

    @property
    def equations(self) -> list[tuple[Expr, Expr, str]]:
        """Both sides and the shape of each equation of the network, and of each adjoint that is needed."""
        from chainrule.codegen.formulas.plain_printer import shape_text

        found = (*self.system.equations, *(adjoint.equation for adjoint in self.needed))
        return [(each.tensor.own_entry, each.expression, shape_text(self.system, each.tensor) if each.indices else "") for each in found]

    @property
    def program(self) -> Program:
        from chainrule.codegen.program.program import lower

        return lower(self)

    @cached_property
    def verified(self) -> Verified:
        from chainrule.symbolic.checking.verification import verify

        return verify(self)


@dataclass(frozen=True, repr=False)
class Gradient:
    """∂C/∂(a tensor) of a derivation."""

    derivation: DescribedDerivation = field(compare=False)
    adjoint: Adjoint

    def __repr__(self) -> str:
        from chainrule.codegen.formulas.equations_with_shapes import equation_with_shape

        return equation_with_shape(self.derivation.system, self.adjoint.equation)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    @property
    def sympy(self) -> Expr:
        """The expression at the tensor's own letters."""
        return self.derivation.gradient(self.adjoint.tensor.name)

    @property
    def steps(self) -> TypesetSteps:
        """How it came about; a notebook shows the whole derivation."""
        return self.derivation.steps(self.adjoint.tensor.name)

    @property
    def numpy(self) -> str:
        """What computes it in the plain module: a line, or in a recurrence the start and the loop."""
        from chainrule.codegen.backends.numpy.statements import StatementPrinter, in_loops
        from chainrule.codegen.program.program import Lowering

        program = self.derivation.program
        computed = [each for each in (*program.backward, *program.inputs) if each.name == self.adjoint.as_tensor.name]
        # A mere number stands in the formulas that read it, and has no line of its own.
        (assignment,) = computed or Lowering(program.system).assignments([self.adjoint.equation])
        line = StatementPrinter(program.system, program.backward).statement(assignment)
        steps = [line.step.text] if line.step is not None else []
        return "\n".join((line.start.text, *in_loops(line.headers, steps)))

    def latex(self, level: str = "index", notation: str | None = None) -> str:
        """It as LaTeX: "index" or "matrix" is an equation, "scalar" (each entry) and "graph" (node by node) are several, below each other.

        `notation` is the name of one or a user's file; without it, the description's is taken.

        Raises:
            InvalidDescription: where there is no such level or notation.
            NotExpressible: where it has no matrix form, or the network is too large for single entries.
            CheckFailed: where an equation does not hold.
        """
        from chainrule.codegen.lesson.derivation_document import gradient_lines

        from .build import letters_of
        from .typeset_equations import as_latex

        letters = letters_of(self.derivation.description, notation)
        return as_latex(gradient_lines(self.derivation, self.adjoint.tensor.name, level, letters))


@dataclass(frozen=True, repr=False)
class CollectedGradient(Collected):
    """∂C/∂(a tensor) in one line, of a derivation."""

    derivation: DescribedDerivation = field(kw_only=True, compare=False)

    def __repr__(self) -> str:
        from chainrule.codegen.formulas.equations_with_shapes import equation_with_shape

        return equation_with_shape(self.derivation.system, self.equation)

    def _repr_latex_(self) -> str:
        """It, after all of its steps were evaluated."""
        from chainrule.codegen.document.latex_formula import write_latex
        from chainrule.codegen.formulas.index_printer import IndexPrinter
        from chainrule.symbolic.checking.verification import verify

        from .build import letters_of

        verify(self.derivation, (self,))
        printer = IndexPrinter(self.derivation.system, letters_of(self.derivation.description))
        sides = (write_latex(printer.node(side)) for side in (self.adjoint.as_tensor.own_entry, self.expression))
        return rf"$\displaystyle {' = '.join(sides)}$"


@dataclass(frozen=True, repr=False)
class JacobianOfTensor:
    """∂of/∂wrt of a derivation, with the axes of `of` and then those of `wrt`."""

    derivation: DescribedDerivation = field(compare=False)
    jacobian: Jacobian

    def __repr__(self) -> str:
        from chainrule.codegen.document.unicode_formula import write_unicode
        from chainrule.codegen.formulas.printers import PLAIN

        (line,) = self._lines("index", PLAIN)
        return f"{write_unicode(line.left.node)} = {write_unicode(line.right.node)}    {self.shape}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    @property
    def shape(self) -> tuple[Expr, ...]:
        """The sizes of its axes: numbers, or symbols where they are read from the arrays."""
        system = self.jacobian.system
        return tuple(system.axis(letter).size_expression for letter in self.jacobian.axes)

    @property
    def axes(self) -> tuple[Symbol, ...]:
        """The letters of its axes: those of the entry that is differentiated, then those of what it is differentiated by."""
        return self.jacobian.axes

    @property
    def sympy(self) -> Expr:
        """The expression at the letters of its axes, the fixed sizes put in."""
        return self.jacobian.expression.xreplace(self.jacobian.system.known_sizes)

    @property
    def steps(self) -> TypesetSteps:
        """How it came about, from the differentiated tensor back."""

        def document() -> Document:
            from chainrule.codegen.formulas.printers import in_notation
            from chainrule.codegen.lesson.jacobian_document import jacobian_document

            from .build import letters_of

            return jacobian_document(self.jacobian, "index", in_notation(letters_of(description), self.jacobian.system))

        description = self.derivation.description
        return TypesetSteps.of((step for _, step in self.jacobian.derivation.all_steps), document, description.language)

    def latex(self, level: str = "index", notation: str | None = None) -> str:
        """It as LaTeX, by "index", as "matrix" (a Kronecker product, where it is one), entry by entry ("scalar") or node by node ("graph").

        Raises:
            InvalidDescription: where there is no such level or notation.
            NotExpressible: where it has no matrix form, or too many entries.
            CheckFailed: where an equation does not hold.
        """
        from chainrule.codegen.formulas.printers import in_notation

        from .build import letters_of
        from .typeset_equations import as_latex

        letters = letters_of(self.derivation.description, notation)
        return as_latex(self._lines(level, in_notation(letters, self.jacobian.system)))

    def _lines(self, level: str, printers: Printers) -> tuple[DocumentLine, ...]:
        from chainrule.codegen.lesson.jacobian_document import jacobian_lines

        return jacobian_lines(self.jacobian, level, printers)


def description_of(derivation: Derivation) -> Description:
    """The description that it is of, or of its network alone where it is of none."""
    if isinstance(derivation, DescribedDerivation):
        return derivation.description
    return described(derivation.network or derivation.system)
