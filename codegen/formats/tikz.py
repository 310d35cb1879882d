"""A drawing as TikZ, made smaller where it is too large for the room that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chainrule.codegen.document.drawing import PAGE, Drawing, decimal, page_scale
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.document.shapes import Anchor, Box, Circle, Curve, DrawnShape, Ink, Label, Point, Polygon

COLOURS = {Ink.INK: "black", Ink.QUIET: "quiet", Ink.FAINT: "faint", Ink.GRADIENT: "gradient"}
_SIDES = {Anchor.START: "left", Anchor.MIDDLE: "", Anchor.END: "right"}


def tikz(drawing: Drawing, sentence: Callable[[Sentence], str], room: tuple[float, float] = PAGE, overlay: int = 0) -> str:
    """A tikzpicture; `sentence` writes the text of a label as LaTeX, and `room` is the width and height that there are for it.

    On a slide it fills in from that overlay on, where the drawing does.
    """
    steps = drawing.steps if overlay and drawing.steps else (0,) * len(drawing.shapes)
    stepwise = zip(steps, drawing.shapes, strict=True)
    body = "\n".join(f"  {part}" for step, shape in stepwise for part in _appearing(shape, sentence, step, overlay))
    # The corners, so that the picture is as large as it was laid out and no label moves it.
    corners = rf"\useasboundingbox (0,0) rectangle {_point((drawing.width, drawing.height))};"
    picture = f"\\begin{{tikzpicture}}[x=1pt,y=-1pt]\n  {corners}\n{body}\n\\end{{tikzpicture}}"
    scale = page_scale(drawing, room)
    return picture if scale == 1 else f"\\scalebox{{{scale:.3f}}}{{%\n{picture}}}"


def _appearing(shape: DrawnShape, sentence: Callable[[Sentence], str], step: int, overlay: int) -> Iterator[str]:
    """The shape from its own overlay on; those of the first step are there with the picture."""
    for part in _shape(shape, sentence):
        yield rf"\only<{overlay + step - 1}->{{{part}}}" if step > 1 else part


def _shape(shape: DrawnShape, sentence: Callable[[Sentence], str]) -> Iterator[str]:
    match shape:
        case Label():
            yield from _label(shape, sentence)
        case Circle(centre, radius, ink, filled):
            yield rf"\{_style(ink, filled)} {_point(centre)} circle[radius={decimal(radius)}pt];"
        case Box((x, y), width, height, rounding, ink):
            style = _style(ink, filled=False, rounding=rounding)
            yield rf"\{style} {_point((x, y))} rectangle {_point((x + width, y + height))};"
        case Polygon(points, ink, filled):
            yield rf"\{_style(ink, filled)} {' -- '.join(_point(point) for point in points)} -- cycle;"
        case Curve():
            yield _path(shape)


def _style(ink: Ink, filled: bool, rounding: float = 0.0) -> str:
    corners = f"rounded corners={decimal(rounding)}pt," if rounding else ""
    return f"fill[{COLOURS[ink]}]" if filled else f"filldraw[{corners}draw={COLOURS[ink]},fill=white,line width=0.8pt]"


def _path(path: Curve) -> str:
    written = _point(path.start)
    for segment in path.segments:
        *control, end = (_point(point) for point in segment)
        written += f" .. controls {control[0]} and {control[1]} .. {end}" if control else f" -- {end}"
    dashes = ",dash pattern=on 3pt off 2pt" if path.dashed else ""
    return rf"\draw[{COLOURS[path.ink]},line width={decimal(path.width)}pt{dashes}] {written};"


def _label(label: Label, sentence: Callable[[Sentence], str]) -> Iterator[str]:
    if label.backed:
        room = label.backing
        yield rf"\fill[white] {_point((room.left, room.top))} rectangle {_point((room.right, room.bottom))};"
    place = _point((label.place[0], label.base_line))
    yield rf"\pictureletters{{{_SIDES[label.anchor]}}}{place}{{{COLOURS[label.ink]}}}{{{label.size}}}{{{sentence(label.text)}}}"


def _point(point: Point) -> str:
    return f"({decimal(point[0])},{decimal(point[1])})"
