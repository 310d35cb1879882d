"""What is said of a line, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass

from .lines import Line
from .marked import Verdict
from .scale import Pair
from .trial import Trial
from .undoing import Undone


@dataclass(frozen=True)
class Judgement:
    """A verdict on a line; of a wrong one the trial that it is wrong in, and what would be right there, by its value or `undone`."""

    line: Line
    quantity: str | None
    verdict: Verdict
    trial: Trial | None = None
    right: Pair | None = None
    undone: Undone | None = None
