"""Signs of mathematics where there are no such signs: Σ is written `sum`, σ `sigma`, ᵀ `^T`."""

from __future__ import annotations

import unicodedata

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


def ascii_text(text: str) -> str:
    """A text in which every sign that is not of ASCII is spelled."""
    return "".join(sign if sign.isascii() else spelled(sign) for sign in text)
