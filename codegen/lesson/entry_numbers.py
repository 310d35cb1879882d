"""The worked example of a small network entry by entry, forward and backward, with as many digits as a reader compares at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Expr, Indexed, Integer, Symbol

from chainrule.codegen.checking.checker import Checker, together
from chainrule.codegen.document.document import Formula, Line
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.measure import formula_width
from chainrule.codegen.formulas.notation import Notation
from chainrule.codegen.formulas.number_printer import NumberPrinter
from chainrule.symbolic.checking.interpreter import jacobian
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.scalar_form import ScalarEquation, ScalarForm, entries_in_order, fixed_sizes, scalar_form
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.tensors import entry_indices, entry_name
from chainrule.symbolic.system.system import System

from .substituted_numbers import PutIn, put_in
from .worked_example import WorkedExample
from .worked_values import all_values, with_labels

DIGITS = 5
#: Entries that are worked one by one; a larger network shows arrays.
MOST_ENTRIES = 60
#: In em: with few digits, formula, numbers and value stand on one line that is no wider.
WIDEST_LINE = 30.0


@dataclass(frozen=True)
class EntryNumbers:
    """Every entry's equation, those of the adjoints too, and its number at the worked example."""

    derivation: Derivation
    example: WorkedExample
    notation: Notation
    checker: Checker
    #: The same as whole arrays.
    numbers: Numbers
    form: ScalarForm

    @property
    def system(self) -> System:
        return self.derivation.system

    @cached_property
    def backward(self) -> dict[Expr, ScalarEquation]:
        """Every adjoint's entries by themselves, from the cost back."""
        equations = [adjoint.equation for adjoint in self.derivation.adjoints.values()]
        sizes = fixed_sizes(self.system, self.example.examples)
        return {each.entry: each for each in entries_in_order(equations, self.system, sizes)}

    @cached_property
    def values(self) -> dict[Expr, float]:
        return all_values(self.system, self.example, (*self.form.forward, *self.backward.values()))

    @cached_property
    def by_index(self) -> IndexPrinter:
        """The index of an only example is left out."""
        return IndexPrinter(self.system, self.notation, self.example.examples)

    def entry_of(self, adjoint: Expr) -> Expr:
        """The entry that an adjoint's entry is the derivative by."""
        return self.system.tensors[self.system.adjoint_of[entry_name(adjoint)]].at(*entry_indices(adjoint))

    def passed_on_by(self, adjoint: Expr) -> tuple[Expr, ...]:
        """The adjoints' entries that the equation of one reads: where its influence goes on to the cost."""
        read = with_labels(self.backward[adjoint].expression, self.values).atoms(Indexed, Symbol)
        return tuple(other for other in self.backward if other in read)

    def is_passed_on_alone(self, adjoint: Expr) -> bool:
        """Whether all of an adjoint's influence goes on by others: the cost's own equation does not read its entry as well."""
        expression = with_labels(self.backward[adjoint].expression, self.values)
        return bool(expression.xreplace(dict.fromkeys(self.passed_on_by(adjoint), Integer(0))).is_zero)

    def local_derivative(self, adjoint: Expr, through: Expr) -> Expr:
        """∂v/∂u, the factor of ∂C/∂v in the equation of ∂C/∂u, which is a sum of such products."""
        others = {other: Integer(int(other == through)) for other in self.passed_on_by(adjoint)}
        return with_labels(self.backward[adjoint].expression, self.values).xreplace(others)

    def is_read_by(self, entry: Expr, other: Expr) -> bool:
        """Whether the equation of another entry reads this one itself."""
        return entry_name(entry) in self.system.definition[entry_name(other)].reads

    def slope(self, of: Expr, by: Expr) -> float:
        """∂of/∂by by the equation of `of`, which reads `by`: complex steps through the whole array, and no formula for the slope."""
        names, known = (entry_name(of), entry_name(by)), self.numbers.jacobians
        if names not in known:
            known[names] = jacobian(self.numbers, *names)
        return float(known[names][(*places_of(of), *places_of(by))])

    def worked(self, equation: ScalarEquation, digits: int = DIGITS) -> list[Line]:
        """entry = formula = numbers = value."""
        left, right = self.by_index.formula(equation.entry), self.by_index.formula(equation.expression)
        found = self.put_in(write_latex(left.node), equation.expression, digits=digits)
        is_short = sum(formula_width(side.node) for side in (left, right, found.numbers, found.result)) < WIDEST_LINE
        if digits == DIGITS and is_short and found.numbers.node != found.result.node:
            shown = right.joined("=", found.joined())
            return [Line(left, shown, evidence=together([self.computed(equation, left, right), found.evidence], left, shown))]
        return [Line(left, right, evidence=self.computed(equation, left, right)), *found.lines()]

    def result(self, equation: ScalarEquation) -> Line:
        """entry = value"""
        left, found = self.by_index.formula(equation.entry), self.put_in(str(equation.entry), equation.expression)
        return Line(left, found.result, evidence=together([found.evidence, self.computed(equation)], left, found.result))

    def put_in(self, what: str, expression: Expr, further: Mapping[Expr, float] | None = None, digits: int = DIGITS) -> PutIn:
        """A formula with its numbers and its value."""
        values = {**self.values, **(further or {})}
        printer = NumberPrinter(self.system, self.notation, values, digits)
        return put_in(what, expression, values, printer, self.checker)

    def computed(self, equation: ScalarEquation, *shown: Formula) -> Evaluated:
        """The entry's own equation against that of the whole array, as the module computes it."""
        whole = float(np.real(self.numbers.arrays[equation.tensor][places_of(equation.entry)]))
        return self.checker.numbers_agree(f"{equation.entry} at the worked example", self.values[equation.entry], whole, *shown)


def places_of(entry: Expr) -> tuple[int, ...]:
    """Where an entry of whole numbers stands in its array."""
    return tuple(map(int, entry_indices(entry)))


def scalar_form_to_read(derivation: Derivation, examples: int) -> ScalarForm | None:
    """The network entry by entry; None where there are too many entries to be read one by one."""
    try:
        form = scalar_form(derivation, examples)
    except NotExpressible:
        return None
    return form if len(form.forward) + len(form.backward) <= MOST_ENTRIES else None
