"""What the pages are for, and the network that they are about."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Heading, Items, Math, Paragraph
from chainrule.codegen.document.nodes import derivative_on_a_line, node
from chainrule.codegen.lesson.layer_table import layer_table
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.overview_pictures import overview_picture
from chainrule.codegen.lesson.pictures import network_picture, valued_picture
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.layers.network import Network

from .network import network_in_short
from .one_path import asked_weight
from .symbol_table import symbol_table

AIMS = ("forward", "path", "rule", "learn")


def aims_section(material: Material) -> list[Block]:
    """Why gradients are wanted, and what a reader can do at the end."""
    parameter = material.system.parameters[0].name
    gradient = Math(derivative_on_a_line(material.by_index.cost, material.bare(parameter)))
    count = sum(array.size for array in material.example.params)
    aims = tuple(say(f"aims.{aim}") for aim in AIMS if aim != "path" or material.entry_numbers is not None)
    return [
        Heading(1, say("heading.aims"), "aims"),
        Paragraph(
            say(
                "aims.why",
                count=count,
                cost=Math(node(material.by_index.cost)),
                gradient=gradient,
                parameter=Math(material.bare(parameter)),
            )
        ),
        *overview_picture(material),
        *valued_picture(material),
        *_question(material),
        Paragraph(say("aims.intro")),
        Items(aims),
    ]


def _question(material: Material) -> list[Block]:
    """Raise or lower one weight, whose path is followed later; nothing where there is no such weight."""
    asked = asked_weight(material)
    cost = Math(node(material.by_index.cost))
    return [Paragraph(say("aims.question", w=Math(asked), cost=cost))] if asked is not None else []


def described_section(material: Material) -> list[Block]:
    """The network, its picture and its symbols; layers of several kinds are a table."""
    described = material.description.network
    table = [layer_table(described, material.system)] if isinstance(described, Network) and material.layers is None else []
    return [
        Heading(1, say("heading.network"), "network"),
        Paragraph(network_in_short(material)),
        *([] if "aims" in material.sections and valued_picture(material) else [network_picture(material)]),
        *table,
        *symbol_table(material),
    ]
