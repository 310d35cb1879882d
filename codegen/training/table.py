"""A table from a file with commas, semicolons or tabs: columns by name, every cell with its place in the file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chainrule.codegen.files.read import read_text
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, shown
from chainrule.symbolic.index.numeric_array import NumericArray

from .unchanged import unchanged

DELIMITERS = ",;\t"
#: Larger tables are for arrays.
MOST_BYTES = 4_000_000_000


@dataclass(frozen=True)
class Table:
    """`rows` have a cell for each of the `columns`; `lines` say on which line of the file each row ends."""

    path: Path
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]

    def place_of(self, column: str, option: str = "") -> int:
        """Raises InvalidDescription where there is no such column; `option` asked for it."""
        if column not in self.columns:
            asked = f"{option}: " if option else ""
            raise InvalidDescription(f"{asked}{self.path}:1: no column {shown(column)}; {expected_one_of(column, self.columns)}")
        return self.columns.index(column)

    def numbers(self, columns: Sequence[str]) -> NumericArray:
        """The cells of some columns, a row of the array for each of the table.

        Raises:
            InvalidDescription: with line and column where a cell is no finite number.
        """
        places = [self.place_of(column) for column in columns]
        try:
            found = np.array([[float(row[place]) for place in places] for row in self.rows]).reshape(len(self.rows), len(columns))
        except ValueError:
            found = np.full((1, 1), np.nan)
        if not np.isfinite(found).all():
            raise self._no_number(places)
        return found

    def texts(self, column: str) -> list[str]:
        """The cells of a column; raises InvalidDescription where one is empty."""
        place = self.place_of(column)
        cells = [row[place].strip() for row in self.rows]
        for cell, line in zip(cells, self.lines, strict=True):
            if not cell:
                raise InvalidDescription(f"{self.path}:{line}: column {column}: found nothing, expected a label")
        return cells

    def _no_number(self, places: Sequence[int]) -> InvalidDescription:
        for row, line in zip(self.rows, self.lines, strict=True):
            for place in places:
                if not _is_number(row[place]):
                    found = shown(row[place].strip()) if row[place].strip() else "nothing"
                    advice = "" if row[place].strip() else "; fill it in or leave the line out"
                    return InvalidDescription(
                        f"{self.path}:{line}: column {self.columns[place]}: found {found}, expected a finite number{advice}"
                    )
        raise AssertionError("every cell is a number")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def read_table(path: Path) -> Table:
    """The table of a file whose first line names the columns.

    Raises:
        InvalidDescription: with its line where the file cannot be read, has no header, or a row is longer or shorter than that.
    """
    with unchanged(path):
        text = read_text(path, str(path), "a table", MOST_BYTES, "", "", "CSV file")
    rows = _rows(text, path)
    header, line = next(rows, ([], 1))
    if not header:
        raise InvalidDescription(f"{path}: found an empty file, expected a header with names of columns, and rows of numbers")
    columns = tuple(cell.strip() for cell in header)
    _refuse_no_header(path, columns, line)
    found = list(rows)
    for row, line in found:
        if len(row) != len(columns):
            raise InvalidDescription(f"{path}:{line}: found {len(row)} cells, expected {len(columns)}, one for each column of the header")
    if not found:
        raise InvalidDescription(f"{path}: found a header alone, expected rows of numbers below it")
    return Table(path, columns, [row for row, _ in found], [line for _, line in found])


def _rows(text: str, path: Path) -> Iterator[tuple[list[str], int]]:
    """Rows that are not blank, with the lines on which they end."""
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(DELIMITERS, key=first.count), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield row, reader.line_num
    except csv.Error as problem:
        raise InvalidDescription(f"{path}:{reader.line_num}: {problem}") from None


def _refuse_no_header(path: Path, columns: Sequence[str], line: int) -> None:
    if all(map(_is_number, columns)):
        raise InvalidDescription(f"{path}:{line}: found numbers alone, expected a header with the names of the columns")
    for place, column in enumerate(columns):
        if not column:
            raise InvalidDescription(f"{path}:{line}: the header's cell {place + 1} is empty, expected the name of a column")
        if column in columns[:place]:
            raise InvalidDescription(f"{path}:{line}: two columns are called {shown(column)}; names of columns differ")
