"""Which rule a step is said to go by: its own, or what that came to in this step.

A rule may do less than it is for: where no sum uses up a delta, δ has only moved to the front, and no fraction is cancelled where there
is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sympy import Add, Expr, Integer, KroneckerDelta, Pow, Rational, Sum, tanh

from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.words.sentences import Field, say_with
from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.index.axes import PRIME
from chainrule.symbolic.index.index_letters import holds, letters, nodes
from chainrule.symbolic.rewriting.rule import Rule


def with_reasons(steps: Sequence[Step], signs: Mapping[str, Field], put_in: Iterable[Field] = ()) -> Iterator[tuple[Expr, Sentence]]:
    """What every step comes to, and why, in words that mention `signs`, and the adjoint that is put in."""
    adjoints = iter(put_in)
    for step in steps:
        known = {**signs, "adjoint": next(adjoints)} if step.rule is Rule.PUT_IN_ADJOINT else signs
        yield step.after, say_with(f"reason.{rule_said(step)}", known)


def rule_said(step: Step) -> str:
    before, after = step.before, step.after
    match step.rule:
        case Rule.DELTA if _used_by_a_sum(before):
            return Rule.DELTA
        case Rule.DELTA if _without_primes(before) == _without_primes(after):
            return Rule.RENAMED
        case Rule.DELTA if _terms(after) > _terms(before):
            return Rule.MULTIPLY_OUT
        case Rule.DELTA:
            return Rule.SPLIT_THE_SUM if holds(before, Sum) else Rule.COMMON_FACTOR
        case Rule.SIFT if _used_by_a_sum(before):
            return Rule.DELTA
        case Rule.CANCEL if not _has_fraction(before):
            return Rule.COMMON_FACTOR
        case Rule.RECOGNISE:
            return f"{Rule.RECOGNISE}.{'tanh' if _count(after, tanh) > _count(before, tanh) else 'sigmoid'}"
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


def _count(expression: Expr, function: type[Expr]) -> int:
    return sum(isinstance(node, function) for node in nodes(expression))


def _has_fraction(expression: Expr) -> bool:
    return any(_divides(node) for node in nodes(expression))


def _divides(node: object) -> bool:
    if isinstance(node, Pow):
        return bool(node.exp.is_number and node.exp.is_negative)
    return isinstance(node, Rational) and not isinstance(node, Integer)
