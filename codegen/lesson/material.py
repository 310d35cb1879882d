"""What every section of a document draws on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from chainrule.codegen.checking.checker import Checker
from chainrule.codegen.checking.gradient_check import CheckedModule
from chainrule.codegen.descriptions.reader import Description
from chainrule.codegen.document.document import Display, Figure, Line, Sentence
from chainrule.codegen.document.drawing import Drawing
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.codegen.formulas.notation import Notation
from chainrule.codegen.program.program import Program
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.checking.draws import entry_numbers
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.checking.verification import Verified, random_numbers
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.scalar_form import fixed_sizes
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.system import Equation, System

from .entry_numbers import EntryNumbers, scalar_form_to_read
from .equation_writer import EquationWriter
from .explained_signs import ExplainedSigns
from .ledger import Ledger, ledger_of
from .levels import Levels
from .numbering import Numbering
from .views import NetworkViews
from .worked_example import WorkedExample


@dataclass(frozen=True)
class Material:
    """A description with its derivation, its module and its checks, and how formulas are written.

    `sections` are those that the document has, in their order.
    """

    description: Description
    derivation: Derivation
    program: Program
    checked: CheckedModule
    verified: Verified
    example: WorkedExample
    notation: Notation
    sections: tuple[str, ...]
    numbering: Numbering = field(default_factory=Numbering)
    checker: Checker = field(default_factory=Checker)
    levels: Levels = field(default_factory=Levels)
    signs: ExplainedSigns = field(default_factory=ExplainedSigns)

    def with_sections(self, sections: tuple[str, ...]) -> Material:
        """For another document on the same: with its own sections, numbers of equations and letters, and with the same checks."""
        return replace(self, sections=sections, numbering=Numbering(), levels=Levels(), signs=ExplainedSigns())

    @cached_property
    def ledger(self) -> Ledger:
        """What every letter of the document stands for."""
        ledger = ledger_of(self.system, self.notation, self.layers is not None)
        if "updates" in self.sections:
            # Theirs are known to all readers: what has no usual letters takes others.
            ledger.of_updates()
        return ledger

    @cached_property
    def views(self) -> NetworkViews:
        """Smaller systems of the same kind, for the sections that look at one neuron, one example or one layer."""
        return NetworkViews(self.layers, self.notation, self.checker, self.numbering)

    @property
    def layers(self) -> Network | None:
        """The network as layers, where it was described so."""
        return self.description.layers

    @property
    def system(self) -> System:
        return self.derivation.system

    @property
    def by_index(self) -> IndexPrinter:
        return IndexPrinter(self.system, self.notation)

    @property
    def single_example(self) -> IndexPrinter:
        """Formulas for one example, whose index is left out."""
        return IndexPrinter(self.system, self.notation, examples=1)

    @property
    def matrices(self) -> MatrixPrinter:
        return MatrixPrinter(self.system, self.notation)

    @cached_property
    def numbers(self) -> Numbers:
        """The numbers at which the derivation was verified."""
        known = self.verified.numbers
        if known is None or known.system is not self.system:
            return random_numbers(self.derivation)
        self.checker.take_over(self.derivation, self.verified, known, self.derivation.collected_forms)
        return known

    @cached_property
    def single_entries(self) -> Numbers:
        """Random numbers at the sizes of the description, for one example; raises `NotExpressible` where a size is not fixed."""
        return entry_numbers(self.derivation)

    @cached_property
    def worked_numbers(self) -> Numbers:
        """Every quantity and every adjoint at the worked example, by the equations by index."""
        system, example = self.system, self.example
        given = (*system.inputs, *system.targets, *system.parameters)
        numbers = forward(system, {tensor.name: example.values[tensor.name] for tensor in given}, fixed_sizes(system, example.examples))
        return solved([adjoint.equation for adjoint in self.derivation.adjoints.values()], numbers)

    @cached_property
    def entry_numbers(self) -> EntryNumbers | None:
        """The worked example entry by entry; None where there are too many entries to be read so."""
        form = scalar_form_to_read(self.derivation, self.example.examples)
        if form is None:
            return None
        return EntryNumbers(self.derivation, self.example, self.notation, self.checker, self.worked_numbers, form)

    @property
    def worked_arrays(self) -> Mapping[str, NumericArray]:
        return self.worked_numbers.arrays

    @cached_property
    def writer(self) -> EquationWriter:
        """Writes lines of the derivation's equations."""
        return EquationWriter(self, self.by_index, self.matrices)

    def figure(self, name: str, drawing: Drawing, description: Sentence, caption: Sentence) -> Figure:
        """A picture of a kind that the document has once."""
        return Figure(f"{self.system.name}_{name}", drawing, say(f"figure.title.{name}"), description, caption)

    def entry(self, name: str) -> Node:
        """A tensor's entry at its own letters; an adjoint's as ∂C/∂…."""
        return self.by_index.entry(name, self.axes(name))

    def axes(self, name: str) -> tuple[object, ...]:
        tensors = self.system.tensors
        tensor = tensors[name] if name in tensors else tensors[self.system.adjoint_of[name]]
        return tensor.axes

    def bare(self, name: str) -> Node:
        """A tensor without indices: w^{(1)}."""
        return self.by_index.entry(name, ())

    def equation(self, equation: Equation) -> Display:
        """An equation as a numbered display."""
        return self.writer.numbered(self.writer.equation(equation), equation.tensor.name)

    def gradient(self, adjoint: Adjoint) -> Display:
        """A gradient's equation as a numbered display."""
        if not adjoint.is_first_of_kind:
            self.checker.gradient(adjoint, self.numbers)
        return self.equation(adjoint.equation)

    def numbered(self, steps: Display, adjoint: Adjoint) -> Display:
        """Steps that end in a gradient, with the number of its equation."""
        return replace(steps, number=self.numbering.next_for(adjoint.as_tensor.name))

    def matrix_line(self, equation: Equation, shapes: bool) -> Line | None:
        """The equation in matrix notation, or None where there is none."""
        return self.writer.matrix_or_none(equation, shapes)
