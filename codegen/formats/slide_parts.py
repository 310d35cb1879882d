"""The parts of slides: in how many steps each appears, and what is written of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chainrule.codegen.document.document import (
    BlankLines,
    Block,
    Display,
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
from chainrule.codegen.document.highlighting import coloured
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import EMPTY
from chainrule.codegen.formulas.slide_measure import (
    CODE_SIZE,
    DISPLAY_WIDTH,
    reason_width,
    reasons_stand_beside,
    shown_lines,
    table_columns,
)

from .latex import latex_piece, latex_sentence


@dataclass(frozen=True, slots=True)
class Part:
    """`write` is given the number of the overlay on which the part begins to appear."""

    steps: int
    write: Callable[[int], str]


def parts_of(block: Block, width: float = DISPLAY_WIDTH, behind: Block | None = None) -> list[Part]:
    """What a block becomes where a formula may be so many em wide; what stands behind a point is set in like it.

    Pictures have parts of their own.
    """
    match block:
        case Heading() | BlankLines() | Fields() | Figure():
            return []
        case Paragraph(sentence) if isinstance(behind, Items):
            return [_item("", sentence)]
        case Paragraph(sentence):
            # It appears with what it announces.
            return [_said(0 if block.announces else 1, latex_sentence(sentence))]
        case Display():
            return [_display(block, width)]
        case Table():
            return [_table(block)]
        case Items(sentences, ordered):
            marks = [f"{place}." if ordered else r"\textbullet" for place in range(1, len(sentences) + 1)]
            return [_item(mark, sentence) for mark, sentence in zip(marks, sentences, strict=True)]
        case Listing():
            return [_listing(block)]


def _said(steps: int, text: str) -> Part:
    return Part(steps, lambda step: rf"\said{{{step}}}{{{text}}}")


def _item(mark: str, sentence: Sentence) -> Part:
    text = latex_sentence(sentence)
    return Part(1, lambda step: rf"\point{{{step}}}{{{mark}}}{{{text}}}")


def _display(display: Display, width: float) -> Part:
    """A derivation, line by line; a line that goes on from the one above, because it was folded, comes together with it."""
    lines = shown_lines(display.lines, width)
    beside = reasons_stand_beside(lines, width)
    places: list[int] = []
    for line in lines:
        places.append(len({*places}) if not places or line.relation != EMPTY else places[-1])
    count = len({*places})
    number = f"({display.number})" if display.number is not None else ""

    def write(step: int) -> str:
        rows = " \\\\\n".join(_row(line, step + place, beside, width) for line, place in zip(lines, places, strict=True))
        return f"\\steps{{{step + count - 1}}}{{{number}}}{{%\n{rows}}}"

    return Part(count, write)


def _row(line: Line, step: int, beside: bool, width: float) -> str:
    left, relation, right = (write_latex(part) for part in (line.left.node, line.relation, line.right.node))
    formula = rf"\stepleft{{{step}}}{{{left}}} & \stepright{{{step}}}{{{{}}{relation} {right}}}"
    if not line.reason:
        return rf"  {formula}"
    reason = latex_sentence(line.reason)
    if beside:
        return rf"  {formula} && \reasonbeside{{{step}}}{{{reason}}}"
    return f"  {formula} \\\\*[-3pt]\n  \\reasonbelow{{{step}}}{{{reason_width(line, width):.1f}em}}{{{reason}}}"


def _table(table: Table) -> Part:
    """A table as a whole; columns of words share what the others leave where it would be too wide."""
    columns = table_columns(table)
    head = " & ".join(latex_sentence(cell) for cell in table.header)
    body = "\n".join("  " + _table_row(row) for row in table.rows)
    letters = columns.replace("X", r">{\raggedright\arraybackslash}X")
    name, width = ("tabularx", r"{\linewidth}") if "X" in columns else ("tabular", "")
    rules = f"\\toprule {head} \\\\\\midrule\n{body}\n\\bottomrule"
    text = f"\\begin{{{name}}}{width}{{@{{}}{letters}@{{}}}}{rules}\\end{{{name}}}"
    caption = latex_sentence(table.caption)

    def write(step: int) -> str:
        said = f"\\said{{{step}}}{{\\small\\color{{quiet}}{caption}}}\n" if caption else ""
        return f"{said}\\slidetable{{{step}}}{{{text}}}"

    return Part(1, write)


def _table_row(row: Sequence[Sentence]) -> str:
    return " & ".join(latex_sentence(cell) for cell in row) + r" \\"


def _listing(listing: Listing) -> Part:
    written = [_code_line("".join(latex_piece(piece) for piece in line)) for line in coloured(listing.whole, listing.language)]
    text = f"\\codelines{{{CODE_SIZE:g}}}{{%\n" + " \\\\\n".join(written) + "}"
    return Part(1, lambda step: rf"\uncover<{step}->{{{text}}}")


def _code_line(written: str) -> str:
    """Spaces that stay, and signs that mean something outside of a verbatim environment."""
    return "{}" + "".join(_SIGNS.get(sign, sign) for sign in written)


_SIGNS = {
    " ": "~",
    "#": r"\#",
    "%": r"\%",
    "&": r"\&",
    "_": r"\_",
    "$": r"\$",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "'": r"\textquotesingle{}",
    '"': r"\textquotedbl{}",
}
