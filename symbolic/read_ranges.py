"""What reads out of range mean beyond their own 0.

A label that is not there says no entry: E[tok[n,t+1],d] is 0 where t + 1 is past the end of tok. As a number a label is 0 out of range, as
any entry; as a place it would be the first one, which nobody asked for.

A product with a factor that is read out of range is 0: h[t-1]/s[t-1] at t = 0, and not 0/0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy
from sympy import Expr, Indexed, KroneckerDelta, Mul, Pow

from .axes import Axis
from .letters import holds, nodes
from .ranges import Bound, bounds, places, vanishing, within
from .tensors import Tensor

Tensors = Mapping[str, Tensor]
Axes = Mapping[str, Axis]


def with_reads_in_range(expression: Expr, tensors: Tensors, axes: Axes) -> Expr:
    """The expression with 0 for every product and every labelled entry that is read out of range."""
    return with_labels_in_range(with_products_in_range(expression, tensors, axes), tensors, axes)


def with_labels_in_range(expression: Expr, tensors: Tensors, axes: Axes) -> Expr:
    """The expression with 0 for every entry whose place is said by labels that are read out of range."""
    replaced = {}
    for node in nodes(expression):
        if isinstance(node, Indexed | KroneckerDelta):
            said = node.indices if isinstance(node, Indexed) else node.args
            labels = (label for place in said for label in nodes(place) if isinstance(label, Indexed))
            needed = [bound for label in labels for bound in _bounds_of(label, tensors, axes)]
            if needed:
                replaced[node] = within(node, needed)
    return expression.xreplace(replaced)


def with_products_in_range(expression: Expr, tensors: Tensors, axes: Axes) -> Expr:
    """The expression with 0 for every product that is 0 times infinity where a factor of it is read out of range."""
    if isinstance(expression, Indexed) or not holds(expression, Pow, sympy.log):
        return expression
    parts = [with_products_in_range(part, tensors, axes) for part in expression.args]
    changed = expression.func(*parts) if parts != list(expression.args) else expression
    if not isinstance(changed, Mul):
        return changed
    needed = [bound for factor in changed.args for read in vanishing(factor) for bound in _bounds_of(read, tensors, axes)]
    beyond = {read: 0 for read in changed.atoms(Indexed) if any(_bounds_of(read, tensors, axes))} if needed else {}
    return within(changed, needed) if any(_is_infinite(factor, beyond) for factor in changed.args) else changed


def _bounds_of(read: Indexed, tensors: Tensors, axes: Axes) -> Iterator[Bound]:
    for place, axis in places(read, tensors):
        if not isinstance(place, Indexed):
            yield from bounds(place, axis, tensors, axes)


def _is_infinite(factor: Expr, beyond: Mapping[Expr, int]) -> bool:
    """Whether something is divided by, or a logarithm taken of, that is 0 with these entries."""
    for node in nodes(factor):
        argument = node.args[0] if isinstance(node, sympy.log) else node.base if isinstance(node, Pow) and node.exp.is_negative else None
        if argument is not None and argument.xreplace(beyond) == 0:
            return True
    return False
