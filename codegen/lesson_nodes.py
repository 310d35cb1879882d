from __future__ import annotations

from .blocks import Block
from .lesson_material import Material


def composition_section(material: Material) -> list[Block]:
    return []


def nodes_section(material: Material) -> list[Block]:
    return []
