"""The line on which a key of a TOML text stands: the standard parser gives values alone.

Only the outline is read: headers, keys, and where a value ends. Values are not understood, and whether the text is TOML at all is for
the parser to say. A text that is not is scanned without complaint.
"""

from __future__ import annotations

import re
from functools import lru_cache

from chainrule.symbolic.index.failures import KeyPath

#: Deeper paths are cut here: no description has them, and a key of thousands of parts would cost their square.
DEEPEST_PATH = 8
SPACE = re.compile(r"[ \t]*")
BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
REST_OF_LINE = re.compile(r"[^\n]*")
KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
#: Longest first: a multi-line string begins like an empty one.
STRING = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*+(?:"{3,5}|\Z)'
    r"|'''(?:[^']|'{1,2}(?!'))*+(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
)
PLAIN = re.compile(r"""[^"'#\[\]{}\n]+""")


def line_of(text: str, path: KeyPath) -> int | None:
    """The line, from 1, of the key at a path such as ("layers", 1, "units").

    Where the key itself has no line (it is missing, or inside an inline table), the nearest enclosing thing that has one counts;
    None where there is none.
    """
    lines = _lines(text)
    shortened = tuple(path)[:DEEPEST_PATH]
    for length in range(len(shortened), 0, -1):
        if shortened[:length] in lines:
            return lines[shortened[:length]]
    return None


@lru_cache(maxsize=2)
def _lines(text: str) -> dict[KeyPath, int]:
    return _Outline(text).read()


class _Outline:
    """One text on its way to its outline: where reading stands, the table it is in, and the tables of each list so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.line = 1
        self.table: KeyPath = ()
        self.counts: dict[KeyPath, int] = {}
        self.lines: dict[KeyPath, int] = {}

    def read(self) -> dict[KeyPath, int]:
        self.skip(BLANK)
        while self.place < len(self.text):
            if self.text.startswith("[", self.place):
                self.header()
            else:
                self.record(self.table, self.key())
                self.skip_value()
            self.skip(BLANK)
        return self.lines

    def header(self) -> None:
        is_list = self.text.startswith("[[", self.place)
        self.place += 2 if is_list else 1
        line = self.line
        path = self.record((), self.key(), numbered=is_list)
        if is_list:
            number = self.counts.get(path, 0)
            self.counts[path] = number + 1
            path = (*path, number)
            self.lines[path] = line
        self.table = path
        self.skip(REST_OF_LINE)

    def key(self) -> list[str]:
        parts = []
        self.skip(SPACE)
        while part := KEY_PART.match(self.text, self.place):
            self.place = part.end()
            parts.append(part[0][1:-1] if part[0][0] in "\"'" else part[0])
            self.skip(SPACE)
            if not self.text.startswith(".", self.place):
                break
            self.place += 1
            self.skip(SPACE)
        return parts

    def record(self, path: KeyPath, parts: list[str], numbered: bool = False) -> KeyPath:
        """Note the line of every table on the way; the last part of a `[[header]]` keeps no number of its own."""
        kept = parts[: DEEPEST_PATH - len(path)]
        for position, part in enumerate(kept, 1):
            path = (*path, part)
            self.lines.setdefault(path, self.line)
            if path in self.counts and not (numbered and position == len(kept)):
                path = (*path, self.counts[path] - 1)
        return path

    def skip_value(self) -> None:
        """On to the end of the line on which the value ends: outside of strings and brackets."""
        depth = 0
        while self.place < len(self.text):
            character = self.text[self.place]
            if character in "\"'":
                self.skip(STRING)
            elif character == "#":
                self.skip(REST_OF_LINE)
            elif character == "\n":
                if depth <= 0:
                    return
                self.skip(BLANK)
            elif character in "[{":
                depth += 1
                self.place += 1
            elif character in "]}":
                depth -= 1
                self.place += 1
            else:
                self.skip(PLAIN)

    def skip(self, pattern: re.Pattern[str]) -> None:
        if found := pattern.match(self.text, self.place):
            self.line += self.text.count("\n", self.place, found.end())
            self.place = found.end()
