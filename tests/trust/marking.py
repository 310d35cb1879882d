"""Marking of works: generated modules in other forms, right and with a planted mistake.

Each work is one of thirty networks' plain modules, rewritten in several ways at once: other names, other orders of lines, other
spellings of the same operations, steps of their own, dictionaries and classes. What plants mistakes shares nothing with marking.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .record import Progress, Record

if TYPE_CHECKING:
    from planted_trial import Outcome

#: Of each network: a right work each, and two with a mistake.
FORMS = 34
RIGHT = "right"
#: At least this part of the mistakes that are found has to be called what it is.
NAMED = 0.95
COLUMNS = ("mistake", "works", "line found", "called so")


def run(progress: Progress | None = None, forms: int = FORMS) -> Record:
    """So many forms of each network."""
    from planted_trial import trial

    begun = time.perf_counter()
    return record(list(trial("", forms, progress)), time.perf_counter() - begun)


def record(outcomes: Sequence[Outcome], seconds: float) -> Record:
    """What was found of some works."""
    right = [outcome for outcome in outcomes if outcome.kind == RIGHT]
    planted = [outcome for outcome in outcomes if outcome.kind != RIGHT]
    found, named = sum(outcome.found for outcome in planted), sum(outcome.named for outcome in planted)
    failures = [f"{each.network}: said to be wrong where nothing is: {each.said}" for each in right if not each.found]
    failures += [f"{each.network}: not found: {each.what}" for each in planted if not each.found]
    if named < NAMED * len(planted):
        failures.append(f"{named} of {len(planted)} mistakes are called what they are, expected {NAMED:.0%}")
    others = [outcome for outcome in planted if outcome.found and not outcome.named]
    return Record(
        "Marking",
        "Is the line of a planted mistake found, is the mistake called what it is, and is nothing said of a work that is right?",
        (
            ("works with a mistake", len(planted)),
            ("of them with the wrong line found", found),
            ("of them with the mistake called what it is", named),
            ("right works in other forms", len(right)),
            ("of them said to be wrong", sum(not outcome.found for outcome in right)),
        ),
        tuple(failures),
        seconds,
        COLUMNS,
        tuple(_row(kind, [each for each in planted if each.kind == kind]) for kind in sorted({each.kind for each in planted})),
        (
            f"{len({each.network for each in outcomes})} networks in rows and columns. Every work is run before it is marked: "
            "a mistake that changes no gradient and no new parameter is none.",
            "Where two mistakes of one line give the same numbers either word is right. A part of a line that stands on a line of its "
            "own may be mended there or in the line that reads it, a factor in any line that changes the same array.",
            *(f"Found, but called {each.said.mistake if each.said else 'nothing'}: {each.network}, {each.what}" for each in others[:SHOWN]),
        ),
    )


#: Of mistakes that have another word.
SHOWN = 12


def _row(kind: str, own: Sequence[Outcome]) -> tuple[str, ...]:
    return kind, str(len(own)), str(sum(each.found for each in own)), str(sum(each.named for each in own))
