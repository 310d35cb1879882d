"""What is wrong with a line, and how it reads when it is right: hypotheses in the order of how common they are."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from chainrule.codegen.exercises.mistake_kinds import MistakeKind
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role

from .formula_hypotheses import by_formula, by_update
from .hypotheses import Case, Mistake, by_value
from .line_edits import Edit, edits
from .python.values import Value
from .scale import equal
from .spellings import number

SHOWN = 3
#: What is tried first in a loop.
IN_LOOPS = (MistakeKind.PATH, MistakeKind.SHIFT, MistakeKind.TRANSPOSE, MistakeKind.SIGN, MistakeKind.SUM, MistakeKind.ORDER)
#: Of changes in a loop, for which the work is run again.
ALWAYS_TRIED = 2


def explained(case: Case, recorded: Collection[str]) -> Mistake:
    """The mistake of a wrong line; `recorded` are the quantities that other lines stand for."""
    found = None if case.line.failed else by_value(case) or _by_path(case) or by_update(case, recorded) or by_formula(case, recorded)
    edit = by_edit(case)
    if found is None:
        found = _of_edit(edit, case) if edit is not None else _other(case)
    return replace(found, correction=_with_edit(case, edit) if edit is not None else right_formula(case))


def _by_path(case: Case) -> Mistake | None:
    """One of several paths alone; what is added to a parameter's gradient may be its penalty, which formulas know."""
    is_part = not case.matcher.is_gradient(case.quantity) and case.matcher.is_part(case.found, case.quantity)
    return Mistake(MistakeKind.PATH, "marking.path.overwritten") if is_part else None


def right_formula(case: Case) -> str:
    """The equation of a quantity by index."""
    derivation = case.matcher.reference.derivation
    system = derivation.system
    tensor = system.adjoint_of.get(case.quantity)
    equation = system.definition[case.quantity] if tensor is None else derivation.adjoints[tensor].equation
    return PlainPrinter(system).equation(equation)


def _other(case: Case) -> Mistake:
    first, right = case.found[0], case.right[0]
    if case.line.failed:
        return Mistake(MistakeKind.SHAPE, "marking.edit.shape")
    if first.shape != right.shape:
        return Mistake(MistakeKind.SHAPE, "marking.shape", {"found": str(first.shape), "expected": str(right.shape)})
    return other(first, right)


def other(found: NumericArray, right: NumericArray) -> Mistake:
    """Numbers that no hypothesis gives, beside the right ones."""
    return Mistake(MistakeKind.OTHER, "marking.other", {"found": _entries(found), "right": _entries(right)})


def _entries(array: Value) -> str:
    return ", ".join(f"{value:.4g}" for value in np.ravel(array)[:SHOWN])


def by_edit(case: Case) -> Edit | None:
    """The change of the author's own line that gives what is right at both draws."""
    statement = case.line.statement
    value = _right_side(statement)
    if value is None or case.line.name == "return" or isinstance(value, ast.Dict | ast.Tuple):
        return None
    scale = case.times(case.right)
    tried = list(edits(value, _arrays(case), _counts(case), scale.factor if scale is not None and scale.axis is None else None))
    added = _accumulated(statement)
    changes = [*(Edit(MistakeKind.PATH, each) for each in added), *tried]
    is_part = (
        isinstance(statement, ast.Assign | ast.AugAssign)
        and case.line.in_place
        and ast.unparse(statement).startswith(f"{case.line.target}[")
    )
    if case.trial.is_in_loop(case.line) or is_part:
        return _by_running(case, changes)
    left = list(zip(changes, [*added, *(_whole(statement, edit.expression) for edit in tried)], strict=True))
    # Most changes are wrong at the first draw already.
    for draw, right in enumerate(case.right):
        found = case.trial.values_at(statement, [value for _, value in left], draw) if left else []
        values = found[min(case.line.places[draw][2], len(found) - 1)] if found else []
        left = [each for each, value in zip(left, values, strict=False) if _is(value, right)]
    return left[0][0] if left else None


def _by_running(case: Case, changes: Sequence[Edit]) -> Edit | None:
    """The change of a line in a loop: every round has it."""
    for place, edit in enumerate(sorted(changes, key=lambda edit: IN_LOOPS.index(edit.kind) if edit.kind in IN_LOOPS else len(IN_LOOPS))):
        if case.trial.work.spent.is_all and place >= ALWAYS_TRIED:
            return None
        statement, is_added = case.line.statement, edit.kind is MistakeKind.PATH and edit.wrong is None
        own = statement.value if is_added and isinstance(statement, ast.Assign) else edit.expression
        other = case.trial.with_statement(statement, own, is_added)
        # Most changes are wrong at the first draw already.
        found = [each.value for each in other.first_run.lines if each.line == case.line.number and each.name == case.line.name]
        if any(_is(value, case.right[0]) for value in found) and any(
            _is(line.values[1], case.right[1]) for line in other.lines if line.number == case.line.number and line.name == case.line.name
        ):
            return edit
    return None


def _is(value: Value, right: Value) -> bool:
    return isinstance(value, np.ndarray | np.generic | float) and equal(np.asarray(value, dtype=float), right)


def _right_side(statement: ast.stmt) -> ast.expr | None:
    return statement.value if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign) else None


def _whole(statement: ast.stmt, value: ast.expr) -> ast.expr:
    """What the target is after the statement."""
    if isinstance(statement, ast.AugAssign):
        return ast.BinOp(_read(statement.target), statement.op, value)
    return value


def _accumulated(statement: ast.stmt) -> list[ast.expr]:
    """Added in place of overwritten."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return [ast.BinOp(_read(statement.targets[0]), ast.Add(), statement.value)]
    return []


def _read(target: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(target), mode="eval").body


def _arrays(case: Case) -> Sequence[str]:
    """The arrays that may stand in the line: those before it, and those of the network that the work names."""
    names = dict.fromkeys(
        line.target for line in case.trial.lines[: case.trial.lines.index(case.line)] if line.target.isidentifier() and line.values[0].ndim
    )
    read = dict.fromkeys(node.id for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.Name))
    arguments = dict.fromkeys(node.arg for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.arg))
    own = [name for name in (*read, *arguments) if case.matcher.spellings.tensor(name) is not None]
    return list(dict.fromkeys((*names, *own)))[:40]


def _counts(case: Case) -> Sequence[str]:
    read = dict.fromkeys(node.id for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.Name))
    return [name for name in read if number(name) == "examples"]


def _of_edit(edit: Edit, case: Case) -> Mistake:
    """What a change undoes."""
    if edit.kind is MistakeKind.OPERAND and edit.wrong is not None and edit.right is not None:
        kind = MistakeKind.PLACE if _is_place(edit, case) else MistakeKind.OPERAND
        sentence = "exercises.mistake.place" if kind is MistakeKind.PLACE else "marking.operand"
        return Mistake(kind, sentence, {"wrong": ast.unparse(edit.wrong), "right": ast.unparse(edit.right)})
    if edit.kind is MistakeKind.FACTOR and edit.wrong is None and edit.right is not None:
        return Mistake(edit.kind, "exercises.mistake.factor", {"factor": ast.unparse(edit.right)})
    return Mistake(edit.kind, f"marking.edit.{edit.kind.value}")


def _is_place(edit: Edit, case: Case) -> bool:
    """Whether one value between layers stands for another in a formula entry by entry."""
    tensors = case.matcher.reference.derivation.system.tensors
    named = [case.matcher.spellings.tensor(ast.unparse(each)) for each in (edit.wrong, edit.right) if each is not None]
    are_values = all(name is not None and tensors[name].role is Role.INTERMEDIATE for name in named)
    return are_values and not case.matcher.is_gradient(case.quantity)


def _with_edit(case: Case, edit: Edit) -> str:
    statement = case.line.statement
    sign = "+=" if edit.kind is MistakeKind.PATH and edit.wrong is None else None
    if isinstance(statement, ast.AugAssign):
        text = ast.unparse(ast.AugAssign(statement.target, statement.op, edit.expression))
    elif sign is not None and isinstance(statement, ast.Assign):
        text = f"{ast.unparse(statement.targets[0])} += {ast.unparse(statement.value)}"
    else:
        target = ast.unparse(statement.targets[0]) if isinstance(statement, ast.Assign) else case.line.target
        text = f"{target} = {ast.unparse(edit.expression)}"
    return text
