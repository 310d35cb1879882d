"""The right values that may stand in the place of a line, and those with which more gradients of a work are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .first_draw import gradients_at_most
from .lines import Line
from .matching import Matcher
from .scale import ONE, Pair, Scale
from .trial import Trial

#: How many times the right value an author's deltas may be, the commonest first.
SCALES = (ONE, Scale(-1.0), Scale(2.0), Scale(0.5))


def right_value(matcher: Matcher, quantity: str, scale: Scale = ONE) -> Pair:
    """What is right of a quantity, so many times."""
    first, second = (
        array * scale.value(sizes) if scale != ONE else array for array, sizes in zip(matcher.right[quantity], matcher.sizes, strict=True)
    )
    return first, second


def usual_scales(matcher: Matcher) -> Iterator[Scale]:
    """How many times the right value an author's deltas may be: with the number of examples too, where there is one."""
    yield from SCALES
    if matcher.batch is not None:
        yield from (replace(scale, axis=matcher.batch, power=1) for scale in SCALES)


def best_scale(line: Line, quantity: str, trial: Trial) -> Scale:
    """How many times the right value stands best in the place of a line."""
    most, best, every = -1, ONE, len(trial.matcher.reference.gradients)
    for scale in usual_scales(trial.matcher):
        if most == every:
            break
        other = trial.with_value(line, right_value(trial.matcher, quantity, scale))
        if has_more(other, most):
            most, best = len(other.right_gradients), scale
    return best


def best_value(line: Line, wanted: Sequence[str], trial: Trial, scales: Sequence[Scale] = ()) -> tuple[str, Pair] | None:
    """The quantity, and its value, with which in the place of a line the most gradients get right; None where no more do.

    `scales` are how many times it may be the quantity; without them, those that are usual.
    """
    matcher, most, found = trial.matcher, len(trial.right_gradients), None
    every = len(matcher.reference.gradients)
    for quantity in wanted:
        for scale in (scales or usual_scales(matcher)) if quantity in matcher.reference.adjoints else (ONE,):
            if most == every or trial.work.spent.is_all:
                return found
            value = right_value(matcher, quantity, scale)
            other = trial.with_value(line, value)
            if has_more(other, most):
                most, found = len(other.right_gradients), (quantity, value)
    return found


def has_more(trial: Trial, count: int) -> bool:
    """Whether more gradients than that are right; most works with another value are wrong at the first draw already."""
    return len(gradients_at_most(trial)) > count and len(trial.right_gradients) > count
