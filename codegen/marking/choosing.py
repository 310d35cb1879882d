"""The convention that most lines of a work have, found by trying all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from .convention import Convention, Layouts, conventions, own_convention
from .first_draw import gradients_at_most, lines_at_most
from .lines import Line
from .matching import Matcher
from .python.expressions import MODULES
from .reference import Reference
from .spellings import Spellings, number
from .trial import Trial
from .work import Work

Score = tuple[int, int, int, int]
#: Formulas that say together that they are of one example.
LEAST_OF_PART = 4


@dataclass
class Conventions:
    """Conventions of a network; what they make of the network's arrays is kept."""

    reference: Reference
    spellings: Spellings
    matchers: dict[Convention, Matcher] = field(default_factory=dict)

    def matcher(self, convention: Convention) -> Matcher:
        if convention not in self.matchers:
            values = self.reference
            if convention.reduction != own_convention(self.reference).reduction:
                values = self.reference.other_reduction or self.reference
            self.matchers[convention] = Matcher(Layouts(self.reference, convention), values, self.spellings)
        return self.matchers[convention]

    def trial(self, work: Work, convention: Convention | None = None, run_as: Trial | None = None) -> Trial:
        """A work under a convention, or under the description's own; the numbers of the network take none of the work's time.

        The trial `run_as` is of another reduction alone, by which a work reads no other arrays.
        """
        with work.spent.paused():
            matcher = self.matcher(convention or own_convention(self.reference))
            assert matcher.right
        return Trial(work, matcher) if run_as is None else run_as.by(matcher)

    @cached_property
    def with_own_sizes(self) -> Conventions | None:
        """The same at the sizes of the description."""
        own = self.reference.with_own_sizes
        return Conventions(own, self.spellings) if own is not None else None

    def chosen(self, work: Work) -> Trial:
        """A work under that of the most gradients, then lines; at the sizes of the description where it has those as numbers.

        Those may be small enough for a work whose loops take too many steps.
        """
        if work.has_exact_names and (first := self.as_described(work)) is not None:
            return first
        score, trial = self.best(work)
        are_own = bool(work.numbers & self.own_sizes) or (self.reference.has_other_windows and trial.has_wrong_forward)
        are_own = are_own or (trial.is_exhausted and not work.spent.is_over)
        if score[0] < len(self.reference.gradients) and are_own and self.with_own_sizes is not None:
            # Where every line is read, it is settled how arrays are laid out.
            other, own = self.with_own_sizes.best(work, None if score[2] else [trial.matcher.layouts.convention])
            ranks = [(each[2], _rank(each)) for each in (other, score)]
            if ranks[0] > ranks[1] or (ranks[0] == ranks[1] and self.reference.has_other_windows):
                return own
        if work.has_exact_names:
            return self.without_example(work, score, trial)
        return self.of_one_example(work, score) or trial

    def as_described(self, work: Work) -> Trial | None:
        """Formulas under the description's own convention, where all is right then: at other sizes, or at its own that stand there."""
        for each in (self, self.with_own_sizes if work.numbers & self.own_sizes else None):
            if each is not None:
                trial = each.trial(work)
                score, _ = each.score(trial)
                if (score[0] == len(self.reference.gradients) and not score[2]) or (trial.is_mostly_so and trial.lines):
                    return trial
        return None

    def without_example(self, work: Work, score: Score, trial: Trial) -> Trial:
        """Formulas of one example alone, where more of them are read or right then."""
        is_all_right = not score[2] and score[0] == len(trial.last_of)
        if is_all_right or work.spent.is_all or self.reference.without_example is None or self.names_examples(work):
            return trial
        other, own = self.with_example_left_out.best(work)
        return own if (other[2], other[0], other[1]) > (score[2], score[0], score[1]) else trial

    def of_part(self, part: Work) -> Trial | None:
        """Some formulas that stand together, where they are of one example alone and all right then; a single one may lack a sum."""
        if part.spent.is_all or self.names_examples(part):
            return None
        with part.spent.paused():
            has_example = self.reference.without_example is not None
        if not has_example:
            return None
        trial = self.with_example_left_out.trial(part)
        score, _ = self.with_example_left_out.score(trial)
        is_right = score[1] == len(trial.lines) >= LEAST_OF_PART and not score[2]
        return trial if is_right else None

    def names_examples(self, work: Work) -> bool:
        """Whether formulas have the index of examples or their number, which are no formulas of one alone: 1/N would be 1 there."""
        system = self.reference.derivation.system
        own = {system.batch, system.axes[system.batch].size_symbol.name} if system.batch is not None else set()
        return bool(work.names & own)

    @cached_property
    def with_example_left_out(self) -> Conventions:
        """The same of one example whose index is left out."""
        return Conventions(self.reference.without_example or self.reference, self.spellings)

    @cached_property
    def with_one_unit(self) -> Conventions | None:
        """The same of one example in a network with one neuron in each layer, whose arrays are numbers; None where that says nothing."""
        one = self.reference.with_one_unit
        return Conventions(one, self.spellings) if one is not None else None

    def of_one_example(self, work: Work, several: Score) -> Trial | None:
        """A work of one example, where it counts none and all is right then, or more of what is little; else more of it goes together."""
        every = len(self.reference.gradients)
        if several[0] == every or counts_examples(work.tree) or self.with_one_example is None:
            return None
        score, trial = self.with_one_example.best(work)
        is_better = 2 * several[0] < every and (score[0] > several[0] or (score[0] == several[0] and score[2] > several[2]))
        return trial if score[0] == every or is_better else None

    @cached_property
    def with_one_example(self) -> Conventions | None:
        """The same with one example."""
        one = self.reference.with_one_example
        return Conventions(one, self.spellings) if one is not None else None

    @cached_property
    def own_sizes(self) -> frozenset[int]:
        return frozenset(axis.size for axis in self.reference.derivation.system.axes.values() if axis.size is not None and axis.size > 1)

    def best(self, work: Work, among: Iterable[Convention] | None = None) -> tuple[Score, Trial]:
        """A work under the convention of the best score, of some or of all, the first of equal ones."""
        best: tuple[Score, Trial] | None = None
        settled: Convention | None = None
        trial: Trial | None
        tried: set[object] = set()
        for convention in among or conventions(self.reference):
            # Where all else is settled, biases may still have another shape.
            if work.spent.is_all and best is not None:
                break
            if settled is not None and replace(convention, biases=settled.biases) != settled:
                continue
            with work.spent.paused():
                arrangement = self.matcher(convention).layouts.arrangement
            if arrangement in tried:
                continue
            tried.add(arrangement)
            before, trial = best, None
            for other in self.reductions(convention):
                trial = self.trial(work, other, trial)
                if trial.first_run.is_exhausted or (best is None and trial.is_exhausted):
                    return best or ((0, 0, 0, 0), trial)
                if best is not None and _is_unread_for_biases(trial, *best):
                    continue
                if best is not None and len(gradients_at_most(trial)) + lines_at_most(trial) < _rank(best[0])[0]:
                    continue
                score, is_whole = self.score(trial)
                if best is None or _rank(score) > _rank(best[0]):
                    best = score, trial
                if is_whole:
                    break
            assert best is not None
            if best[0][0] == len(self.reference.gradients) and not best[0][2]:
                break
            if best is not before and settled is None and self.is_settled(*best):
                settled = convention
                if self.has_biases(best[1]):
                    break
        assert best is not None
        return best

    def reductions(self, convention: Convention) -> Sequence[Convention]:
        if self.reference.leaves_example_out:
            # Their sum is their mean.
            return (convention,)
        return (convention, replace(convention, reduction="sum" if convention.reduction == "mean" else "mean"))

    def is_settled(self, score: Score, trial: Trial) -> bool:
        """Whether no other convention can be meant: every line is read, and most gradients are right, many lines, or the forward pass."""
        gradients, count, unread, _ = score
        lines = {(line.number, line.target) for line in trial.lines}
        is_most = 2 * gradients > len(self.reference.gradients) or 3 * count >= max(len(lines), 1)
        return not unread and (is_most or self.has_right_forward(trial))

    def has_right_forward(self, trial: Trial) -> bool:
        """Whether all that is called as a quantity of the forward pass is that quantity in the end, and something is."""
        last = {line.key: line for line in trial.lines if self.is_forward(line, trial)}
        matches = [(trial.named(line), None if line.failed else trial.match(line)) for line in last.values()]
        return bool(matches) and all(match is not None and match.quantity == named for named, match in matches)

    def has_biases(self, trial: Trial) -> bool:
        """Whether a gradient of a bias is right, which has another shape where biases have one, or all of them have their shape."""
        biases = [name for name in self.reference.gradients if len(self.reference.quantities[name].axes) == 1]
        last = {trial.named(line): line for line in trial.lines}
        have_shape = [
            name in last and not last[name].failed and last[name].values[0].shape == trial.matcher.right[name][0].shape for name in biases
        ]
        return any(name in trial.right_gradients for name in biases) or (bool(biases) and all(have_shape))

    def is_forward(self, line: Line, trial: Trial) -> bool:
        """Whether a line is called as a quantity of the forward pass."""
        return trial.named(line) in self.reference.derivation.system.tensors

    def score(self, trial: Trial) -> tuple[Score, bool]:
        """How many gradients and lines are right, how many not read, how many before one that is not; whether the reduction is settled.

        A line of the forward pass whose shapes do not go together takes one away: what it should be is handed on, and those after it are
        right by that.
        """
        matches = [trial.match(line) for line in trial.lines]
        cost = self.reference.derivation.system.cost.tensor.name
        says_cost = any(match is not None and match.quantity == cost for match in matches)
        count = sum(match is not None for match in matches) - sum(line.failed and self.is_forward(line, trial) for line in trial.lines)
        gradients = len(trial.right_gradients)
        unread = trial.runs[0].unread
        first = next(iter(unread), None)
        are_over = (line.failed or (first is not None and line.number > first) for line in trial.lines)
        before = next((place for place, is_over in enumerate(are_over) if is_over), len(trial.lines))
        return (gradients, count, -len(unread), before), says_cost or gradients == len(self.reference.gradients)


def _is_unread_for_biases(trial: Trial, score: Score, best: Trial) -> bool:
    """Whether lines cannot be read with biases of another shape than those with which every line is read."""
    convention, own = trial.matcher.layouts.convention, best.matcher.layouts.convention
    is_other = replace(convention, biases=own.biases, reduction=own.reduction) == own and convention.biases != own.biases
    return is_other and not score[2] and bool(trial.first_run.unread)


def counts_examples(tree: ast.AST) -> bool:
    """Whether code has several examples by what it says: it adds up along an axis, takes a mean, or names their number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("axis", "keepdims"):
            return True
        if isinstance(node, ast.Attribute) and node.attr in ("mean", "average"):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sum":
            of_array = not (isinstance(node.func.value, ast.Name) and node.func.value.id in MODULES)
            if len(node.args) + of_array > 1:
                return True
        if isinstance(node, ast.Name | ast.arg) and number(node.id if isinstance(node, ast.Name) else node.arg) == "examples":
            return True
    return False


def _rank(score: Score) -> tuple[int, int, Score]:
    """A gradient may be right by chance where lines of the forward pass do not go together; what reads such a line is not read either."""
    gradients, count, _, before = score
    return gradients + count, before, score
