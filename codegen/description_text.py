"""The text of a description's file and its TOML, with everything that can keep either from being read said in one message."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from symbolic.failures import InvalidDescription, nearest
from symbolic.limits import MOST_BYTES

from . import toml_positions

#: Makes a failure of a message about the value at a path in the file.
Refusal = Callable[[toml_positions.Path, str], InvalidDescription]

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


def exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def read_text(
    path: Path, typed: str, what: str = "a description", most: int = MOST_BYTES, otherwise: str = " or sizes such as 784-16-16-10"
) -> str:
    """The text of a file; everything that keeps it from being read is a failure that says so."""
    try:
        if path.is_dir():
            raise InvalidDescription(f"{typed}: found a folder, expected {what} in a TOML file")
        if not path.exists():
            raise InvalidDescription(f"{typed}: no such file{_similar_file(path)}; expected a TOML file{otherwise}")
        if not path.is_file():
            raise InvalidDescription(f"{typed}: found a device or pipe, expected {what} in a TOML file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise InvalidDescription(f"{typed}: cannot be read ({reason})") from None
    if len(content) > most:
        raise InvalidDescription(f"{typed}: found more than {most} bytes, expected {what} of at most that")
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise InvalidDescription(f"{typed}:{line}: found a NUL byte, expected a text file in UTF-8")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = problem.object.count(b"\n", 0, problem.start) + 1
        found = problem.object[problem.start]
        raise InvalidDescription(f"{typed}:{line}: found the byte 0x{found:02x}, expected text in UTF-8") from None


def _similar_file(path: Path) -> str:
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    close = nearest(path.name, names[:MOST_BYTES])
    return f", did you mean {close!r}?" if close else ""


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
