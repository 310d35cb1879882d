"""A statement of a function that a wrong line calls, with which the line is right: the mistake may be there, and not where it is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .causes import line_of
from .hypotheses import Case
from .inlining import before_in_loop, functions_called, inlined
from .lines import Line
from .loop_parts import Parts, parts
from .surroundings import around
from .undoing import Changed, Undone, by_change, fitting_values, is_right_with, tried_in

Change = tuple[Changed, Undone]
"""A statement of a function, and how it is changed."""


def by_call(case: Case) -> tuple[Line, Undone] | None:
    """The statement and its change; None where the line is mended by what it says itself.

    What the line lacks is missing in the function where the line does nothing but call it.
    """
    value = getattr(case.line.statement, "value", None)
    functions = functions_called(case, value) if isinstance(value, ast.expr) and not case.line.failed else []
    if not functions:
        return None
    known = parts(case)
    inside = (each for function in functions for each in ast.walk(function) if isinstance(each, Changed))
    statements = sorted(inside, key=lambda each: each.lineno)
    tried = [(each, undone) for each in statements for undone in _tried(case, functions, each)]
    # Where two changes are the same the shorter one is meant.
    for statement, undone in _fitting(case, known, sorted(tried, key=lambda each: added(*each))):
        if is_right_with(case, statement, undone):
            own = by_change(case)
            is_less = own is None or (added(case.line.statement, own) > 0 and (added(statement, undone) <= 0 or only_calls(case)))
            return (line_of(statement, case.trial), undone) if is_less else None
    return None


def added(statement: ast.stmt, undone: Undone) -> int:
    """How much longer a statement gets by a change."""
    return _length(undone.statement) - _length(statement)


def only_calls(case: Case) -> bool:
    """Whether a line, or what it comes of in the same loop, is a call of a function of the work alone."""
    value = getattr(case.line.statement, "value", None)
    names = {function.name for function in functions_called(case, case.line.statement)}
    values = [value, *(each.value for each in before_in_loop(case, case.line.statement))]
    return any(isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in names for each in values)


def _length(node: ast.AST) -> int:
    return sum(isinstance(each, ast.expr) for each in ast.walk(node))


def _tried(case: Case, functions: list[ast.FunctionDef], statement: Changed) -> Iterator[Undone]:
    """A statement of a function with each mistake undone, among the names that are known there."""
    if statement.value is None:
        return
    own = next(function for function in functions if statement in ast.walk(function))
    names = [each.arg for each in own.args.args]
    names += [each.id for each in ast.walk(own) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]
    scale = case.times(case.right)
    factor = scale.factor if scale is not None and scale.axis is None else None
    near = replace(around(case, statement.value), arrays=list(dict.fromkeys(names)), slopes=(), factor=factor)
    yield from tried_in(statement, near)


def _fitting(case: Case, known: Parts | None, tried: Sequence[Change]) -> Iterator[Change]:
    """Those with which the line's own value is right."""
    if known is not None:
        puts = [(change, put) for change in tried if (put := known.put(change[0], change[1].statement)) is not None]
        yield from (puts[place][0] for place in known.right_among([put for _, put in puts]))
    elif not case.line.in_place:
        value, made = case.line.statement.value, list[tuple[Undone, ast.expr]]()  # type: ignore[attr-defined]
        for statement, undone in tried:
            own = undone.statement.value if type(undone.statement) is type(statement) else None
            whole = inlined(case, value, statement, own) if own is not None else None
            made += [(undone, whole)] if whole is not None else []
        right = {id(undone) for undone in fitting_values(case, made)}
        yield from (each for each in tried if id(each[1]) in right)
