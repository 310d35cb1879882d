from __future__ import annotations

from .blocks import Block
from .lesson_material import Material


def chain_rule_cases_section(material: Material) -> list[Block]:
    return []
