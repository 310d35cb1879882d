"""A line's right side as one expression, in which stands what the same loop assigned to names before, and what functions of the work do."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import lru_cache

from chainrule.codegen.mistakes.exchange import exchanged

from .hypotheses import Case
from .steps import is_read


def before_in_loop(case: Case, node: ast.AST) -> Sequence[ast.Assign]:
    """The assignments to names in the innermost loop around a line that a part of the line comes of, the last one first."""
    return _before(case.trial.work.tree, case.line.statement, node)


@lru_cache(maxsize=64)
def _before(tree: ast.Module, statement: ast.stmt, node: ast.AST) -> Sequence[ast.Assign]:
    loops = [
        loop for loop in ast.walk(tree) if isinstance(loop, ast.For) and loop.lineno < statement.lineno and statement in ast.walk(loop)
    ]
    own = [each for each in ast.walk(loops[-1]) if isinstance(each, ast.Assign)] if loops else []
    needed, found = _read_in(node), list[ast.Assign]()
    for each in sorted(own, key=lambda each: -each.lineno):
        if each.lineno < statement.lineno and isinstance(each.targets[0], ast.Name) and each.targets[0].id in needed:
            needed |= _read_in(each.value)
            found.append(each)
    return found


def functions_called(case: Case, node: ast.AST) -> list[ast.FunctionDef]:
    """The functions of the work that are called in a part of a line, or in what it comes of in the same loop, and those that they call."""
    defined, found = _defined(case.trial.work.tree), list[ast.FunctionDef]()
    near: list[ast.AST] = [node, *(each.value for each in before_in_loop(case, node))]
    for part in near:
        names = (each.id for each in ast.walk(part) if isinstance(each, ast.Name))
        own = [defined[name] for name in dict.fromkeys(names) if name in defined and defined[name] not in found]
        found += own
        near += own
    return found


def inlined(case: Case, value: ast.expr, changed: ast.stmt, other: ast.expr) -> ast.expr | None:
    """A right side with another one in the place of that of a statement which it comes of; None where it does not come of it."""
    found, is_before = value, False
    for each in before_in_loop(case, value):
        own, name = (other if each is changed else each.value), ast.unparse(each.targets[0])
        is_before = is_before or each is changed
        found = exchanged(found, lambda node, own=own, name=name: own if is_read(node, name) else None)  # type: ignore[misc]
    if is_before:
        return found
    whole = _with_functions(found, changed, other, _defined(case.trial.work.tree))
    return whole if whole is not found else None


def _with_functions(node: ast.expr, changed: ast.stmt, other: ast.expr, defined: Mapping[str, ast.FunctionDef]) -> ast.expr:
    """Definitions in the places of the names of functions in which the statement stands."""
    inside = frozenset[str]()

    def instead(part: ast.AST) -> ast.AST | None:
        nonlocal inside
        if part is changed:
            return with_value(changed, other)
        if isinstance(part, ast.Name) and part.id in defined and part.id not in inside:
            around, inside = inside, inside | {part.id}
            own = defined[part.id]
            found = exchanged(own, instead)
            inside = around
            return found if found is not own else None
        return None

    return exchanged(node, instead)


def with_value(statement: ast.stmt, value: ast.expr) -> ast.stmt:
    """A statement with another right side."""
    return exchanged(statement, lambda node: value if node is getattr(statement, "value", None) else None)


def _defined(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _read_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
