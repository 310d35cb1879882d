"""What reads out of range mean beyond their own 0.

A label that is not there says no entry: E[tok[n,t+1],d] is 0 where t + 1 is past the end of tok. As a number a label is 0 out of range, as
any entry; as a place it would be the first one, which nobody asked for.

A product with a factor that is read out of range is 0: h[t-1]/s[t-1] at t = 0, and not 0/0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import sympy
from sympy import Basic, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, S
from sympy.core.relational import Relational

from chainrule.symbolic.index.axes import Axis
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.named_functions import axis_max, determinant, without_distinctions
from chainrule.symbolic.index.ranges import Bound, bounds, places, vanishes_outside, within
from chainrule.symbolic.index.tensors import Tensor

from .functions import where

Tensors = Mapping[str, Tensor]
Axes = Mapping[str, Axis]
#: What binds a letter in formulas as they are written.
BINDING = (sympy.Sum, axis_max, determinant)


def with_reads_in_range(expression: Expr, tensors: Tensors, axes: Axes) -> Expr:
    """The expression with 0 for every product and every labelled entry that is read out of range."""
    outside = {node for node in nodes(expression) if isinstance(node, Indexed) and any(_bounds_of(node, tensors, axes))}
    return _in_range(expression, tensors, axes, frozenset()) if outside else expression


def _in_range(expression: Expr, tensors: Tensors, axes: Axes, known: frozenset[Basic]) -> Expr:
    """The same of a part; conditions that are `known`, as they stand around it, are not said again."""
    match expression:
        case Indexed() | KroneckerDelta():
            said = expression.indices if isinstance(expression, Indexed) else expression.args
            labels = (label for place in said for label in nodes(place) if isinstance(label, Indexed))
            needed = (bound for label in labels for bound in _bounds_of(label, tensors, axes))
            return within(expression, _unknown(needed, axes, known), axes)
        case Piecewise():
            values = [_in_range(value, tensors, axes, known | {test}) for value, test in expression.args]
            tests = [_in_condition(test, tensors, axes, known) for _, test in expression.args]
            return _cases(list(zip(values, tests, strict=True)))
        case _ if not expression.args:
            return expression
    parts = [_in_range(part, tensors, axes, known) for part in expression.args]
    changed = expression.func(*parts) if parts != list(expression.args) else expression
    if not isinstance(changed, Mul):
        return changed
    reads = changed.atoms(Indexed)
    beyond = {read: 0 for read in reads if any(_bounds_of(read, tensors, axes))}
    if not any(_is_infinite(factor, beyond) for factor in changed.args):
        return changed
    every = dict.fromkeys(bound for read in sorted(beyond, key=str) for bound in _bounds_of(read, tensors, axes))
    outside = [bound for bound in every if any(vanishes_outside(factor, bound, tensors) for factor in changed.args)]
    return within(changed, _unknown(outside, axes, known), axes)


def _cases(branches: Sequence[tuple[Expr, Basic]]) -> Expr:
    """A case distinction; where a side of a comparison is one itself, it is decided case by case, as in the language."""
    *cases, (otherwise, last) = branches
    decided = {test for _, test in cases if isinstance(test, Relational) and any(isinstance(part, Piecewise) for part in _terms(test))}
    if last != sympy.true or not decided:
        return Piecewise(*branches)
    for value, test in reversed(cases):
        otherwise = (
            where(test.func, test.args[0], test.args[1], value, otherwise)
            if test in decided
            else Piecewise((value, test), (otherwise, True))
        )
    return otherwise


def _terms(test: Relational) -> list[Expr]:
    """What the sides of a comparison consist of, but for what stands inside of sums and maxima."""
    found, waiting = [], list(test.args)
    while waiting:
        part = waiting.pop()
        found.append(part)
        if not isinstance(part, (*BINDING, Piecewise)):
            waiting += part.args
    return found


def _in_condition(condition: Basic, tensors: Tensors, axes: Axes, known: frozenset[Basic]) -> Basic:
    if not isinstance(condition, Relational):
        return condition
    sides = (_in_range(side, tensors, axes, known) for side in condition.args)
    # A `Piecewise` that stands in a sum would be moved out of the comparison, and the letter of the sum with it.
    return condition.func(*(side.replace(lambda node: isinstance(node, BINDING), without_distinctions) for side in sides))


def _unknown(needed: Iterable[Bound], axes: Axes, known: frozenset[Basic]) -> list[Bound]:
    """The bounds that no condition around says, in the form that a case distinction gives to its conditions."""
    return [bound for bound in needed if within(S.One, [bound], axes).args[0][1] not in known]


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
