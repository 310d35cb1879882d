"""What a browser asks: which part of which description, in which notation, language and length, and what the part's own fields say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chainrule.codegen.formulas.notation import LENGTHS
from chainrule.codegen.formulas.notation_names import NOTATION_FILES
from chainrule.codegen.words.translation import LANGUAGES
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

#: Fields of a part, and characters of each; a work to be marked is the longest.
MOST_FIELDS, LONGEST_FIELD = 2000, 50_000


class InvalidField(InvalidDescription):
    """What a field of a part says cannot be used; the description is as good as before."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Question:
    """`part` is a word that the server has checked; without a `notation`, the description's own is taken."""

    part: str
    text: str
    notation: str | None = None
    language: str = "en"
    length: str = "short"
    fields: Mapping[str, str] = field(default_factory=dict)


def question_of(part: str, asked: bytes) -> Question:
    """A question from the JSON that a browser sends.

    Raises:
        InvalidDescription: where it is none.
    """
    try:
        found = json.loads(asked)
    except (ValueError, RecursionError):
        raise InvalidDescription("the question is not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise InvalidDescription('the question has no text; expected {"text": "…"}')
    fields = found.get("fields") or {}
    if not isinstance(fields, dict) or not all(isinstance(value, str) and len(value) <= LONGEST_FIELD for value in fields.values()):
        raise InvalidDescription(f"fields: expected texts of at most {LONGEST_FIELD} characters")
    if len(fields) > MOST_FIELDS:
        raise InvalidDescription(f"fields: found {len(fields)}, expected at most {MOST_FIELDS}")
    return Question(
        part,
        _printable(found["text"]),
        _one_of(found, "notation", NOTATION_FILES, None),
        _one_of(found, "language", LANGUAGES, "en") or "en",
        _one_of(found, "length", LENGTHS, "short") or "short",
        {str(name): _printable(value) for name, value in fields.items()},
    )


def _one_of(found: Mapping[str, Any], key: str, known: Mapping[str, object], otherwise: str | None) -> str | None:
    value = found.get(key) or otherwise
    if value is not None and value not in known:
        raise InvalidDescription(f"{key}: found {str(value)[:40]!r}; {expected_one_of(str(value)[:40], known)}")
    return value


def _printable(text: str) -> str:
    """Half characters, which JSON lets through, are in no text."""
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n")
