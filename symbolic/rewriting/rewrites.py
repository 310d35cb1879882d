"""Named rewrites: local simplifications of an adjoint.

They are tried in the order of the table until none changes anything. A rewrite takes the expression and the facts it may rely on, and
returns the expression changed, or as it was.
"""

from __future__ import annotations

from sympy import Add, Expr, Indexed, Integer, Mul, Pow, Product, Sum

from chainrule.symbolic.index.index_letters import bound_sum, free_letters, is_position, tidy
from chainrule.symbolic.index.real_functions import Abs, sign
from chainrule.symbolic.index.tensors import Values

from .algebra import base_of, cheapest, common_factor, operations
from .declared_facts import declared_facts
from .deltas import Term, eliminate_deltas
from .deviations import deviations
from .rule import Facts, Rewrite, Rule


def split_sums(expression: Expr, facts: Facts) -> Expr:
    """Σ_k u c = c Σ_k u and Σ_k (u + v) = Σ_k u + Σ_k v, where the parts then get simpler."""
    if not expression.has(Sum):
        return expression
    if isinstance(expression, Sum):
        own = tuple(limit[0] for limit in expression.limits)
        number, rest = expression.function.as_coeff_Mul()
        if number != 1 and rest != 1:
            return number * split_sums(bound_sum(rest, *own), facts)
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
    """sign(u) u = |u|, also at u = 0; sign(u) |u| = u, and sign(u)/|u| = 1/u."""
    if not (expression.has(sign) and expression.has(Abs)):
        return expression
    return expression.replace(lambda part: isinstance(part, Mul), _with_absolute_value)


def _with_absolute_value(product: Expr) -> Expr:
    factors = list(product.args)
    for factor in product.args:
        if not isinstance(factor, sign):
            continue
        (inside,) = factor.args
        magnitude = next((other for other in factors if isinstance(base_of(other), Abs) and base_of(other).args[0] == inside), None)
        if inside in factors:
            factors.remove(factor)
            factors[factors.index(inside)] = Abs(inside)
        elif magnitude is not None and _exponent(magnitude).is_Integer and _exponent(magnitude).is_odd:
            # sign(u) |u|^p is u^p for an odd p.
            factors.remove(factor)
            factors[factors.index(magnitude)] = inside ** _exponent(magnitude)
    return Mul(*factors)


def _exponent(factor: Expr) -> Expr:
    return factor.exp if isinstance(factor, Pow) else Integer(1)


def cancel(expression: Expr, facts: Facts) -> Expr:
    """Fractions cancelled and brackets multiplied out where that is shorter.

    u/(v w) + s/v is not put over one denominator, where u + s w would be longer than u and s.
    """
    shorter = cheapest(expression)
    if isinstance(expression, Add) and _above(shorter) > len(expression.args) - 1 + sum(map(_above, expression.args)):
        shorter = Add(*map(cheapest, expression.args))
    return tidy(shorter, facts.outside)


def _above(fraction: Expr) -> int:
    """Operations above the line of a fraction; a sum of several has no line."""
    return operations(Mul(*(factor for factor in Mul.make_args(fraction) if not _exponent(factor).is_negative)))


def collect(expression: Expr, facts: Facts) -> Expr:
    """Common factors in front, of terms and of the sums over the same letters among them."""
    collected = common_factor(_with_shared_sums(expression))
    return collected if operations(collected) <= operations(expression) else expression


def _with_shared_sums(expression: Expr) -> Expr:
    """Σ_j A[i,j] x[j] + Σ_j A[j,i] x[j] = Σ_j (A[i,j] + A[j,i]) x[j], where what stands before the sums is the same up to numbers."""
    alike: dict[tuple[Expr, ...], list[tuple[Expr, Sum]]] = {}
    rest: list[Expr] = []
    for term in Add.make_args(expression):
        factors = Mul.make_args(term)
        sums = [factor for factor in factors if isinstance(factor, Sum)]
        if len(sums) == 1:
            number, front = Mul(*(factor for factor in factors if factor is not sums[0])).as_coeff_Mul()
            alike.setdefault((front, *(limit[0] for limit in sums[0].limits)), []).append((number, sums[0]))
        else:
            rest.append(term)
    for (front, *own), members in alike.items():
        apart = Add(*(number * front * total for number, total in members))
        number = members[0][0] if len({number for number, _ in members}) == 1 else Integer(1)
        inside = common_factor(Add(*(own_number / number * total.function for own_number, total in members)))
        together = number * front * bound_sum(inside, *own)
        # Without a factor that all of them share, two sums are easier to read, and two products of matrices.
        is_shared = len(members) > 1 and not isinstance(inside, Add)
        rest.append(together if is_shared and operations(together) < operations(apart) else apart)
    return Add(*rest)


def sift(expression: Expr, facts: Facts) -> Expr:
    """δ(k, y[n]) f(y[n]) = δ(k, y[n]) f(k), and sums over a letter that a delta fixes."""
    sifted = eliminate_deltas(expression, facts.system.stored, facts.outside)
    return sifted if sifted != expression and _reading(sifted) < _reading(expression) else expression


def _reading(expression: Expr) -> tuple[int, int]:
    """Sums, and entries read at the place that another entry says."""
    nested = sum(1 for part in expression.atoms(Indexed) if any(isinstance(index, Indexed) for index in part.indices))
    return len(expression.atoms(Sum)), nested


SIFT = Rewrite(Rule.SIFT, sift)
ONE_HOT_TARGET = Rewrite("one-hot target", one_hot)
DEVIATIONS = Rewrite("deviations sum to 0", deviations)
ABSOLUTE_VALUE = Rewrite("absolute value", absolute_value)
REWRITES: tuple[Rewrite, ...] = (
    SIFT,
    DEVIATIONS,
    Rewrite(Rule.SPLIT_THE_SUM, split_sums),
    ONE_HOT_TARGET,
    ABSOLUTE_VALUE,
    Rewrite("declared", declared_facts),
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
