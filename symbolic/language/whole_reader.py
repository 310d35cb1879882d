"""Expressions of whole tensors, A @ X + b, as values with axes; functions of whole tensors are rows of one table.

`@` sums over the last axis of the first with the last but one of the second, as in NumPy. Elsewhere axes go together by name: what lacks
an axis of the other is the same all along it.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chainrule.symbolic.index.axes import PRIME
from chainrule.symbolic.index.failures import counted

from .functions import KEEPING, REDUCTIONS, SHORT
from .syntax import Syntax
from .trees import call, joined, names_in, names_of, placed, renamed, subscript
from .whole_values import Whole, aligned, axes_of, letters_of


@dataclass(frozen=True)
class WholeReader:
    """Reads one right side."""

    syntax: Syntax
    #: The axes of tensors, and the tensors whose axes have no letters.
    known: Mapping[str, tuple[str, ...]]
    without_letters: Collection[str]
    #: The axes that letters of other names run over too.
    twins: Mapping[str, str]

    def value(self, node: ast.expr) -> Whole:
        match node:
            case ast.Name(id=name):
                if axes := self.known.get(name):
                    return Whole(axes, lambda letters, _: subscript(name, names_of(letters, node), node), node)
                if name in self.without_letters:
                    raise self.syntax.at(node, f"{name} is put together of parts; write its indices")
                return Whole((), lambda *_: node, node)
            case ast.Subscript() | ast.Constant():
                return Whole((), lambda *_: node, node)
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return self.product(node, self.value(left), self.value(right))
            case ast.Attribute(value=inside, attr="T"):
                return self.transposed(node, self.value(inside))
            case ast.Call(func=ast.Name(id=name), args=[_, *_]) if name in WHOLE_FUNCTIONS:
                return WHOLE_FUNCTIONS[name](self, node, [self.value(part) for part in node.args])
            case ast.Call(func=ast.Name(id=name), args=[body]) if name in (*REDUCTIONS, *SHORT):
                return self.over_all(node, name, self.value(body))
            case ast.Call(func=ast.Name(id=name), args=[_, _, *_]) if name in (*REDUCTIONS, *SHORT):
                return self.over_letters(node, name)
        return self.elementwise(node)

    def elementwise(self, node: ast.expr) -> Whole:
        """What is computed entry by entry."""
        parts = {id(part): self.value(part) for part in _parts(node)}
        axes: tuple[str, ...] = max((whole.axes for whole in parts.values()), key=len, default=())
        longest = next((whole for whole in parts.values() if whole.axes == axes), None)
        for whole in parts.values():
            outside = Counter(whole.axes) - Counter(axes)
            several = [axis for axis in whole.axes if Counter(axes)[axis] > Counter(whole.axes)[axis]]
            if longest is not None and (outside or several):
                remedy = "has an axis that the other lacks" if outside else f"goes along one of two axes {several[0]}"
                raise self.syntax.at(whole.node, f"{whole.said} beside {longest.said}: the first {remedy}; write the indices")

        def at(letters: Sequence[str], taken: Collection[str]) -> ast.expr:
            return _rebuilt(node, {key: whole.at(aligned(letters, axes, whole.axes), taken) for key, whole in parts.items()})

        return Whole(axes, at, node)

    def is_one_axis(self, first: str, second: str) -> bool:
        return self.twins.get(first, first) == self.twins.get(second, second)

    def product(self, node: ast.expr, first: Whole, second: Whole) -> Whole:
        """first @ second."""
        if not first.axes or not second.axes:
            number = second if first.axes else first
            raise self.syntax.at(number.node, f"@ stands between tensors, found {number.said}; a product of numbers is written *")
        *before, inner = first.axes
        behind = second.axes[-1:] if len(second.axes) > 1 else ()
        *others, summed = second.axes[: len(second.axes) - len(behind)]
        if not self.is_one_axis(inner, summed):
            raise self.syntax.at(
                node,
                f"{first.said} @ {second.said} would sum over the axes {inner} and {summed}, which are two; "
                f"one of them may need .T, or the same letter where it is declared, as in A[{inner},{inner}{PRIME}]",
            )
        rows, batch = tuple(before[-1:]), tuple(before[:-1])
        shared = joined(batch, others)
        axes = (*shared, *rows, *behind)

        def at(letters: Sequence[str], taken: Collection[str]) -> ast.expr:
            (bound,) = letters_of((inner,), {*letters, *taken})
            place = dict(zip(shared, letters, strict=False))
            row, column = letters[len(shared) : len(shared) + len(rows)], letters[len(letters) - len(behind) :] if behind else ()
            inside = {*taken, *letters, bound}
            left = first.at([*(place[axis] for axis in batch), *row, bound], inside)
            right = second.at([*(place[axis] for axis in others), bound, *column], inside)
            return call("sum", *names_of((bound,), node), ast.copy_location(ast.BinOp(left, ast.Mult(), right), node), at=node)

        return Whole(axes, at, node)

    def transposed(self, node: ast.expr, whole: Whole) -> Whole:
        if len(whole.axes) > 2:
            raise self.syntax.at(node, f".T is of a matrix or a vector, found {counted(len(whole.axes), 'axis', 'axes')}: {whole.said}")
        return Whole(whole.axes[::-1], lambda letters, taken: whole.at(letters[::-1], taken), node)

    def over_all(self, node: ast.expr, name: str, whole: Whole) -> Whole:
        """sum(A): over all axes."""
        if not whole.axes or name in KEEPING:
            return Whole((), lambda letters, taken: call(name, whole.at(letters, taken), at=node), node)

        def at(_: Sequence[str], taken: Collection[str]) -> ast.expr:
            own = letters_of(whole.axes, taken)
            return call(name, *names_of(own, node), whole.at(own, {*taken, *own}), at=node)

        return Whole((), at, node)

    def over_letters(self, node: ast.Call, name: str) -> Whole:
        """sum(k, A): over the axis k, softmax(k, A): along it."""
        *given, body = node.args
        whole = self.value(body)
        letters = [letter for part in given for letter in names_in(part)]
        # By its letter, the second axis s of a square is s_.
        own = letters_of(whole.axes)
        along = {own[place]: letter for letter in letters if (place := self.axis(node, letter, whole)) is not None}
        kept = [letter for letter in own if name in KEEPING or letter not in along]
        axes = axes_of(kept)

        def at(outer: Sequence[str], taken: Collection[str]) -> ast.expr:
            chosen = dict(zip(kept, outer, strict=True))
            if name not in KEEPING:
                chosen |= dict(zip(along, letters_of(axes_of(tuple(along)), {*taken, *outer}), strict=True))
            # The letter may be written at entries inside too.
            names = {letter: chosen[axis] for axis, letter in along.items()}
            inside = self.value(renamed(body, names)).at([chosen[axis] for axis in own], {*taken, *letters, *chosen.values()})
            return call(name, *(renamed(part, names) for part in given), inside, at=node)

        return Whole(axes, at, node)

    def axis(self, node: ast.expr, letter: str, whole: Whole) -> int | None:
        """Which axis of a value a letter means."""
        (name,) = axes_of((letter,))
        count = whole.axes.count(name)
        if count > 1 and letter == name:
            own = letters_of(whole.axes)
            second = next(other for other in own if other != letter and axes_of((other,)) == (name,))
            raise self.syntax.at(node, f"{whole.said} has {count} axes {name}: {second} is the second; for the first write the indices")
        if count > 1:
            return letters_of(whole.axes).index(letter) if letter in letters_of(whole.axes) else None
        return whole.axes.index(name) if count else None


def trace(reader: WholeReader, node: ast.expr, arguments: Sequence[Whole]) -> Whole:
    """Σ_i A[i,i]."""
    (matrix,) = arguments if len(arguments) == 1 else (None,)
    if matrix is None or len(matrix.axes) != 2:
        found = matrix.said if matrix else counted(len(arguments), "argument", "arguments")
        raise reader.syntax.at(node, f"trace is of one matrix, found {found}")

    def at(_: Sequence[str], taken: Collection[str]) -> ast.expr:
        (own,) = letters_of(matrix.axes[:1], taken)
        return call("sum", *names_of((own,), node), matrix.at((own, own), {*taken, own}), at=node)

    return Whole((), at, node)


def grad(reader: WholeReader, node: ast.expr, arguments: Sequence[Whole]) -> Whole:
    """∂L/∂W with the axes of W."""
    if len(arguments) != 2:
        raise reader.syntax.at(node, f"grad takes a number and a tensor, as in grad(L, W), found {len(arguments)} arguments")
    of, by = arguments
    if of.axes:
        raise reader.syntax.at(of.node, f"grad is of one number, found {of.said}; sum over its axes")
    return Whole(by.axes, lambda letters, taken: call("grad", of.at((), taken), by.at(letters, taken), at=node), node)


def solve(reader: WholeReader, node: ast.expr, arguments: Sequence[Whole]) -> Whole:
    """The x with A @ x = b; with indices it is written as it stands."""
    if not any(whole.axes for whole in arguments):
        return Whole((), lambda *_: node, node)
    if len(arguments) != 2:
        raise reader.syntax.at(node, f"solve is of a matrix and a right side, found {counted(len(arguments), 'argument', 'arguments')}")
    matrix, right = arguments
    matrix = square(reader, matrix, "the matrix of solve")
    axis = matrix.axes[-1]
    batch = matrix.axes[:-2]
    if axis not in right.axes or not Counter(batch) <= Counter(right.axes):
        raise reader.syntax.at(
            right.node, f"the right side of solve has the axes of the matrix, {', '.join((*batch, axis))}, found {right.said}"
        )
    place = right.axes.index(axis, batch.count(axis))

    def at(letters: Sequence[str], taken: Collection[str]) -> ast.expr:
        (column,) = letters_of((axis,), {*letters, *taken})
        others = [*letters[:place], *letters[place + 1 :]]
        own = aligned(others, axes_of(others), batch)
        inside = {*taken, *letters, column}
        return call(
            "solve", *names_of((column,), node), matrix.at((*own, letters[place], column), inside), right.at(letters, inside), at=node
        )

    return Whole(right.axes, at, node)


def inverse(reader: WholeReader, node: ast.expr, arguments: Sequence[Whole]) -> Whole:
    """The B with A @ B = 1."""
    (matrix,) = only(reader, node, arguments, "inverse")
    matrix = square(reader, matrix, "the argument of inverse")
    axis = matrix.axes[-1]

    def at(letters: Sequence[str], taken: Collection[str]) -> ast.expr:
        (between,) = letters_of((axis,), {*letters, *taken})
        row, column = names_of(letters[-2:], node)
        one = ast.copy_location(ast.List([ast.copy_location(ast.Compare(row, [ast.Eq()], [column]), node)]), node)
        inside = {*taken, *letters, between}
        return call("solve", *names_of((between,), node), matrix.at((*letters[:-1], between), inside), one, at=node)

    return Whole(matrix.axes, at, node)


def cholesky(reader: WholeReader, node: ast.expr, arguments: Sequence[Whole]) -> Whole:
    """The lower triangular L with L @ L.T = A."""
    (matrix,) = only(reader, node, arguments, "cholesky")
    if matrix.axes:
        matrix = square(reader, matrix, "the argument of cholesky")
    return Whole(matrix.axes, lambda letters, taken: call("cholesky", matrix.at(letters, taken), at=node), node)


def determinant(reader: WholeReader, node: ast.expr, arguments: Sequence[Whole]) -> Whole:
    """det(A), logdet(A): a number, or one for each position of the axes before the last two; with indices it is written as it stands."""
    function = node.func.id  # type: ignore[attr-defined]
    if not any(whole.axes for whole in arguments):
        return Whole((), lambda *_: node, node)
    (matrix,) = only(reader, node, arguments, function)
    matrix = square(reader, matrix, f"the argument of {function}")
    axis = matrix.axes[-1]

    def at(letters: Sequence[str], taken: Collection[str]) -> ast.expr:
        own = letters_of((axis, axis), {*letters, *taken})
        return call(function, *names_of(own, node), matrix.at((*letters, *own), {*taken, *letters, *own}), at=node)

    return Whole(matrix.axes[:-2], at, node)


def only(reader: WholeReader, node: ast.expr, arguments: Sequence[Whole], function: str) -> Sequence[Whole]:
    if len(arguments) != 1:
        raise reader.syntax.at(node, f"{function} is of one matrix, found {counted(len(arguments), 'argument', 'arguments')}")
    return arguments


def square(reader: WholeReader, matrix: Whole, said: str) -> Whole:
    """A matrix with the axis of its rows for that of its columns too."""
    if len(matrix.axes) < 2 or not reader.is_one_axis(*matrix.axes[-2:]):
        raise reader.syntax.at(matrix.node, f"{said} has one axis twice, as in A[i,i_], found {matrix.said}")
    return replace(matrix, axes=(*matrix.axes[:-1], matrix.axes[-2]))


#: Functions of whole tensors, by name: of a call and its arguments, what it is.
WHOLE_FUNCTIONS: dict[str, Callable[[WholeReader, ast.expr, Sequence[Whole]], Whole]] = {
    "trace": trace,
    "grad": grad,
    "solve": solve,
    "inverse": inverse,
    "cholesky": cholesky,
    "det": determinant,
    "logdet": determinant,
}


def _parts(node: ast.expr) -> list[ast.expr]:
    """The expressions of which one consists, but for the name of a function."""
    return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr) and part is not getattr(node, "func", None)]


def _rebuilt(node: ast.expr, parts: Mapping[int, ast.expr]) -> ast.expr:
    changed: dict[str, Any] = {}
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            changed[name] = [parts.get(id(part), part) for part in value]
        else:
            changed[name] = parts.get(id(value), value)
    return placed(ast.copy_location(type(node)(**changed), node), node)
