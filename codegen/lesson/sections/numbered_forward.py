"""The forward pass: every equation, with numbers beside it where the network is small; what is like an earlier one in a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from chainrule.codegen.document.document import Block, Display, Figure, Heading, Paragraph
from chainrule.codegen.formulas.measure import formula_width
from chainrule.codegen.lesson.curves import activation_figure
from chainrule.codegen.lesson.entry_numbers import EntryNumbers
from chainrule.codegen.lesson.equation_overview import valued_equations
from chainrule.codegen.lesson.equation_pictures import equation_pictures
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import pictures_parameters, worked_on_paper
from chainrule.codegen.words.sentences import say, together
from chainrule.symbolic.derivation.equal_equations import canonical_form
from chainrule.symbolic.system.system import Equation

from .chain_rule import explained_signs
from .network import remarks_on_the_forward_pass
from .numbers import given_numbers, where_numbers_are_from
from .piece_levels import note_equation, note_worked

#: Equations that are like an earlier one; of more the first and the last.
MOST_ALIKE = 12
#: In em: about four lines. What is longer entry by entry nobody adds up.
LONGEST = 140.0


def numbered_forward_section(material: Material) -> list[Block]:
    """entry = formula = numbers = value for the first entry of every quantity and the values of the others; or the equations alone."""
    numbers, pictures = material.entry_numbers, equation_pictures(material)
    equations = _by_entries(material, numbers, pictures) if numbers is not None else _by_index(material, pictures)
    return [Heading(1, say("heading.forward"), "forward"), *equations, *activation_figure(material)]


def _by_entries(material: Material, numbers: EntryNumbers, pictures: dict[str, Figure]) -> list[Block]:
    blocks: list[Block] = [
        Paragraph(together(where_numbers_are_from(material), given_numbers(material, numbers, pictures_parameters(material)))),
        Paragraph(say("numbers.forward")),
    ]
    for name, display in worked_forward(material, numbers):
        note_worked(material, material.system.definition[name], display)
        blocks += [display, *_picture(pictures, name)]
    if graph := worked_on_paper(material, numbers):
        return [*blocks, Paragraph(say("graph.found")), *graph]
    if graph := valued_equations(material, gradients=True):
        return [*blocks, Paragraph(say("graph.found.boxes")), *graph]
    return blocks


def worked_forward(material: Material, numbers: EntryNumbers) -> Iterator[tuple[str, Display]]:
    """A display for each quantity by its name: its first entry in full, and the values of the others; a long sum stays one by index."""
    for name, group in groupby(numbers.form.forward, key=lambda equation: equation.tensor):
        first, *others = group
        if formula_width(numbers.by_index.node(first.expression)) > LONGEST:
            yield name, Display((material.writer.equation(material.system.definition[name]), *map(numbers.result, (first, *others))))
        else:
            yield name, Display((*numbers.worked(first), *map(numbers.result, others)))


def _picture(pictures: dict[str, Figure], name: str) -> list[Block]:
    """That of a quantity's equation, where it is met first."""
    picture = pictures.pop(name, None)
    return [picture] if picture is not None else []


def _by_index(material: Material, pictures: dict[str, Figure]) -> list[Block]:
    """Each pattern by index and as matrices.

    What differs from it in names alone is directly behind it, where all that it reads is known there, or below.
    """
    patterns = {first: others for first, *others in equations_by_pattern(material)}
    behind: list[Equation] = []
    known = {tensor.name for tensor in (*material.system.inputs, *material.system.parameters)}
    blocks: list[Block] = []
    for equation in material.system.equations:
        if equation not in patterns:
            blocks += _picture(pictures, equation.tensor.name)
            continue
        matrix = material.matrix_line(equation, shapes=True)
        lines = (material.writer.equation(equation), *([matrix] if matrix is not None else []))
        shown = Display(lines, material.numbering.next_for(equation.tensor.name))
        note_equation(material, equation, shown)
        # Of gates of one cell, and of keys and values beside queries, nobody wants to read below what is used before.
        known |= {equation.tensor.name, *equation.reads}
        siblings = [other for other in patterns[equation] if known.issuperset(other.reads)][:MOST_ALIKE]
        beside = [Display(tuple(map(material.writer.equation, siblings)))] if siblings else []
        blocks += [shown, *beside, *_picture(pictures, equation.tensor.name)]
        known |= {other.tensor.name for other in siblings}
        behind += siblings
    alike = [equation for equation in material.system.equations if equation not in patterns and equation not in behind]
    if len(alike) > MOST_ALIKE:
        alike = [*alike[: MOST_ALIKE - 4], *alike[-4:]]
    likewise: list[Block] = [Paragraph(say("forward.alike")), Display(tuple(map(material.writer.equation, alike)))] if alike else []
    return [*blocks, *likewise, *explained_signs(material), *remarks_on_the_forward_pass(material)]


def equations_by_pattern(material: Material) -> list[list[Equation]]:
    """The equations, those together that differ in names alone."""
    found: dict[str, list[Equation]] = {}
    for equation in material.system.equations:
        pattern, _ = canonical_form((equation.tensor.own_entry, equation.expression), material.system)
        found.setdefault(pattern, []).append(equation)
    return [*found.values()]
