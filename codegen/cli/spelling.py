"""Signs of mathematics where the output has no such signs: Σ is written `sum`, σ `sigma`, ᵀ `^T`.

By an error handler of the codecs, which is asked for just those signs that an encoding cannot write.
"""

from __future__ import annotations

import codecs
import unicodedata
from typing import TextIO

HANDLER = "chainrule.spelled"
SPELLINGS = {
    "∂": "d",
    "Σ": "sum",
    "∑": "sum",
    "Π": "prod",
    "∏": "prod",
    "∇": "grad",
    "√": "sqrt",
    "∞": "inf",
    "ᵀ": "^T",
    "⊤": "^T",
    "⊙": "(*)",
    "⊗": "(x)",
    "·": "*",
    "×": "x",
    "÷": "/",
    "−": "-",
    "±": "+-",
    "′": "'",
    "″": "''",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "≡": "==",
    "∈": "in",
    "→": "->",
    "←": "<-",
    "↦": "|->",
    "⇒": "=>",
    "…": "...",
    "–": "-",
    "—": "--",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "⌊": "floor(",
    "⌋": ")",
}


def spell_out(*streams: TextIO | None) -> None:
    """What these streams cannot write, they spell."""
    codecs.register_error(HANDLER, _spelled)
    for stream in streams:
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=HANDLER)


def spelled(sign: str) -> str:
    """A sign in ASCII: by the table, by its Greek name, as what it is a small form of, or as Python's escape."""
    if sign in SPELLINGS:
        return SPELLINGS[sign]
    name = unicodedata.name(sign, "")
    if name.startswith("GREEK") and " LETTER " in name:
        letter = name.split(" LETTER ")[1].split(" WITH ")[0].lower()
        return letter.capitalize() if " CAPITAL " in name else letter
    kind, *parts = unicodedata.decomposition(sign).split() or [""]
    mark = {"<super>": "^", "<sub>": "_"}.get(kind)
    if mark and len(parts) == 1 and (small := chr(int(parts[0], 16))).isascii():
        return mark + small
    return sign.encode("ascii", errors="backslashreplace").decode()


def _spelled(problem: UnicodeError) -> tuple[str, int]:
    assert isinstance(problem, UnicodeEncodeError)
    return "".join(map(spelled, problem.object[problem.start : problem.end])), problem.end
