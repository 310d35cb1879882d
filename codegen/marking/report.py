"""What marking says: lines for a terminal, a table for a gradebook, and data for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.cells import cell_len

from .marked import MarkedLine, MarkedWork, Verdict
from .said import spoken

SHOWN = (Verdict.RIGHT, Verdict.WRONG, Verdict.FOLLOWS, Verdict.UNREAD)


def report(work: MarkedWork, with_corrections: bool = True) -> Iterator[str]:
    """The convention, a line for each line of the work that is a quantity of the network, and how many gradients are right."""
    yield convention_line(work)
    shown = {(line.line, line.name, line.verdict, line.message): line for line in work.lines if line.verdict in SHOWN}
    rows = [(spoken("marking.line", line=str(line.line)), _shortened(line.name), line) for line in shown.values()]
    widths = [max((cell_len(text) for text in column), default=0) for column in ([row[0] for row in rows], [row[1] for row in rows])]
    for place, name, line in rows:
        said = _said(line, with_corrections)
        yield f"  {_filled(place, widths[0])}  {_filled(name, widths[1])}  {said}".rstrip()
    if work.missing:
        yield f"  {spoken('marking.missing', gradients=', '.join(work.missing))}"
    yield spoken("marking.count", right=str(work.right), of=str(work.of))


def convention_line(work: MarkedWork) -> str:
    """The file, and how its arrays are laid out."""
    convention = work.convention
    return spoken(
        "marking.convention.one" if convention.is_one_example else "marking.convention",
        file=work.file,
        examples=spoken(f"marking.convention.{convention.examples}"),
        weights=convention.weights,
        reduction=spoken(f"marking.convention.{convention.reduction}"),
    )


def _said(line: MarkedLine, with_corrections: bool) -> str:
    verdict = spoken(f"marking.{line.verdict.value}")
    parts = [f"{line.mistake}:" if line.mistake else "", line.message or ""]
    if not with_corrections and line.mistake:
        parts = [line.mistake]
    elif line.correction:
        parts.append(spoken("marking.correction", right=line.correction))
    return f"{verdict}    {' '.join(filter(None, parts))}".rstrip()


def table(works: Sequence[MarkedWork]) -> Iterator[str]:
    """A line for each of several works."""
    rows = [
        [spoken("marking.heading.work"), spoken("marking.heading.right"), spoken("marking.heading.mistake")],
        *([work.file, f"{work.right}/{work.of}", _first(work)] for work in works),
    ]
    widths = [max(cell_len(row[column]) for row in rows) for column in (0, 1)]
    for row in rows:
        yield f"{_filled(row[0], widths[0])}  {_filled(row[1], widths[1])}  {row[2]}".rstrip()


def _first(work: MarkedWork) -> str:
    line = work.first_wrong
    if work.problem is not None:
        return spoken("marking.unread")
    if line is not None:
        return f"{spoken('marking.line', line=str(line.line))} {line.name}: {line.mistake}"
    return spoken("marking.missing", gradients=", ".join(work.missing)) if work.missing else ""


def as_csv(works: Sequence[MarkedWork]) -> str:
    """A row for each work, for a gradebook; the mistake of one that cannot be read is that."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "right", "of", "missing", "line", "name", "mistake"])
    for work in works:
        line = work.first_wrong
        first: list[object] = [line.line, line.name, line.mistake] if line is not None else ["", "", ""]
        if work.problem is not None:
            first = [work.lines[0].line or "", "", Verdict.UNREAD.value]
        writer.writerow([_harmless(work.file), work.right, work.of, " ".join(work.missing), *first])
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def as_json(works: Sequence[MarkedWork], with_corrections: bool = True) -> str:
    """All that was found, as data."""
    return json.dumps({"works": [_data(work, with_corrections) for work in works]}, ensure_ascii=False, indent=2) + "\n"


def _data(work: MarkedWork, with_corrections: bool) -> dict[str, Any]:
    convention = work.convention
    return {
        "file": work.file,
        "convention": {
            "examples": convention.examples,
            "weights": convention.weights,
            "biases": convention.biases,
            "targets": convention.targets,
            "reduction": convention.reduction,
        },
        "lines": [
            {
                "line": line.line,
                "name": line.name,
                "quantity": line.quantity,
                "verdict": line.verdict.value,
                "mistake": line.mistake,
                "message": line.message if with_corrections else None,
                "right": line.correction if with_corrections else None,
            }
            for line in work.lines
        ],
        "missing": list(work.missing),
        "right": work.right,
        "of": work.of,
    }


def _filled(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _shortened(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
