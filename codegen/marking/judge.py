"""Line by line: what is right, what is wrong, and what only follows from an earlier wrong value.

A wrong value is replaced by the right one and the work is run again: what then comes out right was done by the right rule.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from itertools import takewhile

from .blaming import blamed, failed, is_step, wrong
from .hypotheses import Case
from .judgement import Judgement
from .lines import Line, chain, same
from .marked import Verdict
from .matching import Match, Matcher
from .recurrences import begun_right, with_own_value
from .replacing import best_scale, best_value, right_value, usual_scales
from .scale import Scale, equal
from .trial import Trial
from .undoing import is_called_wrongly, of_failed_step
from .window_numbers import wrong_number
from .work import Work

#: A factor is 1 up to rounding.
CLOSE = 1e-6
#: Quantities that an unnamed line of a loop along an axis may be: of a cell with gates, whose arrays have one shape, it may be too many.
MOST_WANTED = 8


@dataclass
class Judge:
    """Goes through the lines of a work in the order in which they are reached; `begun` is the work as it is."""

    begun: Trial
    found: list[Judgement] = field(default_factory=list)
    last: Trial | None = None
    usual: list[Scale] = field(default_factory=list)
    stopped: Line | None = None

    @property
    def work(self) -> Work:
        return self.begun.work

    @property
    def matcher(self) -> Matcher:
        return self.begun.matcher

    def judged(self) -> list[Judgement]:
        """A verdict on every line that is not one step of several towards a value."""
        trial = self.begun
        original = {line.places: line for line in trial.lines}
        position = 0
        self.last = trial
        if trial.is_exhausted:
            return []
        number = wrong_number(trial)
        if number is not None and number.undone is not None:
            self.found.append(number)
            trial = trial.with_statement(number.line.statement, number.undone.statement)
        while position < len(trial.lines):
            line = trial.lines[position]
            position += 1
            judgement = self.judge(line, trial)
            if self.work.spent.is_over:
                # What was found last may come of a run that ended too early.
                self.last, self.stopped = trial, line
                return self.found
            if judgement is None:
                continue
            if judgement.verdict in (Verdict.WRONG, Verdict.FOLLOWS) and judgement.right is not None and judgement.quantity is not None:
                trial = trial.with_value(judgement.line, judgement.right)
                if judgement.line is not line:
                    self.found.append(Judgement(line, judgement.quantity, Verdict.FOLLOWS))
            elif judgement.undone is not None:
                trial = trial.with_statement(judgement.line.statement, judgement.undone.statement)
                self.found.append(Judgement(line, trial.named(line), Verdict.FOLLOWS))
            before = original.get(line.places)
            if judgement.verdict is Verdict.RIGHT and (before is None or not same(before, line)):
                judgement = replace(judgement, verdict=Verdict.FOLLOWS)
            self.found.append(judgement)
        trial = self.of_recurrences(trial)
        self.last = trial
        return self.found + self.by_shape(trial)

    def of_recurrences(self, trial: Trial) -> Trial:
        """Of lines of recurrences that began right those that are wrong themselves, where all else is right."""
        for place, judgement in enumerate(self.found):
            if judgement.trial is not None and judgement.verdict is Verdict.FOLLOWS:
                other = with_own_value(judgement.line, trial)
                self.found[place] = replace(judgement, verdict=Verdict.WRONG) if other is None else judgement
                trial = other or trial
        return trial

    def judge(self, line: Line, trial: Trial) -> Judgement | None:
        """The verdict on a line; None where the next ones go on changing it."""
        updated = self.matcher.updated(line)
        if updated is not None:
            return self.of_update(line, updated, trial)
        if line.expected is not None:
            is_right = all(equal(*pair) for pair in zip(line.values, line.expected, strict=True))
            return Judgement(line, None, Verdict.RIGHT if is_right else Verdict.WRONG, trial, line.expected)
        if line.failed:
            return self.of_failed(line, trial)
        if self.work.has_exact_names and (own := trial.named(line)) is not None:
            return self.of_equation(line, own, trial)
        match, named = trial.match(line), trial.named(line)
        if match is not None and self.matcher.is_given(match.quantity):
            return None
        if match is not None and (match.quantity == named or not self.matcher.is_gradient(named) or named in trial.right_gradients):
            is_own = any(other.failed and other.key == line.key for other in trial.lines)
            if named in self.matcher.reference.adjoints and match.quantity != named and not is_own:
                best = best_value(line, [named], trial)
                if best is not None:
                    return blamed(line, *best, trial)
            return self.of_match(line, match, trial)
        if trial.has_further_round(line) or not (any(value.any() for value in line.values) or self.is_computed(line, named, trial)):
            return None
        begun = begun_right(line, named, trial)
        if begun is not None:
            return Judgement(line, named, Verdict.FOLLOWS, trial, begun)
        changes = chain(line, trial.lines)
        if any(other.failed for other in changes) and named is not None and self.matcher.is_part(line.values, named):
            return None
        changes = list(takewhile(lambda other: not other.failed, changes))
        if named is not None and not self.matcher.is_gradient(named) and self.matcher.is_part(line.values, named):
            best = best_value(line, [named], trial)
            return Judgement(line, named, Verdict.WRONG, trial, best[1]) if best is not None else Judgement(line, None, Verdict.UNKNOWN)
        if len(changes) > 1:
            return None
        if named is not None and self.matcher.is_gradient(named):
            if self.is_step(line, named, trial):
                return None
            return blamed(line, named, right_value(self.matcher, named), trial)
        return self.tried(line, named, trial)

    def of_equation(self, line: Line, quantity: str, trial: Trial) -> Judgement | None:
        """A line that is what its name says, or is wrong; a usual factor may be put in later, so that gradients are right as it is."""
        if self.matcher.is_given(quantity):
            return None
        scale = self.matcher.scale(line.values, quantity)
        right = right_value(self.matcher, quantity)
        if scale is not None and scale.is_one:
            return Judgement(line, quantity, Verdict.RIGHT)
        is_usual = scale is not None and quantity in self.matcher.reference.adjoints and self.matcher.is_usual(scale)
        if is_usual and len(trial.with_value(line, right).right_gradients) < len(trial.right_gradients):
            return Judgement(line, quantity, Verdict.RIGHT)
        return Judgement(line, quantity, Verdict.WRONG, trial, right)

    def of_match(self, line: Line, match: Match, trial: Trial) -> Judgement:
        """A line that is a quantity: wrong by its factor where the gradients are right without it.

        Of one that has 1/N to come, or has it already where those before have not, N alone is asked about: the rest of it is right.
        It has it too early where all deltas after it are right and the gradients have it once more; where a delta after it is not,
        that one is wrong. A step towards a gradient may lack what the line of the gradient's name puts in.
        """
        is_gradient, every = self.matcher.is_gradient(match.quantity), frozenset(self.matcher.reference.gradients)
        is_wrong_gradient = is_gradient and match.quantity not in trial.right_gradients and not trial.has_own_line(line, match.quantity)
        if any(map(match.scale.is_near, self.usual)) and not is_wrong_gradient:
            return Judgement(line, match.quantity, Verdict.RIGHT)
        is_delta = not is_gradient and match.quantity in self.matcher.reference.adjoints
        is_early = match.scale.is_one and is_delta and bool(self.usual or not trial.right_gradients)
        is_too_early = is_early and all(later.is_one for later in trial.later_scales(line))
        if trial.right_gradients != every and (is_too_early or not match.scale.is_one):
            others = (scale for scale in usual_scales(self.matcher) if scale != match.scale)
            scales = [scale for scale in others if abs(match.scale.factor - 1) > CLOSE or scale.factor == 1]
            best = best_value(line, [match.quantity], trial, scales)
            if best is not None and trial.right_gradients <= trial.with_value(line, best[1]).right_gradients:
                return wrong(line, match.quantity, best[1], trial)
            if self.work.spent.is_all and trial.last_of.get(match.quantity) is line and match.quantity not in trial.right_gradients:
                return Judgement(line, match.quantity, Verdict.WRONG, trial, right_value(self.matcher, match.quantity))
        if not match.scale.is_one and trial.right_gradients != every:
            self.usual.append(match.scale)
        return Judgement(line, match.quantity, Verdict.RIGHT)

    def of_failed(self, line: Line, trial: Trial) -> Judgement | None:
        """A line whose shapes do not go together: what its name says is wrong, else what makes gradients right in its place."""
        named = trial.named(line)
        if named is not None and self.matcher.is_given(named):
            gradient = self.matcher.reference.derivation.system.adjoint_name(named)
            return Judgement(line, gradient, Verdict.WRONG, trial) if self.matcher.is_gradient(gradient) else None
        if named is not None and (self.matcher.is_gradient(named) or self.work.has_exact_names or self.is_exact(line, named)):
            return failed(line, named, right_value(self.matcher, named, best_scale(line, named, trial)), trial)
        adjoints = [name for name in self.matcher.reference.adjoints if not self.matcher.is_gradient(name)]
        best = best_value(line, [named, *adjoints] if named is not None else adjoints, trial)
        if best is not None:
            return failed(line, *best, trial)
        is_in_the_way = len(trial.right_gradients) < len(self.matcher.reference.gradients) and self.begun.values == trial.values
        undone = of_failed_step(Case(line, line.name, line.values, trial)) if is_in_the_way else None
        return Judgement(line, None, Verdict.WRONG, trial, undone=undone) if undone is not None else None

    def of_update(self, line: Line, gradient: str, trial: Trial) -> Judgement | None:
        """An update of a parameter is judged where no line before it is its gradient, or where it goes another way than a right one."""
        before = [judgement.verdict for judgement in self.found if judgement.quantity == gradient and judgement.line is not line]
        if trial.is_downhill(line, gradient):
            return None if before else Judgement(line, gradient, Verdict.RIGHT)
        if line.step is None or (before and (before[-1] is not Verdict.RIGHT or not trial.is_turned(gradient))):
            return None
        return Judgement(line, gradient, Verdict.WRONG, trial, None)

    def tried(self, line: Line, named: str | None, trial: Trial) -> Judgement | None:
        """A line whose value is none of the network's: wrong where gradients get right by another one in its place."""
        own = trial.right_gradients
        wanted = self.matcher.between(line.values[0].shape)
        if named is not None and self.matcher.is_given(named):
            named = None
        if named is not None and self.is_used(line, named):
            system = self.matcher.reference.derivation.system
            equation = system.definition.get(system.adjoint_of.get(named, ""))
            wanted = [name for name in map(system.adjoint_name, equation.reads if equation is not None else ()) if name in wanted]
            named = None
        if named is not None:
            wanted = [named, *(name for name in wanted if name != named)]
        elif line.rounds is not None and len(wanted) > MOST_WANTED:
            wanted = []
        if len(own) < len(self.matcher.reference.gradients):
            turned = self.matcher.turned(line.values) if named is None else None
            may_be = turned or (bool(wanted) and trial.may_be_wrong(line))
            best = best_value(line, (turned, *wanted) if turned else wanted, trial) if may_be else None
            if best is not None and named is None and is_step(line, *best, trial):
                return Judgement(line, None, Verdict.UNKNOWN)
            if best is not None:
                return None if is_called_wrongly(line, trial) else blamed(line, *best, trial)
            if named is not None and self.matcher.is_reshaped(line.values, named):
                return Judgement(line, named, Verdict.RIGHT)
            if named is not None and named in self.matcher.reference.quantities and self.is_exact(line, named):
                return Judgement(line, named, Verdict.WRONG, trial, right_value(self.matcher, named))
        return Judgement(line, None, Verdict.UNKNOWN) if line.values[0].ndim else None

    def is_step(self, line: Line, gradient: str, trial: Trial) -> bool:
        """Whether a later line is the gradient, or has its shape: dw = col.T.dot(dout), then dw = dw.T.reshape(w.shape)."""
        last, shape = trial.last_of.get(gradient, line), self.matcher.right[gradient][0].shape
        has_shape = last.values[0].shape == shape != line.values[0].shape
        return last is not line and last.key == line.key and (gradient in trial.right_gradients or has_shape)

    def is_computed(self, line: Line, named: str | None, trial: Trial) -> bool:
        """Whether zeros are what a gradient is in the end, and not what it begins with: all entries of a − y may add up to 0."""
        makes_zeros = any(isinstance(node, ast.Attribute) and node.attr.startswith("zeros") for node in ast.walk(line.statement))
        return self.matcher.is_gradient(named) and trial.last_of.get(named or "") is line and not makes_zeros

    def is_used(self, line: Line, named: str) -> bool:
        """Whether an earlier line of the name is the quantity already, so that it is something else now."""
        return any(each.quantity == named and each.line.key == line.key and each.verdict is not Verdict.WRONG for each in self.found)

    def is_exact(self, line: Line, named: str | None) -> bool:
        """Whether a name says which quantity it is beyond doubt: z1, dA_2, output_delta."""
        spelled = line.name.replace("_", "").lower()
        return named is not None and (spelled == named.lower() or (spelled.endswith("delta") and named.startswith("dz")))

    def by_shape(self, trial: Trial) -> list[Judgement]:
        """Gradients that no line has by its name: the last unknown line of its shape is one that is wrong."""
        known = {judgement.quantity for judgement in self.found}
        found = []
        for gradient in self.matcher.reference.gradients:
            if gradient not in known:
                shape = self.matcher.right[gradient][0].shape
                near = [
                    judgement
                    for judgement in self.found
                    if judgement.verdict is Verdict.UNKNOWN and judgement.line.values[0].shape == shape
                ]
                own = [line for line in trial.lines if near and line.places == near[-1].line.places]
                if own:
                    self.found.remove(near[-1])
                    found.append(Judgement(own[0], gradient, Verdict.WRONG, trial, right_value(self.matcher, gradient)))
        return found
