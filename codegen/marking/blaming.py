"""Which of the lines that lead to a wrong value is the wrong one."""

from __future__ import annotations

from .hypotheses import Case, by_value
from .judgement import Judgement
from .lines import Line, chain
from .marked import Verdict
from .replacing import right_value, usual_scales
from .scale import Pair
from .trial import Trial
from .undoing import WINDOWS, Undone, by_cause, by_change


def blamed(line: Line, quantity: str, right: Pair, trial: Trial) -> Judgement:
    """The first of the lines that lead to a wrong value in one place with which it would be right."""
    for earlier in trial.lines[: trial.lines.index(line)]:
        is_begun = earlier.statement is not line.statement and any(value.any() for value in earlier.values)
        if is_begun and earlier.key == line.key and line in chain(earlier, trial.lines):
            for scale in usual_scales(trial.matcher):
                if trial.work.spent.is_all:
                    break
                value = right_value(trial.matcher, quantity, scale)
                other = trial.with_value(earlier, value)
                if quantity in other.right_gradients or len(other.right_gradients) > len(trial.right_gradients):
                    return Judgement(earlier, quantity, Verdict.WRONG, trial, value)
    case = Case(line, quantity, right, trial)
    found = _cause(case) if line.rounds is not None or trial.is_in_loop(line) else None
    if found is not None:
        return Judgement(found[0], None, Verdict.WRONG, trial, undone=found[1])
    return Judgement(line, quantity, Verdict.WRONG, trial, right)


def _cause(case: Case) -> tuple[Line, Undone] | None:
    """Another line of a loop that a wrong one comes of; windows first, which are few, as loops over them take long."""
    if by_value(case) is not None:
        return None
    return by_cause(case, WINDOWS) or (by_cause(case) if by_change(case) is None else None)
