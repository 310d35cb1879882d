"""What training is about: the input goes through the network, its output meets the target in the cost, and the gradient comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.codegen.document.drawing import Drawing, arrow, drawing, line
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.document.shapes import Anchor, Box, Circle, Curve, DrawnShape, Ink, Label

#: Between a letter and its arrow, and how long an arrow is.
AIR, ARROW = 5.0, 34.0
PADDING, HALF = 12.0, 17.0
LEAST_RADIUS = 12.0
#: How far below the middle the gradient goes back.
BACK = 30.0
SMALL = 8


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands at each station, the target where there is one; `gradient` is what comes back from the cost to the network."""

    inputs: Sentence
    network: Sentence
    parameters: Sentence
    output: Sentence
    cost: Sentence
    target: Sentence
    gradient: Sentence


def overview(shown: Overview) -> Drawing:
    """x → network → y → C ← ŷ, and the gradient from C back to the network."""
    return drawing(_shapes(shown))


def _shapes(shown: Overview) -> Iterator[DrawnShape]:
    """From left to right, on one line."""
    given, result, target = (Label((0.0, 0.0), text, 10, anchor=Anchor.START) for text in (shown.inputs, shown.output, shown.target))
    name, letter = Label((0.0, -7.0), shown.network), Label((0.0, 7.0), shown.parameters)
    cost = Label((0.0, 0.0), shown.cost, 10)
    yield given
    x = given.width + AIR
    yield from arrow(line((x, 0.0), (x + ARROW, 0.0)))
    x += ARROW
    wide = max(name.width, letter.width) + 2 * PADDING
    middle = x + wide / 2
    yield Box((x, -HALF), wide, 2 * HALF, 2.0)
    yield name.moved(middle, 0.0)
    yield letter.moved(middle, 0.0)
    x += wide
    yield from arrow(line((x, 0.0), (x + ARROW, 0.0)))
    x += ARROW + AIR
    yield result.moved(x, 0.0)
    x += result.width + AIR
    yield from arrow(line((x, 0.0), (x + ARROW, 0.0)))
    radius = max(LEAST_RADIUS, cost.width / 2 + 4)
    centre = x + ARROW + radius
    yield Circle((centre, 0.0), radius)
    yield cost.moved(centre, 0.0)
    x = centre + radius
    if shown.target:
        yield from arrow(line((x + ARROW, 0.0), (x, 0.0)))
        yield target.moved(x + ARROW + AIR, 0.0)
    yield from arrow(Curve((centre, radius), (((centre, BACK),), ((middle, BACK),), ((middle, HALF),)), Ink.GRADIENT, 0.8))
    yield Label(((centre + middle) / 2, BACK), shown.gradient, 9, Ink.GRADIENT, backed=True)
