"""Labels that there are: E[tok[n,t+1],d] is 0 where t + 1 is past the end of tok, as the entry that no label says would be.

As a number a label is 0 out of range, as any entry; as a place it would be the first one, which nobody asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import Expr, Indexed, KroneckerDelta

from .axes import Axis
from .letters import nodes
from .ranges import Bound, bounds, places, within
from .tensors import Tensor


def with_labels_in_range(expression: Expr, tensors: Mapping[str, Tensor], axes: Mapping[str, Axis]) -> Expr:
    """The expression with 0 for every entry whose place is said by labels that are read out of range."""
    replaced = {}
    for node in nodes(expression):
        if isinstance(node, Indexed | KroneckerDelta):
            said = node.indices if isinstance(node, Indexed) else node.args
            needed = [bound for place in said for bound in _bounds_of_labels(place, tensors, axes)]
            if needed:
                replaced[node] = within(node, needed)
    return expression.xreplace(replaced)


def _bounds_of_labels(place: Expr, tensors: Mapping[str, Tensor], axes: Mapping[str, Axis]) -> Iterator[Bound]:
    for label in nodes(place):
        if isinstance(label, Indexed):
            for index, axis in places(label, tensors):
                yield from bounds(index, axis, tensors, axes)
