"""The convention that most lines of a work have, found by trying all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .convention import Convention, Layouts, conventions, own_convention
from .matching import Matcher
from .python.reader import CodeWork
from .reference import Reference
from .spellings import Spellings
from .trial import Trial

Score = tuple[int, int, int]


@dataclass
class Conventions:
    """Conventions of a network, those that a work before had first; what they make of the network's arrays is kept."""

    reference: Reference
    matchers: dict[Convention, Matcher] = field(default_factory=dict)
    order: list[Convention] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.order = list(conventions(self.reference))

    def matcher(self, convention: Convention) -> Matcher:
        if convention not in self.matchers:
            derivation = self.reference.derivation
            values = self.reference
            if convention.reduction != own_convention(self.reference).reduction:
                values = self.reference.other_reduction or self.reference
            spellings = Spellings(derivation.system, derivation.output)
            self.matchers[convention] = Matcher(Layouts(self.reference, convention), values, spellings)
        return self.matchers[convention]

    def chosen(self, work: CodeWork) -> Matcher:
        """That of the most gradients, then of the most lines; the first of equal ones."""
        best: tuple[Score, Convention] | None = None
        for convention in self.order:
            for other in self.reductions(convention):
                trial = Trial(work, self.matcher(other))
                if trial.is_exhausted:
                    return self.matcher(other)
                score, is_whole = self.score(trial)
                if best is None or score > best[0]:
                    best = score, other
                if is_whole:
                    break
            if best is not None and self.is_settled(best[0]):
                break
        assert best is not None
        _, convention = best
        first = replace(convention, reduction=own_convention(self.reference).reduction)
        self.order = [first, *(each for each in self.order if each != first)]
        return self.matcher(convention)

    def reductions(self, convention: Convention) -> Sequence[Convention]:
        return (convention, replace(convention, reduction="sum" if convention.reduction == "mean" else "mean"))

    def is_settled(self, score: Score) -> bool:
        """Whether no other convention can be meant: every line is read, and most gradients are right."""
        gradients, _, unread = score
        return not unread and 2 * gradients > len(self.reference.gradients)

    def score(self, trial: Trial) -> tuple[Score, bool]:
        """How many gradients and lines are right, how many are not read; and whether the reduction is settled."""
        matches = [trial.matcher.match(line) for line in trial.lines]
        cost = self.reference.derivation.system.cost.tensor.name
        says_cost = any(match is not None and match.quantity == cost for match in matches)
        count = sum(match is not None for match in matches)
        gradients = len(trial.right_gradients)
        return (gradients, count, -len(trial.runs[0].unread)), says_cost or gradients == len(self.reference.gradients)
