"""Letters of Chinese beside all others: which they are, and how wide a text is that has them."""

from __future__ import annotations

import re

#: In order: radicals, punctuation, ideographs, compatibility forms, full-width forms, and ideographs of the planes above.
CHINESE = ((0x2E80, 0x2FDF), (0x3000, 0x303F), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))

_CHINESE = re.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in CHINESE)}]")

#: Full-width signs that never begin a line.
CLOSING_SIGNS = tuple("，。：；、？！）」』”’")


def is_chinese(sign: str) -> bool:
    """Whether a letter or a sign fills a square of its own, in a font of its own."""
    return has_chinese(sign)


def has_chinese(text: str) -> bool:
    """Whether such a letter or sign is in a text."""
    return not text.isascii() and _CHINESE.search(text) is not None


def letters_width(text: str, other: float) -> float:
    """In em; `other` is the mean width of all letters but Chinese ones."""
    chinese = len(_CHINESE.findall(text)) if not text.isascii() else 0
    return chinese + other * (len(text) - chinese)
