"""Training as a whole before its parts: forward pass, backward pass, update, until it converges."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Heading, Math, Paragraph
from chainrule.codegen.document.nodes import with_commas
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import training_loop_picture
from chainrule.codegen.words.sentences import say

from .descent import update_lines


def training_section(material: Material) -> list[Block]:
    """Nothing for a network that is not dense layers in a row, whose layers have letters of one kind."""
    if material.layers is None:
        return []
    letters, output = material.notation.matrix_letters, material.notation.output or material.notation.matrix_letters["a"]
    return [
        Heading(1, say("heading.training"), "training"),
        Paragraph(
            say(
                "training.intro",
                parameters=Math(with_commas(letters["W"], letters["b"])),
                output=Math(output),
                cost=Math(material.by_index.cost),
            )
        ),
        training_loop_picture(material),
        Paragraph(say("training.update", rate=Math(material.notation.learning_rate))),
        update_lines(material),
    ]
