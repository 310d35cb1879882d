"""The worked example of a small network entry by entry, forward and backward, with as many digits as a reader compares at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Expr, Indexed, Integer, Symbol

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Formula, Line
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.number_printer import NumberPrinter
from chainrule.symbolic.checking.interpreter import jacobian
from chainrule.symbolic.forms.scalar_form import ScalarEquation, entries_in_order, fixed_sizes, scalar_form
from chainrule.symbolic.index.failures import NotExpressible

from .material import Material
from .substituted_numbers import PutIn, put_in
from .worked_values import entry_value, given_values, with_labels

DIGITS = 5
#: Entries that are worked one by one; a larger network shows arrays.
MOST_ENTRIES = 60


@dataclass(frozen=True)
class EntryNumbers:
    """Every entry's equation, those of the adjoints too, and its number at the worked example."""

    material: Material
    forward: Sequence[ScalarEquation]

    @cached_property
    def backward(self) -> dict[Expr, ScalarEquation]:
        """Every adjoint's entries by themselves, from the cost back."""
        system, example = self.material.system, self.material.example
        equations = [adjoint.equation for adjoint in self.material.derivation.adjoints.values()]
        return {each.entry: each for each in entries_in_order(equations, system, fixed_sizes(system, example.examples))}

    @cached_property
    def values(self) -> dict[Expr, float]:
        found = given_values(self.material.system, self.material.example)
        for equation in (*self.forward, *self.backward.values()):
            found[equation.entry] = entry_value(equation.expression, found)
        return found

    @cached_property
    def by_index(self) -> IndexPrinter:
        """The index of an only example is left out."""
        return IndexPrinter(self.material.system, self.material.notation, self.material.example.examples)

    @property
    def printer(self) -> NumberPrinter:
        return NumberPrinter(self.material.system, self.material.notation, self.values, DIGITS)

    def adjoint_of(self, entry: Expr) -> Expr:
        """∂C/∂entry."""
        return self.material.derivation.adjoints[name_of(entry)].as_tensor.at(*indices_of(entry))

    def entry_of(self, adjoint: Expr) -> Expr:
        """The entry that an adjoint's entry is the derivative by."""
        return self.material.system.tensors[self.material.system.adjoint_of[name_of(adjoint)]].at(*indices_of(adjoint))

    def passed_on_by(self, adjoint: Expr) -> tuple[Expr, ...]:
        """The adjoints' entries that the equation of one reads: where its influence goes on to the cost."""
        read = with_labels(self.backward[adjoint].expression, self.values).atoms(Indexed, Symbol)
        return tuple(other for other in self.backward if other in read)

    def local_derivative(self, adjoint: Expr, through: Expr) -> Expr:
        """∂v/∂u, the factor of ∂C/∂v in the equation of ∂C/∂u, which is a sum of such products."""
        others = {other: Integer(int(other == through)) for other in self.passed_on_by(adjoint)}
        return with_labels(self.backward[adjoint].expression, self.values).xreplace(others)

    def is_read_by(self, entry: Expr, other: Expr) -> bool:
        """Whether the equation of another entry reads this one itself."""
        return name_of(entry) in self.material.system.definition[name_of(other)].reads

    def slope(self, of: Expr, by: Expr) -> float:
        """∂of/∂by by the equation of `of`, which reads `by`: complex steps through the whole array, and no formula for the slope."""
        numbers = self.material.worked_numbers
        names = name_of(of), name_of(by)
        if names not in numbers.jacobians:
            numbers.jacobians[names] = jacobian(numbers, *names)
        return float(numbers.jacobians[names][(*places_of(of), *places_of(by))])

    def worked(self, equation: ScalarEquation) -> list[Line]:
        """entry = formula = numbers = value."""
        left, right = self.by_index.formula(equation.entry), self.by_index.formula(equation.expression)
        found = self.put_in(write_latex(left.node), equation.expression)
        return [Line(left, right, evidence=self.computed(equation, left, right)), *found.lines()]

    def result(self, equation: ScalarEquation) -> Line:
        """entry = value"""
        left, found = self.by_index.formula(equation.entry), self.put_in(str(equation.entry), equation.expression)
        return Line(left, found.result, evidence=together([found.evidence, self.computed(equation)], left, found.result))

    def put_in(self, what: str, expression: Expr, further: Mapping[Expr, float] | None = None) -> PutIn:
        """A formula with its numbers and its value."""
        values = {**self.values, **(further or {})}
        printer = NumberPrinter(self.material.system, self.material.notation, values, DIGITS)
        return put_in(what, expression, values, printer, self.material.checker)

    def computed(self, equation: ScalarEquation, *shown: Formula) -> Evaluated:
        """The entry's own equation against that of the whole array, as the module computes it."""
        whole = float(np.real(self.material.worked_arrays[equation.tensor][places_of(equation.entry)]))
        return self.material.checker.numbers_agree(f"{equation.entry} at the worked example", self.values[equation.entry], whole, *shown)


def name_of(entry: Expr) -> str:
    """The tensor's name."""
    return str(entry.base.label) if isinstance(entry, Indexed) else str(entry.name)


def indices_of(entry: Expr) -> tuple[Expr, ...]:
    return tuple(entry.indices) if isinstance(entry, Indexed) else ()


def places_of(entry: Expr) -> tuple[int, ...]:
    return tuple(map(int, indices_of(entry)))


def entry_numbers(material: Material) -> EntryNumbers | None:
    """None where there are too many entries to be read one by one."""
    try:
        form = scalar_form(material.derivation, material.example.examples)
    except NotExpressible:
        return None
    if len(form.forward) + len(form.backward) > MOST_ENTRIES:
        return None
    return EntryNumbers(material, form.forward)
