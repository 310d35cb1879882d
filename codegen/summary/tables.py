"""A summary as a table: for a terminal or a file, and for a notebook."""

from __future__ import annotations

import io
from collections.abc import Iterator

from markupsafe import Markup
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from .counted import NUMBERS, Counted, Part

#: Where nobody looks at it, as in a file.
PLAIN_WIDTH = 120
#: How a column stands, and whether its cells are numbers.
NUMERIC = ("parameters", "forward", "backward", "numbers held")


def summary_parts(summary: Counted) -> Iterator[RenderableType]:
    """The table and what holds for the whole, from top to bottom."""
    table = Table(box=SIMPLE_HEAD, title=summary.name, title_justify="left")
    for title in _header(summary):
        table.add_column(title, justify="right" if title in NUMERIC else "left")
    for part in summary.parts:
        table.add_row(*map(Text, _cells(part)))
    table.add_section()
    table.add_row(*map(Text, _total(summary)))
    yield table
    yield Text("\n".join(_sentences(summary)))


def as_text(summary: Counted) -> str:
    """Lines of at most PLAIN_WIDTH columns."""
    console = Console(file=io.StringIO(), width=PLAIN_WIDTH, force_terminal=False, color_system=None)
    with console.capture() as captured:
        for part in summary_parts(summary):
            console.print(part)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def as_html(summary: Counted) -> str:
    """A table of HTML without styles of its own but for numbers, which end on one edge."""
    titles = _header(summary)
    head = Markup("").join(Markup("<th>{}</th>").format(title) for title in titles)
    body = Markup("\n").join(_html_row(cells, titles) for cells in (*map(_cells, summary.parts), _total(summary)))
    said = Markup("<br>").join(_sentences(summary))
    return str(
        Markup("<table>\n<caption>{}</caption>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>\n<p>{}</p>").format(
            summary.name, head, body, said
        )
    )


def _html_row(cells: tuple[str, ...], titles: tuple[str, ...]) -> Markup:
    right = Markup(' style="text-align: right"')
    return Markup("<tr>{}</tr>").format(
        Markup("").join(
            Markup("<td{}>{}</td>").format(right if title in NUMERIC else "", cell) for title, cell in zip(titles, cells, strict=True)
        )
    )


def _header(summary: Counted) -> tuple[str, ...]:
    return (*(("layer", "kind") if summary.layered else ("quantity", "equation")), "shape", *NUMERIC)


def _cells(part: Part) -> tuple[str, ...]:
    return part.name, part.does, part.shape, *(f"{number:,}" for number in (part.parameters, part.forward, part.backward, part.held))


def _total(summary: Counted) -> tuple[str, ...]:
    held = sum(part.held for part in summary.parts)
    return "all", "", "", *(f"{number:,}" for number in (summary.parameters, summary.forward, summary.backward, held))


def _sentences(summary: Counted) -> list[str]:
    at = ", ".join(f"{name} = {size:,}" for name, size in summary.sizes.items())
    sizes = " or ".join(f"{summary.bytes(dtype):,} in {dtype}" for dtype in NUMBERS)
    return [
        f"Floating-point operations of a step{f' at {at}' if at else ''}, forward and backward in plain style; a function counts as one.",
        f"Bytes of the parameters and of the arrays that are held until the step ends: {sizes}.",
    ]
