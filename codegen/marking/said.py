"""What is said of a mistake, in the language that is spoken."""

from __future__ import annotations

from chainrule.codegen.document.sentence import Words
from chainrule.codegen.words.sentences import say_with

from .hypotheses import Mistake


def spoken(key: str, **fields: str) -> str:
    """A sentence as plain text."""
    return "".join(part.text for part in say_with(key, fields) if isinstance(part, Words))


def said(mistake: Mistake) -> str:
    """The sentence of a mistake, or of two."""
    own = spoken(mistake.sentence, **mistake.mentions)
    return own if mistake.also is None else spoken("marking.two", first=own, second=said(mistake.also))
