"""A document as an article for XeLaTeX. How wide things are is left to TeX, which can measure them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chainrule.codegen.document.chinese_letters import has_chinese
from chainrule.codegen.document.document import (
    BlankLines,
    Block,
    Code,
    Display,
    Document,
    Fields,
    Figure,
    FrontMatter,
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
from chainrule.codegen.document.drawing import PAGE, is_turned
from chainrule.codegen.document.equation_references import number_behind, without_number
from chainrule.codegen.document.highlighting import Colour, Piece, coloured
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.unicode_formula import write_unicode
from chainrule.codegen.formulas.folding import folded_to_fit
from chainrule.codegen.formulas.measure import formula_width, sentence_width
from chainrule.codegen.templating.environments import latex_template, latex_text, one_line
from chainrule.codegen.words.translation import ENGLISH, LANGUAGES

from .folded_code import folded_code
from .tikz import tikz
from .typesetting import END, FROM

_HEADINGS = ("section", "subsection", "subsubsection")
_LANGUAGES = {"de": "ngerman", "fr": "french", "es": "spanish", "it": "italian", "nl": "dutch", "pt": "portuguese"}
# At the size of the text a line holds about so many em; a column of words that is longer than this one is wrapped.
_COLUMN_WIDTH = 14.0
#: The letters of columns that may be wrapped: of code, and of words.
WRAPPED = frozenset("KL")
_ROW_WIDTH = 36.0
# As wide as a formula can be beside its number.
_DISPLAY_WIDTH = 37.0
#: So many rows of a table stand on the page on which it begins.
_FIRST_ROWS = 2
#: So many letters of code fill a line of the page.
_CODE_COLUMNS = 90
#: In points: a picture that is no wider has its caption beside it.
_NARROW = 250.0
#: In points: a picture that is taller may have a page of its own.
_TALL = 260.0
#: A line with so many letters of code cannot fill the page's width evenly.
_LONG_CODE = 40
#: In em: a longer formula may be broken between its factors.
_BROKEN = 10.0
_FACTORS, _BREAKABLE_FACTORS = r"\, ", r"\,\allowbreak "
_VERBATIM = str.maketrans({"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}"})
_BREAKABLE = re.compile(r"(?:\\_|\\&|\\text\w+\{\}|[.,()=;/])(?=\S)")
_MONOSPACED = re.compile("[^\x20-\x7e\u00a0-\u04ff\u1d2c-\u1d6a\u2010-\u23ff]")


def render_latex(document: Document) -> str:
    """The whole .tex file. Same document, same text."""
    front, language = document.front, LANGUAGES.get(document.language, ENGLISH)
    title, subtitle = latex_text(front.title), [latex_text(part) for part in (front.course, front.author, front.date) if part.strip()]
    blocks = [_piece(piece) for piece in document.pieces]
    article = latex_template("handout.tex.jinja", document.language).render(
        title=title,
        subtitle=subtitle,
        pdf_title=latex_text(front.title),
        pdf_author=latex_text(front.author),
        language=_LANGUAGES.get(document.language.partition("-")[0].lower(), ""),
        is_chinese=language.is_chinese,
        numbered=document.numbered,
        glyphs=(language.glyphs or "SC") if any(map(has_chinese, (title, *subtitle, front.header, *blocks))) else "",
        blocks=blocks,
        **own_parts(front),
    )
    return article + "\n"


def own_parts(front: FrontMatter) -> dict[str, str]:
    """What templates put in of the author's own; the names around a preamble are those by which its errors are found."""
    preamble = f"% {FROM} {one_line(front.preamble.typed)}\n{front.preamble.content.decode()}\n% {END}" if front.preamble else ""
    return {"header": latex_text(front.header), "logo": front.logo.name if front.logo else "", "preamble": preamble}


def latex_files(document: Document) -> dict[str, bytes]:
    """The logo, which has to stand beside the text."""
    logo = document.front.logo
    return {logo.name: logo.content} if logo else {}


def _piece(blocks: Sequence[Block]) -> str:
    """A block, or several that stay on one page."""
    if len(blocks) == 1:
        return _block(blocks[0])
    return "\\begin{wholepart}\n" + "\n\n".join(map(_block, blocks)) + "\n\\end{wholepart}"


def _block(block: Block) -> str:
    match block:
        case Heading(level, title, _):
            return rf"\{_HEADINGS[level - 1]}{{{latex_sentence(title, heading=True)}}}"
        case Paragraph(sentence) if any(isinstance(piece, Code) and len(piece.text) > _LONG_CODE for piece in sentence):
            return f"{{\\raggedright {latex_sentence(sentence)}\\par}}"
        case Paragraph(sentence):
            return latex_sentence(sentence)
        case Display(lines, number):
            option = "" if number is None else f"[{number}]"
            body = " \\\\\n".join(_line(line) for line in folded_to_fit(lines, _DISPLAY_WIDTH))
            return f"\\begin{{derivation}}{option}\n{body}\n\\end{{derivation}}"
        case Table():
            return _table(block)
        case Listing():
            return _listing(block)
        case Figure():
            name = "narrowpicture" if block.drawing.width <= _NARROW else "handoutpicture"
            turned = is_turned(block.drawing)
            drawn = tikz(block.drawing, latex_sentence, PAGE[::-1] if turned else PAGE)
            picture = f"\\{name}{{%\n{_on_its_side(drawn) if turned else drawn}}}{{{latex_sentence(block.caption)}}}"
            # One on its side leaves too little of a page for what may follow it.
            place = "!p" if turned else "htp" if block.drawing.height > _TALL else "ht"
            return f"\\begin{{figure}}[{place}]\n{picture}\n\\end{{figure}}"
        case Items(sentences, ordered):
            name = "enumerate" if ordered else "itemize"
            points = "\n".join(rf"  \item {_item(sentence)}" for sentence in sentences)
            return f"\\begin{{{name}}}\n{points}\n\\end{{{name}}}"
        case BlankLines(lines):
            return rf"\writingroom{{{lines}}}"
        case Fields(labels):
            return "\\fields{" + "".join(rf"\field{{{latex_sentence(label)}}}" for label in labels) + "}"


def _item(sentence: Sentence) -> str:
    """A long formula leaves a line that cannot be filled evenly."""
    is_long = any(isinstance(piece, Math) and formula_width(piece.shown) > _BROKEN for piece in sentence)
    return f"{{\\raggedright {latex_sentence(sentence)}\\par}}" if is_long else latex_sentence(sentence)


def _on_its_side(picture: str) -> str:
    return f"\\rotatebox{{90}}{{%\n{picture}}}"


def _line(line: Line) -> str:
    # A bracket or a star after the end of a line would be read as its option.
    left, relation, right = (write_latex(part) for part in (line.left.node, line.relation, line.right.node))
    start = "{}" + left if left[:1] in {"[", "*"} else left
    reason = rf" \reason{{{latex_sentence(line.reason)}}}" if line.reason else ""
    return f"  {start} &{relation} {right}{reason}"


def _table(table: Table) -> str:
    rows = [" & ".join(latex_sentence(cell) for cell in row) + _row_end(place, len(table.rows)) for place, row in enumerate(table.rows)]
    head = " & ".join(latex_sentence(cell) for cell in table.header) + r" \\"
    columns = table_columns(table)
    name = "wrappedtable" if WRAPPED & set(columns) else "datatable"
    caption = f"\\tablecaption{{{latex_sentence(table.caption)}}}\n" if table.caption else ""
    start, others = ("\n".join(f"  {row}" for row in part) for part in (rows[:_FIRST_ROWS], rows[_FIRST_ROWS:]))
    return f"{caption}\\begin{{{name}}}{{@{{}}{columns}@{{}}}}{{{head}}}{{%\n{start}}}\n{others}\n\\end{{{name}}}"


def _row_end(place: int, count: int) -> str:
    """No page break leaves a single row behind, nor takes one alone."""
    return r" \\*" if place + 1 < _FIRST_ROWS or place == count - 2 else r" \\"


def table_columns(table: Table) -> str:
    """The columns' letters; where the row is too wide, long columns of words or code share what the others leave."""
    grid = (table.header, *table.rows)
    widths = [max(sentence_width(row[column]) for row in grid) for column in range(len(table.align))]
    room = _ROW_WIDTH - 1.2 * (len(widths) - 1)
    if sum(widths) <= room:
        return table.align
    # One that is no wider than its share keeps its width.
    wide = sorted((width, column) for column, width in enumerate(widths) if width > _COLUMN_WIDTH)
    while len(wide) > 1 and wide[0][0] <= (room - sum(widths) + sum(width for width, _ in wide)) / len(wide):
        del wide[0]
    wrapped = {column for _, column in wide}
    return "".join(_wrapped(table, column) if column in wrapped else letter for column, letter in enumerate(table.align))


def _wrapped(table: Table, column: int) -> str:
    """The letter of a column of code, or else of words."""
    pieces = {type(piece) for row in table.rows for piece in row[column]}
    return "K" if Code in pieces and Words not in pieces else "L"


def _listing(listing: Listing) -> str:
    caption = f"\\listingcaption{{{latex_sentence(listing.caption)}}}\n" if listing.caption else ""
    body = "\n".join(row for line in coloured(listing.whole, listing.language) for row in _code_rows(line))
    return f"{caption}\\begin{{listing}}\n{body}\n\\end{{listing}}"


def _code_rows(line: Sequence[Piece]) -> list[str]:
    """A line of code, which may need several of the page; behind the last is a link to its equation."""
    number = number_behind(line)
    shown = line if number is None else without_number(line)
    rows = ["".join(map(latex_piece, row)) for row in folded_code(shown, _CODE_COLUMNS)]
    return rows if number is None else [*rows[:-1], rows[-1] + rf"\codecomment{{→ \equationlink{{{number}}}}}"]


def latex_piece(piece: Piece) -> str:
    """A stretch of code as it stands in a verbatim environment in which commands work."""
    text = _MONOSPACED.sub(lambda sign: "\0" + sign.group(), _printable(piece.text)).translate(_VERBATIM)
    text = re.sub("\0(.)", r"\\glyph{\1}", text)
    return text if piece.colour is Colour.PLAIN else rf"\code{piece.colour.value}{{{text}}}"


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(map(one_line, text))


def latex_sentence(sentence: Sentence, heading: bool = False) -> str:
    """A sentence, or with `heading` one that a reader of the PDF also sees outside of the page."""
    return "".join(_inline(piece, heading) for piece in sentence)


def _inline(piece: Words | Math | Code | Reference, heading: bool) -> str:
    match piece:
        case Words(text):
            return latex_text(text)
        case Math() if heading:
            # The outline that a reader shows beside the pages has letters alone.
            return rf"\texorpdfstring{{${write_latex(piece.shown)}$}}{{{latex_text(write_unicode(piece.node))}}}"
        case Math():
            formula = write_latex(piece.shown)
            # Between words a line also ends between two factors, where a formula is longer than a part of it.
            return f"${formula.replace(_FACTORS, _BREAKABLE_FACTORS) if formula_width(piece.shown) > _BROKEN else formula}$"
        case Code(text):
            # A long name may be broken behind a sign.
            breakable = _BREAKABLE.sub(r"\g<0>\\breakhere{}", latex_text(text))
            return rf"\code{{{breakable}}}"
        case Reference(number):
            return rf"\eqref{{equation-{number}}}"
