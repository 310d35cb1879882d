"""What a work can be at most, by its run at the first draw alone: where that is too little already, it is not run at the second.

What is said of a work is the same without these bounds; it takes longer.
"""

from __future__ import annotations

import numpy as np

from .python.recorded import Recorded
from .scale import TOLERANCE, equal, multiple
from .trial import Trial


def gradients_at_most(trial: Trial) -> frozenset[str]:
    """The gradients that may be right: in a loop all of them, as its rounds are looked at together."""
    every = trial.matcher.reference.gradients
    recorded = trial.first_run.lines
    if any(each.rounds for each in recorded):
        return frozenset(every)
    return frozenset(name for name in every if any(_may_be_gradient(each, name, trial) for each in recorded))


def _may_be_gradient(recorded: Recorded, name: str, trial: Trial) -> bool:
    """Whether it has the gradient's entries, in a row with one axis or two, or is a step of its parameter along it."""
    right = trial.matcher.right[name][0]
    if recorded.value.size == right.size:
        value = recorded.value.reshape(right.shape)
        number = 1.0 if equal(value, right) else multiple(value, right)
        if number is not None and abs(number - 1) <= 2 * TOLERANCE:
            return True
    step = recorded.step
    return step is not None and step.shape == right.shape and (not right.any() or multiple(step, right) is not None)


def lines_at_most(trial: Trial) -> int:
    """How many lines may be quantities of the network."""
    return sum(bool(each.rounds) or _may_be_quantity(each, trial) for each in trial.first_run.lines)


def _may_be_quantity(recorded: Recorded, trial: Trial) -> bool:
    """Whether it is some number of times a quantity of its shape, or of its name."""
    matcher, value = trial.matcher, recorded.value
    if value.size == 1:
        return bool(np.isfinite(value).all())
    named = matcher.named(recorded.name)
    near = matcher.by_shape.get(value.shape, ())
    if named is not None and matcher.is_gradient(named) and matcher.right[named][0].size == value.size:
        near = (*near, named)
    rights = (matcher.right[name][0] for name in near)
    return any(not right.any() or multiple(value.reshape(right.shape), right) is not None for right in rights)
