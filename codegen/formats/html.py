"""A document as one HTML page: no request, formulas as MathML.

What the document says on a gradient at each level stands under that gradient's heading; one switch says which level is shown of all
gradients. Style sheets alone do that. A short script remembers the choice, folds the contents on narrow screens and marks the section
that is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from chainrule.codegen.document.document import (
    LEVEL_KINDS,
    BlankLines,
    Block,
    DerivationLevel,
    Display,
    Document,
    Fields,
    Figure,
    Heading,
    Items,
    Line,
    Listing,
    Paragraph,
    Sentence,
    Table,
)
from chainrule.codegen.document.equation_references import number_behind, without_number
from chainrule.codegen.document.highlighting import Colour, Piece, coloured
from chainrule.codegen.document.nodes import EMPTY
from chainrule.codegen.formulas.folding import folded
from chainrule.codegen.formulas.measure import sentence_width, sides_width
from chainrule.codegen.templating.environments import html_template
from chainrule.codegen.templating.own_templates import source_of
from chainrule.codegen.words.sentences import text_of
from chainrule.codegen.words.translation import Language, speaking

from .html_sentence import anchor_of, element, html_sentence, joined, spoken_name
from .mathml import write_mathml
from .page_front import page_front
from .svg import inline_svg

# In em of the text: a display without its number, and the least that a column of reasons needs.
_DISPLAY_WIDTH = 38.0
_REASON_WIDTH = 13.0
_SIDES = {"l": "left", "c": "center", "r": "right"}
_EMPTY = Markup("")
#: The derivation by index is there of every gradient, and stands in for the levels that it does not have.
_ALWAYS = "index"


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A line of the table of contents."""

    level: int
    anchor: str
    title: Markup


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A place of the switch: the level that it shows, or "all"."""

    kind: str
    title: str


def render_html(document: Document) -> str:
    """The whole page. Same document, same text."""
    with speaking(document.language) as language:
        return _page(document, language)


@dataclass(frozen=True, slots=True)
class PageParts:
    """What a document is on a page: its table of contents, the switch of its levels, and its blocks."""

    contents: tuple[ContentsEntry, ...]
    levels: tuple[LevelChoice, ...]
    blocks: tuple[Markup, ...]


def page_parts(document: Document) -> PageParts:
    """The document without a page around it, in the language that is spoken."""
    contents = (
        ContentsEntry(block.level, anchor_of(block.anchor), html_sentence(block.title))
        for block in document.blocks
        if isinstance(block, Heading)
    )
    return PageParts(tuple(contents), tuple(_choices(document)), tuple(_body(document)))


def _page(document: Document, language: Language) -> str:
    parts = page_parts(document)
    page = html_template("handout.html.jinja", language.tag).render(
        language=language.tag,
        **page_front(document.front),
        style=_style("handout.css")
        + (_style("handout_chinese.css") if language.is_chinese else _EMPTY)
        + (_EMPTY if document.numbered else _style("handout_unnumbered.css")),
        contents=parts.contents,
        levels=parts.levels,
        blocks=parts.blocks,
        script=_style("handout.js"),
    )
    return page + "\n"


def _style(name: str) -> Markup:
    return Markup(source_of(name))


def _choices(document: Document) -> list[LevelChoice]:
    """What the switch is between; nothing where there is no choice."""
    if not document.levels:
        return []
    found = {level.kind for level in document.levels}
    kinds = (_ALWAYS, *(kind for kind in LEVEL_KINDS if kind in found), "all")
    return [LevelChoice(kind, text_of(f"page.level.{kind}")) for kind in kinds]


def _body(document: Document) -> Iterator[Markup]:
    """All blocks in order, those that stay on one page gathered, and those of a gradient by its levels."""
    if document.kept_whole:
        yield from _kept_whole(document)
        return
    places = {level.place for level in document.levels}
    own: list[Block] = []
    under = ""
    for block in (*document.blocks, None):
        under = block.anchor if isinstance(block, Heading) else under
        if own and (block is None or isinstance(block, Heading)):
            yield _gradient(own, document)
            own = []
        if own or (isinstance(block, Heading) and block.anchor in places):
            own.append(block)  # type: ignore[arg-type]
        elif block in places:
            yield _at_levels([level for level in document.levels if level.place == block], under)
        elif block is not None:
            yield html_block(block, under)


def _kept_whole(document: Document) -> Iterator[Markup]:
    under = ""
    for piece in document.pieces:
        first = piece[0]
        under = first.anchor if isinstance(first, Heading) else under
        blocks = [html_block(block, under) for block in piece]
        yield blocks[0] if len(blocks) == 1 else element("section", joined(blocks, "\n"), class_="whole", aria_labelledby=under)


def _gradient(blocks: Sequence[Block], document: Document) -> Markup:
    """A heading, the derivation by index, and the other levels."""
    heading, *rest = blocks
    assert isinstance(heading, Heading)
    levels = [level for level in document.levels if level.place == heading.anchor]
    elsewhere = {block for level in levels for block in level.blocks}
    missing = [kind for kind in LEVEL_KINDS if kind not in {level.kind for level in levels}]
    by_index = [html_block(block, heading.anchor) for block in rest if block not in elsewhere]
    parts = [_level(_ALWAYS, by_index, missing)]
    parts += [_level(level.kind, [html_block(_unnumbered(block), heading.anchor) for block in level.blocks]) for level in levels]
    return element(
        "section", joined([html_block(heading, heading.anchor), *parts], "\n"), class_="gradient", aria_labelledby=heading.anchor
    )


def _at_levels(levels: Sequence[DerivationLevel], under: str) -> Markup:
    """What is shown of an equation at each level."""
    others = [kind for kind in LEVEL_KINDS if kind not in {level.kind for level in levels}]
    missing = {_ALWAYS: others}
    parts = (_level(level.kind, [html_block(block, under) for block in level.blocks], missing.get(level.kind, ())) for level in levels)
    return element("div", joined(parts, "\n"), class_="piece")


def _level(kind: str, content: Iterable[Markup], missing: Iterable[str] = ()) -> Markup:
    """What a gradient's derivation is at a level; it is shown for the levels that are missing, too."""
    name = element("p", text_of(f"page.level.{kind}"), class_="level-name")
    return element("div", joined([name, *content], "\n"), class_=f"level level-{kind}", data_shown=" ".join([kind, *missing]))


def _unnumbered(block: Block) -> Block:
    """An equation has its number, by which it is referred to, in one place."""
    return replace(block, number=None) if isinstance(block, Display) else block


def html_block(block: Block, under: str) -> Markup:
    """`under` is the anchor of the heading above, which names what has no caption."""
    match block:
        case Heading(level, title, anchor):
            return element(f"h{level + 1}", html_sentence(title), id=anchor, tabindex="-1")
        case Paragraph(sentence):
            return element("p", html_sentence(sentence), class_="announces" if block.announces else None)
        case Display():
            return _display(block)
        case Table():
            return _table(block, under)
        case Listing():
            return _listing(block)
        case Figure():
            return _figure(block)
        case Items(sentences, ordered):
            return element("ol" if ordered else "ul", joined(element("li", html_sentence(sentence)) for sentence in sentences))
        case BlankLines(lines):
            return element("div", _EMPTY, class_="room", style=f"height: {1.6 * lines:.1f}em")
        case Fields(labels):
            return element("div", joined(element("span", html_sentence(label)) for label in labels), class_="fields")


def _display(display: Display) -> Markup:
    lines = folded(display.lines, _DISPLAY_WIDTH)
    beside = min(_REASON_WIDTH, max(sentence_width(line.reason) for line in lines))
    arrangement = "lines beside" if beside and sides_width(lines) + 2 + beside <= _DISPLAY_WIDTH else "lines"
    body = element("div", joined(_line(line) for line in lines), class_=arrangement)
    if display.number is None:
        return element("div", body, class_="display")
    return element("div", body + element("span", f"({display.number})", class_="number"), class_="display", id=f"equation-{display.number}")


def _line(line: Line) -> Markup:
    left = _EMPTY if line.left.is_empty else write_mathml(line.left.node, displayed=True)
    relation = _EMPTY if line.relation == EMPTY else write_mathml(line.relation, displayed=True)
    cells = (
        element("span", left, class_="left"),
        element("span", relation, class_="relation"),
        element("span", write_mathml(line.right.node, displayed=True), class_="right"),
        element("span", html_sentence(line.reason), class_="reason") if line.reason else _EMPTY,
    )
    return element("div", joined(cells), class_="line")


def _table(table: Table, under: str) -> Markup:
    def row(tag: str, cells: tuple[Sentence, ...], scope: str | None = None) -> Markup:
        sides = (_SIDES[letter] for letter in table.align)
        return element(
            "tr", joined(element(tag, html_sentence(cell), class_=side, scope=scope) for cell, side in zip(cells, sides, strict=True))
        )

    caption = element("caption", html_sentence(table.caption)) if table.caption else _EMPTY
    head = element("thead", row("th", table.header, scope="col"))
    body = element("tbody", joined((row("td", cells) for cells in table.rows), "\n"))
    label = spoken_name(table.caption) or ("" if under else text_of("page.table"))
    name = {"aria_label": label} if label else {"aria_labelledby": under}
    return element("div", element("table", caption + head + body), class_="scroll", role="region", tabindex="0", **name)


def _listing(listing: Listing) -> Markup:
    lines = coloured(listing.whole, listing.language)
    code = element("code", joined(map(_code_line, lines), "\n"))
    caption = element("figcaption", html_sentence(listing.caption)) if listing.caption else _EMPTY
    label = spoken_name(listing.caption) or text_of("page.listing")
    return element("figure", caption + element("pre", code, tabindex="0", role="region", aria_label=label))


def _code_line(line: Sequence[Piece]) -> Markup:
    """A line of code; the number of the equation that a comment says is a link to it."""
    number = number_behind(line)
    if number is None:
        return joined(map(_piece, line))
    return joined(map(_piece, without_number(line))) + element("a", f"→ ({number})", href=f"#equation-{number}", class_="equation")


def _figure(figure: Figure) -> Markup:
    title, description = spoken_name(figure.title), spoken_name(figure.description)
    picture = Markup(inline_svg(figure.drawing, anchor_of(figure.name), title, description))
    # On a narrow screen it keeps its size and is moved sideways.
    frame = element("div", picture, class_="scroll", role="region", tabindex="0", aria_label=title)
    return element("figure", frame + element("figcaption", html_sentence(figure.caption)), class_="picture")


def _piece(piece: Piece) -> Markup:
    return escape(piece.text) if piece.colour is Colour.PLAIN else element("span", piece.text, class_=piece.colour.value)
