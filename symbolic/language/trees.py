"""Pieces of syntax trees as they are put together; every new node stands, for messages, where an old one does."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any


def call(name: str, *arguments: ast.expr, at: ast.expr) -> ast.Call:
    """name(arguments)."""
    return ast.copy_location(ast.Call(ast.copy_location(ast.Name(name), at), [placed(part, at) for part in arguments], []), at)


def subscript(name: str, places: Sequence[ast.expr], at: ast.expr) -> ast.expr:
    """name[places]; the name alone where there are none."""
    named = ast.copy_location(ast.Name(name), at)
    if not places:
        return named
    inside = places[0] if len(places) == 1 else ast.Tuple(list(places))
    return ast.copy_location(ast.Subscript(named, placed(inside, at)), at)


def names_of(letters: Collection[str], at: ast.expr) -> list[ast.expr]:
    return [ast.copy_location(ast.Name(letter), at) for letter in letters]


def placed(node: ast.expr, at: ast.expr) -> ast.expr:
    return node if hasattr(node, "lineno") else ast.copy_location(node, at)


def below(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one, but for whether it is read or written; `ast.iter_child_nodes` takes several times as long."""
    if isinstance(node, ast.Name | ast.Constant):
        return []
    found: list[ast.AST] = []
    for name in type(node)._fields:
        value = getattr(node, name, None) if name != "ctx" else None
        if isinstance(value, ast.AST):
            found.append(value)
        elif isinstance(value, list):
            found += [part for part in value if isinstance(part, ast.AST)]
    return found


def nodes_of(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += below(part)


def names_in(node: ast.AST) -> dict[str, None]:
    """Every name of a tree, in order of appearance; that of a function is none of them."""
    found: dict[str, None] = {}
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, ast.Name):
            found[part.id] = None
        called = part.func if isinstance(part, ast.Call) else None
        stack += [child for child in reversed(below(part)) if child is not called]
    return found


def renamed(node: ast.expr, names: Mapping[str, str]) -> ast.expr:
    """The tree with other names for some."""
    return _replaced(node, {old: [ast.Name(new)] for old, new in names.items()}, None)


def filled(template: str, parts: Mapping[str, Sequence[ast.expr]], at: ast.expr) -> ast.expr:
    """A text as a tree, with trees for its names; as an argument of a call, a name may stand for several."""
    return _replaced(_tree(template), parts, at)


def moved(node: ast.expr, at: ast.expr) -> ast.expr:
    """The tree, for messages where another stands."""
    return _replaced(node, {}, at)


def joined(first: Collection[str], second: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))


@cache
def _tree(template: str) -> ast.expr:
    return ast.parse(template, mode="eval").body


def _replaced(node: ast.expr, parts: Mapping[str, Sequence[ast.expr]], at: ast.expr | None) -> ast.expr:
    if isinstance(node, ast.Name):
        found = parts.get(node.id)
        return ast.copy_location(ast.Name(node.id), at or node) if found is None else placed(found[0], at or node)
    changed: dict[str, Any] = {}
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr) and name != "func":
            changed[name] = _replaced(value, parts, at)
        elif isinstance(value, list):
            changed[name] = [each for part in value for each in _each(part, parts, at)]
        else:
            changed[name] = value
    return ast.copy_location(type(node)(**changed), at or node)


def _each(part: object, parts: Mapping[str, Sequence[ast.expr]], at: ast.expr | None) -> Sequence[object]:
    """What stands for one member of a list."""
    if isinstance(part, ast.Name) and part.id in parts:
        return [placed(each, at or part) for each in parts[part.id]]
    return [_replaced(part, parts, at)] if isinstance(part, ast.expr) else [part]
