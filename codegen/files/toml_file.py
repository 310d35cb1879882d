"""A file in TOML: its tables, one message for all that keeps them from being read, and the line of whatever is wrong with their values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chainrule.symbolic.index.failures import InvalidDescription

from .toml_positions import place_of

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


@dataclass(frozen=True)
class TomlFile:
    """The text of a file, and what the file is called in messages."""

    name: str
    text: str

    @contextmanager
    def places(self) -> Iterator[None]:
        """What is wrong with the file's values is said with its name and the line of their place in front."""
        try:
            yield
        except InvalidDescription as problem:
            line, column = place_of(self.text, problem.at)
            where = ":".join(str(part) for part in (self.name, line, column) if part)
            raise InvalidDescription(f"{where}: {problem}", problem.at, line or 0, column or 0, problem.words) from None

    def tables(self) -> Mapping[str, Any]:
        """The tables and values of the text.

        Raises:
            InvalidDescription: with the file's name, and the line where one is known.
        """
        if ENDLESS_KEY.search(self.text):
            raise InvalidDescription(f"{self.name}: found a name of 100 parts joined by dots, expected keys as in title = …")
        try:
            return tomllib.loads(self.text)
        except RecursionError:
            raise InvalidDescription(f"{self.name}: not TOML that can be read: lists or tables nested too deeply") from None
        except tomllib.TOMLDecodeError as problem:
            raise self.not_toml(str(problem)) from None
        except ValueError:
            raise InvalidDescription(f"{self.name}: not TOML that can be read: a number of too many digits") from None

    def not_toml(self, complaint: str) -> InvalidDescription:
        """The parser's complaint with its line in front, a hint where there is one, and a mark under the place."""
        lines = self.text.rstrip("\n").split("\n")
        found = PARSER_PLACE.search(complaint)
        line, column = (int(found[1]), int(found[2])) if found and found[1] else (len(lines), len(lines[-1]) + 1)
        words = PARSER_PLACE.sub("", complaint)
        hint = next((f" ({hint})" for start, hint in PARSER_HINTS.items() if words.startswith(start)), "")
        written = lines[line - 1] if line <= len(lines) else ""
        start = max(0, column - 51)
        mark = f"\n    {written[start : start + 100]}\n    {' ' * (column - 1 - start)}^"
        said = f"not TOML: {words}{hint}"
        return InvalidDescription(f"{self.name}:{line}: {said}{mark}", line=line, column=column, words=said)
