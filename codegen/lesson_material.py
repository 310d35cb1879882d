"""What every section of a document draws on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from symbolic.array_marks import equation_with_marks
from symbolic.derivation import Derivation
from symbolic.equations import Equation, System
from symbolic.failures import NotExpressible
from symbolic.matrix_form import Matrix, matrix_form
from symbolic.network import Network
from symbolic.verification import Verified

from .blocks import Display, Line, Math, Sentence
from .description import Description
from .example import WorkedExample
from .gradient_check import CheckedModule
from .latex import Latex
from .latex_matrix import LatexMatrix
from .lesson_levels import Levels
from .lesson_numbering import Numbering
from .lesson_views import Views
from .notation import Notation
from .program import Program
from .view import Claims


@dataclass(frozen=True)
class Material:
    """A description with its derivation, its module and its checks, and how formulas are written."""

    description: Description
    derivation: Derivation
    program: Program
    checked: CheckedModule
    verified: Verified
    example: WorkedExample
    notation: Notation
    numbering: Numbering = field(default_factory=Numbering)
    claims: Claims = field(default_factory=Claims)
    levels: Levels = field(default_factory=Levels)

    @cached_property
    def views(self) -> Views:
        """Smaller systems of the same kind, for the sections that look at one neuron, one example or one layer."""
        return Views(self.layers, self.notation, self.claims, self.numbering)

    @property
    def layers(self) -> Network | None:
        """The network as layers, where it was described so."""
        return self.description.layers

    @property
    def system(self) -> System:
        return self.derivation.system

    @property
    def latex(self) -> Latex:
        return Latex(self.system, self.notation)

    @property
    def single_example(self) -> Latex:
        """Formulas for one example, whose index is left out."""
        return Latex(self.system, self.notation, examples=1)

    @property
    def matrices(self) -> LatexMatrix:
        return LatexMatrix(self.system, self.notation)

    def entry(self, name: str) -> str:
        """A tensor's entry at its own letters, as LaTeX; an adjoint's as ∂C/∂…."""
        return self.latex.entry(name, self.axes(name))

    def axes(self, name: str) -> tuple[object, ...]:
        tensors = self.system.tensors
        tensor = tensors[name] if name in tensors else tensors[name[1:]]
        return tensor.axes

    def bare(self, name: str) -> str:
        """A tensor without indices: w^{(1)}."""
        return self.latex.entry(name, ())

    def equation(self, equation: Equation) -> Display:
        """An equation as a numbered display."""
        left, right = self.latex.text(equation.tensor.own_entry), self.latex.text(equation.expression)
        return Display((Line(left, right),), self.numbering.next_for(equation.tensor.name))

    def matrix_line(self, equation: Equation, shapes: bool) -> Line | None:
        """The equation in matrix notation, or None where there is none."""
        form = self.matrix(equation)
        if form is None:
            return None
        return Line(self.matrices.name(equation.tensor.name), self.matrices.text(form, shapes))

    def matrix(self, equation: Equation) -> Matrix | None:
        try:
            return matrix_form(equation_with_marks(equation, self.system))
        except NotExpressible:
            return None

    def math(self, latex: str) -> Sentence:
        return (Math(latex),)
