"""What Python and NumPy say themselves where they refuse something, and what keeps a file from being read, as keys of sentences."""

from __future__ import annotations

import re
from functools import cache

from chainrule.codegen.words.sentences import ENGLISH, fields_of

PREFIX = "marking.refused."


def read_refusal(text: str) -> tuple[str, dict[str, str]] | None:
    """The key of the sentence that an English message is, and its fields; None where no sentence has its words."""
    found = ((key, pattern.fullmatch(text)) for key, pattern in _patterns().items())
    return next(((key, match.groupdict()) for key, match in found if match is not None), None)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """A sentence's own words, with anything in the place of a field: shapes (.+?) and (.+?) not aligned."""
    return {key: re.compile(_pattern(key), re.DOTALL) for key in ENGLISH if key.startswith(PREFIX)}


def _pattern(key: str) -> str:
    pattern = re.escape(ENGLISH[key])
    for name in fields_of(key):
        pattern = pattern.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>.+?)")
    return pattern
