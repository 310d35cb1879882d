"""The formulas of a document in LaTeX or Markdown: rows of displays, and what stands between dollar signs."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from .quoted import without_quoted
from .tables import is_row, with_equations

#: Environments of formulas; others, as lists, are text.
DISPLAYS = frozenset(
    "equation align aligned alignat alignedat gather gathered multline split eqnarray displaymath math flalign derivation".split()
)
#: Environments inside of a formula, whose rows are not those of the display.
INSIDE = frozenset("cases dcases matrix pmatrix bmatrix vmatrix array".split())
PIECE = re.compile(
    r"(?P<comment>(?<!\\)%[^\n]*)|\\begin\{(?P<begin>\w+)\*?\}(?:\[\d+\])?|\\end\{(?P<end>\w+)\*?\}"
    r"|(?P<mark>\$`|`\$|\$\$?|\\[\[\]()]|```math\b|```)"
    r"|(?P<row>\\\\(?:\[[^\]\n\\]{0,20}\])?)|(?P<line>\n)|\\.|[^\\$%`\n]+|.",
    re.DOTALL,
)
HEADING = re.compile(r"\s*(?:\\(?:chapter|(?:sub)*section|paragraph|frametitle)\b|#{1,6} )")
#: A formula in a line of text, commands, and words that stand beside both.
INLINE = re.compile(r"\$[^$]*\$|\\\(.*?\\\)|\\[A-Za-z]+")
WORD = re.compile(r"[^\W\d_]{2,}")
CLOSED = {"$": "$", "$$": "$$", r"\[": r"\]", r"\(": r"\)", "$`": "`$", "```math": "```"}
IS_MARKED = re.compile(r"\$|\\\[|\\\(|\\begin")
#: A line of more letters is no formula that anybody reads.
LONGEST = 8_000
#: Pieces without any sign behind which a line is blank.
MOST_BLANK = 100
#: Where in a display an equation begins; other rows go on with the one before.
ALIGNED = re.compile(r"&\s*(?:\{\}\s*)?(?::?=|\\(?:leftarrow|coloneqq|equiv)\b)")
RELATION = re.compile(r"(?<![<>!:])(?<!\\)=|:=|\\(?:leftarrow|coloneqq|equiv)(?![A-Za-z])")
#: What a row says about itself in words.
WORDS = re.compile(r"\\(?:text|textrm|textit|mbox|intertext|shortintertext)\s*\{(?:[^{}$]|\{[^{}]*\}|\$[^$]*\$)*\}")
REMARK = re.compile(rf"(?:\s|&|\\q?quad(?![A-Za-z])|\\[,;: ]|{WORDS.pattern})*")
BRACKET = re.compile(r"\\[{}]|[{}()\[\]]|=")
#: Of an equation, behind it.
NUMBER = re.compile(r"[\s&]*\(\d+[a-z]?\)[\s&]*")
#: Where one row has two equations.
GOES_ON = re.compile(r"(?:\\left\.|\\right\.|[{}&\s])*(?:[-+=*/)\]]|\\cdot|\\times|$)")
APART = re.compile(r"((?:[,;.]\s*)?(?:\\q?quad(?![A-Za-z])|&(?!\s*(?:\{\}\s*)?(?::?=|\\(?:leftarrow|coloneqq|equiv)\b)))+)")


@dataclass(frozen=True, slots=True)
class Row:
    """A formula with the number of the line that it begins in; a remark stands in a sentence or in a table.

    Those of one display, or in lines of text that follow each other, are of one `part`; those below one heading of one `section`.
    """

    number: int
    text: str
    is_remark: bool = False
    part: int = 0
    section: int = 0


def latex_rows(text: str) -> Iterator[Row]:
    """Every equation, with the rows that it goes on in; what has no sign of equality is none."""
    lines = [with_equations(line) for line in without_quoted(text).split("\n")]

    @lru_cache(maxsize=1)
    def sentence(number: int) -> tuple[bool, bool]:
        """Whether formulas stand in the text of a line, and beside words; found once for a line, not for each formula in it."""
        own = lines[number - 1][:LONGEST].replace("$$", "")
        return "$" in own or r"\(" in own, not is_row(own) and bool(WORD.search(INLINE.sub(" ", own)))

    headings = [number for number, line in enumerate(lines, 1) if HEADING.match(line)]
    part, last = 0, 0
    for display in _displays("\n".join(lines)):
        for place, row in enumerate(row for equation in _equations(display) for row in _apart(equation)):
            is_inline, has_words = sentence(row.number)
            part += not place and not (is_inline and row.number <= last + 1)
            last = row.number if is_inline else -1
            yield replace(row, is_remark=is_inline and has_words, part=part, section=bisect(headings, row.number))


@dataclass
class _Rows:
    """The rows of one display, as far as they are read."""

    number: int
    done: list[Row] = field(default_factory=list)
    own: list[str] = field(default_factory=list)

    def end(self, number: int) -> None:
        self.done.append(Row(self.number, "".join(self.own)[:LONGEST]))
        self.number, self.own = number, []


def _displays(text: str) -> Iterator[list[Row]]:
    """The rows of one display after the other. A text without any sign of a formula has one in each line."""
    number, expected = 1, [] if IS_MARKED.search(text) else [""]
    rows, inside = _Rows(1), 0
    for piece in PIECE.finditer(text):
        written = _sign(piece[0], expected)
        is_blank = piece["line"] is not None and not any(map(str.strip, rows.own[-MOST_BLANK:]))
        if piece["line"]:
            number += 1
        if not expected:
            if begun := CLOSED.get(written) or (piece["begin"] in DISPLAYS and piece["begin"]):
                expected, rows, inside = [str(begun)], _Rows(number), 0
        elif piece["comment"]:
            continue
        elif piece["begin"] in DISPLAYS:
            expected.append(piece["begin"])
        elif expected[-1] and (piece["end"] or piece["mark"]) and (piece["end"] or written) == expected[-1]:
            expected.pop()
            if not expected:
                rows.end(number)
                yield rows.done
        elif (piece["row"] and not inside) or (piece["line"] and (expected == [""] or (expected in (["$"], ["`$"]) and is_blank))):
            rows.end(number)
            if expected == [""] or piece["line"]:
                yield rows.done
                rows, expected = _Rows(number), [""] if expected == [""] else []
        else:
            inside += 1 if piece["begin"] in INSIDE else -1 if piece["end"] in INSIDE else 0
            if not rows.own and not written.strip():
                rows.number = number
            rows.own.append(" " if piece["line"] else written)
    if expected:
        rows.end(number)
        yield rows.done


def _sign(written: str, expected: list[str]) -> str:
    """A dollar sign beside that of a listing is one of GitHub's formulas, $`a = 1`$, where such a one begins or ends."""
    is_other = (written == "`$" and expected[-1:] != ["`$"]) or (written == "$`" and expected[-1:] == ["$"])
    return "$" if is_other else written


def _equations(display: list[Row]) -> Iterator[Row]:
    """Rows that belong together; one begins where there is a sign of equality outside of all brackets."""
    own: Row | None = None
    open_brackets = 0
    for row in display:
        if REMARK.fullmatch(row.text):
            continue
        begins, depth = _begins(row.text, open_brackets)
        if own is not None and not begins:
            own, open_brackets = Row(own.number, f"{own.text} {row.text}"[:LONGEST]), depth
            continue
        if own is not None:
            yield own
        own, open_brackets = row, depth if begins else 0
    if own is not None:
        yield own


def _begins(text: str, depth: int) -> tuple[bool, int]:
    """Whether an equation begins in a row, and how many brackets are open at its end; some are so from the rows before."""
    if ALIGNED.search(text):
        depth = 0
    begins = bool(ALIGNED.search(text))
    for sign in BRACKET.findall(text):
        if sign == "=":
            begins = begins or depth <= 0
        else:
            depth += 1 if sign in "([{" or sign == r"\{" else -1
    return begins, depth


def _apart(row: Row) -> Iterator[Row]:
    """The equations of a row that has several with a wide space between; a remark behind one is none."""
    own, *parts = APART.split(row.text)
    for space, part in zip(parts[::2], parts[1::2], strict=True):
        is_inside = own.count(r"\begin{") > own.count(r"\end{")
        is_reason = space.count("&") > 1 and not RELATION.search(part)
        if (is_reason or WORDS.match(part.strip(" &")) or NUMBER.fullmatch(part)) and not is_inside:
            continue
        goes_on = is_inside or GOES_ON.match(part) or not (RELATION.search(own) and _begins(part, 0)[0]) or _begins(own, 0)[1] != 0
        if not goes_on:
            yield Row(row.number, own)
        own = f"{own}{space}{part}" if goes_on else part
    if _is_equation(own):
        yield Row(row.number, own)


def _is_equation(text: str) -> bool:
    """Whether a sign of equality stands outside of all brackets; in some an axis has its number."""
    return bool(RELATION.search(text)) and (_begins(text, 0)[0] or not re.search(r"(?<!\\)=", text))
