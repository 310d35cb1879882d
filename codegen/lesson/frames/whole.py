"""The frames on all gradients at once: several paths, the reversed network, the graph that fills in, and the general rule."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Heading, Math, Paragraph
from chainrule.codegen.figures.worked_graph import ON_SLIDES
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import reversed_picture, worked_picture
from chainrule.codegen.lesson.sections.chain_rule import general_rule
from chainrule.codegen.lesson.sections.many_paths import sum_over_paths
from chainrule.codegen.lesson.sections.symbol_table import error_said
from chainrule.codegen.words.sentences import say

from .filling import frame, readable


def paths_frame(material: Material) -> list[Block]:
    """A quantity that reaches the cost by several paths."""
    return [Heading(1, say("slides.section.paths"), "many-paths"), *frame(say("slides.paths"), "paths", sum_over_paths(material))]


def reversed_frame(material: Material) -> list[Block]:
    """The reversed network, and the letter of what flows back through it, where the notation has one."""
    error: list[Block] = []
    if material.layers is not None and material.notation.error_letter is not None:
        letter, meaning = error_said(material, material.notation.error_letter)
        error.append(Paragraph(say("slides.reversed.error", error=Math(letter), meaning=meaning)))
    picture = readable(reversed_picture(material), error)
    return frame(say("slides.reversed"), "reversed", [*error, *picture] if picture else [])


def graph_frame(material: Material) -> list[Block]:
    """The computational graph of the example, filling in: values from the input on, then gradients from the cost back."""
    numbers = material.entry_numbers
    if numbers is None:
        return []
    pictures = (readable(worked_picture(material, numbers, distances)) for distances in ON_SLIDES)
    return frame(say("slides.graph"), "graph", next(filter(None, pictures), []))


def rule_frame(material: Material) -> list[Block]:
    """The chain rule for any quantity."""
    section = Heading(1, say("slides.section.rule"), "rule")
    return [section, *frame(say("slides.rule"), "general-rule", [*general_rule(material), Paragraph(say("slides.rule.back"))])]
