"""The Jacobian of one tensor by another as a document: by index with every step, as matrices, entry by entry, or node by node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from math import prod

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
from chainrule.codegen.document.nodes import derivative_on_a_line
from chainrule.codegen.formulas.jacobian_printer import form_sides
from chainrule.codegen.formulas.printers import Printers
from chainrule.codegen.formulas.reasons import with_reasons
from chainrule.codegen.words.sentences import Field, say_with
from chainrule.symbolic.checking.draws import entry_numbers
from chainrule.symbolic.checking.jacobian_check import jacobian_values
from chainrule.symbolic.checking.verification import random_numbers, verify
from chainrule.symbolic.derivation.adjoint import Adjoint, Step
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.jacobian import Jacobian
from chainrule.symbolic.forms.computational_graph import computational_graph, node_gradients
from chainrule.symbolic.forms.kronecker_form import Diagonal, jacobian_form
from chainrule.symbolic.forms.scalar_form import ScalarEquation, entries_of, fixed_sizes
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription, NotExpressible, expected_one_of
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.rewriting.rule import Rule

from .derivation_document import checked_letters, joined, signs
from .equation_writer import LineWriter, SourceParts

CONVENTION = "vec stacks the rows of a matrix, and each of its entries has a row"
ZEROS = "All other entries are 0."


def jacobian_document(jacobian: Jacobian, level: str, printers: Printers) -> Document:
    """The derivation, every step evaluated.

    Raises:
        InvalidDescription: where there is no such level.
        CheckFailed: where an equation does not hold, or a letter is not in the ledger.
    """
    blocks = tuple(_Shown(jacobian, level, printers).blocks())
    checked_letters(jacobian.system, printers, blocks)
    return evidenced(Document(FrontMatter(jacobian.system.name), blocks))


def jacobian_lines(jacobian: Jacobian, level: str, printers: Printers) -> tuple[Line, ...]:
    """The result alone: a line, or one for each entry that is not 0, or for each node.

    Raises:
        InvalidDescription: where there is no such level.
        NotExpressible: where there is no matrix form, or there are too many entries to read.
        CheckFailed: where an equation does not hold.
    """
    shown = _Shown(jacobian, level, printers)
    return tuple(LEVELS[level].lines(shown))


def jacobian_blocks(jacobian: Jacobian, printers: Printers, checker: Checker) -> Iterator[Block]:
    """The derivation by index as part of a document."""
    return _Shown(jacobian, "index", printers, checker).blocks()


class _Shown:
    """A Jacobian and who writes it."""

    def __init__(self, jacobian: Jacobian, level: str, printers: Printers, checker: Checker | None = None) -> None:
        if level not in LEVELS:
            raise InvalidDescription(f"no level {level!r} of a Jacobian; {expected_one_of(level, LEVELS)}")
        graph = computational_graph(jacobian.system) if level == "graph" else None
        if graph is not None:
            jacobian = replace(jacobian, derivation=derive(graph.system))
        self.jacobian, self.level, self.printers = jacobian, level, printers
        self.printer = printers.jacobian(jacobian, graph)
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
        if self.jacobian.adjoint is None and self.level != "matrix":
            yield self.heading(self.jacobian.wrt)
            yield Display((self.result(),))
        else:
            yield from LEVELS[self.level].blocks(self)

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

    @cached_property
    def signs(self) -> dict[str, Field]:
        """What reasons mention."""
        return signs(self.jacobian.system, self.printers)

    def reasons(self, steps: Sequence[Step], adjoint: Adjoint) -> Iterator[tuple[Expr, Sentence]]:
        """As for gradients, but for where the ways lead to."""
        names = {"u": self.said(adjoint.tensor.name), "phi": self.said(self.jacobian.of.name)}
        mentioned = self.signs | names
        for step, reasoned in zip(steps, with_reasons(steps, mentioned), strict=True):
            yield (step.after, say_with("reason.chain rule second", names)) if step.rule is Rule.CHAIN_RULE else reasoned

    def said(self, name: str) -> Field:
        """A tensor in a sentence."""
        return Math(self.printer.entry(name, ()))

    def by_entry(self) -> Iterator[Block]:
        """Every derivative on the way, entry by entry, without those that are 0."""
        for adjoint in self.on_the_way:
            yield self.heading(adjoint.tensor)
            lines = self.entry_lines(adjoint)
            yield Display(tuple(lines))
            if len(lines) < prod(self.sizes[axis_name(letter)] for letter in adjoint.equation.indices):
                yield Paragraph((Words(ZEROS),))
            yield BlankLines(1)

    @property
    def on_the_way(self) -> list[Adjoint]:
        """All derivatives but ∂v/∂v, which is δ."""
        return [
            adjoint for adjoint in self.jacobian.derivation.adjoints.values() if adjoint.tensor != self.jacobian.of or adjoint.paths[1:]
        ]

    def entry_lines(self, adjoint: Adjoint) -> list[Line]:
        return [self.entries.line(each.entry, each.expression) for each in self.written_out if each.tensor == adjoint.as_tensor.name]

    def wanted_entries(self) -> Iterator[Line]:
        yield from self.entry_lines(self.jacobian.adjoint) if self.jacobian.adjoint else [self.result()]

    @cached_property
    def written_out(self) -> list[ScalarEquation]:
        """The entries that are not 0."""
        equations = [adjoint.equation for adjoint in self.on_the_way]
        return [each for each in entries_of(equations, self.jacobian.system) if each.expression != 0]

    @cached_property
    def sizes(self) -> dict[str, int]:
        return fixed_sizes(self.jacobian.system, 1)

    @cached_property
    def entries(self) -> LineWriter:
        """Writes single entries of one example, counted from 1."""
        numbers = entry_numbers(self.jacobian.derivation)
        return LineWriter(SourceParts(numbers, self.checker), self.printers.jacobian_entries(self.jacobian))

    def by_node(self) -> Iterator[Block]:
        """Every primitive operation as a node: forward in order, then how fast the tensor changes with each, from it back."""
        yield from (Display((line,)) for line in self.forward_nodes())
        yield BlankLines(1)
        yield from (Display((line,)) for line in self.backward_nodes())

    def forward_nodes(self) -> Iterator[Line]:
        return (self.writer.equation(equation) for equation in self.jacobian.system.equations if equation.tensor.role is not Role.COST)

    def backward_nodes(self) -> Iterator[Line]:
        for name in self.jacobian.derivation.adjoints:
            line, derived = map(self.writer.equation, node_gradients(self.jacobian.derivation, name))
            yield joined(line, derived)

    def heading(self, by: Tensor) -> Heading:
        """∂a2/∂W1 with its shape: the axes of what is differentiated, then those of what it is differentiated by."""
        of = self.jacobian.of
        sizes = [str(self.jacobian.system.axis(letter).size_expression) for letter in (*of.axes, *by.axes)]
        shape = f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
        if self.is_part:
            letters = Math(derivative_on_a_line(self.printer.entry(of.name, ()), self.printer.entry(by.name, ())))
            return Heading(3, (letters, Words(f"    {shape}")), f"jacobian-{by.name}")
        return Heading(2, (Words(f"∂{of.name}/∂{by.name}"), Code(shape)), f"jacobian-{by.name}")

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
        left, right = form_sides(self.jacobian, form, self.printers.matrices(self.jacobian.system))
        said = [form.matrix] if isinstance(form, Diagonal) else [factor.matrix for factor in form.factors]
        shown = Formula(left, (self.tensor.own_entry,)), Formula(right, tuple(said))
        values = jacobian_values(self.jacobian, form, self.writer.source.numbers)
        return Line(
            *shown,
            evidence=self.checker.numbers_agree(f"the matrix form of ∂{self.jacobian.of.name}/∂{self.jacobian.wrt.name}", *values, *shown),
        )


@dataclass(frozen=True, slots=True)
class _Level:
    """What a document shows at a level, and the formulas alone that come out."""

    blocks: Callable[[_Shown], Iterator[Block]]
    lines: Callable[[_Shown], Iterator[Line]]


LEVELS = {
    "scalar": _Level(_Shown.by_entry, _Shown.wanted_entries),
    "index": _Level(_Shown.by_index, lambda shown: iter([shown.result()])),
    "matrix": _Level(_Shown.matrix, lambda shown: iter([shown.matrix_line()])),
    "graph": _Level(_Shown.by_node, lambda shown: chain(shown.forward_nodes(), shown.backward_nodes())),
}
