"""A sentence without any markup, as it is read aloud: formulas as one line of Unicode."""

from __future__ import annotations

from .sentence import Code, Math, Reference, Sentence, Words
from .unicode_formula import write_unicode


def write_spoken(sentence: Sentence) -> str:
    """The sentence as text."""
    return "".join(_piece(piece) for piece in sentence).strip()


def _piece(piece: Words | Math | Code | Reference) -> str:
    match piece:
        case Math(node):
            return write_unicode(node)
        case Reference(number):
            return f"({number})"
    return piece.text
