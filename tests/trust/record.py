"""What one kind of trial found: how many were tried, how many turned out as they must, and what there is to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str], None]
#: A count of what is no evidence; there must be none.
VACUOUS = "checks that compared 0 with 0"


@dataclass(frozen=True, slots=True)
class Record:
    """A section of the page of trials.

    Attributes:
        title: The section's heading, such as "Mutations".
        asked: What was asked of every trial, one sentence.
        counts: What was tried and how often, such as ("inputs from Hypothesis", 200_000).
        failures: Trials that did not turn out as they must, each in a line; empty where all is well.
        seconds: Of the run.
        columns, rows: A table of the trials, where one says more than the counts.
        remarks: What a reader must know beside the numbers: limits, what was not tried and why.
    """

    title: str
    asked: str
    counts: tuple[tuple[str, int], ...]
    failures: tuple[str, ...]
    seconds: float
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    remarks: tuple[str, ...] = ()
