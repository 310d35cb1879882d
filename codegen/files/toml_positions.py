"""Where a key, a value or a character of a value stands in a TOML text: the standard parser gives values alone.

Only the outline is read: headers, keys, and where values begin and end. What they are is not understood, and whether the text is TOML
at all is for the parser to say. A text that is not is scanned without complaint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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
PLAIN = re.compile(r"""[^"'#,\[\]{}\n]+""")
QUOTES = re.compile("\"\"\"\n?|'''\n?|\"|'")
#: A character of a string in quotation marks, or what stands for one; a backslash at the end of a line for none.
CHARACTER = re.compile(r"(\\[ \t]*\n\s*)|\\u.{4}|\\U.{8}|\\.|[\s\S]")


def line_of(text: str, path: KeyPath) -> int | None:
    """The line, from 1, of the key or value at a path such as ("layers", 1, "units"), or of a character of a value that is text.

    Where it has no line (the key is missing), the nearest enclosing thing that has one counts; None where there is none.
    """
    return place_of(text, path)[0]


def place_of(text: str, path: KeyPath) -> tuple[int | None, int | None]:
    """The line of a path as above; of a character of a text its column too, from 1."""
    outline = _outline(text)
    shortened = tuple(path)[:DEEPEST_PATH]
    for length in range(len(shortened), 0, -1):
        found, behind = shortened[:length], shortened[length:]
        if behind and isinstance(behind[-1], int) and found in outline.strings:
            place = _place_in_string(text, outline.strings[found], behind[-1])
            return text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        if found in outline.lines:
            return outline.lines[found], None
    return None, None


def _place_in_string(text: str, begin: int, wanted: int) -> int:
    """Where a character of a string stands whose quotation marks begin at a place."""
    quotes = QUOTES.match(text, begin)
    if quotes is None:
        return begin
    place = quotes.end()
    if quotes[0][0] == "'":
        return min(place + wanted, len(text))
    while found := CHARACTER.match(text, place):
        if found[1] is None:
            if not wanted:
                break
            wanted -= 1
        place = found.end()
    return place


@lru_cache(maxsize=2)
def _outline(text: str) -> _Outline:
    outline = _Outline(text)
    outline.read()
    return outline


@dataclass
class _Outline:
    """One text on its way to its outline: where reading stands, the table it is in, and the tables of each list so far.

    `lines` are those of keys and values, `strings` where the quotation marks of values begin that are text.
    """

    text: str
    place: int = 0
    line: int = 1
    table: KeyPath = ()
    counts: dict[KeyPath, int] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    strings: dict[KeyPath, int] = field(default_factory=dict)

    def read(self) -> None:
        self.skip(BLANK)
        while self.place < len(self.text):
            if self.text.startswith("[", self.place):
                self.header()
            else:
                self.value(self.record(self.table, self.key()))
            self.skip(BLANK)

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

    def value(self, path: KeyPath) -> None:
        """On to the end of the line on which a value ends: outside of strings and brackets. Noted are the values inside of it."""
        #: The lists and inline tables that are open: their paths, and in a list how many values came before.
        opened: list[tuple[KeyPath, int | None]] = []
        while self.place < len(self.text):
            character = self.text[self.place]
            if character in "\"'":
                self.note(path, self.strings)
                self.skip(STRING)
            elif character == "#":
                self.skip(REST_OF_LINE)
            elif character == "\n":
                if not opened:
                    return
                self.skip(BLANK)
            elif character in "[{":
                self.place += 1
                opened.append((path, 0 if character == "[" else None))
                path = self.inside(opened)
            elif character in "]}":
                self.place += 1
                path = opened.pop()[0] if opened else path
            elif character == ",":
                self.place += 1
                if opened:
                    whole, count = opened[-1]
                    opened[-1] = whole, None if count is None else count + 1
                    path = self.inside(opened)
            else:
                self.skip(PLAIN)

    def inside(self, opened: list[tuple[KeyPath, int | None]]) -> KeyPath:
        """The path of the next value of a list or an inline table, whose key is read."""
        whole, count = opened[-1]
        self.skip(BLANK)
        if count is None:
            return self.record(whole, self.key())
        self.note((*whole[:DEEPEST_PATH], count), self.lines, self.line)
        return (*whole[:DEEPEST_PATH], count)

    def note(self, path: KeyPath, places: dict[KeyPath, int], place: int | None = None) -> None:
        if len(path) <= DEEPEST_PATH:
            places.setdefault(path, self.place if place is None else place)

    def skip(self, pattern: re.Pattern[str]) -> None:
        if found := pattern.match(self.text, self.place):
            self.line += self.text.count("\n", self.place, found.end())
            self.place = found.end()
