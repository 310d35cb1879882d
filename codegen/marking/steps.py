"""A value that is made in several statements as one expression: steps with names of their own, and changes in place."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.codegen.mistakes.exchange import exchanged

from .lines import Line
from .trial import Trial

#: Of steps before a line.
MOST_STEPS_BEFORE = 6


@dataclass(frozen=True, slots=True)
class Step:
    """A statement before a line that the line's value comes of, and which is no quantity by itself."""

    statement: ast.Assign | ast.AugAssign
    target: str

    @property
    def value(self) -> ast.expr:
        return self.statement.value


def steps(line: Line, trial: Trial) -> list[Step]:
    """The steps of a line, the last one first."""
    if not isinstance(line.statement, ast.Assign | ast.AugAssign):
        return []
    needed, found = _read_in(whole(line.statement, line.statement.value)), list[Step]()
    for earlier in reversed(trial.lines[: trial.lines.index(line)]):
        statement = earlier.statement
        is_own = earlier.key == line.key or (trial.match(earlier) is None and trial.matcher.updated(earlier) is None)
        is_read = earlier.target in needed and earlier.first.scope == line.first.scope and not trial.is_in_loop(earlier)
        if is_own and is_read and isinstance(statement, ast.Assign | ast.AugAssign) and len(found) < MOST_STEPS_BEFORE:
            found.append(Step(statement, earlier.target))
            needed |= _read_in(statement.value)
            if isinstance(statement, ast.Assign):
                needed.discard(earlier.target)
    return found


def _read_in(value: ast.expr) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(value) if isinstance(node, ast.Name | ast.Attribute | ast.Subscript)}


def whole(statement: ast.Assign | ast.AugAssign, value: ast.expr) -> ast.expr:
    """What the target is after the statement, with a right side."""
    return ast.BinOp(read(statement.target), statement.op, value) if isinstance(statement, ast.AugAssign) else value


def read(target: ast.expr) -> ast.expr:
    """What is assigned to as what is read."""
    return ast.parse(ast.unparse(target), mode="eval").body


def together(line: Line, before: Sequence[Step], place: int, value: ast.expr) -> ast.expr:
    """The line's value as one expression, in which the step at a place has another right side."""
    assert isinstance(line.statement, ast.Assign | ast.AugAssign)
    found = whole(line.statement, line.statement.value)
    for number, step in enumerate(before):
        own = whole(step.statement, value if number == place else step.value)
        found = exchanged(found, lambda node, step=step, own=own: own if is_read(node, step.target) else None)  # type: ignore[misc]
    return found


def is_read(node: ast.AST, target: str) -> bool:
    """Whether what is called so stands there."""
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and ast.unparse(node) == target


def target(statement: ast.stmt) -> str:
    """What a statement assigns to, as it is written."""
    match statement:
        case ast.Assign(targets=[node, *_]) | ast.AugAssign(target=node) | ast.AnnAssign(target=node):
            return ast.unparse(node)
        case ast.Return():
            return "return"
        case _:
            return ""


def is_changed_later(line: Line, tree: ast.Module) -> bool:
    """Whether a later statement changes in its place what a line assigns."""
    later = [node for node in ast.walk(tree) if isinstance(node, ast.AugAssign) and node.lineno > line.number]
    return any(ast.unparse(node.target) == line.target for node in later)
