"""The frames of the two passes: every quantity forward with its numbers, every pattern of a gradient backward, as matrices with shapes."""

from __future__ import annotations

from dataclasses import replace

from chainrule.codegen.document.document import Block, Display, Heading, Math, Paragraph, Sentence
from chainrule.codegen.document.nodes import Node, node
from chainrule.codegen.figures.letters import on_one_line
from chainrule.codegen.formulas.slide_measure import ROOM, height
from chainrule.codegen.lesson.equation_pictures import equation_pictures, window_pictures
from chainrule.codegen.lesson.explained_signs import ShownFormulas
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.sections.chain_rule import matrix_signs
from chainrule.codegen.lesson.sections.derivation import local_derivative, steps_to_result, whole_rule
from chainrule.codegen.lesson.sections.network import remarks_on_the_forward_pass
from chainrule.codegen.lesson.sections.numbered_forward import equations_by_pattern, worked_forward
from chainrule.codegen.lesson.sections.rule import (
    explained_delta,
    gradient_lines,
    gradient_table,
    gradients_by_pattern,
    gradients_to_show,
    parameter_lines,
    through,
    weight_to_show,
)
from chainrule.codegen.words.sentences import formula, listed, say
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.system.system import Equation

from .filling import Shown, cut_to_fit, fits, frame, frames, readable

#: Frames of a small network, whose numbers have frames too, and of a larger one.
FEW_FORWARD, FEW_BACKWARD = 2, 1
MOST_FORWARD, MOST_BACKWARD = 3, 5
#: Names of quantities that are computed like another.
MOST_LIKEWISE = 4


def forward_frames(material: Material) -> list[Block]:
    """Formula beside number where the network is small; else each pattern once, and what is computed likewise."""
    numbers = material.entry_numbers
    if numbers is not None:
        items = [Shown(material.bare(name), (display,)) for name, display in worked_forward(material, numbers)]
    else:
        items = [_pattern(material, *alike) for alike in equations_by_pattern(material)]
    section = Heading(1, say("slides.section.forward"), "forward")
    made = frames("slides.forward", items, MOST_FORWARD if numbers is None else FEW_FORWARD)
    last = max(place for place, block in enumerate(made) if isinstance(block, Heading))
    remarks = remarks_on_the_forward_pass(material) if numbers is None else []
    while remarks and height([*made[last:], *remarks]) > ROOM:
        remarks.pop()
    return [section, *made, *remarks]


def picture_frame(material: Material) -> list[Block]:
    """The first of the pictures of single equations that has room: a recurrence at three steps, the window of a convolution.

    A large window has a frame for each of its ways.
    """
    pictures = readable([*equation_pictures(material).values()])[:1] or readable(window_pictures(material))
    anchors = ["equation-picture", "equation-picture-back"]
    return [block for figure, anchor in zip(pictures, anchors, strict=False) for block in frame(figure.title, anchor, [figure])]


def _pattern(material: Material, first: Equation, *others: Equation) -> Shown:
    line = material.matrix_line(first, shapes=True) or material.writer.equation(first)
    reason = _likewise([material.bare(equation.tensor.name) for equation in others])
    return Shown(material.bare(first.tensor.name), (Display((replace(line, reason=reason),)),))


def _likewise(letters: list[Node]) -> Sentence:
    """What follows in the same way; nothing where there is none."""
    shown = letters if len(letters) <= MOST_LIKEWISE else [*letters[: MOST_LIKEWISE - 2], node("…"), letters[-1]]
    return say("slides.likewise", names=listed(list(map(formula, shown)))) if shown else ()


def example_frame(material: Material) -> list[Block]:
    """One gradient with all of its steps."""
    adjoint = weight_to_show(gradients_to_show(material))
    if adjoint is None:
        return []
    title = say("slides.example", gradient=Math(_gradient(material, adjoint)))
    rule, result = whole_rule(material, adjoint), steps_to_result(material, adjoint)
    local, delta = [local_derivative(material, path) for path in adjoint.paths], explained_delta(material, adjoint)
    shortened: list[list[Block]] = [[rule, *local, result, *delta], [rule, *local, result], [rule, result]]
    return frame(title, "example", next((shown for shown in shortened if fits(shown)), shortened[-1]))


def backward_frames(material: Material) -> list[Block]:
    """The gradients of what is computed, each pattern once, as matrices where they are some."""
    needed = gradients_to_show(material)
    items = []
    for first, *others in gradients_by_pattern(material, needed, weight_to_show(needed)):
        likewise = _likewise([_gradient(material, adjoint) for adjoint in others])
        reason = listed([said for said in (through(material, first), likewise) if said], between="phrases")
        # As matrices, or else by index.
        displays = [Display((replace(line, reason=reason),)) for line in reversed(gradient_lines(material, first))]
        gradient = _gradient(material, first)
        long = Paragraph(say("slides.long", gradient=Math(gradient)))
        items.append(Shown(gradient, (next((display for display in displays if fits([display])), long),)))
    return frames("slides.backward", items, MOST_BACKWARD if material.entry_numbers is None else FEW_BACKWARD)


def _gradient(material: Material, adjoint: Adjoint) -> Node:
    """∂C/∂z, dz or δ, without indices."""
    return on_one_line(material.bare(adjoint.as_tensor.name))


def table_frame(material: Material) -> list[Block]:
    """The gradients of all parameters."""
    table = gradient_table(material, parameter_lines(material))
    said = matrix_signs(material, ShownFormulas([table]))
    signs = [Paragraph(said)] if said else []
    return frame(say("slides.table"), "table", [cut_to_fit(table, signs), *signs])
