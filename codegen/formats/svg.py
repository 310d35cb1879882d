"""A drawing as SVG: inside of a page, whose colours it takes, or as a file of its own on white paper.

Letters are text, which can be read aloud, searched and enlarged. Colours are given twice: as attributes, for programs that know no style
sheet, and as classes, by which a page can choose others (on dark paper).
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from chainrule.codegen.document.drawing import Drawing, decimal, page_scale
from chainrule.codegen.document.shapes import Box, Circle, Curve, DrawnShape, Ink, Label, Point, Polygon
from chainrule.codegen.document.text_runs import runs
from chainrule.codegen.templating.environments import one_line

#: The mathematical ones have the Greek letters that the others lack.
FONTS = (
    "'Latin Modern Roman', 'LM Roman 10', 'Latin Modern Math', 'STIX Two Text', 'STIX Two Math', Cambria, 'Times New Roman', "
    "'Liberation Serif', Times, serif"
)
COLOURS = {Ink.INK: "#000000", Ink.QUIET: "#444c54", Ink.FAINT: "#9aa3ab", Ink.GRADIENT: "#b3261e"}
PAPER = "#ffffff"
#: A label of this size is as high as the text of the page.
TEXT_SIZE = 10
#: Pixels a point, where a picture is a file of its own.
FILE_SCALE = 1.5


def inline_svg(drawing: Drawing, name: str, title: str, description: str) -> str:
    """An element for an HTML page. `name` makes its ids unique; `title` and `description` are read aloud."""
    size = f'style="width:{decimal(page_scale(drawing) * drawing.width / TEXT_SIZE)}em"'
    return _svg(drawing, name, title, description, size)


def svg_file(drawing: Drawing, name: str, title: str, description: str) -> str:
    """A whole file, on white paper."""
    scale = FILE_SCALE * page_scale(drawing)
    width, height = decimal(scale * drawing.width), decimal(scale * drawing.height)
    paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>\n'
    size = f'xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _svg(drawing, name, title, description, size, paper) + "\n"


def _svg(drawing: Drawing, name: str, title: str, description: str, size: str, paper: str = "") -> str:
    box = f"0 0 {decimal(drawing.width)} {decimal(drawing.height)}"
    opening = f'<svg {size} viewBox="{box}" role="img" aria-labelledby="{name}-title {name}-desc" font-family={quoteattr(FONTS)}>'
    spoken = f'<title id="{name}-title">{_text(title)}</title>\n<desc id="{name}-desc">{_text(description)}</desc>'
    body = "\n".join(part for shape in drawing.shapes for part in _shape(shape))
    return f"{opening}\n{spoken}\n{paper}{body}\n</svg>"


def _text(text: str) -> str:
    return escape(one_line(text))


def _shape(shape: DrawnShape) -> Iterator[str]:
    match shape:
        case Label():
            yield from _label(shape)
        case Circle((x, y), radius, ink, filled):
            yield f'<circle cx="{decimal(x)}" cy="{decimal(y)}" r="{decimal(radius)}" {_filled(ink) if filled else _outlined(ink)}/>'
        case Box(corner, width, height, rounding, ink):
            rounded = f' rx="{decimal(rounding)}"' if rounding else ""
            yield f"<rect {_rectangle(corner, width, height)}{rounded} {_outlined(ink)}/>"
        case Polygon(points, ink, filled):
            yield f'<path d="M{" ".join(_point(point) for point in points)}Z" {_filled(ink) if filled else _outlined(ink)}/>'
        case Curve():
            yield _path(shape)


def _path(path: Curve) -> str:
    parts = [f"M{_point(path.start)}"]
    for segment in path.segments:
        parts.append(f"{'L' if len(segment) == 1 else 'C'}{' '.join(_point(point) for point in segment)}")
    dashes = ' stroke-dasharray="3 2"' if path.dashed else ""
    colour = f'class="line-{path.ink.value}" stroke="{COLOURS[path.ink]}"'
    return f'<path d="{"".join(parts)}" fill="none" {colour} stroke-width="{decimal(path.width)}"{dashes}/>'


def _filled(ink: Ink) -> str:
    return f'class="area-{ink.value}" fill="{COLOURS[ink]}"'


def _outlined(ink: Ink) -> str:
    return f'class="paper line-{ink.value}" fill="{PAPER}" stroke="{COLOURS[ink]}" stroke-width="0.8"'


def _label(label: Label) -> Iterator[str]:
    if label.backed:
        room = label.backing
        yield f'<rect {_rectangle((room.left, room.top), room.right - room.left, room.bottom - room.top)} class="paper" fill="{PAPER}"/>'
    x, size = label.place[0], label.size
    anchor = "" if label.anchor.value == "start" else f' text-anchor="{label.anchor.value}"'
    colour = f'class="area-{label.ink.value}" fill="{COLOURS[label.ink]}"'
    yield f'<text x="{decimal(x)}" y="{decimal(label.base_line)}" font-size="{size}"{anchor} {colour}>{"".join(_runs(label))}</text>'


def _runs(label: Label) -> Iterator[str]:
    height, shift = 0.0, 0.0
    for run in runs(label.text):
        shift += run.shift
        if not run.text:
            continue
        moved = f' dx="{decimal(shift * label.size)}"' if round(shift, 3) else ""
        lowered = f' dy="{decimal((height - run.rise) * label.size)}"' if round(height - run.rise, 3) else ""
        size = f' font-size="{decimal(run.size * label.size)}"' if run.size != 1 else ""
        style = (' font-style="italic"' if run.slanted else "") + (' font-weight="bold"' if run.bold else "")
        text = escape(one_line(run.text))
        plain = not (moved or lowered or size or style)
        yield text if plain else f"<tspan{moved}{lowered}{size}{style}>{text}</tspan>"
        height, shift = run.rise, 0.0


def _rectangle(corner: Point, width: float, height: float) -> str:
    return f'x="{decimal(corner[0])}" y="{decimal(corner[1])}" width="{decimal(width)}" height="{decimal(height)}"'


def _point(point: Point) -> str:
    return f"{decimal(point[0])} {decimal(point[1])}"
