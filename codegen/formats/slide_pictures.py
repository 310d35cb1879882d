"""A picture on a slide: one that is much higher than a slide is cut between its shapes, and the pieces stand side by side."""

from __future__ import annotations

from itertools import pairwise
from math import inf

from chainrule.codegen.document.document import Figure
from chainrule.codegen.document.drawing import Drawing
from chainrule.codegen.document.shapes import Curve

from .latex import latex_sentence
from .tikz import tikz

#: In points: the room on a slide, and what stands between two pieces.
WIDTH, HEIGHT, GAP = 400.0, 150.0, 24.0
MOST_PIECES = 3
#: Made no smaller than this, letters can be read, and nothing has to be cut.
READABLE = 0.8


def slide_picture(figure: Figure) -> str:
    """The picture with its caption, as large as fits."""
    drawing = figure.drawing
    whole = tikz(drawing, latex_sentence, (inf, inf))
    cuts = _cuts(drawing)
    pieces = [f"\\clipbox{{0pt {drawing.height - bottom:.2f}pt 0pt {top:.2f}pt}}{{%\n{whole}}}" for top, bottom in pairwise(cuts)]
    shown = f"\\hskip{GAP:g}pt\n".join(pieces) if len(pieces) > 1 else whole
    return f"\\slidepicture{{%\n{shown}}}{{{latex_sentence(figure.caption)}}}"


def _cuts(drawing: Drawing) -> list[float]:
    """Where pieces begin and end, from 0 to the height; two values where it stays whole."""
    best = [0.0, drawing.height]
    for count in range(2, MOST_PIECES + 1):
        if _scale(drawing, best) >= READABLE:
            break
        places = [_free(drawing, drawing.height * number / count) for number in range(1, count)]
        cuts = [0.0, *(place for place in places if place is not None), drawing.height]
        if len(cuts) == count + 1 and _scale(drawing, cuts) > _scale(drawing, best):
            best = cuts
    return best


def _scale(drawing: Drawing, cuts: list[float]) -> float:
    count = len(cuts) - 1
    highest = max(bottom - top for top, bottom in pairwise(cuts))
    return min(1.0, HEIGHT / highest, WIDTH / (count * drawing.width + (count - 1) * GAP))


def _free(drawing: Drawing, wanted: float) -> float | None:
    """The height nearest to the wanted one at which a cut goes through lines alone."""
    taken = [shape.extent for shape in drawing.shapes if not isinstance(shape, Curve)]
    for distance in range(int(drawing.height / 6)):
        for place in (wanted - distance, wanted + distance):
            if not any(extent.top <= place <= extent.bottom for extent in taken):
                return place
    return None
