"""Tables of long networks: the first rows, dots, and the last."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.words.sentences import formula

Row = tuple[Sentence, ...]


def cut_rows(rows: Sequence[Row], most: int, first: int, last: int) -> tuple[Row, ...]:
    """All rows where they are no more than `most`; else so many of the first and of the last."""
    if len(rows) <= most:
        return tuple(rows)
    dots = (formula("⋮"),) * len(rows[0])
    return (*rows[:first], dots, *rows[-last:])
