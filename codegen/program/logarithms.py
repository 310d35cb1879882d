"""The logarithm of what is made of exponentials, through what stands in the exponents: there it is of moderate size.

    log(c exp(u) v^g) = log c + u + g log v          log(exp(u) + exp(v)) = u + softplus(v − u)          log Σ_k exp(u_k) = log_sum_exp(u)

A tensor is taken by its definition: a sigmoid or a softmax may round to 0 or 1, what went in does not. Not so the late entries of a
recurrence p[t] = e[t] (p[t−1] + p[t−2]): written by the first ones alone, p[20] has ten thousand terms. 1 − 1/(1 + exp(v)) and 1 − tanh(v)²
become products first, whose sums have positive terms alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import sympy
from sympy import Add, Dummy, Expr, Indexed, Integer, Mul, Piecewise, Pow, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import free_letters, holds, is_letter, substitute
from chainrule.symbolic.index.named_functions import log_sum_exp, sigmoid, softplus
from chainrule.symbolic.index.real_functions import Abs
from chainrule.symbolic.index.tensors import entry_name
from chainrule.symbolic.system.exponential_names import summands, tensor_name
from chainrule.symbolic.system.system import System

from .complements import with_rests
from .exponents import exponent, is_shifted, of_weight, shifted_sum
from .positive_fractions import log_of_fraction, log_of_sum, mask, of_lowest_powers

#: What is rational in exponentials, with that form of it.
HYPERBOLIC = {
    sympy.tanh: lambda u: (sympy.exp(2 * u) - 1) / (sympy.exp(2 * u) + 1),
    sympy.cosh: lambda u: (sympy.exp(u) + sympy.exp(-u)) / 2,
}
#: Different exponentials in one fraction, beyond which it is not looked at: factoring takes long.
MOST_EXPONENTIALS = 4
#: Formulas in which entries are written by their definitions, beyond which the whole is too long.
MOST_DEFINITIONS = 100


def definition(part: Expr, system: System) -> Expr | None:
    """The formula of an entry that is inside of its tensor, or of a number with a name; None of what is given, and of what is too long."""
    formula = _own_formula(part, system)
    return None if formula is None or _is_long(formula, system) else formula


def _is_long(formula: Expr, system: System) -> bool:
    """Whether it is, once the entries in it are written by their definitions, and those in these."""
    waiting, written = [formula], 0
    while waiting and written <= MOST_DEFINITIONS:
        found = [_own_formula(part, system) for part in _factors_and_terms(waiting.pop())]
        further = [inner for inner in found if inner is not None]
        waiting += further
        written += bool(further)
    return bool(waiting)


def _factors_and_terms(formula: Expr) -> Iterator[Expr]:
    """What a fraction, a sum, or a choice between such is made of; a function's logarithm asks no more of what is inside of it."""
    match formula:
        case Add() | Mul() | Pow():
            parts = formula.args
        case Sum():
            parts = (formula.function,)
        case Piecewise():
            parts = tuple(value for value, _ in formula.args)
        case _:
            yield formula
            return
    for part in parts:
        yield from _factors_and_terms(part)


def _own_formula(part: Expr, system: System) -> Expr | None:
    if isinstance(part, Indexed):
        equation = system.definition.get(part.base.name)
        if equation is None or not all(_is_inside(*pair, system) for pair in zip(part.indices, equation.indices, strict=True)):
            return None
        return substitute(equation.expression, dict(zip(equation.indices, part.indices, strict=True)))
    equation = system.definition.get(str(part.name)) if isinstance(part, Symbol) and not part.is_integer else None
    return None if equation is None else equation.expression


def _is_inside(place: Expr, letter: Symbol, system: System) -> bool:
    size = system.axis(letter).size
    if is_letter(place):
        own = system.axis(place).size
        return axis_name(place) == axis_name(letter) or (own is not None and size is not None and own <= size)
    return isinstance(place, Indexed) or (place.is_Integer and place >= 0 and (place == 0 or (size is not None and place < size)))


@dataclass(frozen=True, slots=True)
class Logarithms:
    """Logarithms in one system; `through` are the tensors by whose definitions a term has been reached."""

    system: System
    through: frozenset[str] = frozenset()

    def of(self, argument: Expr) -> Expr | None:
        """log(argument); None where it is not made of exponentials."""
        match argument:
            case Indexed() | Symbol():
                return self.of_name(argument)
            case Pow() if argument.base.is_positive and argument.base.is_number:
                return None if argument.is_number else argument.exp * sympy.log(argument.base)
            case Pow():
                base = self.of(argument.base)
                return None if base is None else argument.exp * base
            case Mul():
                known, rest = self.split(argument)
                return None if known is None or rest.is_nonpositive else known + sympy.log(rest)
            case Sum():
                return self.of_sum(argument)
            case Add():
                return self.of_terms(argument)
            case sympy.cosh():
                magnitude = Abs(argument.args[0])
                return magnitude + softplus(-2 * magnitude) - sympy.log(2)
            case sympy.exp():
                return argument.args[0]
            case sigmoid():
                return -softplus(-argument.args[0])
            case Piecewise():
                return exponent(argument)
            case _:
                return None

    def of_name(self, part: Expr) -> Expr | None:
        name = entry_name(part)
        defined = None if name in self.through else definition(part, self.system)
        return None if defined is None else Logarithms(self.system, self.through | {name}).of(defined)

    def split(self, product: Expr) -> tuple[Expr | None, Expr]:
        """The logarithm of a product's factors that are made of exponentials, None where there is none of them, and the other factors."""
        found = [(factor, self.of(factor)) for factor in Mul.make_args(product)]
        return _sum_of([logarithm for _, logarithm in found]), Mul(*(factor for factor, logarithm in found if logarithm is None))

    def split_names(self, product: Expr) -> tuple[Expr | None, Expr]:
        """The same with the factors of names: what is no exponential in a = p (b + c) may be 0, and has no logarithm then."""
        parts = [(self.through, factor) for factor in Mul.make_args(product)]
        found: list[tuple[Expr | None, Expr]] = []
        while parts:
            through, factor = parts.pop()
            name = tensor_name(factor)
            defined = None if name is None or name in through else definition(factor, self.system)
            if isinstance(defined, Mul):
                parts += [(through | {str(name)}, inner) for inner in defined.args]
            else:
                logarithm = Logarithms(self.system, through).of(factor)
                found.append((logarithm, factor))
        return _sum_of([logarithm for logarithm, _ in found]), Mul(*(factor for logarithm, factor in found if logarithm is None))

    def of_sum(self, total: Sum) -> Expr | None:
        own = [limit[0] for limit in total.limits]
        masked = exponent(total.function)
        known, rest = (masked, Integer(1)) if masked is not None else self.split_names(total.function)
        if known is None or is_shifted(known) or not free_letters(known).issuperset(own) or rest.is_nonpositive:
            return None
        if rest.is_number:
            return reduce(log_sum_exp, own, known) + sympy.log(rest)
        highest, shifted = shifted_sum(known, rest, own)
        return highest + sympy.log(shifted)

    def of_terms(self, total: Add) -> Expr | None:
        is_above_0 = any(term.is_number and term.is_positive for term in total.args) and not any(map(_is_negative, total.args))
        is_named = any(tensor_name(part) in self.system.exponential_names for part in summands(total))
        if is_above_0 and not is_named and not holds(total, sympy.exp, *HYPERBOLIC):
            # What is added to a number does not vanish beside it.
            return None
        logarithms = [self.of_term(term) for term in total.args]
        if None not in logarithms:
            return log_of_sum(logarithms)
        # c − c σ(u) as c (1 − σ(u)), whatever number c is called
        product = sympy.factor_terms(total)
        known = self.of(product) if isinstance(product, Mul) and not product.is_number else self.of_fraction(total)
        return self.of_weighted_terms(total) if known is None else known

    def of_weighted_terms(self, total: Add) -> Expr | None:
        """m + log Σ w exp(u − m) of Σ w exp(u), with the largest u of a weight that is not 0 as m; a number is one with u = 0."""
        if any(not term.is_number and not any(isinstance(factor, sympy.exp) for factor in Mul.make_args(term)) for term in total.args):
            return None
        terms = [(Integer(0) if known is None else known, weight) for known, weight in map(self.split, total.args)]
        if any(is_shifted(known) for known, _ in terms):
            return None
        seen = [of_weight(known, weight) for known, weight in terms]
        highest = sympy.Max(*seen)
        return highest + sympy.log(Add(*(weight * sympy.exp(known - highest) for known, (_, weight) in zip(seen, terms, strict=True))))

    def of_term(self, term: Expr) -> Expr | None:
        known, rest = self.split(term)
        if rest.xreplace(self.constants).is_positive:
            return (Integer(0) if known is None else known) + sympy.log(rest)
        return None if rest != 1 or known is None else known

    @property
    def constants(self) -> dict[Symbol, Expr]:
        """The values of numbers that have names."""
        return {Symbol(name, real=True): sympy.Float(value) for name, value in self.system.constants.items()}

    def of_fraction(self, total: Add) -> Expr | None:
        """Of a sum with negative terms: as a fraction of products."""
        masks: dict[Dummy, Expr] = {}
        masked = self.masked(total, masks)
        if masked is None or not 1 <= len(masks) <= MOST_EXPONENTIALS:
            return None
        masked, masks = of_lowest_powers(masked, masks)
        logarithm = log_of_fraction(masked, masks)
        return log_of_fraction(*with_rests(masked, masks)) if logarithm is None else logarithm

    def masked(self, part: Expr, masks: dict[Dummy, Expr]) -> Expr | None:
        """A fraction in positive unknowns, the exponentials, whose logarithms go into `masks`; None where anything else is in it."""
        match part:
            case _ if part.is_Rational:
                return part
            case sympy.exp():
                times, unit = part.args[0].as_coeff_Mul()
                if not times.is_Integer or (times == 1 and unit.could_extract_minus_sign()):
                    times, unit = (-1, -part.args[0]) if part.args[0].could_extract_minus_sign() else (1, part.args[0])
                return mask(unit, masks) ** times
            case sigmoid():
                return self.masked(1 / (1 + sympy.exp(-part.args[0])), masks)
            case sympy.tanh() | sympy.cosh():
                return self.masked(HYPERBOLIC[type(part)](part.args[0]), masks)
            case Indexed() | Symbol():
                name = entry_name(part)
                defined = None if name in self.through else definition(part, self.system)
                return None if defined is None else Logarithms(self.system, self.through | {name}).masked(defined, masks)
            case Sum():
                logarithm = self.of_sum(part)
                return None if logarithm is None else mask(logarithm, masks)
            case Add() | Mul():
                parts = [self.masked(inner, masks) for inner in part.args]
                return None if None in parts else part.func(*parts)
            case Pow() if part.exp.is_Integer:
                base = self.masked(part.base, masks)
                return None if base is None else base**part.exp
            case _:
                return None


def _sum_of(logarithms: list[Expr | None]) -> Expr | None:
    known = [logarithm for logarithm in logarithms if logarithm is not None]
    return Add(*known) if known else None


def _is_negative(term: Expr) -> bool:
    return bool(term.could_extract_minus_sign())
