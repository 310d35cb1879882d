"""Mistakes in matrix notation, as a table: a transpose too few or too many, factors exchanged, a sum or a factor forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chainrule.symbolic.forms.matrices import Entrywise, Matrix, MatrixFunction, MatrixProduct, OuterProduct, Spread, Stored, SumOver


@dataclass(frozen=True, slots=True)
class MatrixMistake:
    """A wrong formula, the key of the sentence that names the mistake, and the node of the right formula that the sentence mentions."""

    kind: str
    form: Matrix
    right: Matrix


ChangedNode = tuple[Matrix, Matrix]
"""What a node becomes by a mistake, and what the mistake's sentence mentions."""


def _lose_transpose(node: Matrix) -> ChangedNode | None:
    is_transposed = isinstance(node, Stored) and len(node.letters) == 2 and node.transposed
    return (replace(node, transposed=False), node) if isinstance(node, Stored) and is_transposed else None


def _transpose(node: Matrix) -> ChangedNode | None:
    is_plain = isinstance(node, Stored) and len(node.letters) == 2 and not node.transposed
    return (replace(node, transposed=True), node) if isinstance(node, Stored) and is_plain else None


def _exchange(node: Matrix) -> ChangedNode | None:
    return (replace(node, left=node.right, right=node.left), node) if isinstance(node, MatrixProduct) else None


def _forget_sum(node: Matrix) -> ChangedNode | None:
    return (node.operand, node) if isinstance(node, SumOver) else None


def _forget_factor(node: Matrix) -> ChangedNode | None:
    if isinstance(node, Entrywise) and node.function == "multiply" and len(node.arguments) == 2:
        first, second = node.arguments
        return next(((kept, lost) for kept, lost in ((first, second), (second, first)) if kept.letters == node.letters), None)
    return None


#: By the sentence of the mistake: what becomes of the one node that it is made at.
MATRIX_MISTAKES: dict[str, Callable[[Matrix], ChangedNode | None]] = {
    "lost": _lose_transpose,
    "transposed": _transpose,
    "exchange": _exchange,
    "sum": _forget_sum,
    "factor": _forget_factor,
}


def parts(form: Matrix) -> Iterator[Matrix]:
    """Every node, parents first."""
    yield form
    for child in _children(form):
        yield from parts(child)


def turned(part: Stored) -> Stored:
    """Rows for columns."""
    return Stored(part.name, not part.transposed, part.letters[::-1], part.places)


def with_other(form: Matrix, hidden: Stored, other: Matrix) -> Matrix:
    """The formula with another matrix wherever one stands."""
    if form == hidden:
        return other
    return _with_children(form, tuple(with_other(child, hidden, other) for child in _children(form)))


def mistakes(form: Matrix) -> Iterator[MatrixMistake]:
    """The formula with one mistake at one node, in every way in which it can be made."""
    for kind, make in MATRIX_MISTAKES.items():
        for wrong, right in _with_one_changed(form, make):
            yield MatrixMistake(kind, wrong, right)


def _with_one_changed(form: Matrix, make: Callable[[Matrix], ChangedNode | None]) -> Iterator[ChangedNode]:
    changed = make(form)
    if changed is not None:
        yield changed
    children = _children(form)
    for place, child in enumerate(children):
        for other, right in _with_one_changed(child, make):
            yield _with_children(form, (*children[:place], other, *children[place + 1 :])), right


def _children(form: Matrix) -> tuple[Matrix, ...]:
    match form:
        case MatrixProduct() | OuterProduct():
            return form.left, form.right
        case SumOver() | Spread() | MatrixFunction():
            return (form.operand,)
        case Entrywise():
            return form.arguments
        case _:
            return ()


def _with_children(form: Matrix, children: tuple[Matrix, ...]) -> Matrix:
    match form:
        case MatrixProduct() | OuterProduct():
            return replace(form, left=children[0], right=children[1])
        case SumOver() | Spread() | MatrixFunction():
            return replace(form, operand=children[0])
        case Entrywise():
            return replace(form, arguments=children)
        case _:
            return form
