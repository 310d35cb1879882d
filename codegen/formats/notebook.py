"""A document as a Jupyter notebook: a cell of Markdown a section, and cells of code that run from top to bottom with no file beside."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from chainrule.codegen.document.document import Block, Document, Figure, Heading, Listing
from chainrule.codegen.templating.environments import markdown_start, markdown_text, one_line
from chainrule.symbolic.index.failures import InvalidDescription

from .markdown import JUPYTER, markdown_block, picture_file

MISSING = "the format ipynb needs the package nbformat; install it with pip install nbformat, or choose other --formats"


def render_notebook(document: Document) -> str:
    """The notebook as JSON. Same document, same text: a cell is called by its place.

    Raises:
        InvalidDescription: where nbformat is not installed.
    """
    try:
        from nbformat import v4, validate, writes
    except ImportError:
        raise InvalidDescription(MISSING) from None
    cells = []
    for place, content in enumerate(_contents(document), 1):
        name = f"cell-{place}"
        if isinstance(content, Listing):
            cells.append(v4.new_code_cell(content.code.strip("\n"), id=name))
        else:
            source = "\n\n".join([*([_title(document)] if place == 1 else []), *(markdown_block(block, JUPYTER) for block in content)])
            cells.append(v4.new_markdown_cell(source, id=name, **_attached(content)))
    notebook = v4.new_notebook(cells=cells, metadata=_metadata(document))
    validate(notebook)
    return str(writes(notebook)) + "\n"


def _contents(document: Document) -> Iterator[Listing | Sequence[Block]]:
    """What becomes a cell each: a listing that runs, or the blocks from a heading to the next."""
    gathered: list[Block] = []
    started = False
    for block in document.blocks:
        runs = isinstance(block, Listing) and block.runs
        # The title stands in the first cell, also where a document begins with code.
        if (runs or isinstance(block, Heading)) and (gathered or (runs and not started)):
            yield gathered
            gathered, started = [], True
        if isinstance(block, Listing) and block.runs:
            yield block
        else:
            gathered.append(block)
    if gathered or not started:
        yield gathered


def _title(document: Document) -> str:
    front = document.front
    subtitle = " · ".join(markdown_text(part) for part in (front.course, front.author, front.date) if part.strip())
    title = f"# {markdown_text(front.title).strip()}"
    return f"{title}\n\n{markdown_start(subtitle)}" if subtitle else title


def _attached(blocks: Sequence[Block]) -> dict[str, Any]:
    """Pictures are part of the cell that shows them."""
    pictures = {
        f"{figure.name}.svg": {"image/svg+xml": b64encode(picture_file(figure).encode()).decode()}
        for figure in blocks
        if isinstance(figure, Figure)
    }
    return {"attachments": pictures} if pictures else {}


def _metadata(document: Document) -> dict[str, Any]:
    return {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "title": one_line(document.front.title),
    }
