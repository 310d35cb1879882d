"""Which sentence says why a step holds: that of its rule, or of what the rule came to in this step.

A rule may do less than it is for: where no sum uses up a delta, δ has only moved to the front, and no fraction is cancelled where there
is none.
"""

from __future__ import annotations

from sympy import Add, Expr, Integer, KroneckerDelta, Pow, Rational, Sum

from chainrule.symbolic.derivation.steps import Step
from chainrule.symbolic.index.axes import PRIME
from chainrule.symbolic.index.index_letters import holds, letters, nodes


def reason_key(step: Step) -> str:
    """The key of the sentence, without the word in front."""
    before, after = step.before, step.after
    match step.rule:
        case "delta" if _used_by_a_sum(before):
            return "delta"
        case "delta" if _without_primes(before) == _without_primes(after):
            return "renamed"
        case "delta" if _terms(after) > _terms(before):
            return "multiply out"
        case "delta":
            return "split the sum" if holds(before, Sum) else "common factor"
        case "sift" if _used_by_a_sum(before):
            return "delta"
        case "cancel" if not _has_fraction(before):
            return "common factor"
    return step.rule


def _used_by_a_sum(expression: Expr, summed: frozenset[Expr] = frozenset()) -> bool:
    """Whether a sum runs over an index of a delta inside of it."""
    if isinstance(expression, KroneckerDelta):
        return not summed.isdisjoint(letters(expression))
    if isinstance(expression, Sum):
        return _used_by_a_sum(expression.function, summed | {limit[0] for limit in expression.limits})
    return any(_used_by_a_sum(part, summed) for part in expression.args)


def _without_primes(expression: Expr) -> str:
    """The same text for two expressions that differ in the primes of letters alone."""
    return str(expression).replace(PRIME, "")


def _terms(expression: Expr) -> int:
    return len(Add.make_args(expression))


def _has_fraction(expression: Expr) -> bool:
    return any(_divides(node) for node in nodes(expression))


def _divides(node: object) -> bool:
    if isinstance(node, Pow):
        return bool(node.exp.is_number and node.exp.is_negative)
    return isinstance(node, Rational) and not isinstance(node, Integer)
