"""The section on second derivatives: what the Hessian times a direction is, its derivation, and blocks of the Hessian."""

from __future__ import annotations

from dataclasses import replace

from sympy import Mul

from symbolic.derivation import Adjoint, Step
from symbolic.equations import Equation
from symbolic.hessian import HessianBlock
from symbolic.letters import free_letters
from symbolic.matrix_form import Stored
from symbolic.second_derivatives import SecondDerivation

from .blocks import Block, Display, Heading, Line, Math, Paragraph, Reference
from .latex import Latex
from .latex_matrix import LatexMatrix
from .lesson_derivation import chain_of_equalities
from .lesson_material import Material
from .lesson_numbers import bound
from .notation import operator
from .second_latex import SecondLatex, SecondMatrix
from .second_program import SecondDerivatives
from .sentences import say

#: Results of equal layers that are shown, blocks of the Hessian, and equations of one block, that a reader can take.
MOST_REPEATED = 12
MOST_BLOCKS = 8
MOST_EQUATIONS = 8


class SecondMaterial(Material):
    """The material of the second derivation: its formulas are written with other names."""

    @property
    def second(self) -> SecondDerivation:
        assert self.checked.second is not None
        return self.checked.second.derivation

    @property
    def latex(self) -> Latex:
        return SecondLatex(self.second, self.notation)

    @property
    def matrices(self) -> LatexMatrix:
        return SecondMatrix(self.second, self.notation)


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
    return [*blocks, Paragraph(say("second.checked", error=Math(bound(_largest_error(material)))))]


def _largest_error(material: Material) -> float:
    parameters = {tensor.name for tensor in material.system.parameters}
    return max((error for name, error in material.checked.errors.items() if name not in parameters), default=0.0)


def _introduction(material: Material, own: SecondMaterial) -> list[Block]:
    cost, rate = material.latex.cost, own.latex.cost
    pair = rf"\frac{{\partial^2 {cost}}}{{\partial w \, \partial w'}}"
    names = {"d": r"\mathrm{d}u", "v": r"\mathrm{v}w", "h": r"\mathrm{h}u"}
    return [
        Heading(1, say("heading.second"), "second-derivatives"),
        Paragraph(say("second.hessian", H=Math("H"), pair=Math(rf"\partial^2 {cost} / \partial w \, \partial w'"), v=Math("v"))),
        Paragraph(say("second.rate", v=Math("v"), phi=Math(rate))),
        Display((Line(rf"\frac{{\partial {rate}}}{{\partial w}}", rf"\sum_{{w'}} {pair} \, v_{{w'}} = (H v)_{{w}}"),)),
        Paragraph(
            say(
                "second.names",
                d=Math(names["d"]),
                dlong=Math(rf"\partial {cost} / \partial u"),
                v=Math(names["v"]),
                w=Math("w"),
                h=Math(names["h"]),
                hlong=Math(rf"\partial {rate} / \partial u"),
            )
        ),
        own.equation(own.second.system.cost),
        Paragraph(say("second.again", phi=Math(rate))),
    ]


def _derivation(own: SecondMaterial) -> list[Block]:
    """Every second adjoint with its steps; of equal layers, one with its steps and of the others the result."""
    blocks: list[Block] = []
    first_of_kind: dict[tuple[Step, ...], Adjoint] = {}
    repeated = 0
    for adjoint in own.second.needed:
        if adjoint.expression.is_number:
            continue
        first = first_of_kind.setdefault(adjoint.derived_steps, adjoint)
        if first is adjoint:
            blocks += _with_steps(own, adjoint)
        else:
            repeated += 1
            if repeated <= MOST_REPEATED:
                reference = Reference(own.numbering.of[first.as_tensor.name])
                blocks += [Paragraph(say("gradient.same", first=reference)), own.equation(adjoint.equation)]
    return blocks


def _with_steps(own: SecondMaterial, adjoint: Adjoint) -> list[Block]:
    left = own.latex.text(adjoint.as_tensor.own_entry)
    first, *rest = adjoint.steps
    u = Math(own.bare(adjoint.tensor.name))
    heading = Heading(2, say("heading.second.of", h=Math(own.bare(adjoint.as_tensor.name))), f"second-{adjoint.tensor.name}")
    return [
        heading,
        chain_of_equalities(own, left, first.after, say("reason.chain rule second", u=u, phi=Math(own.latex.cost)), rest),
        Paragraph(say("gradient.result")),
        own.equation(adjoint.equation),
    ]


def _in_short(own: SecondMaterial) -> list[Block]:
    """All results in matrix notation, where there is one."""
    equations = [adjoint.equation for adjoint in own.second.needed if not adjoint.expression.is_number]
    lines = [line for line in (_matrix_line(own, equation) for equation in equations) if line is not None]
    if not lines or len(lines) > 5 * MOST_EQUATIONS:
        return []
    return [Paragraph(say("second.short")), *(Display((line,)) for line in lines)]


def _matrix_line(own: SecondMaterial, equation: Equation) -> Line | None:
    return own.matrix_line(equation, shapes=False) if equation.indices else None


def _with_diagonal(own: SecondMaterial, equation: Equation) -> Line | None:
    """D[n] X[n,k] as diag(D) X, where a factor has the first index alone."""
    if len(equation.indices) != 2:
        return None
    row = {equation.indices[0]}
    factors = Mul.make_args(equation.expression)
    diagonal = [factor for factor in factors if free_letters(factor) == row]
    rest = [factor for factor in factors if free_letters(factor) != row]
    tensor = equation.tensor
    whole = Equation(tensor, Mul(*rest))
    if not diagonal or not isinstance(own.matrix(whole), Stored):
        return None
    entries = own.matrix_line(Equation(replace(tensor, axes=equation.indices[:1]), Mul(*diagonal)), shapes=False)
    matrix = own.matrix_line(whole, shapes=False)
    if entries is None or matrix is None:
        return None
    return Line(matrix.left, rf"{operator('diag')}\left({entries.right}\right) \, {matrix.right}")


def _hessian(own: SecondMaterial, wanted: SecondDerivatives) -> list[Block]:
    w, twin = Math("w"), Math("w'")
    blocks: list[Block] = [
        Heading(2, say("heading.second.hessian"), "hessian"),
        Paragraph(say("second.unit", w=w, twin=twin, delta=Math(r"\delta"))),
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
    lines = tuple(Line(own.latex.text(equation.tensor.own_entry), own.latex.text(equation.expression)) for equation in block.equations)
    blocks: list[Block] = [Paragraph(say("second.by", w=name)), *(Display((line,)) for line in lines)]
    matrices = [_with_diagonal(own, equation) or _matrix_line(own, equation) for equation in block.equations]
    if matrices and all(line is not None for line in matrices):
        blocks += [Paragraph(say("second.matrix")), *(Display((line,)) for line in matrices if line is not None)]
    return blocks
