"""How much room a label takes, in em, so that no other label is put there."""

from __future__ import annotations

from .sentence import Sentence
from .text_runs import runs

#: Half the height of small letters and figures, above the base line.
MIDDLE = 0.26
#: How far letters reach above and below their base line.
ASCENT, DESCENT = 0.8, 0.24
#: Small letters are wider for their size, as printers draw them; scripts are the smallest.
WIDER = {10: 1.04, 9: 1.06, 8: 1.08, 7: 1.16}
SCRIPTS_WIDER = 1.18


def label_width(sentence: Sentence, size: int) -> float:
    """The width in em of a label of this size in points."""
    return WIDER[size] * max(0.0, sum(run.advance * (1.0 if run.size == 1 else SCRIPTS_WIDER) for run in runs(sentence)))


def label_ascent(sentence: Sentence) -> float:
    """Above the base line, with what is raised."""
    return max(run.rise + ASCENT * run.size for run in runs(sentence))


def label_descent(sentence: Sentence) -> float:
    """Below the base line, with what is lowered."""
    return max(DESCENT * run.size - run.rise for run in runs(sentence))
