"""Lines of code that are longer than a page is wide go on below, so that their letters need not be small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.codegen.document.highlighting import Colour, Piece

#: Before what goes on, so much further to the right than the line.
CONTINUED, FURTHER = "↪ ", 4


def folded_code(line: Sequence[Piece], columns: int) -> Iterator[tuple[Piece, ...]]:
    """The rows of a line of code, broken at spaces where there are such."""
    text = "".join(piece.text for piece in line)
    margin, end = len(text) - len(text.lstrip()), len(text.rstrip())
    before = " " * (min(margin, columns // 2) + FURTHER) + CONTINUED
    start, first, room = 0, margin + 1, columns
    while end - start > room:
        space = text.rfind(" ", start + first, start + room + 1)
        cut = start + room if space < 0 else space
        yield _row(line, start, cut, before if start else "")
        start = cut + (space >= 0)
        first, room = 1, columns - len(before)
    yield _row(line, start, len(text), before if start else "")


def _row(line: Sequence[Piece], start: int, end: int, before: str) -> tuple[Piece, ...]:
    """What stands from one place of a line to another."""
    found, place = [Piece(before, Colour.COMMENT)] if before else [], 0
    for piece in line:
        part = piece.text[max(start - place, 0) : max(end - place, 0)]
        if part:
            found.append(Piece(part, piece.colour))
        place += len(piece.text)
    return tuple(found)
