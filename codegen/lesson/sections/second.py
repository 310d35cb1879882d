"""The section on second derivatives: what the Hessian times a direction is, its derivation, and blocks of the Hessian."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from sympy import Mul

from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph, Reference
from chainrule.codegen.document.nodes import (
    THIN,
    Function,
    Letter,
    bracketed,
    derivative,
    derivative_on_a_line,
    fraction,
    primed,
    row,
    scripted,
    total,
)
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.letters import upright
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.codegen.formulas.second_printer import SecondMatrixPrinter, SecondPrinter
from chainrule.codegen.lesson.equation_writer import EquationWriter, SourceParts
from chainrule.codegen.lesson.ledger import PREFIXES
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.program.second_program import SecondDerivatives
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.checking.hessian_check import block_numbers
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.hessian import HessianBlock
from chainrule.symbolic.derivation.second_derivatives import SecondDerivation
from chainrule.symbolic.forms.matrices import Stored
from chainrule.symbolic.forms.matrix_form import matrix_form
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import free_letters
from chainrule.symbolic.system.system import Equation

from .derivation import chain_of_equalities, of_each_kind
from .numbers import limit

#: Results of equal layers that are shown, blocks of the Hessian, and equations of one block, that a reader can take.
MOST_REPEATED = 12
MOST_BLOCKS = 8
MOST_EQUATIONS = 8

#: The Hessian, the direction, the rate, any quantity and any parameter.
OWN_LETTERS = "Hvϕuwδ"


class SecondMaterial(Material):
    """The material of the second derivation: its formulas are written with other names."""

    @property
    def second(self) -> SecondDerivation:
        assert self.checked.second is not None
        return self.checked.second.derivation

    @cached_property
    def numbers(self) -> Numbers:
        """The numbers at which the second derivation was verified."""
        assert self.checked.second is not None
        verified = self.checked.second.verified()
        assert verified.numbers is not None
        self.checker.take_over(self.derivation, verified, verified.numbers, self.derivation.collected_forms)
        return verified.numbers

    @property
    def by_index(self) -> IndexPrinter:
        return SecondPrinter(self.second, self.notation)

    @property
    def matrices(self) -> MatrixPrinter:
        return SecondMatrixPrinter(self.second, self.notation)


def second_section(material: Material) -> list[Block]:
    """What H v is, every step to it, and the Hessian of single parameters; nothing where no second derivatives are wanted."""
    wanted = material.checked.second
    if wanted is None:
        return []
    second = replace(material, derivation=wanted.derivation.derivation)
    own = SecondMaterial(**{name: getattr(second, name) for name in second.__dataclass_fields__})
    blocks = [*_introduction(material, own), *_derivation(own), *_in_short(own)]
    if wanted.blocks:
        blocks += _hessian(own, wanted)
    blocks.append(Paragraph(say("second.checked", error=Math(limit(_largest_error(material))))))
    return material.ledger.to_themselves(blocks, OWN_LETTERS, PREFIXES)


def _largest_error(material: Material) -> float:
    parameters = {tensor.name for tensor in material.system.parameters}
    return max((error for name, error in material.checked.errors.items() if name not in parameters), default=0.0)


def _introduction(material: Material, own: SecondMaterial) -> list[Block]:
    cost, rate = material.by_index.cost, own.by_index.cost
    w = primed("w")
    above, below = row(scripted("∂", above="2"), cost), row("∂", "w", THIN, "∂", w)
    # The derivative of φ is the Hessian times v: the module's product against differences of its gradient along v.
    whole = row(total(w), fraction(above, below), THIN, scripted("v", w), "=", scripted(bracketed(row("H", "v")), "w"))
    product = Formula(derivative(rate, "w")), Formula(whole)
    names = {prefix: row(upright(prefix), letter) for prefix, letter in (("d", "u"), ("v", "w"), ("h", "u"))}
    return [
        Heading(1, say("heading.second"), "second-derivatives"),
        Paragraph(say("second.hessian", H=Math(Letter("H")), pair=Math(row(above, "/", below)), v=Math(Letter("v")))),
        Paragraph(say("second.rate", v=Math(Letter("v")), phi=Math(rate))),
        Display((Line(*product, evidence=material.checker.differences(_largest_error(material), *product)),)),
        Paragraph(
            say(
                "second.names",
                d=Math(names["d"]),
                dlong=Math(derivative_on_a_line(cost, "u")),
                v=Math(names["v"]),
                w=Math(Letter("w")),
                h=Math(names["h"]),
                hlong=Math(derivative_on_a_line(rate, "u")),
            )
        ),
        own.equation(own.second.system.cost),
        Paragraph(say("second.again", phi=Math(rate))),
    ]


def _derivation(own: SecondMaterial) -> list[Block]:
    """Every second adjoint with its steps; of equal layers, one with its steps and of the others the result."""
    blocks: list[Block] = []
    for adjoint, first in of_each_kind(own.second.needed, MOST_REPEATED):
        if first is adjoint:
            blocks += _with_steps(own, adjoint)
        else:
            reference = Reference(own.numbering.of[first.as_tensor.name])
            blocks += [Paragraph(say("gradient.same", first=reference)), own.gradient(adjoint)]
    return blocks


def _with_steps(own: SecondMaterial, adjoint: Adjoint) -> list[Block]:
    first, *rest = adjoint.steps
    u = Math(own.bare(adjoint.tensor.name))
    reason = say("reason.chain rule second", u=u, phi=Math(own.by_index.cost))
    heading = Heading(2, say("heading.second.of", h=Math(own.bare(adjoint.as_tensor.name))), f"second-{adjoint.tensor.name}")
    # The last step is the result.
    return [heading, own.numbered(chain_of_equalities(own, adjoint.as_tensor.own_entry, first.after, reason, rest), adjoint)]


def _in_short(own: SecondMaterial) -> list[Block]:
    """All results in matrix notation, where there is one."""
    equations = [adjoint.equation for adjoint in own.second.needed if not adjoint.expression.is_number]
    lines = [line for line in map(own.writer.matrix_or_none, equations) if line is not None]
    if not lines or len(lines) > 5 * MOST_EQUATIONS:
        return []
    return [Paragraph(say("second.short")), *(Display((line,)) for line in lines)]


def _with_diagonal(writer: EquationWriter, equation: Equation) -> Line | None:
    """D[n] X[n,k] as diag(D) X, where a factor has the first index alone."""
    if len(equation.indices) != 2:
        return None
    first = {equation.indices[0]}
    factors = Mul.make_args(equation.expression)
    diagonal = [factor for factor in factors if free_letters(factor) == first]
    rest = [factor for factor in factors if free_letters(factor) != first]
    tensor = equation.tensor
    entries, whole = Equation(replace(tensor, axes=equation.indices[:1]), Mul(*diagonal)), Equation(tensor, Mul(*rest))
    try:
        forms = [matrix_form(part, writer.source.numbers.system.order) for part in (entries, whole)]
    except NotExpressible:
        return None
    if not diagonal or not isinstance(forms[1], Stored):
        return None
    numbers, checker = writer.source.numbers, writer.source.checker
    for part, form in zip((entries, whole), forms, strict=True):
        checker.matrix(part, form, numbers)
    product = np.diag(evaluate(entries.expression, numbers, entries.indices)) @ evaluate(whole.expression, numbers, whole.indices)
    middle, right = (writer.matrices.node(form) for form in forms)
    shown = Formula(writer.matrices.name(tensor.name)), Formula(row(Function("diag"), bracketed(middle, grows=True), THIN, right))
    expected = evaluate(equation.expression, numbers, equation.indices)
    return Line(*shown, evidence=checker.numbers_agree(f"diag(…) … for {tensor.name}", product, expected, *shown))


def _hessian(own: SecondMaterial, wanted: SecondDerivatives) -> list[Block]:
    blocks: list[Block] = [
        Heading(2, say("heading.second.hessian"), "hessian"),
        Paragraph(say("second.unit", w=Math(Letter("w")), delta=Math(Letter("δ")))),
    ]
    for block in wanted.blocks[:MOST_BLOCKS]:
        blocks += _block(own, block)
    return blocks


def _block(own: SecondMaterial, block: HessianBlock) -> list[Block]:
    name = Math(own.bare(block.parameter.name))
    if block.is_zero:
        return [Paragraph(say("second.zero", w=name))]
    if len(block.equations) > MOST_EQUATIONS:
        return [Paragraph(say("second.long", w=name, count=str(len(block.equations))))]
    writer = EquationWriter(SourceParts(block_numbers(own.second, block), own.checker, own.numbering), own.by_index, own.matrices)
    lines = [writer.equation(equation) for equation in block.equations]
    blocks: list[Block] = [Paragraph(say("second.by", w=name)), *(Display((line,)) for line in lines)]
    matrices = [_with_diagonal(writer, equation) or writer.matrix_or_none(equation) for equation in block.equations]
    if matrices and all(line is not None for line in matrices):
        blocks += [Paragraph(say("second.matrix")), *(Display((line,)) for line in matrices if line is not None)]
    return blocks
