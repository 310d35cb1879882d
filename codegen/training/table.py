"""A table from a file: columns by name, every cell with its place in the file."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from chainrule.codegen.files.read import read_text
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, nearest, shown
from chainrule.symbolic.index.numeric_array import NumericArray

from .delimited import rows_of
from .unchanged import unchanged
from .written_numbers import WITH_COMMA, Marks, marks_of, number_of

#: Larger tables are for arrays.
MOST_BYTES = 4_000_000_000
#: A message names so many columns at most.
MOST_NAMED = 20
#: How people write that a number is missing, and that a label is.
MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "-", "."})
MISSING_LABELS = frozenset({"", "?"})
BOOLEANS = {"true": 1.0, "false": 0.0}
HAS_WORDS = re.compile(r"[^\W\d_]{2}|\d[-/:]\d")


@dataclass(frozen=True)
class Table:
    """`rows` have a cell for each of the `columns`; `lines` say on which line of the file each row ends."""

    path: Path
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]

    def refuse_unknown(self, column: str, option: str = "") -> None:
        """Raises InvalidDescription where there is no such column; `option` asked for it."""
        if column not in self.places:
            asked = f"{option}: " if option else ""
            raise InvalidDescription(f"{asked}{self.path}:1: no column {shown(column)}; {self._expected(column)}")

    def place_of(self, column: str, option: str = "") -> int:
        """Raises InvalidDescription where there is no such column, or several are called so."""
        self.refuse_unknown(column, option)
        if self.number_of[column] > 1:
            said = f"two columns are called {shown(column)}; names of columns differ: rename one, or leave both out by --leave-out"
            raise InvalidDescription(f"{self.path}:1: {said}")
        return self.places[column]

    @cached_property
    def places(self) -> dict[str, int]:
        return {column: place for place, column in enumerate(self.columns)}

    @cached_property
    def number_of(self) -> Counter[str]:
        return Counter(self.columns)

    @cached_property
    def marks(self) -> Marks:
        """Whether 5,1 is 5.1, and what stands between thousands."""
        return marks_of(cell for row in self.rows for cell in row)

    def numbers(self, columns: Sequence[str]) -> NumericArray:
        """The cells of some columns, a row of the array for each of the table; true and false are 1 and 0.

        Raises:
            InvalidDescription: with line and column where a cell is no finite number.
        """
        found = np.empty((len(self.rows), len(columns)))
        for at, column in enumerate(columns):
            place = self.place_of(column)
            cells = [row[place] for row in self.rows]
            if all(cell.strip().lower() in BOOLEANS for cell in cells):
                found[:, at] = [BOOLEANS[cell.strip().lower()] for cell in cells]
                continue
            for number, cell in enumerate(cells):
                value = number_of(cell, self.marks)
                if value is None:
                    raise InvalidDescription(f"{self.path}:{self.lines[number]}: column {column}: {_no_number(cell.strip())}")
                found[number, at] = value
        return found

    def texts(self, column: str) -> list[str]:
        """The cells of a column; raises InvalidDescription where one is empty."""
        place = self.place_of(column)
        cells = [row[place].strip() for row in self.rows]
        for cell, line in zip(cells, self.lines, strict=True):
            if not cell:
                raise InvalidDescription(f"{self.path}:{line}: column {column}: found nothing, expected a label")
        return cells

    def without_missing(self, numbers: Sequence[str], labels: Sequence[str]) -> Table:
        """Without the rows in which a number or a label is missing.

        Raises:
            InvalidDescription: where nothing is left.
        """
        wanted = [(self.place_of(column), said) for columns, said in ((numbers, MISSING), (labels, MISSING_LABELS)) for column in columns]
        kept = [at for at, row in enumerate(self.rows) if not any(row[place].strip().lower() in said for place, said in wanted)]
        if not kept:
            raise InvalidDescription(f"{self.path}: every line has a missing value")
        return replace(self, rows=[self.rows[at] for at in kept], lines=[self.lines[at] for at in kept])

    def _expected(self, column: str) -> str:
        if len(self.columns) <= MOST_NAMED:
            return expected_one_of(column, self.columns)
        close = nearest(column, self.columns)
        return f"it has {len(self.columns)} others{f'; did you mean {close!r}?' if close else ''}"


def _no_number(cell: str) -> str:
    if cell.lower() in MISSING:
        found = shown(cell) if cell else "nothing"
        return f"found {found}, expected a finite number; fill it in, or leave lines without a value out by --leave-out-missing"
    if WITH_COMMA.fullmatch(cell):
        return f"found {shown(cell)}, expected a finite number with a decimal point; here a comma may stand between thousands"
    remedy = "; columns of words or dates are no features: leave them out by --leave-out, or give them numbers"
    return f"found {shown(cell)}, expected a finite number{remedy if HAS_WORDS.search(cell) and not _is_float(cell) else ''}"


def _is_number(text: str) -> bool:
    return _is_float(text) and math.isfinite(float(text))


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_table(path: Path) -> Table:
    """The table of a file whose first line names the columns.

    Raises:
        InvalidDescription: with its line where the file cannot be read, has no header, or a row is longer or shorter than that.
    """
    with unchanged(path):
        text = read_text(path, str(path), "a table", MOST_BYTES, "", "", "CSV file")
    rows = rows_of(text, path)
    if not rows:
        raise InvalidDescription(f"{path}: found an empty file, expected a header with names of columns, and rows of numbers")
    (header, line), *found = rows
    columns = tuple(cell.strip() for cell in header)
    _refuse_no_header(path, columns, line)
    for row, line in found:
        if len(row) != len(columns):
            raise InvalidDescription(f"{path}:{line}: found {len(row)} cells, expected {len(columns)}, one for each column of the header")
    if not found:
        raise InvalidDescription(f"{path}: found a header alone, expected rows of numbers below it")
    return Table(path, columns, [row for row, _ in found], [line for _, line in found])


def _refuse_no_header(path: Path, columns: Sequence[str], line: int) -> None:
    # Data frames number columns without names.
    if all(map(_is_number, columns)) and list(columns) != [str(place) for place in range(len(columns))]:
        raise InvalidDescription(f"{path}:{line}: found numbers alone, expected a header with the names of the columns")
    for place, column in enumerate(columns):
        if not column:
            raise InvalidDescription(f"{path}:{line}: the header's cell {place + 1} is empty, expected the name of a column")
