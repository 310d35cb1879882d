"""The whole algorithm in a few lines, the updates that learn from it, and, for small networks, everything written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, groupby
from typing import TypeVar

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph, Sentence
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.node_walk import leaves
from chainrule.codegen.document.nodes import bracketed, node, row
from chainrule.codegen.formulas.measure import formula_width
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.optimisers import UpdatePrinter, updates_agree, updates_shown
from chainrule.codegen.words.sentences import formula, listed, say, say_with
from chainrule.symbolic.forms.scalar_form import ScalarEquation, closed_form, scalar_form
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.tensors import scalar
from chainrule.symbolic.layers.optimisers import OPTIMISERS
from chainrule.symbolic.system.system import Equation

MOST_SUMMARISED = 40
#: In em: a formula that is wider fills a line.
WIDEST_FORMULA = 32.0
#: Lines of the written-out network, and letters and signs of the cost as one expression, that a page can take.
MOST_SCALAR_LINES = 60
LONGEST_COST = 400


def summary_section(material: Material) -> list[Block]:
    """Every equation once, forward and backward, in matrix notation where there is one."""
    system = material.system
    blocks: list[Block] = [Heading(1, say("heading.summary"), "summary"), Paragraph(say("summary.forward"))]
    blocks += _equations(material, system.equations)
    backward = [adjoint for adjoint in material.derivation.needed if not adjoint.expression.is_number]
    for adjoint in _shown(backward):
        if not adjoint.is_first_of_kind:
            material.checker.gradient(adjoint, material.numbers)
    return [*blocks, Paragraph(say("summary.backward")), *_equations(material, [adjoint.equation for adjoint in backward])]


T = TypeVar("T")


def _shown(every: Sequence[T]) -> Sequence[T]:
    """The first and the last ones of a long network."""
    return every if len(every) <= MOST_SUMMARISED else [*every[:8], *every[-8:]]


def _equations(material: Material, equations: Sequence[Equation]) -> list[Block]:
    shown = _shown(equations)
    lines = [_line(material, equation) for equation in shown]
    # A formula too wide for the page is made smaller; it stands alone so that the others are not.
    runs = groupby(lines, key=lambda line: formula_width(line.left.node) + formula_width(line.right.node) > WIDEST_FORMULA)
    blocks: list[Block] = [Display(tuple(run)) for _, run in runs]
    if len(shown) < len(equations):
        blocks.append(Paragraph(say("summary.more")))
    return blocks


def _line(material: Material, equation: Equation) -> Line:
    """Matrix notation for arrays; indices for single numbers, and where matrices have no sign."""
    number = material.numbering.of.get(equation.tensor.name)
    reason: Sentence = formula(bracketed(str(number))) if number else ()
    matrix = material.matrix_line(equation, shapes=False)
    return replace(matrix or material.writer.equation(equation), reason=reason)


def update_section(material: Material) -> list[Block]:
    """The optimisers as formulas."""
    letters = material.ledger.of_updates()
    named = {"w": material.ledger.parameters, "g": letters["g"], "t": letters["t"]}
    blocks: list[Block] = [
        Heading(1, say("heading.update"), "update"),
        Paragraph(say_with("update.intro", {name: Math(letter) for name, letter in named.items()})),
    ]
    for optimiser in OPTIMISERS.values():
        state = listed([formula(letters[name]) for name in optimiser.state])
        blocks.append(Paragraph(say_with(f"update.{optimiser.name}", {"state": state})))
        sign = node(material.notation.assignment)
        printer = UpdatePrinter(material, optimiser)
        shown = [(printer.formula(scalar(name)), printer.formula(update)) for name, update in updates_shown(material, optimiser)]
        evidence = together([updates_agree(material, optimiser)], *chain(*shown))
        lines = tuple(Line(*sides, relation=sign, evidence=evidence) for sides in shown)
        blocks.append(Display(lines))
    return blocks


def scalar_section(material: Material) -> list[Block]:
    """∂C/∂w for every single weight and bias, where there are few enough to read."""
    try:
        form = scalar_form(material.derivation)
    except NotExpressible:
        return []
    if len(form.backward) > MOST_SCALAR_LINES:
        return []
    blocks: list[Block] = [Heading(1, say("heading.scalar"), "scalar"), Paragraph(say("scalar.intro")), *_labels(material)]
    for group in grouped(form.backward):
        lines = _scalar_lines(material, group)
        material.levels.note(material.system.adjoint_of[group[0].tensor], "scalar", [lines])
        blocks.append(lines)
    return [*blocks, *_closed(material)]


def _labels(material: Material) -> list[Block]:
    """How labels are counted, where a formula asks for one."""
    labels = [material.single_example.entry(tensor.name, ()) for tensor in material.system.targets if tensor.is_integer]
    return [Paragraph(say("scalar.labels", condition=Math(row(label, "=", "0"), Defined("condition")))) for label in labels]


def grouped(equations: tuple[ScalarEquation, ...]) -> list[list[ScalarEquation]]:
    """The equations of one tensor together."""
    groups: dict[str, list[ScalarEquation]] = {}
    for equation in equations:
        groups.setdefault(equation.tensor, []).append(equation)
    return list(groups.values())


def _scalar_lines(material: Material, equations: list[ScalarEquation]) -> Display:
    printer, lines = material.single_example, []
    for equation in equations:
        evidence = material.checker.entry(equation, material.single_entries)
        lines.append(Line(printer.formula(equation.entry), printer.formula(equation.expression), evidence=evidence))
    return Display(tuple(lines))


def _closed(material: Material) -> list[Block]:
    try:
        expression = closed_form(material.system)
        written = material.single_example.formula(expression)
    except NotExpressible:
        return []
    if leaves(written.node) > LONGEST_COST:
        return []
    cost = material.system.cost.tensor.own_entry
    evidence = material.checker.sides(cost, expression, material.single_entries)
    return [
        Heading(2, say("heading.closed"), "closed-form"),
        Paragraph(say("closed.intro")),
        Display((Line(Formula(material.by_index.cost, (cost,)), written, evidence=evidence),)),
    ]
