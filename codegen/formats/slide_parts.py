"""The parts of slides: each with its height, and in how many steps it appears."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

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
    Math,
    Paragraph,
    Sentence,
    Table,
)
from chainrule.codegen.document.highlighting import coloured
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import EMPTY, QUAD, row
from chainrule.codegen.formulas.folding import folded
from chainrule.codegen.formulas.measure import formula_height, formula_width, sentence_width, sides_width

from .latex import latex_piece, latex_sentence
from .slide_pictures import slide_picture

#: In em of the text.
TEXT_WIDTH = 39.6
DISPLAY_WIDTH = 35.2
#: Of a table, whose letters are smaller.
TABLE_WIDTH = 44.0
COLUMN_WIDTH = 14.0
#: Lines of code of this many letters fill a slide at its largest size of letters.
CODE_WIDTH = 760.0
CODE_SIZE = 8.0
#: A derivation is cut between its lines where it would be higher than this, in lines of text.
HIGHEST = 11.9
ROWS = 12
CODE_LINES = 18
#: In points: a line of text, less what stands between lines of code beside their size.
LINE = 10.6


@dataclass(frozen=True, slots=True)
class Part:
    """`write` is given the number of the overlay on which the part begins to appear."""

    height: float
    steps: int
    write: Callable[[int], str]
    announces: bool = False

    def written(self, step: int) -> str:
        return self.write(step)


def parts_of(block: Block) -> list[Part]:
    """What a block becomes; what is too high for one slide becomes several parts."""
    match block:
        case Heading():
            return []
        case Paragraph():
            return [_paragraph(block)]
        case Display():
            return list(_display(block))
        case Table():
            return list(_table(block))
        case Figure():
            return [_figure(block)]
        case Items(sentences, ordered):
            return [_item(sentence, f"{place}." if ordered else r"\textbullet") for place, sentence in enumerate(sentences, 1)]
        case Listing():
            return list(_listing(block))
        case BlankLines() | Fields():
            return []


def subtitle(written: str) -> Part:
    """A heading on a frame whose title is another; it appears with what it announces."""
    return Part(2.2, 0, lambda step: rf"\slidesubtitle{{{step}}}{{{written}}}", announces=True)


def _lines_of(sentence: Sentence, width: float = TEXT_WIDTH) -> float:
    return float(max(1, ceil(1.08 * sentence_width(sentence) / width)))


def _paragraph(paragraph: Paragraph) -> Part:
    sentence = paragraph.sentence
    text = latex_sentence(sentence)
    tall = max((formula_height(piece.node) for piece in sentence if isinstance(piece, Math)), default=1.0)
    # It appears with what it announces.
    height = _lines_of(sentence) + 0.35 + max(0.0, min(tall, 2.0) - 1.6)
    return Part(height, 0 if paragraph.announces else 1, lambda step: rf"\said{{{step}}}{{{text}}}", paragraph.announces)


def _item(sentence: Sentence, mark: str) -> Part:
    text = latex_sentence(sentence)
    return Part(_lines_of(sentence) + 0.3, 1, lambda step: rf"\said{{{step}}}{{{mark}\enspace {text}}}")


def _display(display: Display) -> Iterator[Part]:
    """A derivation, cut between lines where it is too high; its number stands at the last piece."""
    lines = folded(tuple(_telling(display)), DISPLAY_WIDTH)
    widest = max(sentence_width(line.reason) for line in lines)
    beside = sides_width(lines) + 2.0 + 0.9 * widest <= DISPLAY_WIDTH
    pieces = list(_cut(lines, beside))
    for number, piece in enumerate(pieces):
        own = display.number if number == len(pieces) - 1 else None
        yield _steps(piece, own, beside)


def _telling(display: Display) -> tuple[Line, ...]:
    """All lines, or those that are worth a slide and dots for the others."""
    if display.telling is None or display.telling >= len(display.lines):
        return display.lines
    *lines, last = display.lines[: display.telling]
    return (*lines, replace(last, right=last.right.rewritten(row(last.right.node, ",", QUAD, "…"))))


def _cut(lines: Sequence[Line], beside: bool) -> Iterator[list[Line]]:
    """Pieces that fit: a chain of equalities stays together where it can."""
    chains: list[list[Line]] = []
    for line in lines:
        if not line.left.is_empty or not chains:
            chains.append([])
        chains[-1].append(line)
    piece: list[Line] = []
    for chain in chains:
        for part in [chain] if _height(chain, beside) <= HIGHEST else [[line] for line in chain]:
            if piece and _height([*piece, *part], beside) > HIGHEST:
                yield piece
                piece = []
            piece = [*piece, *part]
    yield piece


def _height(lines: Sequence[Line], beside: bool) -> float:
    return sum(_line_height(line, beside) for line in lines)


def _line_height(line: Line, beside: bool) -> float:
    formula = 0.5 + 0.66 * max(formula_height(line.left.node), formula_height(line.right.node), 1.4)
    return formula if beside or not line.reason else formula + 0.3 + 0.9 * _lines_of(line.reason, 1.1 * _room_below(line))


def _room_below(line: Line) -> float:
    return max(14.0, DISPLAY_WIDTH + 2.0 - 1.4 - max(5.0, formula_width(line.left.node)))


def _steps(lines: Sequence[Line], number: int | None, beside: bool) -> Part:
    #: A line that goes on from the one above, because it was folded, comes together with it.
    places: list[int] = []
    for line in lines:
        places.append(len({*places}) if not places or line.relation != EMPTY else places[-1])
    count = len({*places})

    def write(step: int) -> str:
        rows = " \\\\\n".join(_row(line, step + place, beside) for line, place in zip(lines, places, strict=True))
        return f"\\steps{{{step + count - 1}}}{{{f'({number})' if number is not None else ''}}}{{%\n{rows}}}"

    return Part(_height(lines, beside) + 0.5, count, write)


def _row(line: Line, step: int, beside: bool) -> str:
    left, relation, right = (write_latex(part) for part in (line.left.node, line.relation, line.right.node))
    formula = rf"\stepleft{{{step}}}{{{left}}} & \stepright{{{step}}}{{{{}}{relation} {right}}}"
    if not line.reason:
        return rf"  {formula}"
    reason = latex_sentence(line.reason)
    if beside:
        return rf"  {formula} && \reasonbeside{{{step}}}{{{reason}}}"
    return f"  {formula} \\\\*[-3pt]\n  \\reasonbelow{{{step}}}{{{_room_below(line):.1f}em}}{{{reason}}}"


def _table(table: Table) -> Iterator[Part]:
    """A table, its head on every slide that has a part of it."""
    grid = (table.header, *table.rows)
    widths = [max(sentence_width(row[column]) for row in grid) for column in range(len(table.align))]
    fits = sum(widths) + 1.2 * (len(widths) - 1) <= TABLE_WIDTH
    columns = (
        table.align if fits else "".join("X" if width > COLUMN_WIDTH else letter for letter, width in zip(table.align, widths, strict=True))
    )
    wrapped = columns.count("X")
    room = (TABLE_WIDTH - sum(width for width, letter in zip(widths, columns, strict=True) if letter != "X")) / max(1, wrapped)
    heights = [
        1.25 * max([1.0, *(_lines_of(cell, max(8.0, room)) for cell, letter in zip(row, columns, strict=True) if letter == "X")])
        for row in table.rows
    ]
    # Equally long tables, and no last one of a single row.
    enough = sum(heights) / ceil(sum(heights) / ROWS)
    rows: list[tuple[Sentence, ...]] = []
    height = 0.0
    for line, own in zip(table.rows, heights, strict=True):
        rows.append(line)
        height += own
        if height >= enough - 0.01 or line is table.rows[-1]:
            yield _table_part(table, rows, columns, height)
            rows, height = [], 0.0


def _table_part(table: Table, rows: Sequence[tuple[Sentence, ...]], columns: str, height: float) -> Part:
    head = " & ".join(latex_sentence(cell) for cell in table.header)
    body = "\n".join("  " + " & ".join(latex_sentence(cell) for cell in row) + r" \\" for row in rows)
    letters = columns.replace("X", r">{\raggedright\arraybackslash}X")
    name, width = ("tabularx", r"{\linewidth}") if "X" in columns else ("tabular", "")
    rules = f"\\toprule {head} \\\\\\midrule\n{body}\n\\bottomrule"
    text = f"\\begin{{{name}}}{width}{{@{{}}{letters}@{{}}}}{rules}\\end{{{name}}}"
    caption = latex_sentence(table.caption)

    def write(step: int) -> str:
        said = f"\\said{{{step}}}{{\\small\\color{{quiet}}{caption}}}\n" if caption else ""
        return f"{said}\\slidetable{{{step}}}{{{text}}}{{}}"

    return Part(height + 2.2 + (1.2 if caption else 0.0), 1, write)


def _figure(figure: Figure) -> Part:
    """A slide of its own."""
    text = slide_picture(figure)
    return Part(HIGHEST + 2.2, 1, lambda step: rf"\uncover<{step}->{{{text}}}")


def _listing(listing: Listing) -> Iterator[Part]:
    """Code by slides; of a long one the lines that tell most."""
    lines = coloured(listing.telling or listing.whole, listing.language)
    longest = max((sum(len(piece.text) for piece in line) for line in lines), default=0)
    size = min(CODE_SIZE, CODE_WIDTH / max(1, longest))
    for start in range(0, len(lines), CODE_LINES):
        written = [_code_line("".join(latex_piece(piece) for piece in line)) for line in lines[start : start + CODE_LINES]]
        text = f"\\codelines{{{size:.2f}}}{{%\n" + " \\\\\n".join(written) + "}"
        yield Part(len(written) * size * 1.25 / LINE + 0.4, 1, lambda step, text=text: rf"\uncover<{step}->{{{text}}}")  # type: ignore[misc]


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
