r"""Displays as LaTeX to paste: `align*` environments that a plain article with amsmath sets, by pdflatex too, no box too wide.

All of it is ASCII. Letters that plain LaTeX has no font for, as Chinese ones, stand inside of \text alone, and `needs` says what sets them.
Headings and words between the formulas are comments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.codegen.document.chinese_letters import has_chinese
from chainrule.codegen.document.document import (
    BlankLines,
    Block,
    Code,
    Display,
    Heading,
    Line,
    Math,
    Paragraph,
    Reference,
    Sentence,
    Words,
)
from chainrule.codegen.document.latex_formula import Spelling, write_latex
from chainrule.codegen.document.node_walk import nodes
from chainrule.codegen.document.nodes import Letter, Node, Style, Text
from chainrule.codegen.document.unicode_formula import write_unicode
from chainrule.codegen.formulas.folding import folded
from chainrule.codegen.formulas.measure import formula_height
from chainrule.codegen.templating.ascii_text import ascii_text
from chainrule.codegen.templating.plain_latex_text import plain_latex_text

from .aligned import Rows

#: In em: a line of a plain article of 10 points has 34.5, and what is estimated may be a little wider.
ROOM = 31.0
#: What an environment may be high, in em: TeX breaks none over pages.
_MOST_HEIGHT = 32.0
_ROW_GAP = 0.55
#: The sign of the indicator and of the unit matrix: the letters of amsmath alone have no double-struck ones.
_SPELLING = Spelling(styles={Style.DOUBLE_STRUCK: "mathsf"}, letters=plain_latex_text)


def latex_piece(blocks: Sequence[Block], what: str) -> str:
    """The piece, whose first line says what it is and what the article has to load."""
    return "\n".join([f"% {ascii_text(what)}; needs {needs(blocks)}", *latex_lines(blocks)])


def latex_lines(blocks: Sequence[Block]) -> Iterator[str]:
    """The lines, without a blank one among them."""
    shown: list[Line] = []
    for block in (*blocks, BlankLines(1)):
        if isinstance(block, Display):
            shown += block.lines
            continue
        for part in _parts(shown):
            yield r"\begin{align*}"
            *rows, last = _ROWS.written(part)
            yield from (rf"{row} \\" for row in rows)
            yield last
            yield r"\end{align*}"
        shown = []
        match block:
            case Heading(_, sentence) | Paragraph(sentence):
                yield f"% {ascii_text(''.join(map(_plain, sentence))).strip()}"
            case BlankLines():
                pass
            case _:
                raise TypeError(f"a piece of LaTeX shows no {type(block).__name__}")


def needs(blocks: Sequence[Block]) -> str:
    """What the article that a piece is pasted into has to load."""
    lines = [line for block in blocks if isinstance(block, Display) for line in block.lines]
    texts = [part.text for line in lines for part in line.reason if isinstance(part, Words)]
    formulas = [whole.node for line in lines for whole in (line.left, line.right)]
    texts += [part.text for whole in formulas for part in nodes(whole) if isinstance(part, Letter | Text)]
    if any(map(has_chinese, texts)):
        return "amsmath, and for its Chinese words ctex or xeCJK"
    return "amsmath"


def _parts(lines: list[Line]) -> Iterator[tuple[Line, ...]]:
    """Lines that fit on a page together; what is one equation stays together where it can."""
    part: list[Line] = []
    height = 0.0
    for line in lines:
        own = sum(formula_height(row.right.node) + _ROW_GAP + (1.2 if row.reason else 0.0) for row in folded((line,), ROOM, inside=True))
        if part and height + own > (_MOST_HEIGHT if line.left.is_empty else 0.7 * _MOST_HEIGHT):
            yield tuple(part)
            part, height = [], 0.0
        part.append(line)
        height += own
    if part:
        yield tuple(part)


def _formula(node: Node) -> str:
    return write_latex(node, _SPELLING)


def _reason(sentence: Sentence) -> str:
    return rf"\text{{{''.join(map(_inline, sentence))}}}"


def _inline(piece: Words | Math | Code | Reference) -> str:
    match piece:
        case Words(text):
            return plain_latex_text(text)
        case Math():
            return f"${_formula(piece.shown)}$"
        case Code(text):
            return rf"\texttt{{{plain_latex_text(text)}}}"
        case Reference(number):
            return f"({number})"


def _plain(piece: Words | Math | Code | Reference) -> str:
    """In a comment; a shape stands apart."""
    match piece:
        case Math(node):
            return write_unicode(node)
        case Code(text):
            return f"    {text}"
        case Reference(number):
            return f"({number})"
        case Words(text):
            return text


_ROWS = Rows(_formula, _reason, ROOM, inside=True)
