"""Formats of pieces to paste into somebody else's document: the blocks alone, below a comment that says what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from chainrule.codegen.document.document import Block, Document, FrontMatter

from .html import html_block
from .latex_piece import latex_piece
from .markdown import CODE_HOST, PANDOC, Dialect, markdown_block
from .text import PLAIN_WIDTH, text_lines


@dataclass(frozen=True, slots=True)
class PieceFormat:
    """`render` is given the blocks and what they are; `has_notation` where formulas are set, and not lines of the module's names."""

    meaning: str
    ending: str
    render: Callable[[Sequence[Block], str], str]
    has_notation: bool = True


def _markdown(blocks: Sequence[Block], what: str, dialect: Dialect) -> str:
    return "\n\n".join([f"<!-- {_in_comment(what)} -->", *(markdown_block(block, dialect) for block in blocks)])


def _html(blocks: Sequence[Block], what: str) -> str:
    return "\n".join([f"<!-- {_in_comment(what)} -->", *(html_block(block, "") for block in blocks)])


def _text(blocks: Sequence[Block], what: str) -> str:
    document = Document(FrontMatter(what), tuple(blocks))
    return "\n".join([f"# {what}", *(line.plain for line in text_lines(document, PLAIN_WIDTH))]).rstrip()


def _in_comment(what: str) -> str:
    """Two hyphens could end it."""
    return what.replace("--", "- -")


PIECE_FORMATS: dict[str, PieceFormat] = {
    "latex": PieceFormat("align* environments for an article with amsmath", ".tex", latex_piece),
    "markdown": PieceFormat("Markdown as GitHub shows it", ".md", partial(_markdown, dialect=CODE_HOST)),
    "pandoc": PieceFormat("Markdown with formulas between dollar signs", ".md", partial(_markdown, dialect=PANDOC)),
    "html": PieceFormat("elements of a page, formulas as MathML", ".html", _html),
    "text": PieceFormat("lines in the names of the module", ".txt", _text, has_notation=False),
}
