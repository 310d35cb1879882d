"""Where a norm is 0 it has no derivative: 0 is taken, as at the kink of |u|, which is a norm of one number.

    ∂√(Σ_k d_k²)/∂d_i = d_i/√(Σ_k d_k²)        0 where all d are 0, and not 0/0

In an adjoint what is divided by such a norm is 0 where the norm is 0. A formula of the network itself has no value there; that of a
gradient inside of the network, grad(L, w), says it as a case.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Abs, Add, Expr, Indexed, Mul, Piecewise, Pow, S, Sum, Symbol

from chainrule.symbolic.index.index_letters import holds, nodes
from chainrule.symbolic.index.named_functions import cases, without_distinctions
from chainrule.symbolic.index.tensors import entry_name

from .system import System


def is_norm(part: Expr, system: System, through: frozenset[str] = frozenset()) -> bool:
    """Whether it is a root of a sum of squares, that sum, or a magnitude; tensors are known by their definitions."""
    if part.is_positive:
        # A square of what is never 0, as exp(u) is.
        return False
    match part:
        case Abs():
            return True
        case Sum():
            return is_norm(part.function, system, through)
        case Add():
            return all(is_norm(term, system, through) for term in part.args)
        case Mul():
            norms = [is_norm(factor, system, through) for factor in part.args]
            return any(norms) and all(norm or factor.is_positive for norm, factor in zip(norms, part.args, strict=True))
        case Pow() if part.exp.is_positive:
            is_square = bool(part.exp.is_Integer and part.exp % 2 == 0) and not _is_positive(part.base, system)
            return is_square or is_norm(part.base, system, through)
        case Indexed() | Symbol():
            name = entry_name(part)
            defined = system.definition.get(name)
            return name not in through and defined is not None and is_norm(defined.expression, system, through | {name})
        case _:
            return False


def _is_positive(part: Expr, system: System) -> bool:
    defined = system.definition.get(entry_name(part)) if isinstance(part, Indexed | Symbol) else None
    return bool(part.is_positive or (defined is not None and defined.expression.is_positive))


def divides_by_norm(node: Expr, system: System) -> bool:
    """Whether a node is a norm to a negative power; a constant in the exponent has its value."""
    return isinstance(node, Pow) and _is_negative(node.exp, system.constants) and is_norm(node.base, system)


def _is_negative(exponent: Expr, constants: Mapping[str, float]) -> bool:
    if exponent.is_number:
        return bool(exponent.is_negative)
    known = exponent.xreplace({symbol: sympy.Float(constants[symbol.name]) for symbol in exponent.free_symbols if symbol.name in constants})
    return bool(known.is_negative)


def without_poles(expression: Expr, system: System) -> Expr:
    """An adjoint's formula with ∞ in place of a norm of 0 that is divided by."""
    if not holds(expression, Pow) or not any(divides_by_norm(node, system) for node in nodes(expression)):
        return expression
    return expression.replace(lambda node: divides_by_norm(node, system), _over_positive)


def where_norms_are_positive(expression: Expr, system: System) -> Expr:
    """An adjoint's formula in which what is divided by a norm is said to be 0 where the norm is 0: where(norm > 0, d/norm, 0)."""
    if isinstance(expression, Indexed) or not any(divides_by_norm(node, system) for node in nodes(expression)):
        return expression
    factors = Mul.make_args(expression) if isinstance(expression, Mul | Pow) else ()
    below = [factor for factor in factors if divides_by_norm(factor, system)]
    if below:
        value = Mul(*(factor if factor in below else where_norms_are_positive(factor, system) for factor in factors))
        for base in dict.fromkeys(factor.base for factor in below):
            value = Piecewise((value, without_distinctions(base) > 0), (S.Zero, True))
        return value
    return expression.func(*(where_norms_are_positive(part, system) for part in expression.args))


def _over_positive(power: Pow) -> Expr:
    # SymPy would take the power of each branch of a `Piecewise`, and 1/0 would be computed though it is not used; out of a condition it
    # moves a `Piecewise` together with the letter of the sum that it stands in.
    return Pow(cases(power.base, without_distinctions(power.base) > 0, sympy.oo, sympy.true), power.exp)


def has_root_of_squares(expression: Expr, system: System) -> bool:
    """Whether a formula takes the root of what may be 0 as the squares in it are."""
    return any(
        isinstance(node, Pow)
        and node.exp.is_positive
        and not node.exp.is_integer
        and is_norm(node.base, system)
        and not isinstance(node.base, Abs)
        for node in nodes(expression)
    )
