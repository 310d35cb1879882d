"""What is computed only to be left out is a number too: where(t < T − 1, dh[t+1]/s[t+1], 0) divides by 1 past the end, and not by 0.

NumPy computes both branches of a case distinction everywhere. Documents show the formula as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy
from sympy import Basic, Expr, Indexed, Mul, Piecewise, Pow, S, Symbol
from sympy.core.relational import Relational

from chainrule.symbolic.index.axes import axis_name, letter_size
from chainrule.symbolic.index.index_letters import free_letters, holds, nodes
from chainrule.symbolic.index.named_functions import cases
from chainrule.symbolic.system.system import System


def with_guarded_arguments(expression: Expr) -> Expr:
    """The expression, of the same value, with 1 in divisions, powers and logarithms wherever a condition on letters leaves them out."""
    if isinstance(expression, Indexed) or not holds(expression, Piecewise):
        return expression
    if isinstance(expression, Piecewise) and len(expression.args) == 2:
        (value, condition), other = expression.args
        if other[0] == 0 and not condition.has(Indexed):
            return Piecewise((_guarded(with_guarded_arguments(value), condition), condition), other)
        if _is_above_0(condition):
            expression = Piecewise((_of_positive(value, condition), condition), other)
        elif isinstance(condition, sympy.StrictLessThan | sympy.LessThan) and _is_above_0(condition.negated):
            expression = Piecewise((value, condition), (_of_positive(other[0], condition.negated), other[1]))
    parts = [with_guarded_arguments(part) for part in expression.args]
    return expression.func(*parts) if parts != list(expression.args) else expression


def _guarded(value: Expr, condition: Relational) -> Expr:
    """A branch with 1 in place of what must not be 0, wherever the condition does not hold."""
    if isinstance(value, Indexed | Relational) or not _may_be_left_out(value, condition):
        return value
    parts = [_guarded(part, condition) for part in value.args]
    changed = value.func(*parts) if parts != list(value.args) else value
    if isinstance(changed, sympy.log):
        return sympy.log(_or_one(changed.args[0], condition))
    if isinstance(changed, Pow) and not (changed.exp.is_Integer and changed.exp.is_positive):
        return Pow(_or_one(changed.base, condition), changed.exp)
    return changed


def _is_above_0(condition: Basic) -> bool:
    """Whether it is u > c with a number c of 0 or more, or u ≥ c with one above 0."""
    if not isinstance(condition, sympy.StrictGreaterThan | sympy.GreaterThan) or not condition.args[1].is_number:
        return False
    least = condition.args[1]
    return bool(least.is_positive or (least.is_zero and isinstance(condition, sympy.StrictGreaterThan)))


def _of_positive(value: Expr, condition: Relational) -> Expr:
    """u^v and log(u) of where(u > 0, …, …), as maximum(u, 0)^v is written, with 1 for u elsewhere."""
    u = condition.args[0]
    one = cases(u, condition, S.One, sympy.true)
    return value.replace(
        lambda node: (
            node == sympy.log(u) or (isinstance(node, Pow) and node.base == u and not (node.exp.is_Integer and node.exp.is_positive))
        ),
        lambda node: node.func(one, *node.args[1:]),
    )


def _may_be_left_out(expression: Expr, condition: Relational) -> bool:
    """Whether a condition says something of the places of an expression; one on sizes alone does of all that is read."""
    letters = free_letters(condition)
    return bool(free_letters(expression) & letters) if letters else bool(expression.has(Indexed))


def _or_one(argument: Expr, condition: Relational) -> Expr:
    # SymPy raises a `Piecewise` to a power branch by branch.
    return cases(argument, condition, S.One, sympy.true) if _may_be_left_out(argument, condition) else argument


@dataclass(frozen=True, slots=True)
class _End:
    """An entry is read at `letter` + `shift`, which may be out of range."""

    letter: Symbol
    shift: int

    @property
    def is_inside(self) -> Relational:
        """Whether it is not."""
        return self.letter < letter_size(self.letter) - self.shift if self.shift > 0 else self.letter > -self.shift - 1

    def is_beyond(self, place: Expr) -> bool:
        """Whether another place is out of range wherever this one is."""
        further = place - self.letter - self.shift
        return bool(further.is_Integer and further * self.shift >= 0)


def with_guarded_ends(expression: Expr, system: System) -> Expr:
    """The expression, of the same value, with exp(0) wherever a factor beside it is read out of range, and so is 0.

    dh[t+1] exp(u[t+1] − m) is 0 exp(0 − m) past the end, which is 0 on paper; in numbers exp(−m) may overflow.
    """
    if isinstance(expression, Indexed) or not holds(expression, sympy.exp):
        return expression
    if isinstance(expression, Mul):
        for end in dict.fromkeys(end for factor in expression.args for end in _ends(factor, system)):
            expression = expression.func(*(_guarded_beyond(factor, end) for factor in expression.args))
    parts = [with_guarded_ends(part, system) for part in expression.args]
    return expression.func(*parts) if parts != list(expression.args) else expression


def _ends(factor: Expr, system: System) -> Iterator[_End]:
    axes = system.stored[factor.base.name].axes if isinstance(factor, Indexed) and factor.base.name in system.stored else ()
    for axis, place in zip(axes, factor.args[1:], strict=False):
        for letter in free_letters(place):
            shift = place - letter
            if shift.is_Integer and shift != 0 and axis_name(letter) == axis_name(axis):
                yield _End(letter, int(shift))


def _guarded_beyond(part: Expr, end: _End) -> Expr:
    """With exp(0) for exponentials of what is read out of range too, and of more than that."""
    if isinstance(part, Indexed) or end.letter not in free_letters(part):
        return part
    if isinstance(part, sympy.exp):
        if isinstance(part.args[0], cases) and part.args[0].args[1] == end.is_inside:
            return part
        beyond = {node: S.Zero for node in nodes(part) if isinstance(node, Indexed) and any(map(end.is_beyond, node.indices))}
        if beyond and not part.args[0].xreplace(beyond).is_number:
            return sympy.exp(cases(part.args[0], end.is_inside, S.Zero, sympy.true))
    parts = [_guarded_beyond(inner, end) for inner in part.args]
    return part.func(*parts) if parts != list(part.args) else part
