"""Source code as coloured pieces; each format says how a piece is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache


class Colour(Enum):
    """What a piece of code is; the value names its style in every format."""

    PLAIN = "plain"
    COMMENT = "comment"
    KEYWORD = "keyword"
    STRING = "string"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of code on one line."""

    text: str
    colour: Colour


#: Listings of which is kept how they are coloured: every format of a document has the same ones.
KEPT = 16


@lru_cache(maxsize=KEPT)
def coloured(code: str, language: str) -> tuple[tuple[Piece, ...], ...]:
    """Lines of pieces; a language that is not known is left plain. Tabs are four spaces, blank lines at the ends go."""
    # Loading it takes longer than writing a page, and only listings need it.
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    text = code.expandtabs(4).strip("\n")
    try:
        tokens = list(get_lexer_by_name(language, stripnl=False, ensurenl=False).get_tokens(text))
    except ClassNotFound:
        return tuple((Piece(line, Colour.PLAIN),) if line else () for line in text.split("\n"))
    lines: list[list[Piece]] = [[]]
    for token, value in tokens:
        colour = _colour(str(token))
        first, *others = value.split("\n")
        _append(lines[-1], first, colour)
        for other in others:
            lines.append([])
            _append(lines[-1], other, colour)
    return tuple(tuple(line) for line in lines)


def _append(line: list[Piece], text: str, colour: Colour) -> None:
    if not text:
        return
    if line and (line[-1].colour is colour or not text.strip()):
        line[-1] = Piece(line[-1].text + text, line[-1].colour)
    else:
        line.append(Piece(text, colour))


@cache
def _colour(token: str) -> Colour:
    name = token.removeprefix("Token.")
    starts = {
        "Comment": Colour.COMMENT,
        "Literal.String.Doc": Colour.COMMENT,
        "Literal.String": Colour.STRING,
        "Literal.Number": Colour.NUMBER,
        "Keyword": Colour.KEYWORD,
        "Operator.Word": Colour.KEYWORD,
        "Name.Function": Colour.NAME,
        "Name.Class": Colour.NAME,
    }
    return next((colour for start, colour in starts.items() if name.startswith(start)), Colour.PLAIN)
