"""Where u is 0, u log u is, and what u^v log u a derivative by the exponent has: u^v grows slower than log u falls.

    y log(y/p),   ∂(u^v)/∂v = u^v log u        0 where y, or u, is 0, and not 0 · (−∞)

The logarithm beside such a factor is of 1 where the factor is 0.
"""

from __future__ import annotations

from functools import lru_cache

import sympy
from sympy import Add, Basic, Expr, Indexed, Mul, Piecewise, Pow, S, Symbol

from chainrule.symbolic.index.index_letters import holds, substitute
from chainrule.symbolic.index.named_functions import cases
from chainrule.symbolic.index.real_functions import Abs
from chainrule.symbolic.index.tensors import entry_name

from .system import System


def without_logarithms_of_0(expression: Expr, system: System, positive: frozenset[Expr] = frozenset()) -> Expr:
    """A formula with 1 in place of a 0 whose logarithm is multiplied by it, or a power of it; `positive` are known not to be 0."""
    if isinstance(expression, Indexed) or not _holds_logarithm(expression):
        return expression
    if isinstance(expression, Piecewise):
        branches = ((without_logarithms_of_0(value, system, positive | _positive(test)), test) for value, test in expression.args)
        return Piecewise(*branches)
    parts = [without_logarithms_of_0(part, system, positive) for part in expression.args]
    whole = expression.func(*parts) if parts != list(expression.args) else expression
    return _beside_powers(whole, system, positive) if isinstance(whole, Mul) else whole


@lru_cache(maxsize=4096)
def _holds_logarithm(expression: Basic) -> bool:
    """Asked again wherever the same formula is evaluated at other numbers."""
    return holds(expression, sympy.log)


def _positive(test: Basic) -> frozenset[Expr]:
    return frozenset({test.args[0]}) if isinstance(test, sympy.StrictGreaterThan) and test.args[1] == 0 else frozenset()


def _beside_powers(product: Mul, system: System, positive: frozenset[Expr]) -> Expr:
    bases = {base for factor in product.args for base in _open_bases(factor, system)} - positive
    return Mul(*(_guarded(factor, bases) for factor in product.args)) if bases else product


def _open_bases(factor: Expr, system: System, through: frozenset[str] = frozenset()) -> set[Expr]:
    """A tensor's entry, and every u of a factor u^v with an exponent that is no number, also where it is read under a name."""
    match factor:
        case Pow() if not factor.exp.is_number:
            # 2^v and (1 + w²)^v are never 0.
            return set() if factor.base.is_positive else {factor.base}
        case Pow() if factor.exp.is_positive:
            return _open_bases(factor.base, system, through)
        case Mul():
            return set().union(*(_open_bases(part, system, through) for part in factor.args))
        case Indexed() | Symbol():
            name = entry_name(factor)
            defined = system.definition.get(name)
            if defined is None or name in through:
                return {factor}
            places = dict(zip(defined.indices, factor.indices, strict=True)) if isinstance(factor, Indexed) else {}
            return {factor} | {substitute(base, places) for base in _open_bases(defined.expression, system, through | {name})}
        case _:
            return set()


def _guarded(factor: Expr, bases: set[Expr]) -> Expr:
    """A factor that is a polynomial in logarithms of the bases."""
    match factor:
        case sympy.log() if own := bases.intersection((factor.args[0], *Mul.make_args(factor.args[0]))):
            return sympy.log(cases(factor.args[0], Abs(Mul(*own)) > 0, S.One, sympy.true))
        case Add() | Mul():
            return factor.func(*(_guarded(part, bases) for part in factor.args))
        case Pow() if factor.exp.is_Integer and factor.exp.is_positive:
            return Pow(_guarded(factor.base, bases), factor.exp)
        case _:
            return factor
