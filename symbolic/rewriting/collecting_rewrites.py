"""Rewrites of a collected formula, all found from the system's own equations.

The formula is kept multiplied out, a sum of products that are linear in adjoints; see `products`. They are tried in the order of the
table until none changes anything; the last word has `factoring`.
"""

from __future__ import annotations

from sympy import Add, Expr, KroneckerDelta, Mul

from chainrule.symbolic.index.index_letters import tidy
from chainrule.symbolic.index.named_functions import arg_max

from .algebra import operations
from .definition_matching import in_brackets, in_product, in_sums
from .deviations import opens
from .known_sums import totals, totals_of_squares, with_totals
from .rewrites import DEVIATIONS, ONE_HOT_TARGET, SIFT, rewrite_until_stable
from .rule import Facts, Rewrite, Rule
from .sum_of_products import flat, summed

#: Rounds of the table; each round that changes nothing is the last.
MOST_ROUNDS = 8


def multiply_out(expression: Expr, facts: Facts) -> Expr:
    """A sum of products, every sum as narrow as it can be."""
    return summed(flat(tidy(expression, facts.outside), opens(facts)), facts.outside)


def without_maximum(expression: Expr, facts: Facts) -> Expr:
    """The terms at the place of a maximum, where they add up to 0."""
    at_maximum = [term for term in Add.make_args(expression) if _is_at_maximum(term)]
    if not at_maximum:
        return expression
    places = {factor for term in at_maximum for factor in Mul.make_args(term) if _is_at_maximum(factor)}
    if len(places) > 1 or not places:
        return expression
    rest = Add(*(Mul(*(factor for factor in Mul.make_args(term) if factor not in places)) for term in at_maximum))
    return expression - Add(*at_maximum) if simplest(rest, facts, SUMMING) == 0 else expression


def _is_at_maximum(expression: Expr) -> bool:
    return any(delta.has(arg_max) for delta in expression.atoms(KroneckerDelta))


def own_definition(expression: Expr, facts: Facts) -> Expr:
    """The right side of an equation by its left side, where that is shorter."""
    expression = in_brackets(expression, facts.equations)
    terms = [in_product(term, facts.equations) for term in flat(tidy(expression, facts.outside), opens(facts))]
    recognised = in_sums(summed(terms, facts.outside), facts.equations)
    return recognised if operations(recognised) <= operations(expression) else expression


def normalised(expression: Expr, facts: Facts) -> Expr:
    """Σ_k p[k] = 1 where p is what its equations divide by its own sum."""
    known = {axis: total for axis, total in totals(facts.equations).items() if total.value != 0}
    return with_totals(expression, known)


def squares(expression: Expr, facts: Facts) -> Expr:
    """Σ_n (d[n] r)² = r² N v where v is the mean of d²."""
    shorter = multiply_out(with_totals(expression, totals_of_squares(facts.equations)), facts)
    return shorter if operations(shorter) < operations(expression) else expression


OUT = Rewrite(Rule.MULTIPLY_OUT, multiply_out)
SUMMING: tuple[Rewrite, ...] = (
    OUT,
    SIFT,
    ONE_HOT_TARGET,
    DEVIATIONS,
    Rewrite("normalised", normalised),
    Rewrite("own definition", own_definition),
    Rewrite("squares sum", squares),
)
COLLECTING: tuple[Rewrite, ...] = (OUT, Rewrite("maximum", without_maximum), *SUMMING[1:])


def simplest(expression: Expr, facts: Facts, table: tuple[Rewrite, ...]) -> Expr:
    """The expression after all rewrites of a table."""
    trail = rewritten(expression, facts, table)
    return trail[-1][2] if trail else expression


def rewritten(expression: Expr, facts: Facts, table: tuple[Rewrite, ...] = COLLECTING) -> list[tuple[Rewrite, Expr, Expr]]:
    """The rewrites that changed something, with the expression before and after each."""
    return rewrite_until_stable(expression, facts, table, MOST_ROUNDS)
