"""One step of learning with its numbers, many steps as a curve, and what goes wrong most often."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.codegen.document.document import Block, Heading, Items, Math, Paragraph, Sentence
from chainrule.codegen.document.nodes import Letter
from chainrule.codegen.lesson.curves import learning_figure
from chainrule.codegen.lesson.entry_numbers import DIGITS
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.sentences import say

from .numbers import learning_step

#: Activations whose slope is nearly 0 far from 0.
SATURATED = frozenset({"sigmoid", "tanh"})


def learning_section(material: Material) -> list[Block]:
    return [
        Heading(1, say("heading.learning"), "learning"),
        *learning_step(material, DIGITS, beside=2),
        *learning_figure(material),
        Paragraph(say("pitfalls.intro")),
        Items(tuple(pitfalls(material))),
    ]


def pitfalls(material: Material) -> Iterator[Sentence]:
    layers = material.layers
    yield say("pitfalls.old")
    if any(len(tensor.axes) > 1 for tensor in material.system.parameters):
        yield say("pitfalls.shapes")
    if layers is not None and layers.reduction == "mean":
        yield say("pitfalls.mean", N=Math(Letter("N")))
    if layers is not None and any(layer.formula.name in SATURATED for layer in layers.layers):
        yield say("pitfalls.saturation", slope=Math(material.notation.activation))
