"""Why a formula cannot be read, in the language that is spoken: at which sign it stops."""

from __future__ import annotations

from chainrule.codegen.document.sentence import Words
from chainrule.codegen.marking.python.bounds import Mismatch, Unreadable
from chainrule.codegen.words.sentences import say_with


def stopped(sign: str) -> Unreadable:
    """At a sign that cannot stand there, or at the end."""
    return Unreadable(_spoken("stops", sign=sign) if sign else _spoken("end"))


def unknown(name: str) -> Unreadable:
    """A name that is none of the network's."""
    return Unreadable(_spoken("name", name=name))


def of_letter(key: str, letter: str, **fields: object) -> Mismatch:
    """A letter of an index whose places do not go together."""
    return Mismatch(_spoken(key, letter=letter.replace("_", "'"), **fields))


def apart(first: tuple[int, ...], second: tuple[int, ...]) -> Mismatch:
    """Two arrays whose shapes do not go together."""
    return Mismatch(_spoken("shapes", first=first, second=second))


def _spoken(key: str, **fields: object) -> str:
    said = say_with(f"marking.unread.{key}", {name: str(value) for name, value in fields.items()})
    return "".join(part.text for part in said if isinstance(part, Words))
