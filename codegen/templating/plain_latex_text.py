r"""Plain text for pdflatex without packages: é is written \'{e}; letters that it has no command for, as Chinese ones, stay as they are."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from .environments import LATEX_LIGATURES, LATEX_SIGNS, one_line

#: By their combining marks.
_ACCENTS = dict(zip("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327", "`'^~=u.\"rHvc", strict=True))
#: Signs that have a command, or are made of others; `"` has a shape of its own only in other encodings of fonts.
_SIGNS = (
    LATEX_SIGNS
    | {"“": "``", "”": "''", '"': "''", "‘": "`", "’": "'", "–": "--", "—": "---", "…": r"{\dots}", "ı": r"{\i}"}
    | {"ß": r"{\ss}", "æ": r"{\ae}", "Æ": r"{\AE}", "œ": r"{\oe}", "Œ": r"{\OE}", "ø": r"{\o}", "Ø": r"{\O}", "ł": r"{\l}", "Ł": r"{\L}"}
    | {"·": r"$\cdot$", "×": r"$\times$", "−": "$-$", "≤": r"$\le$", "≥": r"$\ge$", "→": r"$\to$", "←": r"$\leftarrow$"}
)


def plain_latex_text(text: str) -> str:
    """Two equal signs in a row that would become a dash or a quotation mark are kept apart."""
    parts = []
    for before, sign in pairwise(" " + one_line(text)):
        if sign == before and sign in LATEX_LIGATURES:
            parts.append("{}")
        parts.append(_SIGNS.get(sign) or _accented(sign))
    return "".join(parts)


def _accented(sign: str) -> str:
    letter, *marks = tuple(unicodedata.normalize("NFD", sign))
    if not letter.isascii() or any(mark not in _ACCENTS for mark in marks):
        return sign
    written = letter
    for mark in marks:
        written = rf"\{_ACCENTS[mark]}{{{written}}}"
    return written
