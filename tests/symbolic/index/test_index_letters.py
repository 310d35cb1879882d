"""Letters of sums: what is as it should be stays the very object, and what has other letters is what SymPy makes of it."""

from __future__ import annotations

import pickle

import pytest
import sympy
from sympy import Expr, IndexedBase

from chainrule.symbolic.index.axes import index
from chainrule.symbolic.index.index_letters import bound_sum, renamed, tidy
from chainrule.symbolic.index.tensors import entry

n, k, k_, k__, j = (index(name) for name in ("n", "k", "k_", "k__", "j"))
x, W, b = IndexedBase("x", real=True), IndexedBase("W", real=True), IndexedBase("b", real=True)
TOTAL = bound_sum(W[j, k] * x[n, k], k)
FORMULAS: list[Expr] = [
    TOTAL,
    1 / (1 + sympy.exp(-TOTAL - b[j])),
    sympy.tanh(TOTAL + b[j]) * TOTAL,
    bound_sum(sympy.exp(x[n, k]) / bound_sum(sympy.exp(x[n, k_]), k_), k),
]


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_what_is_tidy_stays_the_very_object(formula: Expr) -> None:
    # Another test may have left an equal one.
    tidy.cache_clear()
    assert tidy(formula) is formula
    assert tidy(formula, frozenset({n, j})) is formula


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_a_formula_with_more_primes_is_tidied_to_what_it_was(formula: Expr) -> None:
    longer = tidy(formula, frozenset({n, j, k}))
    assert longer != formula
    assert k not in {letter for total in longer.atoms(sympy.Sum) for letter, *_ in total.limits}
    assert tidy(longer) == formula


def test_a_letter_that_is_free_is_kept_apart() -> None:
    inside = bound_sum(W[k, k_] * x[n, k_], k_)
    assert tidy(inside) is inside
    assert tidy(bound_sum(W[k, k__] * x[n, k__], k__)) == inside


def test_a_letter_that_nothing_reads_is_kept_apart_too() -> None:
    total = bound_sum(entry("B", (k,)), n, k)
    assert tidy(total, frozenset({n})) == bound_sum(entry("B", (k,)), index("n_"), k)
    assert tidy(total, frozenset({j})) is total


def test_an_entry_is_made_once() -> None:
    first = entry("W", (j, k))
    assert first.xreplace({k: k_}) is entry("W", (j, k_))
    assert first.base[j, k] is first
    assert pickle.loads(pickle.dumps(first)) is first
    assert first != entry("W", (j, k), is_integer=True)


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_other_letters_are_put_in_as_by_sympy(formula: Expr) -> None:
    letters = {n: index("n_"), j: index("j_"), k: index("k___")}
    assert renamed(formula, letters) == formula.xreplace(letters)
    assert renamed(formula, {}) is formula


@pytest.mark.parametrize("formula", [*FORMULAS, bound_sum(TOTAL * b[j], j)], ids=str)
def test_symbols_of_sums_are_those_that_sympy_finds(formula: Expr) -> None:
    for total in formula.atoms(sympy.Sum):
        assert total.free_symbols == sympy.Sum(total.function, *total.limits).free_symbols
    # A set of one's own: who takes something out of it changes nothing.
    total = next(iter(formula.atoms(sympy.Sum)))
    total.free_symbols.clear()
    assert total.free_symbols
