"""An equation put into an expression: every entry of its tensor replaced by its formula at those indices, and by 0 out of its range."""

from __future__ import annotations

from sympy import Expr, Indexed, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import letters, nodes, substitute, tidy
from chainrule.symbolic.index.ranges import bounds, vanishes_outside, within, without_certain
from chainrule.symbolic.system.system import Equation, System


def substituted(expression: Expr, of: Equation, outside: frozenset[Symbol], system: System | None = None) -> Expr:
    """The expression with every entry of an equation's tensor replaced by its formula at those indices.

    Without a system, of which the ranges are known, entries that may be out of range stay.
    """
    own = of.tensor.own_entry
    around = frozenset(letters(expression))
    if not isinstance(own, Indexed):
        return tidy(expression.xreplace({own: tidy(of.expression, around)}), outside)
    replaced = {
        node: tidy(_in_range(formula_at(of, node), node, of, system), around)
        for node in nodes(expression)
        if isinstance(node, Indexed) and node.base == own.base
    }
    # At t + 1 there is no first place: [0 = t + 1] is 0.
    return tidy(without_certain(expression.xreplace(replaced)), outside)


def formula_at(of: Equation, read: Indexed) -> Expr:
    """The formula at the indices of an entry, whether they are in range or not."""
    return substitute(of.expression, dict(zip(of.indices, read.indices, strict=True)))


def _in_range(value: Expr, read: Indexed, of: Equation, system: System | None) -> Expr:
    """An entry is 0 out of range, which the formula at such a place need not be."""
    tensors, axes = (system.stored, system.axes) if system else ({}, None)
    read_at = [pair for pair in zip(of.indices, read.indices, strict=True) if not isinstance(pair[1], Indexed)]
    needed = [bound for letter, place in read_at for bound in bounds(place, axis_name(letter), tensors, axes)]
    outside = [bound for bound in needed if not vanishes_outside(value, bound, tensors)]
    return read if outside and system is None else within(value, outside)
