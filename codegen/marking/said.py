"""What is said of a mistake, or of a line or a work that cannot be read, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.codegen.document.sentence import Words
from chainrule.codegen.words.sentences import say_with
from chainrule.symbolic.index.failures import InvalidDescription

from .hypotheses import Mistake
from .python.reasons import Reason
from .refusals import read_refusal

#: Fields that are sentences or words themselves.
SAID = ("error", "kind")


def spoken(key: str, **fields: str) -> str:
    """A sentence as plain text."""
    return "".join(part.text for part in say_with(key, fields) if isinstance(part, Words))


def said(mistake: Mistake) -> str:
    """The sentence of a mistake, or of two."""
    own = spoken(mistake.sentence, **mistake.mentions)
    return own if mistake.also is None else spoken("marking.two", first=own, second=said(mistake.also))


def why(reason: Reason) -> str:
    """The sentence of a reason; what Python or NumPy say in it is a sentence of its own."""
    return spoken(f"marking.unread.{reason.key}", **_fields(reason.fields))


def failure(file: str, problem: InvalidDescription) -> str:
    """What keeps a whole work from being read, after its place, which is written alike everywhere."""
    message, place = str(problem), f"{file}:{problem.line}: " if problem.line else f"{file}: "
    return f"{place}{_refusal(message.removeprefix(place))}" if message.startswith(place) else message


def _refusal(text: str) -> str:
    found = read_refusal(text)
    return text if found is None else spoken(found[0], **_fields(found[1]))


def _fields(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: _refusal(text) if name in SAID else text for name, text in fields.items()}
