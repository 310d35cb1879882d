"""Comments of C: whatever stands in a title or an equation, no comment ends or begins in it."""

from __future__ import annotations

import textwrap

WIDTH = 100


def safe(text: str) -> str:
    """Without what C, or who reads it, could take for something else: the ends of comments, trigraphs, marks that turn the direction."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return shown.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?").replace("\\", "/")


def comment(text: str) -> list[str]:
    """On as many lines as it needs."""
    lines = textwrap.wrap(safe(text), WIDTH, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False)
    return ["/* " + "\n".join(lines) + " */"]
