"""Which letters run over the same axis: those that index the same place of a tensor, found on the syntax trees of all lines.

All letters of an axis become twins of its first one (`k`, `k_`, `k__`), so that an axis has one name whatever it is called where. A letter
that is written with an underscore at its end is a twin already: `k_` runs over the axis of `k`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sympy import Symbol

from chainrule.symbolic.index.axes import PRIME, index

from .functions import REDUCTIONS


class LetterAxes:
    """Letters with the axes that they run over (union-find)."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def find(self, letter: str) -> str:
        """The letter that stands for all of the same axis; a letter seen for the first time joins its twins."""
        if letter not in self.parent:
            self.parent[letter] = letter
            if letter.endswith(PRIME):
                self.join(letter, letter.rstrip(PRIME))
        root = letter
        while self.parent[root] != root:
            root = self.parent[root]
        while self.parent[letter] != root:
            self.parent[letter], letter = root, self.parent[letter]
        return root

    def join(self, first: str, second: str) -> None:
        first, second = self.find(first), self.find(second)
        self.parent[first] = second

    def names(self, order: Sequence[str], last: Iterable[str]) -> dict[str, str]:
        """Letter → the name of its axis: its first letter in the order of declaration, one of `last` only where there is no other."""
        first: dict[str, str] = {}
        late = set(last)
        for letter in (*order, *(letter for letter in self.parent if letter not in late), *last):
            first.setdefault(self.find(letter), letter.rstrip(PRIME) or letter)
        return {letter: first[self.find(letter)] for letter in self.parent}


def letters_read(tree: ast.expr, own: Mapping[str, Sequence[str]], points_into: Mapping[str, str], axes: LetterAxes) -> dict[str, None]:
    """The letters of an expression, in order of appearance; those that index the same place of a tensor are joined.

    `own` are the letters of every tensor, `points_into` the axes of integer tensors. What is wrong in the tree is passed over: the reader
    of expressions says so, and where.
    """
    found: dict[str, None] = {}
    for node in _subscripts_and_reductions(tree):
        if isinstance(node, ast.Call):
            for argument in node.args[:-1]:
                if isinstance(argument, ast.Name):
                    found[argument.id] = None
                    axes.find(argument.id)
            continue
        assert isinstance(node.value, ast.Name)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        letters = own.get(node.value.id, ())
        for place, part in enumerate(parts):
            if isinstance(part, ast.Name):
                found[part.id] = None
                if place < len(letters):
                    axes.join(part.id, letters[place])
            elif isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name):
                target = points_into.get(part.value.id)
                if target is not None and place < len(letters):
                    axes.join(target, letters[place])
            elif not isinstance(part, ast.Constant):
                for letter in letters_in_sum(part):
                    found[letter] = None
                    axes.find(letter)
    return found


def letters_in_sum(place: ast.expr) -> Iterator[str]:
    """The letters of an index sum such as 2*i + p - 1; what an integer tensor is read at is found elsewhere."""
    stack = [place]
    while stack:
        match stack.pop():
            case ast.Name(id=name):
                yield name
            case ast.BinOp(left=left, right=right):
                stack += [right, left]
            case ast.UnaryOp(operand=operand):
                stack.append(operand)
            case _:
                pass


def letters_of_place(place: str | int | ast.expr) -> list[str]:
    """The letters of an index on a left side: its own, those of an index sum, and those at which an integer tensor is read."""
    if isinstance(place, str | int):
        return [place] if isinstance(place, str) else []
    inside = letters_read(place, {}, {}, LetterAxes())
    return list(dict.fromkeys([*letters_in_sum(place), *inside]))


def _subscripts_and_reductions(tree: ast.expr) -> Iterator[ast.Subscript | ast.Call]:
    """All entries that are read and all sums, outermost first, without recursion."""
    stack: list[ast.expr] = [tree]
    while stack:
        node = stack.pop()
        match node:
            case ast.BinOp(left=left, right=right):
                stack += [right, left]
            case ast.Subscript(slice=inside):
                if isinstance(node.value, ast.Name):
                    yield node
                parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
                stack += [part for part in reversed(parts) if not isinstance(part, ast.Name | ast.Constant)]
            case ast.Call(func=function, args=arguments):
                if isinstance(function, ast.Name) and function.id in REDUCTIONS:
                    yield node
                stack += reversed(arguments)
            case ast.UnaryOp(operand=operand):
                stack.append(operand)
            case ast.Compare(left=left, comparators=others):
                stack += [*others, left]
            case ast.BoolOp(values=parts) | ast.List(elts=parts):
                stack += reversed(parts)
            case _:
                pass


def symbols_of(own: Mapping[str, Symbol], read: Iterable[str], names: Mapping[str, str]) -> dict[str, Symbol]:
    """The letters of a line with their symbols: `own` are those on the left, the others twins of their axes that are not taken."""
    symbols = dict(own)
    taken = set(own.values())
    for letter in sorted(set(read) - set(own)):
        if letter not in names:
            continue
        name = names[letter]
        symbol = index(name)
        while symbol in taken:
            name += PRIME
            symbol = index(name)
        taken.add(symbol)
        symbols[letter] = symbol
    return symbols
