from __future__ import annotations

from .blocks import Block
from .lesson_material import Material


def descent_section(material: Material) -> list[Block]:
    return []


def mean_of_examples_section(material: Material) -> list[Block]:
    return []


def total_cost_section(material: Material) -> list[Block]:
    return []
