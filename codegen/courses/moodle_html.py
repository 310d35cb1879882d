r"""Blocks as the HTML of a Moodle question: formulas between \( and \), which Moodle hands to MathJax."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from chainrule.codegen.document.document import (
    BlankLines,
    Block,
    Code,
    Display,
    Fields,
    Figure,
    Heading,
    Items,
    Listing,
    Math,
    Paragraph,
    Reference,
    Sentence,
    Table,
    Words,
)
from chainrule.codegen.formats.markdown import aligned, formula_text
from chainrule.codegen.templating.environments import one_line

_SIDES = {"l": "left", "c": "center", "r": "right"}


def moodle_html(blocks: Iterable[Block]) -> Markup:
    """Pictures, and room to write in, are left out."""
    return Markup("\n").join(filter(None, map(_block, blocks)))


def _block(block: Block) -> Markup:
    match block:
        case Heading(level, title, _):
            return Markup("<h{0}>{1}</h{0}>").format(level + 3, moodle_sentence(title))
        case Paragraph(sentence):
            return Markup("<p>{}</p>").format(moodle_sentence(sentence))
        case Display(lines):
            return Markup("<p>{}</p>").format(rf"\[{aligned(lines)}\]")
        case Items(sentences, ordered):
            points = Markup("").join(Markup("<li>{}</li>").format(moodle_sentence(sentence)) for sentence in sentences)
            return Markup("<{0}>{1}</{0}>").format(Markup("ol" if ordered else "ul"), points)
        case Table(header, rows, align, caption):
            cells = [_row("th", header, align), *(_row("td", row, align) for row in rows)]
            named = Markup("<caption>{}</caption>").format(moodle_sentence(caption)) if caption else Markup("")
            return Markup("<table>{}{}</table>").format(named, Markup("\n").join(cells))
        case Listing(caption=caption):
            said = Markup("<p>{}</p>").format(moodle_sentence(caption)) if caption else Markup("")
            return said + Markup("<pre>{}</pre>").format(block.whole)
        case Figure() | BlankLines() | Fields():
            return Markup("")


def _row(tag: str, cells: Iterable[Sentence], align: str) -> Markup:
    written = (
        Markup('<{0} style="text-align: {1}">{2}</{0}>').format(Markup(tag), _SIDES[side], moodle_sentence(cell))
        for side, cell in zip(align, cells, strict=True)
    )
    return Markup("<tr>{}</tr>").format(Markup("").join(written))


def moodle_sentence(sentence: Sentence) -> Markup:
    """A sentence, or an answer that is chosen."""
    return Markup("").join(map(_piece, sentence))


def _piece(piece: Words | Math | Code | Reference) -> Markup:
    match piece:
        case Words(text):
            return escape(one_line(text))
        case Math():
            return escape(rf"\({formula_text(piece.shown)}\)")
        case Code(text):
            return Markup("<code>{}</code>").format(one_line(text))
        case Reference(number):
            return escape(f"({number})")
