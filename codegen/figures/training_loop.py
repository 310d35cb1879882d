"""The steps of training as a flow chart: what follows what, and the way back until it converges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.codegen.document.drawing import Drawing, arrow, drawing, line
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.document.shapes import Box, Curve, DrawnShape, Ink, Label

PADDING, HALF, ARROW = 7.0, 18.0, 18.0
LINE, BACK = 12.0, 17.0
SMALL = 8


def training_loop(stations: Sequence[Sequence[Sentence]], again: Sentence) -> Drawing:
    """A box for each station with its lines; from the last one the way goes back to the second, with `again` on it."""
    return drawing(_shapes(stations, again))


def _shapes(stations: Sequence[Sequence[Sentence]], again: Sentence) -> Iterator[DrawnShape]:
    x = 0.0
    middles: list[float] = []
    for number, lines in enumerate(stations):
        labels = [Label((0.0, 0.0), text, 9 if row == 0 else SMALL) for row, text in enumerate(lines)]
        wide = max(label.width for label in labels) + 2 * PADDING
        if number:
            yield from arrow(line((x, 0.0), (x + ARROW, 0.0)))
            x += ARROW
        yield Box((x, -HALF), wide, 2 * HALF, 2.0)
        middles.append(x + wide / 2)
        for row, label in enumerate(labels):
            yield label.moved(middles[-1], LINE * (row - (len(labels) - 1) / 2))
        x += wide
    down = HALF + BACK
    path = Curve((middles[-1], HALF), (((middles[-1], down),), ((middles[1], down),), ((middles[1], HALF),)), Ink.INK, 0.6)
    yield from arrow(path)
    yield Label(((middles[1] + middles[-1]) / 2, down), again, SMALL, backed=True)
