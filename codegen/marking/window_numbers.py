"""The stride and the padding of a work as numbers of its own: no quantity has them, and with a wrong one no window is right."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from chainrule.codegen.mistakes.code import CODE_MISTAKES, ChangedLine
from chainrule.codegen.mistakes.kinds import MistakeKind

from .causes import line_of
from .judgement import Judgement
from .marked import Verdict
from .surroundings import PADDINGS, STRIDES, USUAL_PADDINGS, USUAL_STRIDES
from .trial import Trial
from .undoing import Undone

KINDS = ((MistakeKind.STRIDE, STRIDES, USUAL_STRIDES), (MistakeKind.PADDING, PADDINGS, USUAL_PADDINGS))


def wrong_number(trial: Trial) -> Judgement | None:
    """The first of such numbers with another one in whose place all gradients are right that were, and more."""
    if len(trial.right_gradients) == len(trial.matcher.reference.gradients) or not trial.has_wrong_forward:
        return None
    for statement, undone in _tried(trial.work.tree):
        if trial.work.spent.is_all:
            break
        if trial.with_statement(statement, undone.statement).right_gradients > trial.right_gradients:
            return Judgement(line_of(statement, trial), None, Verdict.WRONG, trial, undone=undone)
    return None


def _tried(tree: ast.Module) -> Iterator[tuple[ast.stmt, Undone]]:
    """Each of these numbers set to another one."""
    for statement in ast.walk(tree):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int(value))):
                for kind, names, usual in KINDS:
                    for number in usual if name.lower() in names else ():
                        if number != value:
                            mistake = next(each for each in CODE_MISTAKES if each.kind is kind)
                            other = ast.copy_location(ast.Assign(statement.targets, ast.Constant(number)), statement)
                            yield statement, Undone(other, ChangedLine(mistake, other.value, statement.value, other.value, None))
