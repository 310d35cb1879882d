"""What the nodes of a diagram look like: boxes for layers and quantities, pills for what is given, circles for signs, three dots."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.codegen.document.drawing import arrow, dots, line
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.document.shapes import Anchor, Box, Circle, Curve, DrawnShape, Ink, Label

from .layered import DrawnNode

PADDING, LINE, SMALL = 6.0, 11.0, 8
BESIDE = 12.0
SIGN_RADIUS = 8.0
#: Radius of the corners of a box, and of one for what is given; how far a loop reaches.
CORNER, PILL, LOOP = 2.0, 9.0, 16.0


def layer_box(number: Sentence, lines: Sequence[Sentence], shape: Sentence, width: float, is_round: bool, is_recurrent: bool) -> DrawnNode:
    """A box with lines of text on the left and the shape of the output on the right; its number stands outside.

    A recurrent layer has a dashed loop, as it reads its own state.
    """
    half = (LINE * len(lines) + PADDING) / 2
    wide = max(width, layer_width(lines, shape)) / 2
    shapes: list[DrawnShape] = [Box((-wide, -half), 2 * wide, 2 * half, PILL if is_round else CORNER)]
    for row, text in enumerate(lines):
        y = LINE * (row - (len(lines) - 1) / 2)
        size, ink = (9, Ink.INK) if row == 0 else (SMALL, Ink.QUIET)
        shapes.append(Label((PADDING - wide, y), text, size, ink, Anchor.START))
    if shape:
        shapes.append(Label((wide - PADDING, 0.0), shape, SMALL, Ink.INK, Anchor.END))
    outside = wide
    if number:
        label = Label((-wide - 4, 0.0), number, SMALL, Ink.QUIET, Anchor.END)
        outside = -label.extent.left
        shapes.append(label)
    if not is_recurrent:
        return DrawnNode(tuple(shapes), outside, wide, half)
    far, high = wide + LOOP, 0.55 * half
    shapes += arrow(Curve((wide, high), (((far, high), (far, -high), (wide, -high)),), width=0.7, dashed=True))
    return DrawnNode(tuple(shapes), outside, far, half)


def layer_width(lines: Sequence[Sentence], shape: Sentence) -> float:
    """How wide a box must be for its texts."""
    left = max(Label((0.0, 0.0), text, 9 if row == 0 else SMALL).width for row, text in enumerate(lines))
    right = Label((0.0, 0.0), shape, SMALL).width + 14 if shape else 0.0
    return left + right + 2 * PADDING


def quantity(letter: Sentence, beside: Sentence = (), is_given: bool = False, numbers: Sequence[tuple[Sentence, Ink]] = ()) -> DrawnNode:
    """A box with a letter, or a pill where it is given; what else it takes, such as its parameters, comes in from the left.

    `numbers` stand below the letter, a line each.
    """
    lines = [Label((0.0, 0.0), letter), *(Label((0.0, 0.0), text, SMALL, ink) for text, ink in numbers if text)]
    wide, half = max(PADDING + max(line.width for line in lines) / 2, 14.0), 9.0 + LINE * (len(lines) - 1) / 2
    middle = (len(lines) - 1) / 2
    placed = (line.moved(0.0, LINE * (row - middle)) for row, line in enumerate(lines))
    shapes: list[DrawnShape] = [Box((-wide, -half), 2 * wide, 2 * half, PILL if is_given else CORNER), *placed]
    outside = wide
    if beside:
        shapes += arrow(line((-wide - BESIDE, 0.0), (-wide, 0.0), Ink.QUIET))
        taken = Label((-wide - BESIDE - 3, 0.0), beside, SMALL, Ink.QUIET, Anchor.END)
        shapes.append(taken)
        outside = -taken.extent.left
    return DrawnNode(tuple(shapes), outside, wide, half)


def sign(text: Sentence, number: Sentence = ()) -> DrawnNode:
    """A small circle around a sign."""
    label = Label((0.0, 0.0), text, 10)
    shapes: list[DrawnShape] = [Circle((0.0, 0.0), SIGN_RADIUS), label]
    outside = SIGN_RADIUS
    if number:
        beside = Label((-SIGN_RADIUS - 4, 0.0), number, SMALL, Ink.QUIET, Anchor.END)
        shapes.append(beside)
        outside = -beside.extent.left
    return DrawnNode(tuple(shapes), outside, SIGN_RADIUS, SIGN_RADIUS, is_round=True)


def left_out(text: Sentence) -> DrawnNode:
    """Three dots, and how much they stand for."""
    label = Label((9.0, 0.0), text, SMALL, Ink.QUIET, Anchor.START)
    return DrawnNode((*dots((0.0, 0.0)), label), 4.0, label.extent.right, 11.0)
