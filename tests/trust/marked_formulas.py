"""Marking of formulas: what the tool prints in LaTeX of ten networks in all notations, as it is and with one thing changed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .record import Progress, Record

if TYPE_CHECKING:
    from changed_formulas_trial import Outcome

#: Of each text.
CHANGES = 3
RIGHT = "right"
COLUMNS = ("change", "formulas", "line found", "called so")


def run(progress: Progress | None = None, changes: int = CHANGES) -> Record:
    """So many changes in each text."""
    from changed_formulas_trial import trial

    begun = time.perf_counter()
    return record(list(trial("", "", changes, progress)), time.perf_counter() - begun)


def record(outcomes: Sequence[Outcome], seconds: float) -> Record:
    """What was found of some texts."""
    right = [outcome for outcome in outcomes if outcome.kind == RIGHT]
    changed = [outcome for outcome in outcomes if outcome.kind != RIGHT]
    failures = [f"{each.text}: not read as right: {each.said}" for each in right if not each.found]
    failures += [f"{each.text}: not found: {each.kind}, {each.formula}" for each in changed if not each.found]
    others = [each for each in changed if each.found and not each.named]
    return Record(
        "Marking formulas",
        "Are printed formulas read back and right, and is one that is changed found and called what it is?",
        (
            ("texts of gradients in LaTeX", len(right)),
            ("of them read back and right", sum(each.found for each in right)),
            ("texts with one change", len(changed)),
            ("of them with the line found", sum(each.found for each in changed)),
            ("of them with the mistake called what it is", sum(each.named for each in changed)),
        ),
        tuple(failures),
        seconds,
        COLUMNS,
        tuple(_row(kind, [each for each in changed if each.kind == kind]) for kind in sorted({each.kind for each in changed})),
        (
            "Ten networks in five notations, by index and as matrices. A sign, a factor, 1/N, the order of two indices, a transpose or a "
            "sum is changed in one formula, drawn at random.",
            *(
                f"Found, but called {each.said.mistake if each.said else 'nothing'}: {each.text}, {each.kind}, {each.formula}"
                for each in others
            ),
        ),
    )


def _row(kind: str, own: Sequence[Outcome]) -> tuple[str, ...]:
    return kind, str(len(own)), str(sum(each.found for each in own)), str(sum(each.named for each in own))
