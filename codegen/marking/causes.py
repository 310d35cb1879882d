"""Another statement than a wrong line's own that the wrong value comes of: of the same loop, of a function that is called there, or one
that made an array which the line reads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import numpy as np

from chainrule.codegen.mistakes.code_changes import called
from chainrule.codegen.mistakes.kinds import MistakeKind

from .hypotheses import Case
from .lines import Line
from .loop_parts import parts
from .python.recorded import Recorded
from .steps import target as called_as
from .trial import Trial
from .undoing import EVERY, Assignment, Undone, by_running, tried_of


def by_cause(case: Case, kinds: frozenset[MistakeKind] = EVERY) -> tuple[Line, Undone] | None:
    """The line of the same loop, or of a function that is called there, and its change, with which this line and all others are right.

    What stands there need not be a quantity: one step's share of a sum, what is handed on to the next step.
    """
    known = parts(case)
    for statement in _around(case):
        if case.trial.work.spent.is_all:
            break
        found = by_running(case, statement, list(tried_of(case, statement, kinds)), known)
        if found is not None:
            return line_of(statement, case.trial), found
    return None


def by_statement(case: Case, statement: ast.stmt, kinds: frozenset[MistakeKind] = EVERY) -> Undone | None:
    """The change of another statement than a line's own with which the line is right."""
    return by_running(case, statement, list(tried_of(case, statement, kinds)))


def line_of(statement: ast.stmt, trial: Trial) -> Line:
    """The line that a statement is; one of whole numbers is not recorded."""
    known = [line for line in trial.lines if line.statement is statement]
    target = called_as(statement)
    recorded = Recorded((statement.lineno, target, 0), target, np.array(0.0), False, 0, statement)
    return known[0] if known else Line(recorded, recorded)


def _around(case: Case) -> list[ast.stmt]:
    """The other statements of the innermost loop that a line stands in, and of functions that are called there, those just before first."""
    loops = [node for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.For) and case.line.statement in ast.walk(node)]
    functions = {node.name: node for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.FunctionDef)}
    near: list[ast.AST] = [*loops[-1:]]
    for node in near:
        called = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
        near += [own for each in called if isinstance(each, ast.Name) and (own := functions.get(each.id)) is not None and own not in near]
    inside = (part for node in near for part in ast.walk(node))
    found: list[ast.stmt] = [part for part in inside if isinstance(part, Assignment) and part is not case.line.statement]
    found += [part for part in _before(case) if part not in found]
    return sorted(found, key=lambda part: (part.lineno > case.line.number, abs(part.lineno - case.line.number)))


def _before(case: Case) -> Iterator[ast.stmt]:
    """What the arrays that a line reads were made of: shares that are added up to one, zeros around one."""
    names = {node.id for node in ast.walk(case.line.statement) if isinstance(node, ast.Name)}
    for part in ast.walk(case.trial.work.tree):
        match part:
            case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name))) if name in names and part is not case.line.statement:
                yield part
            case ast.Assign(value=ast.Call() as call) if called(call) == "pad":
                yield part
