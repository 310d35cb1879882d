"""Parts of a document that are laid out in another way than the rest: one example alone, a neuron in each layer, examples in columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .choosing import Conventions
from .convention import Convention, conventions, own_convention
from .trial import Trial
from .work import Work

#: Formulas that say together how they are laid out; a single one may be wrong.
LEAST = 3


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many lines are what they say, and how many are not, or cannot be read."""

    right: int
    wrong: int

    @classmethod
    def of(cls, trial: Trial) -> Agreement:
        right = sum(map(trial.is_so, trial.lines))
        return cls(right, len(trial.lines) - right + len(trial.runs[0].unread))


def parts_apart(work: Work, known: Conventions) -> Iterator[Trial]:
    """Those parts of which more lines are right in another way; of the others their own parts are looked at."""
    parts = work.parts
    for part in (each for each in parts if len(each.tree.body) >= LEAST) if len(parts) > 1 else ():
        own = known.trial(part)
        if own.is_settled or part.spent.is_all:
            continue
        trial = known.of_part(part) or _otherwise(own, known)
        if trial is not None:
            yield trial
        else:
            yield from parts_apart(part, known)


def _otherwise(own: Trial, known: Conventions) -> Trial | None:
    """The first way in which most of it is right; None where that is the description's own, or too little says so."""
    best, most = None, Agreement.of(own)
    for trial in _ways(own.work, known):
        found = Agreement.of(trial)
        if found.right >= LEAST and (found.right - found.wrong) > (most.right - most.wrong):
            best, most = trial, found
        if not found.wrong and found.right >= LEAST:
            break
    return best


def _ways(part: Work, known: Conventions) -> Iterator[Trial]:
    """The part at other sizes and in other layouts, of which the numbers are computed in no time of its own."""
    for each, convention in _others(part, known):
        if part.spent.is_all:
            return
        yield each.trial(part, convention)


def _others(part: Work, known: Conventions) -> Iterator[tuple[Conventions, Convention]]:
    own = own_convention(known.reference)
    if part.numbers & known.own_sizes and known.with_own_sizes is not None:
        yield known.with_own_sizes, own
    if not known.names_examples(part):
        with part.spent.paused():
            alone = known.with_example_left_out
            of_one = alone, alone.with_own_sizes, known.with_one_unit
        yield from ((each, own_convention(each.reference)) for each in of_one if each is not None)
    for convention in conventions(known.reference):
        if convention != own and replace(convention, examples=own.examples, weights=own.weights) == own:
            yield known, convention
