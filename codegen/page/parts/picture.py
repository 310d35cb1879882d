"""The pictures: the network, and where it is a small stack of layers, the way back."""

from __future__ import annotations

from chainrule.codegen.document.document import Block
from chainrule.codegen.lesson.pictures import network_picture, reversed_picture
from chainrule.codegen.words.translation import speaking

from .fragment import blocks_fragment
from .prepared import prepared
from .question import Question


def picture_part(question: Question) -> str:
    """The pictures that there are of this network."""
    with speaking(question.language):
        material = prepared(question.text).material(question)
        blocks: list[Block] = [network_picture(material), *reversed_picture(material)]
        return blocks_fragment(blocks, "picture-")
