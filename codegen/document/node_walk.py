"""What is inside of a formula."""

from __future__ import annotations

from collections.abc import Iterator

from .nodes import Accent, Braced, Cases, Fenced, Fraction, Grid, Letter, Node, Primed, Root, Row, Scripts, Sign


def parts(node: Node) -> tuple[Node, ...]:
    """What a node is made of, from left to right."""
    match node:
        case Row(inside):
            return inside
        case Fraction(above, below):
            return (above, below)
        case Scripts(base, below, above):
            return (base, *(part for part in (below, above) if part is not None))
        case Primed(base) | Accent(base):
            return (base,)
        case Braced(base, below):
            return (base, below)
        case Root(body) | Fenced(_, body):
            return (body,)
        case Cases(rows) | Grid(rows):
            return tuple(cell for cells in rows for cell in cells)
        case _:
            return ()


def nodes(node: Node) -> Iterator[Node]:
    """A node and all that is inside of it."""
    yield node
    for part in parts(node):
        yield from nodes(part)


def first_leaf(node: Node) -> Node:
    """What a reader sees first."""
    match node:
        case Row(inside) if inside:
            return first_leaf(inside[0])
        case Scripts(base) | Primed(base):
            return first_leaf(base)
        case _:
            return node


def letters(node: Node) -> Iterator[Letter | Accent]:
    """Every letter, one with a mark over it as a whole; but none that a sum inside runs over: outside of it that stands for nothing."""
    bound = {part.below for part in nodes(node) if isinstance(part, Scripts) and isinstance(part.base, Sign) and part.below is not None}
    counted = {first_leaf(letter) for below in bound for letter in (below.parts if isinstance(below, Row) else (below,))}
    yield from (letter for letter in _letters(node) if letter not in counted)


def _letters(node: Node) -> Iterator[Letter | Accent]:
    if isinstance(node, Letter | Accent):
        yield node
    else:
        for part in parts(node):
            yield from _letters(part)


def leaves(node: Node) -> int:
    """How many letters, numbers and signs there are."""
    return sum(not parts(part) for part in nodes(node))


def count(part: Node, whole: Node) -> int:
    """How often a formula stands in another one; what is lowered or raised there beside its last letter may be more: x y in 2 x y²."""
    *before, last = _side_by_side(part)
    found = list(_side_by_side(whole))
    size = len(before)
    here = sum(found[place - size : place] == before and _begins(last, found[place]) for place in range(size, len(found)))
    return here + sum(count(part, inside) for each in found for inside in parts(each))


def _side_by_side(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Row) else (node,)


def _begins(part: Node, whole: Node) -> bool:
    """Whether it is the same, or with something more below or above."""
    match part, whole:
        case Scripts(base, below, above), Scripts(other) if base == other:
            return below in (None, whole.below) and above in (None, whole.above)
        case _:
            return part == whole


def is_derivative(node: Node) -> bool:
    """Whether it is a fraction such as ∂C/∂w."""
    return isinstance(node, Fraction) and first_leaf(node.above) == Letter("∂")
