"""Cells of a notebook that nbgrader releases, collects and grades: their metadata, and the marks that it looks for in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SCHEMA_VERSION = 3
SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")
HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")


def _cell(kind: str, name: str, source: str, **metadata: Any) -> dict[str, Any]:
    """`name` is the cell's own in the notebook; nbgrader finds it by that in what a student hands in."""
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    if metadata:
        own = {"grade": False, "solution": False, "locked": False, "task": False, **metadata}
        cell["metadata"] = {"nbgrader": {"grade_id": name, "schema_version": SCHEMA_VERSION, "cell_type": kind, **own}}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def text_cell(name: str, source: str) -> dict[str, Any]:
    """Nobody's to change: it is put back before grading."""
    return _cell("markdown", name, source, locked=True)


def given_cell(name: str, source: str) -> dict[str, Any]:
    """Code that runs as it is."""
    return _cell("code", name, source, locked=True)


def solution_cell(name: str, above: Sequence[str], solved: Sequence[str], indent: str = "") -> dict[str, Any]:
    """Code that a student writes: what is `solved` is taken out of the notebook that is released."""
    begin, end = SOLUTION
    return _cell("code", name, "\n".join([*above, f"{indent}{begin}", *solved, f"{indent}{end}"]), solution=True)


def test_cell(name: str, points: int, seen: Sequence[str], hidden: Sequence[str]) -> dict[str, Any]:
    """Points are given where it runs through; what is `hidden` comes back when it is graded."""
    begin, end = HIDDEN
    return _cell("code", name, "\n".join([*seen, *([begin, *hidden, end] if hidden else [])]), grade=True, locked=True, points=points)


def written_cell(name: str, points: int, solution: str) -> dict[str, Any]:
    """An answer in words, to which a person gives the points; the solution is not released."""
    return _cell("markdown", name, solution, grade=True, solution=True, points=points)
