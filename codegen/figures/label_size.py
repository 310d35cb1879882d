"""How much room a label takes, in em, so that no other label is put there."""

from __future__ import annotations

from codegen.sentence_parts import Sentence

from .text_runs import runs

#: Half the height of small letters and figures, above the base line.
MIDDLE = 0.26
#: How far letters reach above and below their base line.
ASCENT, DESCENT = 0.74, 0.24


def label_width(sentence: Sentence) -> float:
    return max(0.0, sum(run.advance for run in runs(sentence)))


def label_ascent(sentence: Sentence) -> float:
    """Above the base line, with what is raised."""
    return max(run.rise + ASCENT * run.size for run in runs(sentence))


def label_descent(sentence: Sentence) -> float:
    """Below the base line, with what is lowered."""
    return max(DESCENT * run.size - run.rise for run in runs(sentence))
