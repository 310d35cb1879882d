"""The first frames: the question on the picture of the network, and the numbers that are given."""

from __future__ import annotations

from itertools import groupby

from chainrule.codegen.document.document import Block, Items, Math, Paragraph, Sentence, Table
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import derivative_on_a_line, node, row
from chainrule.codegen.figures.columns import MOST_NEURONS
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.lesson.layer_table import layer_table
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import network_picture, valued_picture
from chainrule.codegen.lesson.sections.one_path import followed_weight
from chainrule.codegen.lesson.sections.symbol_table import symbol_table
from chainrule.codegen.lesson.worked_values import given_values
from chainrule.codegen.words.sentences import listed, say
from chainrule.symbolic.index.tensors import entry_name
from chainrule.symbolic.layers.network import Network

from .filling import cut_to_fit, frame, readable

DIGITS = 4
#: Neurons of a layer, where there is no room for as many as on a page.
FEWER = (4, 3)


def question_frame(material: Material) -> list[Block]:
    """Which way one weight should move, below the picture of the network; a table where it is too large."""
    weight = followed_weight(material)
    cost, now = Math(node(material.by_index.cost)), Math(number(material.example.cost, DIGITS))
    if weight is None:
        count = sum(array.size for array in material.example.params)
        title, asked = say("slides.network"), Paragraph(say("slides.network.says", cost=cost, now=now, count=count))
    else:
        gradient = Math(derivative_on_a_line(material.by_index.cost, weight.letter))
        title = say("slides.question", w=Math(weight.letter))
        asked = Paragraph(say("slides.question.says", cost=cost, now=now, gradient=gradient))
    return frame(title, "question", _picture(material, asked) or [*_table(material, asked), asked])


def _picture(material: Material, asked: Paragraph) -> list[Block]:
    """The picture, with its numbers where it is small, above the sentence; with fewer neurons, or alone, where there is no room."""
    valued = valued_picture(material)
    if picture := readable(valued):
        return [*picture, asked] if readable(valued, [asked]) else [*picture]
    for most in (MOST_NEURONS, *FEWER):
        if picture := readable([network_picture(material, most)], [asked]):
            return [*picture, asked]
    return [*readable([network_picture(material)])]


def _table(material: Material, asked: Paragraph) -> list[Block]:
    """Layers of several kinds, or what all symbols stand for."""
    described = material.description.network
    tables = [layer_table(described, material.system)] if isinstance(described, Network) else symbol_table(material)
    return [cut_to_fit(table, [asked]) for table in tables if isinstance(table, Table)]


def given_frame(material: Material) -> list[Block]:
    """The numbers of the example, an array a line, where they are few."""
    if material.entry_numbers is None:
        return []
    by_index, values = material.entry_numbers.by_index, given_values(material.system, material.example)
    points: list[Sentence] = []
    for _, entries in groupby((entry for entry in values if entry_name(entry) in material.system.tensors), key=entry_name):
        given = [Math(row(by_index.node(entry), "=", number(values[entry])), Defined("given")) for entry in entries]
        points.append(listed([(each,) for each in given]))
    return frame(say("slides.given"), "given", [Items(tuple(points))])
