"""A sentence on several rows, each as wide as there is room for."""

from __future__ import annotations

import re

from chainrule.codegen.document.chinese_letters import CHINESE, CLOSING_SIGNS
from chainrule.codegen.document.document import Sentence, Words

from .measure import sentence_width

_LETTERS = "".join(f"{chr(first)}-{chr(last)}" for first, last in CHINESE)
_CLOSING = "".join(CLOSING_SIGNS)
#: Behind a space, and before and behind a letter of Chinese; no row begins with a comma or a stop.
_BREAK = re.compile(rf"(?<= )(?! )|(?<=[{_LETTERS}])(?![ {_CLOSING}])|(?<! )(?=[{_LETTERS}])(?![{_CLOSING}])")


def folded_sentence(sentence: Sentence, room: float) -> tuple[Sentence, ...]:
    """The rows of a sentence, broken between words, each within `room` em where it can be."""
    rows: list[Sentence] = [()]
    for piece in _unbroken(sentence):
        if rows[-1] and sentence_width((*rows[-1], *piece)) > room:
            rows.append(())
        rows[-1] = (*rows[-1], *piece)
    return tuple(map(_stripped, rows))


def _unbroken(sentence: Sentence) -> list[Sentence]:
    """What stays together: a word, with the formula that touches it."""
    found: list[Sentence] = []
    may_break = True
    for piece in sentence:
        parts = [Words(part) for part in _BREAK.split(piece.text) if part] if isinstance(piece, Words) else [piece]
        for number, part in enumerate(parts):
            if number or may_break or not found:
                found.append((part,))
            else:
                found[-1] = (*found[-1], part)
            may_break = False
        may_break = isinstance(piece, Words) and piece.text.endswith(" ")
    return found


def _stripped(row: Sentence) -> Sentence:
    """Without the space behind its last word."""
    *before, last = row
    return (*before, Words(last.text.rstrip())) if isinstance(last, Words) else row
