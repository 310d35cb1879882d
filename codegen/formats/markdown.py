"""A document as Markdown, for a code host, for pandoc or for cells of a notebook: formulas in dollar signs inside sentences.

A host that reads Markdown before formulas takes `}_` for emphasis and `<` for a tag; a `math` fence, or a dollar sign with a backtick, it
leaves alone. GitHub forbids some commands: see <https://github.com/github/markup/issues/1688>. Jupyter takes formulas out first, and knows
dollar signs only; so does pandoc, and with it Quarto and others. It takes the words of a picture for its caption.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chainrule.codegen.document.chinese_letters import is_chinese
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
    Line,
    Listing,
    Math,
    Paragraph,
    Reference,
    Sentence,
    Table,
    Words,
)
from chainrule.codegen.document.latex_formula import Spelling, write_latex
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.document.spoken import write_spoken
from chainrule.codegen.templating.environments import markdown_start, markdown_text, one_line, text_template

from .aligned import Rows
from .svg import svg_file


@dataclass(frozen=True, slots=True)
class Dialect:
    """What stands around a displayed formula, and around one in a sentence in which Markdown would find something of its own.

    `meaning` says for whom it is. `pictures` stands before a picture's address. Where a picture `has_caption`, the words in its brackets
    are shown below it.
    """

    displayed: tuple[str, str]
    guarded: tuple[str, str]
    pictures: str = ""
    has_caption: bool = False
    meaning: str = ""


CODE_HOST = Dialect(("```math\n", "\n```"), ("$`", "`$"), meaning="as GitHub shows it")
JUPYTER = Dialect(("$$\n", "\n$$"), ("$", "$"), "attachment:")
PANDOC = Dialect(
    ("$$\n", "\n$$"), ("$", "$"), has_caption=True, meaning="for pandoc, Quarto and what else reads formulas between dollar signs"
)
#: The dialects of whole files.
DIALECTS = {"github": CODE_HOST, "pandoc": PANDOC}

#: A line to write on.
RULE = r"\_" * 16
_DISPLAY_WIDTH = 44.0
_RULES = {"l": ":--", "c": ":-:", "r": "--:"}
_SPELLING = Spelling(name=r"\mathop{\mathrm{%s}}")
# In a sentence or a table, Markdown would find something of its own in these.
_INLINE = replace(_SPELLING, signs={"<": r"\lt", ">": r"\gt", "*": r"\ast", "|": r"\vert", "{": r"\lbrace", "}": r"\rbrace"})
# What Markdown leaves alone between dollar signs: letters, digits, plain commands, and scripts that emphasise nothing.
_HARMLESS = re.compile(r"(?!.*[}\])]_)(?!.*\\[^A-Za-z])[^`*<>|$~]*")
# What has a meaning inside \text, in Markdown or in both, and the nearest sign that has none.
_IN_TEXT = {
    "\\": r"\backslash ",
    "{": r"\lbrace ",
    "}": r"\rbrace ",
    "<": r"\lt ",
    ">": r"\gt ",
    "*": r"\ast ",
    "|": r"\vert ",
    "~": r"\sim ",
    "_": r"\text{‗}",
    "$": r"\text{＄}",
    "&": r"\text{＆}",
    "#": r"\text{＃}",
    "%": r"\text{％}",
    "^": r"\text{ˆ}",
    "`": r"\text{ˋ}",
    "[": r"\lbrack ",
    "]": r"\rbrack ",
}


def render_markdown(document: Document, dialect: Dialect = CODE_HOST) -> str:
    """The whole file. Same document, same text."""
    front = document.front
    subtitle = [markdown_text(part) for part in (front.course, front.author, front.date) if part.strip()]
    blocks = [markdown_block(block, dialect) for block in document.blocks]
    return text_template("handout.md.jinja").render(
        title=markdown_text(front.title).strip(), subtitle=markdown_start(" · ".join(subtitle)), blocks=blocks
    )


def markdown_pictures(document: Document) -> dict[str, str]:
    """The pictures that the file shows, by the names of the SVG files which have to stand beside it."""
    return {f"{figure.name}.svg": picture_file(figure) for figure in document.blocks if isinstance(figure, Figure)}


def picture_file(figure: Figure) -> str:
    """The SVG file of a picture."""
    return svg_file(figure.drawing, figure.name, write_spoken(figure.title), write_spoken(figure.description))


def markdown_block(block: Block, dialect: Dialect) -> str:
    """One block in a dialect."""
    match block:
        case Heading(level, title, _):
            return f"{'#' * (level + 1)} {markdown_sentence(title, dialect)}"
        case Paragraph(sentence):
            return markdown_start(markdown_sentence(sentence, dialect))
        case Display():
            return _display(block, dialect)
        case Table(header, rows, align, caption):
            rule = "| " + " | ".join(_RULES[letter] for letter in align) + " |"
            lines = [_row(header, dialect), rule, *(_row(row, dialect) for row in rows)]
            return _captioned(caption, dialect, "\n".join(lines))
        case Listing(_, language, caption):
            code = block.whole
            fence = "`" * max(3, 1 + _longest_run(code))
            name = re.sub(r"[^A-Za-z0-9+-]", "", language)
            return _captioned(caption, dialect, f"{fence}{name}\n{code.strip(chr(10))}\n{fence}")
        case Figure(name, _, _, description, caption):
            if dialect.has_caption:
                spoken = write_spoken(description).replace('"', "'")
                return f'![{markdown_sentence(caption, dialect)}]({dialect.pictures}{name}.svg){{alt="{spoken}"}}'
            # Code hosts show no picture that is part of the text (a data: address), only one that is a file.
            picture = f"![{markdown_sentence(description, dialect)}]({dialect.pictures}{name}.svg)"
            return f"{picture}\n\n{markdown_start(markdown_sentence(caption, dialect))}"
        case Items(sentences, ordered):
            marks = (f"{position}." if ordered else "-" for position in range(1, len(sentences) + 1))
            points = (markdown_start(markdown_sentence(sentence, dialect)) for sentence in sentences)
            return "\n".join(f"{mark} {point}" for mark, point in zip(marks, points, strict=True))
        case BlankLines(lines):
            # Code hosts drop styles, but keep a line break.
            return "<br>" * lines
        case Fields(labels):
            return " &emsp; ".join(f"{markdown_sentence(label, dialect)} {RULE}" for label in labels)


def _captioned(caption: Sentence, dialect: Dialect, body: str) -> str:
    return f"{markdown_start(markdown_sentence(caption, dialect))}\n\n{body}" if caption else body


def _row(cells: tuple[Sentence, ...], dialect: Dialect) -> str:
    return "| " + " | ".join(markdown_sentence(cell, dialect, in_table=True) for cell in cells) + " |"


def _display(display: Display, dialect: Dialect) -> str:
    tag = "" if display.number is None else f"\n\\tag{{{display.number}}}"
    before, behind = dialect.displayed
    return f"{before}{aligned(display.lines)}{tag}{behind}"


def aligned(lines: tuple[Line, ...]) -> str:
    """A displayed equation as LaTeX that MathJax and KaTeX take, between whatever marks."""
    return "\n".join((r"\begin{aligned}", " \\\\\n".join(_ROWS.written(lines)), r"\end{aligned}"))


def _whole_reason(reason: Sentence) -> str:
    return "".join(_reason(piece) for piece in reason)


def _reason(piece: Words | Math | Code | Reference) -> str:
    match piece:
        case Words(text):
            return "".join(_text(run) for run in re.findall(r"[\\{}<>*|~_$&#%^`\[\]]|[^\\{}<>*|~_$&#%^`\[\]]+", one_line(text)))
        case Math():
            return formula_text(piece.shown)
        case Code(text):
            return r"\texttt{" + re.sub(r"[\\{}<>*|~_$&#%^`]", "‗", one_line(text)) + "}"
        case Reference(number):
            return rf"\text{{({number})}}"


def _text(run: str) -> str:
    return _IN_TEXT.get(run) or rf"\text{{{run}}}"


def formula_text(node: Node) -> str:
    """A formula as LaTeX that MathJax and KaTeX take."""
    return write_latex(node, _SPELLING)


_ROWS = Rows(formula_text, _whole_reason, _DISPLAY_WIDTH)


def _inline_formula(node: Node, dialect: Dialect) -> str:
    """Signs and brackets written so that Markdown and its tables find nothing in them."""
    formula = write_latex(node, _INLINE).strip()
    before, behind = ("$", "$") if _HARMLESS.fullmatch(formula) else dialect.guarded
    return f"{before}{formula}{behind}"


def markdown_sentence(sentence: Sentence, dialect: Dialect, in_table: bool = False) -> str:
    """A sentence in a dialect."""
    written = ""
    for piece in sentence:
        # GitHub takes no dollar sign for the start of a formula behind a Chinese letter or sign.
        apart = isinstance(piece, Math) and is_chinese(written[-1:] or " ")
        written += (" " if apart else "") + _inline(piece, dialect, in_table)
    return written


def _inline(piece: Words | Math | Code | Reference, dialect: Dialect, in_table: bool) -> str:
    match piece:
        case Words(text):
            return markdown_text(text)
        case Math():
            return _inline_formula(piece.shown, dialect)
        case Code(text):
            return _code(one_line(text), in_table)
        case Reference(number):
            return f"({number})"


def _code(text: str, in_table: bool) -> str:
    fence = "`" * (1 + _longest_run(text))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    shown = text.replace("|", r"\|") if in_table else text
    return f"{fence}{space}{shown}{space}{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
