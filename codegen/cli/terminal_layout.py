"""How a derivation stands in a terminal: equals signs one below the other, reasons beside the formulas where there is room, else below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

from chainrule.codegen.document.evidence import Evaluated

TITLE, QUIET, LEFT = "bold cyan", "dim", "bold"
#: Where nobody looks at it, as in a file.
PLAIN_WIDTH = 100
INDENT, GAP = 2, 3
#: A column of reasons is at least as wide.
LEAST_ROOM = 24
RELATION = " = "


@dataclass(frozen=True, slots=True)
class Title:
    """A gradient and its shape, above its derivation."""

    text: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Equality:
    """left = right, or with an empty left side one more step of the equality above."""

    left: str
    right: str
    reason: str
    evidence: Evaluated


@dataclass(frozen=True, slots=True)
class Formula:
    """A line with a formula, whole as it is printed, and what was evaluated of it."""

    text: str
    evidence: Evaluated


#: A plain string is no formula: a comment, or an empty line.
Row = Title | Equality | Formula | str


def laid_out(rows: Iterable[Row], width: int) -> Iterator[Text]:
    """Lines for a terminal of a width; their `plain` is what stands in a file."""
    for is_equality, group in groupby(rows, lambda row: isinstance(row, Equality)):
        if is_equality:
            yield from _equalities([row for row in group if isinstance(row, Equality)], width)
        else:
            yield from (_single(row) for row in group if not isinstance(row, Equality))


def _single(row: Title | Formula | str) -> Text:
    if isinstance(row, Title):
        return Text.assemble((row.text, TITLE), (f"    {row.shape}" if row.shape else "", QUIET))
    if isinstance(row, str):
        return Text(row)
    left, relation, right = row.text.partition(RELATION)
    return Text.assemble((left, LEFT), relation + right) if relation else Text(row.text)


def _equalities(rows: Sequence[Equality], width: int) -> Iterator[Text]:
    left = max(cell_len(row.left) for row in rows)
    right = max(cell_len(row.right) for row in rows)
    start = INDENT + left + len(RELATION) + right + GAP
    longest = max(cell_len(row.reason) for row in rows)
    beside = start + max(longest, LEAST_ROOM) <= width
    for row in rows:
        space = " " * (INDENT + left - cell_len(row.left))
        formula = Text.assemble(space, (row.left, LEFT), RELATION, row.right)
        if not row.reason:
            yield formula
        elif beside:
            yield Text.assemble(formula, " " * (start - cell_len(formula.plain)), (row.reason, QUIET))
        else:
            yield formula
            yield Text.assemble(" " * (INDENT + left + len(RELATION) + 2), (row.reason, QUIET))
