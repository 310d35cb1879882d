"""Which of the lines that lead to a wrong value is the wrong one.

With another value in its place any of them would be right. The first one in whose own text one mistake undone makes all right is it, as
its author meant it; where there is none, the one that has the quantity's name, and of those that change it in its place the first.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .calls import by_call
from .causes import by_cause, by_statement
from .first_draw import gradients_at_most
from .hypotheses import Case, by_value
from .judgement import Judgement
from .lines import Line, chain
from .marked import Verdict
from .replacing import has_more, right_value, usual_scales
from .scale import Pair
from .steps import steps
from .trial import Trial
from .undoing import WINDOWS, Undone, by_change


def blamed(line: Line, quantity: str, right: Pair, trial: Trial) -> Judgement:
    """The verdict on a line with whose right value gradients get right, or on one before it that it comes of."""
    case = Case(line, quantity, right, trial)
    before = begun(line, trial)
    for place, earlier in enumerate(before):
        for scale in usual_scales(trial.matcher):
            if trial.work.spent.is_all:
                break
            value = right_value(trial.matcher, quantity, scale)
            other = trial.with_value(earlier, value)
            is_right = quantity in gradients_at_most(other) and quantity in other.right_gradients
            if is_right or has_more(other, len(trial.right_gradients)):
                return _by_text(case, before[:place]) or Judgement(earlier, quantity, Verdict.WRONG, trial, value)
    cause = by_call(case)
    if cause is None and (line.rounds is not None or trial.is_in_loop(line) or reads_parts(line, trial)):
        cause = _cause(case)
    return _of(cause, case)


def wrong(line: Line, quantity: str, right: Pair, trial: Trial) -> Judgement:
    """The verdict on a line that is wrong, or on a statement of a function that it calls."""
    case = Case(line, quantity, right, trial)
    return _of(by_call(case), case)


def _of(cause: tuple[Line, Undone] | None, case: Case) -> Judgement:
    """The verdict on a wrong line, or on the one that it comes of."""
    if cause is not None:
        return Judgement(cause[0], None, Verdict.WRONG, case.trial, undone=cause[1])
    return Judgement(case.line, case.quantity, Verdict.WRONG, case.trial, case.right)


def failed(line: Line, quantity: str, right: Pair, trial: Trial) -> Judgement:
    """The verdict on a line whose shapes do not go together, or on one before it that made what it would change in its place."""
    case = Case(line, quantity, right, trial)
    before = begun(line, trial)
    found = _by_text(case, before) if before and by_change(case) is None else None
    return found or Judgement(line, quantity, Verdict.WRONG, trial, right)


def begun(line: Line, trial: Trial) -> list[Line]:
    """The lines before one that changes an array in its place which made and changed it."""
    earlier = trial.lines[: trial.lines.index(line)]
    near = [one for one in earlier if one.key == line.key and one.statement is not line.statement and line in chain(one, trial.lines)]
    return [one for one in near if any(value.any() for value in one.values)]


def _by_text(case: Case, before: Sequence[Line]) -> Judgement | None:
    """The verdict on the first line of some in whose text a mistake undone makes a later one right."""
    for line in before:
        found = by_statement(case, line.statement)
        if found is not None:
            return Judgement(line, None, Verdict.WRONG, case.trial, undone=found)
    return None


def reads_parts(line: Line, trial: Trial) -> bool:
    """Whether a line reads an array whose parts are changed one by one, as in a loop over windows."""
    names = {node.id for node in ast.walk(line.statement) if isinstance(node, ast.Name)}
    changed = (node.target for node in ast.walk(trial.work.tree) if isinstance(node, ast.AugAssign))
    return any(isinstance(each, ast.Subscript) and isinstance(each.value, ast.Name) and each.value.id in names for each in changed)


def is_step(line: Line, quantity: str, right: Pair, trial: Trial) -> bool:
    """Whether a line without a name is but a step towards the one of the quantity's name, which is wrong then.

    It is wrong itself where its value is near that quantity, or what its author meant.
    """
    later = trial.lines[trial.lines.index(line) + 1 :]
    own = [other for other in later if trial.named(other) == quantity and other.first.scope == line.first.scope]
    if not own or all(step.statement is not line.statement for step in steps(own[0], trial)):
        return False
    case = Case(line, quantity, right, trial)
    return by_value(case) is None and by_change(case) is None


def _cause(case: Case) -> tuple[Line, Undone] | None:
    """Another line of a loop that a wrong one comes of; windows first, which are few, as loops over them take long."""
    if by_value(case) is not None:
        return None
    return by_cause(case, WINDOWS) or (by_cause(case) if by_change(case) is None else None)
