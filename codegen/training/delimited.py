"""The rows of a table's file, whichever program has written it: its delimiter, its header, and columns that are none.

Spreadsheets say `sep=;` first, or end every line with a delimiter; data frames write the numbers of their rows before the first column, or
names of rows that the header leaves out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from chainrule.symbolic.index.failures import InvalidDescription

DELIMITERS = ",;\t|"
QUOTED = re.compile(r'"[^"]*"')
SAID = re.compile(r'"?sep=(.)"?\n', re.IGNORECASE)

#: Cells, and the line on which they end.
Row = tuple[list[str], int]


def rows_of(text: str, path: Path) -> list[Row]:
    """The header and the rows below it that are not blank, with as many cells as it has names where that can be seen.

    Raises:
        InvalidDescription: with the line where quotes are not closed.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    said = SAID.match(text)
    rest = text[said.end() :] if said else text
    outside = QUOTED.sub("", rest).split("\n", 1)[0]
    delimiter = said[1] if said else max(DELIMITERS, key=outside.count)
    return _aligned(list(_rows(rest, delimiter, path, 1 if said else 0)))


def _rows(text: str, delimiter: str, path: Path, before: int) -> Iterator[Row]:
    # Blanks behind a delimiter are none of a cell, nor do they keep its quotes from being some.
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t")
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield row, reader.line_num + before
    except csv.Error as problem:
        raise InvalidDescription(f"{path}:{reader.line_num + before}: {problem}") from None


def _aligned(rows: list[Row]) -> list[Row]:
    """Without cells behind a last delimiter, and without a first column that numbers or names the rows."""
    if len(rows) < 2:
        return rows
    (header, line), *others = rows
    if all(len(row) == len(header) + 1 for row, _ in others):
        header = [*header, ""] if _are_empty(others, -1) else ["", *header]
    while len(header) > 1 and all(len(row) == len(header) for row, _ in others):
        if not header[-1].strip() and _are_empty(others, -1):
            header, others = header[:-1], [(row[:-1], at) for row, at in others]
        elif not header[0].strip() and _say_which([row[0].strip() for row, _ in others]):
            header, others = header[1:], [(row[1:], at) for row, at in others]
        else:
            break
    return [(header, line), *others]


def _are_empty(rows: Sequence[Row], place: int) -> bool:
    return not any(row[place].strip() for row, _ in rows)


def _say_which(cells: Sequence[str]) -> bool:
    """Whether cells count the rows, or name each by another name that is no number."""
    if all(cell.isascii() and cell.isdecimal() for cell in cells):
        return [int(cell) for cell in cells] == list(range(int(cells[0]), int(cells[0]) + len(cells)))
    return all(re.search("[^-+.,0-9eE]", cell) for cell in cells) and len(set(cells)) == len(cells)
