"""The author's own line with one mistake of the table undone, in every way: one of them gives what is right at both draws."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from chainrule.codegen.mistakes.code import ChangedLine, undone, undone_twice
from chainrule.codegen.mistakes.code_changes import Around
from chainrule.codegen.mistakes.exchange import exchanged
from chainrule.codegen.mistakes.kinds import MistakeKind
from chainrule.symbolic.index.numeric_array import NumericArray

from .hypotheses import Case, by_value
from .lines import Line
from .loop_parts import Parts, parts
from .matching import as_row
from .python.values import Value
from .replacing import has_more
from .scale import ONE, Scale, equal, multiple
from .steps import is_changed_later, read, steps, target, together
from .surroundings import around
from .trial import Trial

#: What is tried where shapes do not go together.
OF_SHAPES = (MistakeKind.TRANSPOSE, MistakeKind.ORDER, MistakeKind.SUM, MistakeKind.SHAPE, MistakeKind.OPERAND, MistakeKind.SHIFT)
EVERY = frozenset(MistakeKind)
#: Mistakes of what is assigned to.
PLACES = frozenset({MistakeKind.SHIFT, MistakeKind.STRIDE, MistakeKind.TRANSPOSE})
WINDOWS = frozenset({MistakeKind.STRIDE, MistakeKind.PADDING})
#: What is tried first in a loop.
IN_LOOPS = (
    MistakeKind.PATH,
    MistakeKind.STRIDE,
    MistakeKind.PADDING,
    MistakeKind.SHIFT,
    MistakeKind.TRANSPOSE,
    MistakeKind.SIGN,
    MistakeKind.SUM,
    MistakeKind.ORDER,
)
#: Of changes in a loop, for which the work is run again.
ALWAYS_TRIED = 2
#: Of the changes of one statement.
MOST_RUNS = 60
#: For which a work is run once; the commonest come first.
AT_ONCE = 60
#: Of a loop, in which values are compared: the first ones, and some in which the numbers of loops around have moved on.
ROUNDS = (0, 1, 2, 3, 7, 31, 67)
Assignment = ast.Assign | ast.AugAssign | ast.AnnAssign
Changed = Assignment | ast.Return
Target = ast.Name | ast.Attribute | ast.Subscript


@dataclass(frozen=True, slots=True)
class Undone:
    """A statement with a change of its right side, or with two, or one that adds where it overwrote.

    What comes out of it may be wrong by a `scale` still, which is another mistake.
    """

    statement: Changed
    change: ChangedLine | None = None
    second: ChangedLine | None = None
    scale: Scale = ONE

    @property
    def kind(self) -> MistakeKind:
        return self.change.mistake.kind if self.change is not None else MistakeKind.PATH

    @property
    def value(self) -> ast.expr:
        """What the target is after the statement."""
        if isinstance(self.statement, ast.AugAssign):
            return ast.BinOp(read(self.statement.target), self.statement.op, self.statement.value)
        assert self.statement.value is not None
        return self.statement.value


def by_change(case: Case) -> Undone | None:
    """The change of the author's own line that gives what is right at both draws."""
    statement = case.line.statement
    tried = [] if case.line.name == "return" else list(tried_of(case, statement))
    if case.line.failed and is_changed_later(case.line, case.trial.work.tree):
        return next(_that_help(case, tried), None)
    is_part = case.line.in_place and ast.unparse(statement).startswith(f"{case.line.target}[")
    if (case.trial.is_in_loop(case.line) and case.line.rounds is None) or is_part:
        return by_running(case, statement, tried, parts(case))
    if isinstance(statement, ast.AugAssign) and case.is_update:
        return _by_step(case, tried)
    return _by_values(case, [(each, each.value) for each in tried]) or _of_steps(case) or _by_two(case, tried)


def _of_steps(case: Case) -> Undone | None:
    """That of a step before the line, which no quantity is by itself, so that the line is right."""
    before = steps(case.line, case.trial)
    for place, step in enumerate(before):
        tried = tried_of(case, step.statement)
        made = [(each, together(case.line, before, place, each.change.expression)) for each in tried if each.change is not None]
        found = _by_values(case, made)
        if found is not None:
            return found
    return None


def of_failed_step(case: Case) -> Undone | None:
    """The change of a step whose shapes do not go together with which more gradients are right."""
    tried = [each for each in tried_of(case, case.line.statement) if each.kind in OF_SHAPES]
    return next(_that_help(case, sorted(tried, key=lambda each: OF_SHAPES.index(each.kind))), None)


def is_called_wrongly(line: Line, trial: Trial) -> bool:
    """Whether a line of a function is wrong as the function is called with another array than it should be."""
    functions = [node for node in ast.walk(trial.work.tree) if isinstance(node, ast.FunctionDef) and line.statement in node.body]
    for caller in trial.lines[trial.lines.index(line) + 1 :] if functions else ():
        called = [node.func.id for node in ast.walk(caller.statement) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        if functions[-1].name in called:
            case = Case(caller, caller.name, caller.values, trial)
            tried = [each for each in tried_of(case, caller.statement) if each.kind is MistakeKind.OPERAND]
            return next(_that_help(case, tried), None) is not None
    return False


def _that_help(case: Case, tried: Sequence[Undone]) -> Iterator[Undone]:
    """Changes of a line whose shapes do not go together with which more gradients are right in the end."""
    values = case.trial.values_at(case.line, [each.value for each in tried], 0) if tried else []
    for each, value in zip(tried, values, strict=False):
        if isinstance(value, np.ndarray) and not case.trial.work.spent.is_all:
            other = case.trial.with_statement(case.line.statement, each.statement)
            if has_more(other, len(case.trial.right_gradients)):
                yield each


def tried_of(case: Case, statement: ast.stmt, kinds: frozenset[MistakeKind] = EVERY) -> Iterator[Undone]:
    """A statement with each mistake of some kinds undone."""
    if isinstance(statement, Changed) and statement.value is not None:
        yield from tried_in(statement, around(case, statement.value), kinds)
    match statement:
        case ast.Assign(targets=[ast.Subscript() as target]) | ast.AugAssign(target=ast.Subscript() as target):
            yield from _of_target(case, statement, target, PLACES & kinds)


def tried_in(statement: Changed, around: Around, kinds: frozenset[MistakeKind] = EVERY) -> Iterator[Undone]:
    """The same for its right side, and for what overwrites in place of adding."""
    if isinstance(statement.value, ast.Dict | ast.Tuple | None):
        return
    is_one = isinstance(statement, ast.Assign) and len(statement.targets) == 1 and MistakeKind.PATH in kinds
    if is_one and isinstance(statement, ast.Assign) and isinstance(statement.targets[0], Target):
        yield Undone(ast.copy_location(ast.AugAssign(statement.targets[0], ast.Add(), statement.value), statement))
    yield from (_with(statement, change) for change in undone(around, kinds))


def _of_target(case: Case, statement: ast.Assign | ast.AugAssign, target: ast.Subscript, kinds: frozenset[MistakeKind]) -> Iterator[Undone]:
    """Changes of which entries are changed: p[range(N), y] -= 1, dW[j, i] += dz[i] * x[j]"""
    for change in undone(around(case, read(target)), kinds):
        if isinstance(change.expression, ast.Subscript):
            own = ast.Subscript(target.value, change.expression.slice, ast.Store())
            yield Undone(exchanged(statement, lambda node, own=own: own if node is target else None), change)  # type: ignore[misc]


def _with(statement: Changed, change: ChangedLine, second: ChangedLine | None = None) -> Undone:
    other = copy.copy(statement)
    other.value = (second or change).expression
    return Undone(other, change, second)


def _by_values(case: Case, tried: Sequence[tuple[Undone, ast.expr]]) -> Undone | None:
    """That of a line that is reached once in a call: its value alone says whether it is right."""
    return next(fitting_values(case, tried), None)


def fitting_values(case: Case, tried: Sequence[tuple[Undone, ast.expr]]) -> Iterator[Undone]:
    """Those with which the line's value is right."""
    trial = case.trial if case.line.rounds is None else case.trial.with_value(case.line, case.right)
    for start in range(0, len(tried), AT_ONCE):
        near = tried[start : start + AT_ONCE]
        # Most changes are wrong at the first draw already.
        for draw, right in enumerate(case.right):
            values = trial.values_at(case.line, [value for _, value in near], draw) if near else []
            near = [each for each, value in zip(near, values, strict=False) if _is(value, right)]
        yield from (each for each, _ in near)


def _by_two(case: Case, tried: Sequence[Undone]) -> Undone | None:
    """That with which the line is right but for a sign, a mean or a 2; else two of the commonest changes."""
    statement = case.line.statement
    if not isinstance(statement, ast.Assign) or by_value(case) is not None:
        return None
    usual = (replace(undone, scale=scale) for undone, scale in _multiples(case, tried) if case.matcher.is_usual(scale))
    twice = (_with(statement, *pair) for pair in undone_twice(around(case, statement.value)))
    return next(usual, None) or next((undone for undone, scale in _multiples(case, [*twice]) if scale.is_one), None)


def _multiples(case: Case, tried: Sequence[Undone]) -> list[tuple[Undone, Scale]]:
    """Those with which the value is so many times what is right."""
    trial = case.trial if case.line.rounds is None else case.trial.with_value(case.line, case.right)
    # Most changes are wrong at the first draw already.
    firsts = trial.values_at(case.line, [each.value for each in tried], 0) if tried else []
    near = [(each, _array(value)) for each, value in zip(tried, firsts, strict=False) if _is_multiple(value, case.right[0])]
    seconds = trial.values_at(case.line, [each.value for each, _ in near], 1) if near else []
    scales = [(each, case.times(case.right, (first, _array(second)))) for (each, first), second in zip(near, seconds, strict=False)]
    return [(each, scale) for each, scale in scales if scale is not None]


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


def by_running(case: Case, statement: ast.stmt, tried: Sequence[Undone], known: Parts | None = None) -> Undone | None:
    """That of a statement in a loop, whose every round has it; of another one than the line's own no gradient gets wrong by it.

    Where it is known which parts of an array the line sets, those are run alone with which the parts are right.
    """
    ordered = sorted(tried, key=lambda each: IN_LOOPS.index(each.kind) if each.kind in IN_LOOPS else len(IN_LOOPS))
    puts = [(each, known.put(statement, each.statement) if known is not None else None) for each in ordered]
    near = [(each, put) for each, put in puts if put is not None]
    right = (near[place][0] for place in known.right_among([put for _, put in near])) if known is not None else iter(())
    others = _differing(case, statement, [each for each, put in puts if put is None])
    for place, each in enumerate(chain(right, others)):
        if place >= (ALWAYS_TRIED if case.trial.work.spent.is_all else MOST_RUNS):
            return None
        if is_right_with(case, statement, each):
            return each
    return None


def is_right_with(case: Case, statement: ast.stmt, undone: Undone) -> bool:
    """Whether a line is right with a change of it; with one of another statement no gradient gets wrong by it, and more are right."""
    other, line = case.trial.with_statement(statement, undone.statement), case.line
    # Most changes are wrong at the first draw already.
    first = {one.place: one.value for one in other.first_run.lines if one.place[:2] == line.places[0][:2]}
    found = [*first.values()] if line.rounds is None else [line.beside([first.get(one.place) for one in line.recorded[0]])]
    if not any(_is(value, case.right[0]) for value in found):
        return False
    if statement is line.statement:
        return any(_is(each.values[1], case.right[1]) for each in other.lines if each.places[0][:2] == line.places[0][:2])
    # Rows of softmax's delta add up to 0, so that a wrong step of the weights that it is multiplied by may leave it right.
    return other.right_gradients > case.trial.right_gradients and other.stepped >= case.trial.stepped


def _differing(case: Case, statement: ast.stmt, tried: Sequence[Undone]) -> Iterator[Undone]:
    """Those with a value of the author's shape, but in one of some rounds another one than the author's and those before.

    What adds where the author overwrote is another one where the first round of each part is looked at.
    """
    own = [each.value for each in (Undone(statement), *tried)] if isinstance(statement, Assignment) else []
    rounds = case.trial.values_in_rounds(statement, own, 0, ROUNDS) if tried else []
    known = set[tuple[object, ...]]()
    for each, *values in zip((None, *tried), *rounds, strict=True):
        arrays = [np.asarray(value) if isinstance(value, np.ndarray | float | int) else None for value in values]
        shapes = [None if array is None else array.shape for array in arrays]
        if each is None:
            right, has_failed = shapes, None in shapes or case.found[0].shape != case.right[0].shape
        other = each.statement if each is not None else statement
        key = type(other), target(other), *(None if array is None else array.tobytes() for array in arrays)
        is_new = key not in known and any(array is not None for array in arrays)
        known.add(key)
        if each is not None and is_new and (has_failed or shapes == right):
            yield each


def _is(value: Value, right: Value) -> bool:
    if not isinstance(value, np.ndarray | np.generic | float):
        return False
    found = np.asarray(value, dtype=float)
    return equal(as_row((found, found), (right, right))[0], right)


def _is_multiple(value: Value, right: NumericArray) -> bool:
    return isinstance(value, np.ndarray | np.generic | float) and multiple(_array(value), right) is not None


def _array(value: Value) -> NumericArray:
    return np.asarray(np.nan if value is None else value, dtype=float)
