"""The author's own line with one mistake of the table undone, in every way: one of them gives what is right at both draws."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.codegen.mistakes.code import ChangedLine, undone
from chainrule.codegen.mistakes.kinds import MistakeKind

from .hypotheses import Case
from .python.values import Value
from .scale import equal
from .surroundings import around

#: What is tried first in a loop.
IN_LOOPS = (MistakeKind.PATH, MistakeKind.SHIFT, MistakeKind.TRANSPOSE, MistakeKind.SIGN, MistakeKind.SUM, MistakeKind.ORDER)
#: Of changes in a loop, for which the work is run again.
ALWAYS_TRIED = 2
MOST_RUNS = 60
Assignment = ast.Assign | ast.AugAssign | ast.AnnAssign
Target = ast.Name | ast.Attribute | ast.Subscript


@dataclass(frozen=True, slots=True)
class Undone:
    """A statement with a change of its right side, or one that adds where it overwrote."""

    statement: Assignment
    change: ChangedLine | None = None

    @property
    def kind(self) -> MistakeKind:
        return self.change.mistake.kind if self.change is not None else MistakeKind.PATH

    @property
    def value(self) -> ast.expr:
        """What the target is after the statement."""
        if isinstance(self.statement, ast.AugAssign):
            return ast.BinOp(_read(self.statement.target), self.statement.op, self.statement.value)
        assert self.statement.value is not None
        return self.statement.value


def by_change(case: Case) -> Undone | None:
    """The change of the author's own line that gives what is right at both draws."""
    statement = case.line.statement
    if not isinstance(statement, Assignment) or case.line.name == "return" or isinstance(statement.value, ast.Dict | ast.Tuple | None):
        return None
    tried = list(_tried(case, statement, statement.value))
    is_part = case.line.in_place and ast.unparse(statement).startswith(f"{case.line.target}[")
    if (case.trial.is_in_loop(case.line) and case.line.rounds is None) or is_part:
        return _by_running(case, tried)
    return _by_step(case, tried) if isinstance(statement, ast.AugAssign) and case.is_update else _by_values(case, tried)


def _tried(case: Case, statement: Assignment, value: ast.expr) -> Iterator[Undone]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], Target):
        yield Undone(ast.copy_location(ast.AugAssign(statement.targets[0], ast.Add(), value), statement))
    for change in undone(around(case, value)):
        other = copy.copy(statement)
        other.value = change.expression
        yield Undone(other, change)


def _by_values(case: Case, tried: Sequence[Undone]) -> Undone | None:
    """That of a line that is reached once in a call: its value alone says whether it is right."""
    trial = case.trial if case.line.rounds is None else case.trial.with_value(case.line, case.right)
    # Most changes are wrong at the first draw already.
    for draw, right in enumerate(case.right):
        values = trial.values_at(case.line, [each.value for each in tried], draw) if tried else []
        tried = [each for each, value in zip(tried, values, strict=False) if _is(value, right)]
    return tried[0] if tried else None


def _by_step(case: Case, tried: Sequence[Undone]) -> Undone | None:
    """That of an update, with which a parameter is moved along its gradient, however far."""
    changed = [(each, each.change.expression) for each in tried if each.change is not None]
    firsts, seconds = (case.trial.values_at(case.line, [value for _, value in changed], draw) for draw in (0, 1))
    for (each, _), first, second in zip(changed, firsts, seconds, strict=False):
        if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
            scale = case.times(case.right, (first, second))
            if scale is not None and scale.axis is None and scale.factor > 0:
                return each
    return None


def _by_running(case: Case, tried: Sequence[Undone]) -> Undone | None:
    """That of a line in a loop, whose every round has it."""
    for place, each in enumerate(sorted(tried, key=lambda each: IN_LOOPS.index(each.kind) if each.kind in IN_LOOPS else len(IN_LOOPS))):
        if place >= (ALWAYS_TRIED if case.trial.work.spent.is_all else MOST_RUNS):
            return None
        other = case.trial.with_statement(case.line.statement, each.statement)
        # Most changes are wrong at the first draw already.
        found = [own.value for own in other.first_run.lines if (own.line, own.name) == (case.line.number, case.line.name)]
        if any(_is(value, case.right[0]) for value in found) and any(
            _is(line.values[1], case.right[1]) for line in other.lines if (line.number, line.name) == (case.line.number, case.line.name)
        ):
            return each
    return None


def _is(value: Value, right: Value) -> bool:
    return isinstance(value, np.ndarray | np.generic | float) and equal(np.asarray(value, dtype=float), right)


def _read(target: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(target), mode="eval").body
