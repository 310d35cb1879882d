"""A document from a derivation: which sections there are, and in which order."""

from __future__ import annotations

from dataclasses import replace

from .blocks import Block, Document
from .lesson_collected import collected_section
from .lesson_derivation import chain_section, derivation_section
from .lesson_material import Material
from .lesson_network import forward_section, network_section
from .lesson_numbers import check_section, code_section, numbers_section, trust_section
from .lesson_second import second_section
from .lesson_summary import scalar_section, summary_section, update_section
from .translation import spoken_language, written_date

SECTIONS = (
    network_section,
    forward_section,
    chain_section,
    derivation_section,
    collected_section,
    summary_section,
    second_section,
    update_section,
    scalar_section,
    numbers_section,
    check_section,
    trust_section,
    code_section,
)


def handout(material: Material) -> Document:
    """The whole document, in the language that is spoken."""
    blocks: list[Block] = []
    for section in SECTIONS:
        blocks += section(material)
    front = material.description.front
    return Document(replace(front, date=written_date(front.date)), tuple(blocks), spoken_language().tag)
