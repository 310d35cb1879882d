"""Letters of Chinese beside all others: which they are, and how wide a text is that has them."""

from __future__ import annotations

#: In order: radicals, punctuation, ideographs, compatibility forms, full-width forms, and ideographs of the planes above.
CHINESE = ((0x2E80, 0x2FDF), (0x3000, 0x303F), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))

#: Full-width signs that never begin a line.
CLOSING_SIGNS = tuple("，。：；、？！）」』”’")


def is_chinese(sign: str) -> bool:
    """Whether a letter or a sign fills a square of its own, in a font of its own."""
    code = ord(sign)
    # Nearly all that is asked for lies below.
    return code >= CHINESE[0][0] and any(first <= code <= last for first, last in CHINESE)


def letters_width(text: str, other: float) -> float:
    """In em; `other` is the mean width of all letters but Chinese ones."""
    chinese = sum(is_chinese(sign) for sign in text) if not text.isascii() else 0
    return chinese + other * (len(text) - chinese)
