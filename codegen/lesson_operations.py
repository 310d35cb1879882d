from __future__ import annotations

from .blocks import Block
from .lesson_material import Material


def operations_section(material: Material) -> list[Block]:
    return []
