"""Neurons as circles: their labels, where an edge meets them, and how far apart columns of them stand."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.document.shapes import Label, Point

#: From the first to the last column, so that a picture is about as wide as a page.
COLUMNS_WIDTH = 390.0
#: What fits into a circle.
WIDEST_LABEL = 28.0
#: No letter is smaller, but for what stands below or above one.
SMALLEST = 8


def neuron_label(text: Sentence) -> Label:
    """A label at (0, 0), smaller where it is long."""
    label = Label((0.0, 0.0), text)
    while label.width > WIDEST_LABEL and label.size > SMALLEST:
        label = replace(label, size=label.size - 1)
    return label


def columns_apart(count: int, most: float) -> float:
    """The distance of neighbouring columns."""
    return most if count < 2 else min(most, COLUMNS_WIDTH / (count - 1))


def boundary(centre: Point, radius: float, towards: Point) -> Point:
    """The point of a circle that is nearest to another point."""
    across, down = towards[0] - centre[0], towards[1] - centre[1]
    distance = sqrt(across * across + down * down)
    return centre[0] + radius * across / distance, centre[1] + radius * down / distance
