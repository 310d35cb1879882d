"""What is said of a mistake, or of a line that cannot be read, in the language that is spoken."""

from __future__ import annotations

from chainrule.codegen.document.sentence import Words
from chainrule.codegen.words.sentences import say_with

from .hypotheses import Mistake
from .python.reasons import Reason
from .refusals import read_refusal


def spoken(key: str, **fields: str) -> str:
    """A sentence as plain text."""
    return "".join(part.text for part in say_with(key, fields) if isinstance(part, Words))


def said(mistake: Mistake) -> str:
    """The sentence of a mistake, or of two."""
    own = spoken(mistake.sentence, **mistake.mentions)
    return own if mistake.also is None else spoken("marking.two", first=own, second=said(mistake.also))


def why(reason: Reason) -> str:
    """The sentence of a reason; what Python or NumPy say in it is a sentence of its own."""
    fields = {name: _refusal(text) if name == "error" else text for name, text in reason.fields.items()}
    return spoken(f"marking.unread.{reason.key}", **fields)


def _refusal(text: str) -> str:
    found = read_refusal(text)
    return text if found is None else spoken(found[0], **found[1])
