"""The TOML of a description's file, with everything that can keep it from being read said in one message."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from chainrule.symbolic.index.failures import InvalidDescription

from . import toml_positions

#: Makes a failure of a message about the value at a path in the file.
Refusal = Callable[[toml_positions.KeyPath, str], InvalidDescription]

#: The parser takes time that grows with the square of a dotted key.
ENDLESS_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){100}""")
PARSER_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
#: What the TOML parser says, and what to add to it.
PARSER_HINTS = {
    "Invalid value": 'text stands in quotes, as in "sigmoid"; a list ends with ]',
    "Cannot overwrite a value": "the key is given twice",
    "Cannot declare": "the table is given twice, or a key has its name",
    "Expected '=' after": "a line is key = value, or a [table]",
    "Invalid statement": "a line is key = value, or a [table]",
    "Expected newline": "one key = value a line",
}


def parsed(text: str, typed: str, refusal: Refusal) -> Mapping[str, Any]:
    """The tables and values of a TOML text; `refusal` makes a failure of a message with its path in the file."""
    if ENDLESS_KEY.search(text):
        raise refusal((), "found a name of 100 parts joined by dots, expected keys as in title = …")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise refusal((), "not TOML that can be read: lists or tables nested too deeply") from None
    except tomllib.TOMLDecodeError as problem:
        raise not_toml(str(problem), text, typed) from None
    except ValueError:
        raise refusal((), "not TOML that can be read: a number of too many digits") from None


def not_toml(complaint: str, text: str, typed: str) -> InvalidDescription:
    """The parser's complaint with its line in front, a hint where there is one, and a mark under the place."""
    lines = text.rstrip("\n").split("\n")
    found = PARSER_PLACE.search(complaint)
    line, column = (int(found[1]), int(found[2])) if found and found[1] else (len(lines), len(lines[-1]) + 1)
    words = PARSER_PLACE.sub("", complaint)
    hint = next((f" ({hint})" for start, hint in PARSER_HINTS.items() if words.startswith(start)), "")
    written = lines[line - 1] if line <= len(lines) else ""
    start = max(0, column - 51)
    mark = f"\n    {written[start : start + 100]}\n    {' ' * (column - 1 - start)}^"
    return InvalidDescription(f"{typed}:{line}: not TOML: {words}{hint}{mark}")
