"""Expressions of a work as functions: what a node of the syntax tree means is found once, and called in every round of every run."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from .expressions import Expressions, Scope
from .operations import binary, compared, unary
from .reasons import Unreadable
from .values import Defined, Value

Meaning = Callable[[Expressions, Scope], Value]
#: What the parts of an expression mean.
Part = Callable[[ast.expr], Meaning]


@dataclass
class Counted:
    """The meaning of one expression; `steps` are its parts."""

    steps: int = 0

    def part(self, node: ast.expr) -> Meaning:
        self.steps += 1
        made = MEANINGS.get(type(node))
        return made(node, self.part) if made is not None else _refused("kind", name=type(node).__name__)


@dataclass
class Evaluated(Expressions):
    """The values of expressions, by meanings that all runs of a work have in common."""

    meanings: dict[ast.expr, tuple[Meaning, int]] = field(default_factory=dict)

    def value(self, node: ast.expr, scope: Scope) -> Value:
        found = self.meanings.get(node)
        if found is None:
            counted = Counted()
            found = self.meanings[node] = counted.part(node), counted.steps
        self.bounds.step(found[1])
        return found[0](self, scope)


def _refused(key: str, **fields: str) -> Meaning:
    def value(own: Expressions, scope: Scope) -> Value:
        raise Unreadable(key, **fields)

    return value


def _constant(node: ast.Constant, part: Part) -> Meaning:
    number = node.value
    return (lambda own, scope: number) if isinstance(number, bool | int | float | str | None) else _refused("kind", name="Constant")


def _name(node: ast.Name, part: Part) -> Meaning:
    name = node.id

    def value(own: Expressions, scope: Scope) -> Value:
        names = scope.names
        return names[name] if name in names else own.named(name, scope)

    return value


def _binary(node: ast.BinOp, part: Part) -> Meaning:
    sign, left, right = node.op, part(node.left), part(node.right)
    return lambda own, scope: binary(sign, left(own, scope), right(own, scope), own.bounds)


def _unary(node: ast.UnaryOp, part: Part) -> Meaning:
    sign, operand = node.op, part(node.operand)
    return lambda own, scope: unary(sign, operand(own, scope), own.bounds)


def _comparison(node: ast.Compare, part: Part) -> Meaning:
    signs, parts = node.ops, [part(each) for each in (node.left, *node.comparators)]

    def value(own: Expressions, scope: Scope) -> Value:
        values = [each(own, scope) for each in parts]
        found = [compared(sign, *pair, own.bounds) for sign, pair in zip(signs, pairwise(values), strict=True)]
        return found[0] if len(found) == 1 else all(map(bool, found))

    return value


def _attribute(node: ast.Attribute, part: Part) -> Meaning:
    name, owner = node.attr, part(node.value)
    if name.startswith("_"):
        return _refused("attribute", name=name)
    first, names = _dotted(node)

    def value(own: Expressions, scope: Scope) -> Value:
        if first in own.modules and scope.find(first) is None:
            return own.of_module(first, names)
        return own.attribute(owner(own, scope), name)

    return value


def _dotted(node: ast.expr) -> tuple[str, str]:
    """np and random.rand of np.random.rand; nothing where it is something else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return (node.id, ".".join(names)) if isinstance(node, ast.Name) else ("", "")


def _subscript(node: ast.Subscript, part: Part) -> Meaning:
    owner, key = part(node.value), part(node.slice)
    return lambda own, scope: own.at(owner(own, scope), key(own, scope))


def _slice(node: ast.Slice, part: Part) -> Meaning:
    parts = [_nothing if each is None else part(each) for each in (node.lower, node.upper, node.step)]
    return lambda own, scope: slice(*[each(own, scope) for each in parts])


def _nothing(own: Expressions, scope: Scope) -> Value:
    return None


def _listed(node: ast.Tuple | ast.List, part: Part) -> Callable[[Expressions, Scope], list[Value]]:
    """Values beside each other, some of which may be those of one with a star."""
    if any(isinstance(each, ast.Starred) for each in node.elts):
        return lambda own, scope: own.several(node.elts, scope)
    parts = [part(each) for each in node.elts]
    return lambda own, scope: [each(own, scope) for each in parts]


def _tuple(node: ast.Tuple, part: Part) -> Meaning:
    values = _listed(node, part)
    return lambda own, scope: tuple(values(own, scope))


def _call(node: ast.Call, part: Part) -> Meaning:
    function, arguments = part(node.func), _listed(ast.List(node.args), part)
    if any(each.arg is None for each in node.keywords):
        return _refused("kind", name="**")
    named = {str(each.arg): part(each.value) for each in node.keywords}

    def value(own: Expressions, scope: Scope) -> Value:
        called, given = function(own, scope), tuple(arguments(own, scope))
        return own.call(called, given, {name: each(own, scope) for name, each in named.items()}, scope)

    return value


#: What each kind of expression means; parts that may not be evaluated, or several times, are expressions of their own.
MEANINGS: dict[type[ast.AST], Callable[[Any, Part], Meaning]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _comparison,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Call: _call,
    ast.Tuple: _tuple,
    ast.List: _listed,
    ast.BoolOp: lambda node, part: lambda own, scope: own.either(node, scope),
    ast.IfExp: lambda node, part: lambda own, scope: own.value(node.body if own.holds(node.test, scope) else node.orelse, scope),
    ast.Dict: lambda node, part: lambda own, scope: own.table(node, scope),
    ast.ListComp: lambda node, part: lambda own, scope: [own.value(node.elt, inner) for inner in own.rounds(node.generators, scope)],
    ast.GeneratorExp: lambda node, part: lambda own, scope: [own.value(node.elt, inner) for inner in own.rounds(node.generators, scope)],
    ast.DictComp: lambda node, part: (
        lambda own, scope: {own.key(node.key, inner): own.value(node.value, inner) for inner in own.rounds(node.generators, scope)}
    ),
    ast.JoinedStr: lambda node, part: lambda own, scope: own.text(node, scope),
    ast.Lambda: lambda node, part: lambda own, scope: Defined(node),
    # In the place of a function's name, where another function is tried.
    ast.FunctionDef: lambda node, part: lambda own, scope: Defined(node),
}
