"""What is wrong with a line, and how it reads when it is right: hypotheses in the order of how common they are."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.mistakes.array_changes import is_matrix_product
from chainrule.codegen.mistakes.code import ChangedLine
from chainrule.codegen.mistakes.code_changes import called
from chainrule.codegen.mistakes.kinds import MistakeKind
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role

from .formula_hypotheses import by_formula, by_pair, by_update
from .hypotheses import Case, Mistake, by_value, of_scale
from .python.values import Value
from .scale import equal
from .surroundings import own_name
from .trial import Trial
from .undoing import WINDOWS, Undone, by_change

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Explained:
    """A mistake, and the statement that it is in: a wrong value may come of a step before it that is no quantity."""

    mistake: Mistake
    statement: ast.stmt


def explained(case: Case, recorded: Collection[str]) -> Explained:
    """The mistake of a wrong line; `recorded` are the quantities that other lines stand for."""
    if case.trial.work.spent.is_over:
        return Explained(replace(_other(case), correction=right_formula(case)), case.line.statement)
    undone = by_change(case)
    is_own = undone is None or undone.statement.lineno == case.line.statement.lineno
    found = None if case.line.failed else by_value(case) or _by_path(case) or by_update(case, recorded)
    if found is None and not case.line.failed:
        found = by_formula(case, recorded)
        if not is_own and (found is None or found.kind is not MistakeKind.PLACE):
            # What is seen in a step says more than what a formula without it could have been.
            found = None
    if undone is not None and (undone.kind in WINDOWS or _says_why(undone, found)):
        found = None
    if undone is None:
        found = found or (None if case.line.failed else by_pair(case, recorded))
        return Explained(replace(found or _other(case), correction=right_formula(case)), case.line.statement)
    mistake = found or of_change(undone, case.trial, case.quantity if is_own else None)
    if undone.scale.is_one:
        return Explained(replace(mistake, correction=_written(undone.statement)), undone.statement)
    also = mistake.also if found is not None else of_scale(undone.scale, case)
    return Explained(replace(mistake, correction=right_formula(case), also=also), undone.statement)


def _says_why(undone: Undone, found: Mistake | None) -> bool:
    """Whether a mean in the place of a sum is what a number too many comes of."""
    is_number = found is not None and found.kind is MistakeKind.FACTOR
    return is_number and undone.kind is MistakeKind.MEAN and undone.scale.is_one


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
    """Numbers that no hypothesis gives, beside the right ones: the first of those that are not."""
    are_wrong = [not equal(one, own) for one, own in zip(np.ravel(found), np.ravel(right), strict=False)]
    places = [place for place, is_wrong in enumerate(are_wrong) if is_wrong][:SHOWN]
    entries = {"found": _entries(found, places), "right": _entries(right, places)}
    return Mistake(MistakeKind.OTHER, "marking.other", entries)


def _entries(array: Value, places: Sequence[int]) -> str:
    return ", ".join(f"{value:.4g}" for value in np.ravel(array)[places])


def of_change(undone: Undone, trial: Trial, quantity: str | None = None) -> Mistake:
    """What a change undoes."""
    correction = _written(undone.statement)
    if undone.change is None:
        return Mistake(MistakeKind.PATH, "marking.edit.path", {}, correction)
    also = _named(undone.second, trial, quantity) if undone.second is not None else None
    return replace(_named(undone.change, trial, quantity), correction=correction, also=also)


def _named(change: ChangedLine, trial: Trial, quantity: str | None) -> Mistake:
    mistake = change.mistake
    if mistake.kind is MistakeKind.OPERAND and not trial.matcher.is_gradient(quantity) and _is_place(change, trial):
        return Mistake(MistakeKind.PLACE, "exercises.mistake.place", change.mentions)
    if mistake.kind is MistakeKind.OPERAND and _is_padded(change, trial):
        return Mistake(MistakeKind.PADDING, "marking.edit.padding", change.mentions)
    return Mistake(mistake.kind, mistake.sentence, change.mentions)


def _is_padded(change: ChangedLine, trial: Trial) -> bool:
    """Whether one array is another one with zeros around it."""
    texts = {ast.unparse(change.before), ast.unparse(change.after)}
    for node in ast.walk(trial.work.tree):
        match node:
            case ast.Assign(targets=[target], value=ast.Call(args=[array, *_]) as call) if called(call) == "pad":
                if {ast.unparse(target), ast.unparse(array)} == texts:
                    return True
    return False


def _written(statement: ast.stmt) -> str:
    return ast.unparse(statement).replace(".T.T", "")


def _is_place(change: ChangedLine, trial: Trial) -> bool:
    """Whether one value between layers stands for another in a formula entry by entry."""
    if any(part is change.after for node in ast.walk(change.expression) if is_matrix_product(node) for part in ast.walk(node)):
        return False
    tensors = trial.matcher.reference.derivation.system.tensors
    named = [_tensor(each, trial) for each in (change.before, change.after)]
    return all(name in tensors and tensors[name].role is Role.INTERMEDIATE for name in named)


def _tensor(node: ast.expr, trial: Trial) -> str:
    """The quantity that an array is by its name, else by its value."""
    named = trial.matcher.spellings.tensor(own_name(node))
    if named is not None:
        return named
    matches = (trial.match(line) for line in trial.lines if line.target == ast.unparse(node))
    return next((match.quantity for match in matches if match is not None), "")
