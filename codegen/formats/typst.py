"""A document as Typst markup: formulas from their trees, pictures as SVG from the same drawings; set without TeX."""

from __future__ import annotations

import re

from chainrule.codegen.document.chinese_letters import CHINESE as LETTERS_OF_CHINESE
from chainrule.codegen.document.chinese_letters import has_chinese
from chainrule.codegen.document.document import (
    BlankLines,
    Block,
    Code,
    Display,
    Document,
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
from chainrule.codegen.document.drawing import PAGE, decimal, is_turned, page_scale
from chainrule.codegen.document.spoken import write_spoken
from chainrule.codegen.document.typst_formula import typst_string, write_typst
from chainrule.codegen.templating.environments import one_line, text_template
from chainrule.codegen.words.translation import ENGLISH, LANGUAGES, speaking, spoken_language

from .aligned import Rows
from .latex import WRAPPED, table_columns
from .markdown import picture_file
from .svg import FONTS

#: Of letters, of signs that those lack, and of code, which come with Typst; those of Chinese by the end of their names.
LETTERS, SIGNS, CODE = "New Computer Modern", "New Computer Modern Math", "DejaVu Sans Mono"
CHINESE = {glyphs: (f"Noto Serif CJK {glyphs}", f"Source Han Serif {glyphs}") for glyphs in ("TC", "SC")}
CHINESE_CODE = {glyphs: (f"Noto Sans Mono CJK {glyphs}", f"Noto Sans CJK {glyphs}") for glyphs in ("TC", "SC")}
_IN_CHINESE = re.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in LETTERS_OF_CHINESE)}]+")
_OF_MATHEMATICS = re.compile("[\u2032-\u2bff]+")
_ROOM = 36.0
_ALIGNED = {"K": "left", "l": "left", "c": "center", "r": "right", "L": "left"}


def render_typst(document: Document) -> str:
    """The whole .typ file. Same document, same text."""
    front, language = document.front, LANGUAGES.get(document.language, ENGLISH)
    with speaking(language.tag):
        blocks = [_piece(piece) for piece in document.pieces]
    chinese = chinese_glyphs(document, blocks)
    tag, _, region = document.language.partition("-")
    source = text_template("handout.typ.jinja").render(
        title=typst_string(one_line(front.title)),
        author=typst_string(one_line(front.author)),
        heading=_words(front.title),
        subtitle=_words(" · ".join(part for part in (front.course, front.author, front.date) if part.strip())) or "",
        header=_words(front.header) if front.header else "",
        logo=front.logo.name if front.logo else "",
        language=tag,
        region=region,
        numbered=document.numbered,
        chinese=chinese,
        fonts=_fonts(LETTERS, CHINESE.get(chinese, ()), language.is_chinese),
        code_fonts=_fonts(CODE, CHINESE_CODE.get(chinese, ())),
        blocks=blocks,
    )
    return source.rstrip("\n") + "\n"


def _fonts(first: str, chinese: tuple[str, ...], is_chinese_text: bool = False) -> str:
    """In the order in which a letter is looked for; in a Chinese text quotation marks and dashes are Chinese ones."""
    own = f'(name: {typst_string(first)}, covers: "latin-in-cjk")' if is_chinese_text else typst_string(first)
    return ", ".join((own, *map(typst_string, (*chinese, SIGNS, CODE))))


def chinese_glyphs(document: Document, blocks: list[str]) -> str:
    """The end of the names of fonts whose Chinese letters are needed; empty where none are."""
    front = document.front
    texts = (front.title, front.author, front.course, front.date, front.header, *blocks)
    glyphs = LANGUAGES.get(document.language, ENGLISH).glyphs or "SC"
    return glyphs if any(map(has_chinese, texts)) else ""


def _piece(blocks: tuple[Block, ...]) -> str:
    if len(blocks) == 1:
        return _block(blocks[0])
    return "#block(breakable: false, width: 100%)[\n" + "\n\n".join(map(_block, blocks)) + "\n]"


def _block(block: Block) -> str:
    match block:
        case Heading(level, title, _):
            return f"#heading(level: {level})[{_sentence(title)}]"
        case Paragraph(sentence):
            return _sentence(sentence)
        case Display(lines, number):
            equation = "$ " + " \\\n  ".join(_ROWS.written(lines)) + " $"
            return equation if number is None else f"#numbered({number})[{equation} <equation-{number}>]"
        case Table():
            return _table(block)
        case Listing(_, language, caption):
            code = f'#raw(block: true, lang: "{language}", {_code(block.whole)})'
            return f"#caption[{_sentence(caption)}]\n{code}" if caption else code
        case Figure(_, drawing, _, description, caption):
            turned = is_turned(drawing)
            width = f"{decimal(page_scale(drawing, PAGE[::-1] if turned else PAGE) * drawing.width)}pt"
            spoken = typst_string(write_spoken(description))
            return f"#{'turned-' if turned else ''}picture({width}, {spoken}, {_code(_svg(block))}, [{_sentence(caption)}])"
        case Items(sentences, ordered):
            points = ", ".join(f"[{_sentence(sentence)}]" for sentence in sentences)
            return f"#{'enum' if ordered else 'list'}({points})"
        case BlankLines(lines):
            return f"#v({1.4 * lines:.1f}em)"
        case Fields(labels):
            return " #h(1em) ".join(f"{_sentence(label)} #box(width: 1fr, line(length: 100%, stroke: 0.4pt))" for label in labels)


def _svg(figure: Figure) -> str:
    """In the fonts of the text. What the first of an element lacks Typst takes of any: other letters are elements of their own."""
    spoken, end, drawn = picture_file(figure).replace(FONTS, _family(LETTERS)).partition("</desc>")
    for letters, names in ((_IN_CHINESE, CHINESE[spoken_language().glyphs or "SC"]), (_OF_MATHEMATICS, (SIGNS,))):
        drawn = letters.sub(rf'<tspan font-family="{_family(*names)}">\g<0></tspan>', drawn)
    return spoken + end + drawn


def _family(*names: str) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _table(table: Table) -> str:
    letters = table_columns(table)
    columns = ", ".join("1fr" if letter in WRAPPED else "auto" for letter in letters)
    aligned = ", ".join(_ALIGNED[letter] for letter in letters)
    header = ", ".join(f"[{_sentence(cell)}]" for cell in table.header)
    rows = ",\n  ".join(", ".join(f"[{_sentence(cell)}]" for cell in row) for row in table.rows)
    caption = f"#caption[{_sentence(table.caption)}]\n" if table.caption else ""
    return f"{caption}#grid-table(({columns},), ({aligned},), ({header},),\n  {rows})"


def _sentence(sentence: Sentence) -> str:
    return "".join(map(_inline, sentence))


def _inline(piece: Words | Math | Code | Reference) -> str:
    match piece:
        case Words(text):
            return _words(text)
        case Math():
            return f"${write_typst(piece.shown)}$"
        case Code(text):
            return f"#raw({typst_string(one_line(text))});"
        case Reference(number):
            return f"#link(<equation-{number}>)[({number})];"


def _words(text: str) -> str:
    """As a string of code, in which no sign means anything."""
    return f"#{typst_string(one_line(text))};"


def _code(text: str) -> str:
    return typst_string(text).replace("\n", "\\n")


def _reason(sentence: Sentence) -> str:
    return f"#quiet[{_sentence(sentence)}]"


_ROWS = Rows(write_typst, _reason, _ROOM, inside=True, beside="&&quad", below="&quad quad")
