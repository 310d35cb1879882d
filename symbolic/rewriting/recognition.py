"""A named function recognised in a formula, where that makes it shorter: exp(u)/(1 + exp(u)) is sigmoid(u)."""

from __future__ import annotations

from functools import cache

import sympy
from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from chainrule.symbolic.index.named_functions import sigmoid

from .algebra import cheapest, operations

#: Where none of these is left there is nothing to recognise.
RECOGNISABLE = (sympy.exp, sympy.sinh)
VALUE = Symbol("logistic", positive=True)


def recognised(expression: Expr) -> Expr:
    """exp(u)/(1 + exp(u)) as sigmoid(u), 1 - sigmoid(u) as sigmoid(-u), sinh(u)/cosh(u) as tanh(u), where that is shorter."""
    if isinstance(expression, Pow) and expression.exp == -1 and (argument := _logistic_arguments(expression)):
        plain = sigmoid(argument[0])
        return plain if expression.base == 1 + sympy.exp(-argument[0]) else _general(expression)
    return _general(expression)


def _general(expression: Expr) -> Expr:
    shorter = expression
    for argument in _logistic_arguments(expression):
        # t = exp(u) and s = sigmoid(u) = t/(1 + t), so t = s/(1 - s).
        exchange = {sympy.exp(power * argument): (VALUE / (1 - VALUE)) ** power for power in (-2, -1, 1, 2)}
        rational = _exchanged(shorter, exchange)
        candidates = [cheapest(_joined(rational)), rational]
        complements = [part.xreplace({1 - VALUE: sigmoid(-argument)}) for part in candidates]
        candidates += [part for part in complements if not part.has(VALUE)]
        shorter = min([shorter, *(part.xreplace({VALUE: sigmoid(argument)}) for part in candidates)], key=operations)
    for function in sorted(shorter.atoms(sympy.sinh), key=sympy.default_sort_key):
        argument = function.args[0]
        candidate = shorter.xreplace({function: sympy.tanh(argument) * sympy.cosh(argument)})
        shorter = min([shorter, candidate], key=operations)
    return shorter


def _exchanged(expression: Expr, exchange: dict[Expr, Expr]) -> Expr:
    """The exchange made where the expression is rational, not inside of other functions."""
    if expression in exchange:
        return exchange[expression]
    if isinstance(expression, Add | Mul) or (isinstance(expression, Pow) and expression.exp.is_Integer):
        return expression.func(*(_exchanged(part, exchange) for part in expression.args))
    return expression


def _logistic_arguments(expression: Expr) -> list[Expr]:
    """Every u for which 1 + exp(u) or 1 + exp(-u) is in the expression."""
    found: dict[Expr, None] = {}
    for part in expression.atoms(Add):
        exponentials = [term for term in part.args if isinstance(term, sympy.exp)]
        if len(part.args) == 2 and len(exponentials) == 1 and Integer(1) in part.args:
            argument = exponentials[0].args[0]
            found[-argument if argument.could_extract_minus_sign() else argument] = None
    return sorted(found, key=sympy.default_sort_key)


def _joined(expression: Expr) -> Expr:
    """1 + t with t = s/(1 - s) put in is 1/(1 - s); SymPy sees it once the fractions are joined."""
    return expression.replace(lambda part: isinstance(part, Add) and part.has(VALUE), _joined_sum)


@cache
def _joined_sum(part: Expr) -> Expr:
    """Kept, as all layers with a sigmoid have the same ones."""
    return sympy.cancel(part) if part.free_symbols == {VALUE} else part
