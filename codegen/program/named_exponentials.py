"""Exponentials and their sums under names of their own, e = exp(z), s = Σ e, p = e/s: e may overflow where p is of moderate size.

What divides by such a name is computed by its definition, as if the formula had been written in one; the adjoints of these names are put
into those that read them, de = dp/s − Σ dp e/s² into dz = de e, for dz is of moderate size where de is not.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Add, Basic, Expr, Indexed, Mul, Pow, Sum, expand_mul

from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.index_letters import is_letter, names_read, nodes, substitute
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.rewriting.substitution import formula_at, substituted
from chainrule.symbolic.system.exponential_names import summands, tensor_name
from chainrule.symbolic.system.system import Equation, System


def with_exponentials_put_in(expression: Expr, system: System) -> Expr:
    """The expression with definitions in place of names of exponentials, in products that divide by such."""
    if isinstance(expression, Indexed) or not system.exponential_names:
        return expression
    if isinstance(expression, Mul | Pow) and any(_divides(part, system) for part in Mul.make_args(expression)):
        return _written_out(expression, system)
    if isinstance(expression, Mul) and _multiplies_quotients(expression, system):
        # e (v/s − w) as e v/s − e w
        return with_exponentials_put_in(expand_mul(expression, deep=False), system)
    parts = [with_exponentials_put_in(part, system) for part in expression.args]
    return expression.func(*parts) if parts != list(expression.args) else expression


def _multiplies_quotients(product: Mul, system: System) -> bool:
    is_exponential = any(tensor_name(factor) in system.exponential_names for factor in product.args)
    brackets = [factor for factor in product.args if isinstance(factor, Add)]
    return is_exponential and any(_divides(node, system) for bracket in brackets for node in nodes(bracket))


def _written_out(expression: Expr, system: System) -> Expr:
    named = next((name for name in names_read(expression) if name in system.exponential_names), None)
    if named is None:
        return expression
    definition = system.definition[named]
    # What is divided by e[i+1] itself is read where i + 1 is inside of e alone: out of range its formula may be any number but 0.
    divisors = {part: formula_at(definition, part.base) ** part.exp for part in nodes(expression) if _is_over_entry(part, named)}
    return _written_out(substituted(expression.xreplace(divisors), definition, frozenset(), system), system)


def _is_over_entry(part: Basic, name: str) -> bool:
    return isinstance(part, Pow) and isinstance(part.base, Indexed) and bool(part.exp.is_negative) and tensor_name(part.base) == name


def _divides(part: Basic, system: System) -> bool:
    """Whether it is 1/s, 1/(1 + e), or a name of such a one."""
    if isinstance(part, Pow):
        return bool(part.exp.is_negative) and any(tensor_name(inside) in system.exponential_names for inside in summands(part.base))
    name = tensor_name(part)
    return name in system.exponential_names and isinstance(system.definition[str(name)].expression, Pow)


def with_adjoints_put_in(derivation: Derivation) -> Derivation:
    """The derivation with the adjoints of names of exponentials in those that read them, where anything divides by such a name."""
    system = derivation.system
    if not system.exponential_names:
        return derivation
    formulas = [equation.expression for equation in system.equations] + [adjoint.expression for adjoint in derivation.needed]
    if any(_divides(node, system) for formula in formulas for node in nodes(formula)):
        for name in [adjoint.tensor.name for adjoint in derivation.needed if adjoint.tensor.role is not Role.PARAMETER]:
            if name in system.exponential_names:
                derivation = _put_in(derivation, derivation.adjoints[name])
    return derivation


def _put_in(derivation: Derivation, adjoint: Adjoint) -> Derivation:
    own = adjoint.as_tensor.name
    if own in names_read(adjoint.expression):
        return derivation
    adjoints = {name: other for name, other in derivation.adjoints.items() if other is not adjoint}
    for name, other in adjoints.items():
        if own in names_read(other.expression):
            whole = substituted(other.expression, adjoint.equation, frozenset(other.tensor.axes), derivation.system)
            adjoints[name] = replace(other, expression=_with_quotients(whole, derivation.system))
    return Derivation(derivation.system, adjoints, derivation.network)


def _with_quotients(expression: Expr, system: System) -> Expr:
    """e[n,k]/s[n] as p[n,k] where that is how p is defined."""
    quotients = [equation for equation in system.equations if _is_quotient(equation.expression, system)]
    if not quotients:
        return expression
    return Add(*(_with_quotients_in(term, quotients) for term in Add.make_args(expand_mul(expression, deep=False))))


def _is_quotient(expression: Expr, system: System) -> bool:
    """Whether it is e/s, of two names."""
    powers = [part.as_base_exp() for part in Mul.make_args(expression)]
    named = all(tensor_name(base) in system.exponential_names for base, _ in powers)
    return named and sorted(power for _, power in powers) == [-1, 1]


def _with_quotients_in(term: Expr, quotients: list[Equation]) -> Expr:
    for quotient in quotients:
        term = _folded(term, quotient)
        for total in [part for part in Mul.make_args(term) if isinstance(part, Sum)]:
            below = next(part for part in Mul.make_args(quotient.expression) if isinstance(part, Pow))
            for outer in [part for part in Mul.make_args(term) if _is_over(part, below)]:
                inside = _folded(total.function / outer.base, quotient)
                if inside != total.function / outer.base:
                    term = term / total * outer.base * total.func(inside, *total.limits)
                    break
    return term


def _is_over(part: Expr, below: Pow) -> bool:
    base, power = part.as_base_exp()
    return tensor_name(base) == tensor_name(below.base) and bool(power.is_number and power <= -1)


def _folded(product: Expr, quotient: Equation) -> Expr:
    above = next(part for part in Mul.make_args(quotient.expression) if not isinstance(part, Pow))
    for part in Mul.make_args(product):
        if not isinstance(part, Indexed) or not isinstance(above, Indexed) or part.base != above.base:
            continue
        places = {letter: place for letter, place in zip(above.indices, part.indices, strict=True) if is_letter(letter)}
        whole = substitute(quotient.expression, places)
        below = next(inner for inner in Mul.make_args(whole) if isinstance(inner, Pow))
        is_there = any(_is_over(factor, below) and factor.as_base_exp()[0] == below.base for factor in Mul.make_args(product))
        if is_there and set(quotient.indices) <= set(places):
            return _folded(product / whole * substitute(quotient.tensor.own_entry, places), quotient)
    return product
