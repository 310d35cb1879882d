"""A document as one HTML page: no request, formulas as MathML.

What the document says on a gradient at each level stands under that gradient's heading; one switch says which level is shown of all
gradients. Style sheets alone do that. A short script remembers the choice, folds the contents on narrow screens and marks the section
that is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from chainrule.codegen.document.chinese_letters import CLOSING_SIGNS
from chainrule.codegen.document.document import (
    LEVEL_KINDS,
    BlankLines,
    Block,
    Code,
    DerivationLevel,
    Display,
    Document,
    Fields,
    Figure,
    Heading,
    Items,
    Line,
    Listing,
    Math,
    Paragraph,
    Reference,
    Sentence,
    Table,
    Words,
)
from chainrule.codegen.document.equation_references import number_behind, without_number
from chainrule.codegen.document.highlighting import Colour, Piece, coloured
from chainrule.codegen.document.nodes import EMPTY
from chainrule.codegen.document.spoken import write_spoken
from chainrule.codegen.formulas.folding import folded, terms
from chainrule.codegen.formulas.measure import formula_width, sentence_width, sides_width
from chainrule.codegen.templating.environments import html_template, one_line
from chainrule.codegen.templating.own_templates import source_of
from chainrule.codegen.words.sentences import text_of
from chainrule.codegen.words.translation import Language, speaking

from .mathml import write_mathml
from .page_front import page_front
from .svg import inline_svg

# In em of the text: a display without its number, and the least that a column of reasons needs.
_DISPLAY_WIDTH = 38.0
_REASON_WIDTH = 13.0
#: A formula in a sentence that is wider may be broken at its terms.
_INLINE_WIDTH = 12.0
_SIDES = {"l": "left", "c": "center", "r": "right"}
_EMPTY = Markup("")
#: What does not begin a line, though a browser breaks lines on both sides of a formula.
_NEVER_FIRST = (*CLOSING_SIGNS, *",.;:?!)")
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


def _page(document: Document, language: Language) -> str:
    contents = [ContentsEntry(block.level, block.anchor, _sentence(block.title)) for block in document.blocks if isinstance(block, Heading)]
    page = html_template("handout.html.jinja", language.tag).render(
        language=language.tag,
        **page_front(document.front),
        style=_style("handout.css")
        + (_style("handout_chinese.css") if language.is_chinese else _EMPTY)
        + (_EMPTY if document.numbered else _style("handout_unnumbered.css")),
        contents=contents,
        levels=_choices(document),
        blocks=list(_body(document)),
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
        yield blocks[0] if len(blocks) == 1 else _tag("section", _joined(blocks, "\n"), class_="whole", aria_labelledby=under)


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
    return _tag("section", _joined([html_block(heading, heading.anchor), *parts], "\n"), class_="gradient", aria_labelledby=heading.anchor)


def _at_levels(levels: Sequence[DerivationLevel], under: str) -> Markup:
    """What is shown of an equation at each level."""
    others = [kind for kind in LEVEL_KINDS if kind not in {level.kind for level in levels}]
    missing = {_ALWAYS: others}
    parts = (_level(level.kind, [html_block(block, under) for block in level.blocks], missing.get(level.kind, ())) for level in levels)
    return _tag("div", _joined(parts, "\n"), class_="piece")


def _level(kind: str, content: Iterable[Markup], missing: Iterable[str] = ()) -> Markup:
    """What a gradient's derivation is at a level; it is shown for the levels that are missing, too."""
    name = _tag("p", text_of(f"page.level.{kind}"), class_="level-name")
    return _tag("div", _joined([name, *content], "\n"), class_=f"level level-{kind}", data_shown=" ".join([kind, *missing]))


def _unnumbered(block: Block) -> Block:
    """An equation has its number, by which it is referred to, in one place."""
    return replace(block, number=None) if isinstance(block, Display) else block


def html_block(block: Block, under: str) -> Markup:
    """`under` is the anchor of the heading above, which names what has no caption."""
    match block:
        case Heading(level, title, anchor):
            return _tag(f"h{level + 1}", _sentence(title), id=anchor, tabindex="-1")
        case Paragraph(sentence):
            return _tag("p", _sentence(sentence), class_="announces" if block.announces else None)
        case Display():
            return _display(block)
        case Table():
            return _table(block, under)
        case Listing():
            return _listing(block)
        case Figure():
            return _figure(block)
        case Items(sentences, ordered):
            return _tag("ol" if ordered else "ul", _joined(_tag("li", _sentence(sentence)) for sentence in sentences))
        case BlankLines(lines):
            return _tag("div", _EMPTY, class_="room", style=f"height: {1.6 * lines:.1f}em")
        case Fields(labels):
            return _tag("div", _joined(_tag("span", _sentence(label)) for label in labels), class_="fields")


def _display(display: Display) -> Markup:
    lines = folded(display.lines, _DISPLAY_WIDTH)
    beside = min(_REASON_WIDTH, max(sentence_width(line.reason) for line in lines))
    arrangement = "lines beside" if beside and sides_width(lines) + 2 + beside <= _DISPLAY_WIDTH else "lines"
    body = _tag("div", _joined(_line(line) for line in lines), class_=arrangement)
    if display.number is None:
        return _tag("div", body, class_="display")
    return _tag("div", body + _tag("span", f"({display.number})", class_="number"), class_="display", id=f"equation-{display.number}")


def _line(line: Line) -> Markup:
    left = _EMPTY if line.left.is_empty else write_mathml(line.left.node, displayed=True)
    relation = _EMPTY if line.relation == EMPTY else write_mathml(line.relation, displayed=True)
    cells = (
        _tag("span", left, class_="left"),
        _tag("span", relation, class_="relation"),
        _tag("span", write_mathml(line.right.node, displayed=True), class_="right"),
        _tag("span", _sentence(line.reason), class_="reason") if line.reason else _EMPTY,
    )
    return _tag("div", _joined(cells), class_="line")


def _table(table: Table, under: str) -> Markup:
    def row(tag: str, cells: tuple[Sentence, ...], scope: str | None = None) -> Markup:
        sides = (_SIDES[letter] for letter in table.align)
        return _tag("tr", _joined(_tag(tag, _sentence(cell), class_=side, scope=scope) for cell, side in zip(cells, sides, strict=True)))

    caption = _tag("caption", _sentence(table.caption)) if table.caption else _EMPTY
    head = _tag("thead", row("th", table.header, scope="col"))
    body = _tag("tbody", _joined((row("td", cells) for cells in table.rows), "\n"))
    label = _spoken(table.caption) or ("" if under else text_of("page.table"))
    name = {"aria_label": label} if label else {"aria_labelledby": under}
    return _tag("div", _tag("table", caption + head + body), class_="scroll", role="region", tabindex="0", **name)


def _listing(listing: Listing) -> Markup:
    lines = coloured(listing.whole, listing.language)
    code = _tag("code", _joined(map(_code_line, lines), "\n"))
    caption = _tag("figcaption", _sentence(listing.caption)) if listing.caption else _EMPTY
    label = _spoken(listing.caption) or text_of("page.listing")
    return _tag("figure", caption + _tag("pre", code, tabindex="0", role="region", aria_label=label))


def _code_line(line: Sequence[Piece]) -> Markup:
    """A line of code; the number of the equation that a comment says is a link to it."""
    number = number_behind(line)
    if number is None:
        return _joined(map(_piece, line))
    return _joined(map(_piece, without_number(line))) + _tag("a", f"→ ({number})", href=f"#equation-{number}", class_="equation")


def _figure(figure: Figure) -> Markup:
    title, description = _spoken(figure.title), _spoken(figure.description)
    picture = Markup(inline_svg(figure.drawing, figure.name, title, description))
    # On a narrow screen it keeps its size and is moved sideways.
    frame = _tag("div", picture, class_="scroll", role="region", tabindex="0", aria_label=title)
    return _tag("figure", frame + _tag("figcaption", _sentence(figure.caption)), class_="picture")


def _piece(piece: Piece) -> Markup:
    return escape(piece.text) if piece.colour is Colour.PLAIN else _tag("span", piece.text, class_=piece.colour.value)


def _sentence(sentence: Sentence) -> Markup:
    parts: list[Markup] = []
    for position, piece in enumerate(sentence):
        behind_formula = position > 0 and isinstance(sentence[position - 1], Math)
        if behind_formula and isinstance(piece, Words) and piece.text.startswith(_NEVER_FIRST):
            space = Markup(" ") if parts[-1].startswith(" ") else _EMPTY
            parts[-1] = space + _tag("span", parts[-1].lstrip() + escape(piece.text[0]), class_="joined")
            parts.append(_inline(Words(piece.text[1:])))
        elif isinstance(piece, Math) and formula_width(piece.node) > _INLINE_WIDTH:
            # A browser breaks lines between formulas, not inside of them.
            first, *others = map(write_mathml, terms(piece.node))
            parts += [first, *(Markup(" ") + term for term in others)]
        else:
            parts.append(_inline(piece))
    return _joined(parts)


def _inline(piece: Words | Math | Code | Reference) -> Markup:
    match piece:
        case Words(text):
            return escape(one_line(text))
        case Math(node):
            return write_mathml(node)
        case Code(text):
            return _tag("code", one_line(text))
        case Reference(number):
            return _tag("a", f"({number})", href=f"#equation-{number}")


def _spoken(sentence: Sentence) -> str:
    """A caption as the name of what it stands above."""
    return one_line(write_spoken(sentence))


def _tag(name: str, content: Markup | str, **attributes: str | None) -> Markup:
    written = [
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None
    ]
    return Markup("<{}{}>{}</{}>").format(Markup(name), Markup("").join(written), content, Markup(name))


def _joined(parts: Iterable[Markup], separator: str = "") -> Markup:
    return Markup(separator).join(parts)
