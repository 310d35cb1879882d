"""Lines of recurrences: each is right, or only follows, where it is right once all others of the loop are."""

from __future__ import annotations

from .lines import Line
from .scale import Pair, equal
from .trial import Trial


def begun_right(line: Line, named: str | None, trial: Trial) -> Pair | None:
    """What a line's quantity is, by its name, where it is right in the round that comes first: later it is wrong itself, or follows."""
    matcher = trial.matcher
    if line.rounds is None or named is None or matcher.is_given(named) or trial.right_gradients == frozenset(matcher.reference.gradients):
        return None
    right = matcher.right[named]
    if any(own.shape != value.shape for own, value in zip(line.values, right, strict=True)):
        return None
    firsts = [min(own, key=lambda one: one.place[2]) for own in line.recorded]
    begins = all(one.value.any() and equal(one.value, own[one.place]) for one, own in zip(firsts, line.parts(right), strict=True))
    return right if begins and trial.right_gradients <= trial.with_value(line, right).right_gradients else None


def with_own_value(line: Line, trial: Trial) -> Trial | None:
    """A work in which a line has its own value again; None where fewer gradients are right with it."""
    other = trial.without_value(line)
    return other if len(other.right_gradients) >= len(trial.right_gradients) else None
