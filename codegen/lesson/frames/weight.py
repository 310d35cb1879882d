"""The frames on a single weight: nudged, and followed along its path as a product of slopes."""

from __future__ import annotations

from dataclasses import replace

from chainrule.codegen.document.document import Block, Heading, Math, Paragraph
from chainrule.codegen.document.nodes import node
from chainrule.codegen.formulas.printed_number import printed
from chainrule.codegen.lesson.curves import NUDGE, along_figure
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.sections.one_path import (
    factors_display,
    followed_weight,
    is_smooth,
    path_answer,
    product_display,
    quotient_display,
    way,
)
from chainrule.codegen.words.sentences import say

from .filling import frame


def nudge_frame(material: Material) -> list[Block]:
    """The difference quotient, and the curve of the cost with its tangent."""
    weight = followed_weight(material)
    if weight is None or not is_smooth(weight.along):
        return []
    w, cost = Math(weight.letter), Math(node(material.by_index.cost))
    answer = say(f"nudge.answer.{way(weight)}", w=w, cost=cost)
    blocks: list[Block] = [
        Paragraph(say("slides.nudge.says", w=w, step=Math(printed(NUDGE).node))),
        quotient_display(material, weight, is_narrow=True),
        replace(along_figure(material, weight.along, weight.letter), caption=()),
        Paragraph(answer),
    ]
    title = say("slides.nudge", w=w, cost=cost)
    return [Heading(1, say("slides.section.weight"), "weight"), *frame(title, "nudge", blocks)]


def slopes_frame(material: Material) -> list[Block]:
    """The slopes along the only path, and their product."""
    weight, numbers = followed_weight(material), material.entry_numbers
    if weight is None or numbers is None or not weight.path:
        return []
    blocks: list[Block] = [
        Paragraph(say("slides.slopes.says", w=Math(weight.letter))),
        factors_display(numbers, weight.path),
        Paragraph(say("path.product")),
        product_display(numbers, weight.path),
        Paragraph(path_answer(material, weight)),
    ]
    return frame(say("slides.slopes"), "slopes", blocks)
