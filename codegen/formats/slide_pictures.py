"""A picture on a slide, as large as there is room for it, filled in step by step where its drawing is."""

from __future__ import annotations

from itertools import pairwise
from math import inf

from chainrule.codegen.document.cut_drawing import GAP, Room, cuts_of, scale_of
from chainrule.codegen.document.document import Figure

from .latex import latex_sentence
from .slide_parts import Part
from .tikz import tikz


def picture_part(figure: Figure, room: Room) -> Part:
    """The picture; one that is much higher than the room in points is cut, and its pieces stand side by side."""
    drawing = figure.drawing
    cuts = cuts_of(drawing, room)
    scale = scale_of(drawing, cuts, room)
    caption = latex_sentence(figure.caption)

    def write(step: int) -> str:
        whole = tikz(drawing, latex_sentence, (inf, inf), overlay=step)
        pieces = [f"\\clipbox{{0pt {drawing.height - bottom:.2f}pt 0pt {top:.2f}pt}}{{%\n{whole}}}" for top, bottom in pairwise(cuts)]
        shown = f"\\hskip{GAP:g}pt\n".join(pieces) if len(pieces) > 1 else whole
        return f"\\slidepicture{{{step}}}{{{scale:.3f}}}{{%\n{shown}}}{{{caption}}}"

    return Part(max(drawing.steps, default=1), write)
