"""Named rewrites: local simplifications of an adjoint, and the rules that a derivation goes by.

They are tried in the order of the table until none changes anything. A rewrite takes the expression and the facts it may rely on, and
returns the expression changed, or as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sympy import Add, Expr, Indexed, Mul, Product, Sum, Symbol

from chainrule.symbolic.index.index_letters import bound_sum, free_letters, is_position, tidy
from chainrule.symbolic.index.real_functions import Abs, sign
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.system.system import Equation, System

from .algebra import cheapest, common_factor, operations
from .deltas import Term, eliminate_deltas


class Rule(StrEnum):
    """Why both sides of a step have the same value, by the name that its sentence has."""

    # The chain rule over the readers of a tensor.
    CHAIN_RULE = "chain rule"
    DIFFERENTIATE = "differentiate"
    DIFFERENTIATE_STOPPED = "differentiate stopped"
    DIFFERENTIATE_STEPS = "differentiate steps"
    LOCAL_DERIVATIVE = "local derivative"
    DELTA = "delta"
    OUTPUT_FORM = "output form"
    RECOGNISE = "recognise"
    PUT_IN = "put in"
    # The rewrites below.
    SIFT = "sift"
    SPLIT_THE_SUM = "split the sum"
    ONE_HOT_TARGET = "one-hot target"
    ABSOLUTE_VALUE = "absolute value"
    CANCEL = "cancel"
    COMMON_FACTOR = "common factor"
    # Of a formula that is collected: see collecting_rewrites.
    DERIVED = "derived"
    PUT_IN_ADJOINT = "put in adjoint"
    MULTIPLY_OUT = "multiply out"
    MAXIMUM = "maximum"
    DEVIATIONS_SUM_TO_0 = "deviations sum to 0"
    NORMALISED = "normalised"
    OWN_DEFINITION = "own definition"
    SQUARES_SUM = "squares sum"
    COMMON_FRONT = "common front"
    # What another rule came to, and what a document states without one.
    RENAMED = "renamed"
    STATED = "stated"


#: The rules of SymPy's derivative.
DIFFERENTIATING = (Rule.DIFFERENTIATE, Rule.DIFFERENTIATE_STOPPED, Rule.DIFFERENTIATE_STEPS)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rewrite may rely on: the system's tensors, and the letters of the adjoint, which no sum may use for its own.

    Where a formula is collected: the `equations` whose left sides may stand for their right sides, and the names of the `adjoints`,
    in which the formula is linear.
    """

    system: System
    outside: frozenset[Symbol]
    equations: tuple[Equation, ...] = ()
    adjoints: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A rule and what it makes of an expression."""

    rule: Rule
    apply: Callable[[Expr, Facts], Expr]


def split_sums(expression: Expr, facts: Facts) -> Expr:
    """Σ_k u c = c Σ_k u and Σ_k (u + v) = Σ_k u + Σ_k v, where the parts then get simpler."""
    if not expression.has(Sum):
        return expression
    if isinstance(expression, Sum):
        own = tuple(limit[0] for limit in expression.limits)
        inside = split_sums(expression.function, facts)
        parts = Add.make_args(_multiplied_out(inside)) if isinstance(cheapest(inside), Add) else [cheapest(inside)]
        whole = Add(*(Term(own, Mul.make_args(part)).expression() for part in parts))
        return whole if operations(whole) < operations(expression) else expression
    return expression.func(*(split_sums(part, facts) for part in expression.args))


def _multiplied_out(expression: Expr) -> Expr:
    """Brackets multiplied out; exp(Σ u) stays, which SymPy would make a product over the sum's letters."""
    expanded = expression.expand()
    return expression.expand(power_exp=False) if expanded.has(Product) else expanded


def one_hot(expression: Expr, facts: Facts) -> Expr:
    """Σ_k y[n,k] = 1 where n is an example; at n − 1 there may be none, and the sum is 0."""
    if not expression.has(Sum):
        return expression
    if isinstance(expression, Sum):
        rest = [factor for factor in Mul.make_args(expression.function) if not _is_one_hot(factor, facts)]
        hot = [factor for factor in Mul.make_args(expression.function) if _is_one_hot(factor, facts)]
        own = {limit[0] for limit in expression.limits}
        if len(hot) == 1:
            tensor = facts.system.tensors[hot[0].base.name]
            classes = tensor.class_axis(facts.system.batch)
            places = dict(zip(tensor.axes, hot[0].indices, strict=True))
            place = places.pop(classes)
            is_whole = place in own and is_position(place, classes) and all(is_position(other, axis) for axis, other in places.items())
            if is_whole and place not in free_letters(Mul(*rest, *places.values())):
                return one_hot(bound_sum(Mul(*rest), *(own - {place})), facts)
        return expression
    return expression.func(*(one_hot(part, facts) for part in expression.args))


def _is_one_hot(factor: Expr, facts: Facts) -> bool:
    if not isinstance(factor, Indexed):
        return False
    tensor = facts.system.tensors.get(factor.base.name)
    return tensor is not None and tensor.values in (Values.ONE_HOT, Values.DISTRIBUTION)


def absolute_value(expression: Expr, facts: Facts) -> Expr:
    """sign(u) u = |u|, also at u = 0."""
    if not (expression.has(sign) and expression.has(Abs)):
        return expression
    return expression.replace(lambda part: isinstance(part, Mul), _with_absolute_value)


def _with_absolute_value(product: Expr) -> Expr:
    factors = list(product.args)
    for factor in product.args:
        if isinstance(factor, sign) and factor.args[0] in factors:
            factors.remove(factor)
            factors[factors.index(factor.args[0])] = Abs(factor.args[0])
    return Mul(*factors)


def cancel(expression: Expr, facts: Facts) -> Expr:
    """Fractions cancelled and brackets multiplied out where that is shorter."""
    return tidy(cheapest(expression), facts.outside)


def collect(expression: Expr, facts: Facts) -> Expr:
    """Common factors in front."""
    collected = common_factor(expression)
    return collected if operations(collected) <= operations(expression) else expression


def sift(expression: Expr, facts: Facts) -> Expr:
    """δ(k, y[n]) f(y[n]) = δ(k, y[n]) f(k), and sums over a letter that a delta fixes."""
    sifted = eliminate_deltas(expression, facts.system.stored, facts.outside)
    return sifted if _reading(sifted) < _reading(expression) else expression


def _reading(expression: Expr) -> tuple[int, int]:
    """Sums, and entries read at the place that another entry says."""
    nested = sum(1 for part in expression.atoms(Indexed) if any(isinstance(index, Indexed) for index in part.indices))
    return len(expression.atoms(Sum)), nested


SIFT = Rewrite(Rule.SIFT, sift)
ONE_HOT_TARGET = Rewrite(Rule.ONE_HOT_TARGET, one_hot)
REWRITES: tuple[Rewrite, ...] = (
    SIFT,
    Rewrite(Rule.SPLIT_THE_SUM, split_sums),
    ONE_HOT_TARGET,
    Rewrite(Rule.ABSOLUTE_VALUE, absolute_value),
    Rewrite(Rule.CANCEL, cancel),
    Rewrite(Rule.COMMON_FACTOR, collect),
)


def rewrite_until_stable(
    expression: Expr, facts: Facts, table: tuple[Rewrite, ...] = REWRITES, most_rounds: int = 6
) -> list[tuple[Rewrite, Expr, Expr]]:
    """The rewrites of a table that changed something, with the expression before and after each."""
    trail = []
    for _ in range(most_rounds):
        start = expression
        for rewrite in table:
            after = rewrite.apply(expression, facts)
            if after != expression:
                trail.append((rewrite, expression, after))
                expression = after
        if expression == start:
            break
    return trail
