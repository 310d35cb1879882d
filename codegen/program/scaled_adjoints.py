"""An adjoint that divides by what all its readers multiply by again is computed without: the divisor may have rounded to 0.

    do = (o − y)/(o (1 − o)),   dw = Σ do o (1 − o) h        do_scaled = do o (1 − o) = o − y,   dw = Σ do_scaled h

The derivative of a logarithm divides by a probability p, that of the sigmoid or softmax before it multiplies by p. Where both are one
formula, p is gone from it; where several equations read the adjoint, it is this rule that takes p away. Documents show both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Add, Dummy, Expr, Indexed, Integer, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol

from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.once import once_for_each
from chainrule.symbolic.derivation.scaled_equation import ScaledEquation
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.index_letters import free_letters, names_read, nodes, substitute
from chainrule.symbolic.index.tensors import Role, Tensor, entry_name
from chainrule.symbolic.rewriting.algebra import turn_signs
from chainrule.symbolic.rewriting.deltas import Term
from chainrule.symbolic.rewriting.rewrites import cancel
from chainrule.symbolic.rewriting.rule import Facts
from chainrule.symbolic.system.system import Equation

from .complements import with_complements_put_in, with_own_term_apart
from .logarithms import Logarithms
from .named_exponentials import with_adjoints_put_in
from .quotients import with_share

#: Behind a tensor's name in the name of its scaled adjoint.
MARK = "_scaled"


@dataclass(frozen=True)
class ScaledAdjoint(Adjoint):
    """An adjoint of `of` times some factor; `tensor` has its name."""

    product: Expr = Integer(1)  # noqa: RUF009

    @cached_property
    def equation(self) -> Equation:
        return ScaledEquation(self.as_tensor, self.expression, self.product)


@once_for_each
def with_scaled_adjoints(derivation: Derivation) -> Derivation:
    """The derivation as it is computed."""
    derivation = with_complements_put_in(with_adjoints_put_in(derivation))
    for name in [adjoint.tensor.name for adjoint in derivation.needed if adjoint.tensor.role is not Role.PARAMETER]:
        adjoint = derivation.adjoints[name]
        if not isinstance(adjoint, ScaledAdjoint):
            derivation = _Scaling(derivation, adjoint).result()
    return derivation


@dataclass(frozen=True)
class _Scaling:
    """One adjoint, and those that read it."""

    derivation: Derivation
    adjoint: Adjoint

    def result(self) -> Derivation:
        """The derivation with it scaled, or as it was where some reader does not multiply by what it divides by."""
        if not any(map(_is_divisor, nodes(self.adjoint.expression))):
            return self.derivation
        terms = [_at_own_place(term, self.own) for term in _terms(self.adjoint.expression, self.adjoint.as_tensor.name)]
        choices = self.choices(terms)
        # Who reads it is looked for among all adjoints, so only where there is something to scale by.
        readers = [other for other in self.derivation.needed if self.name in names_read(other.expression)] if choices else []
        attempts = (self.scaled_by(divisors, terms, readers) for divisors in choices if readers)
        return next((found for found in attempts if found is not None), self.derivation)

    def scaled_by(self, divisors: dict[Expr, int], terms: list[Expr], readers: list[Adjoint]) -> Derivation | None:
        """The derivation with the adjoint times these powers; None where some reader does not multiply by them."""
        scaled = self.new_tensor()
        factor = Mul(*(base**power for base, power in divisors.items()))
        own_formula = self.shortened(Add(*(term * factor for term in terms)), self.adjoint.tensor)
        value = own_formula if own_formula.is_number else None
        formulas = {}
        for reader in readers:
            before = own_formula if reader is self.adjoint else reader.expression
            after = self.read_otherwise(before, divisors, scaled, value)
            if after is None:
                apart = with_own_term_apart(before, _terms(before, self.name), self.name)
                after = None if apart == before else self.read_otherwise(apart, divisors, scaled, value)
            if after is None:
                return None
            formulas[reader.tensor.name] = self.shortened(after, reader.tensor)
        adjoints: dict[str, Adjoint] = {}
        for name, other in self.derivation.adjoints.items():
            if other is self.adjoint:
                formula = formulas.get(name, own_formula)
                product = self.adjoint.as_tensor.own_entry * factor
                adjoints[scaled.name] = ScaledAdjoint(scaled, formula, (), (), mark=other.mark, product=product)
            else:
                adjoints[name] = replace(other, expression=formulas[name]) if name in formulas else other
        system = self.derivation.system
        return Derivation(replace(system, tensors={**system.tensors, scaled.name: scaled}), adjoints, self.derivation.network)

    @property
    def own(self) -> Expr:
        return self.adjoint.tensor.own_entry

    @property
    def name(self) -> str:
        return self.adjoint.as_tensor.name

    def new_tensor(self) -> Tensor:
        system = self.derivation.system
        taken = {name for stored in system.stored for name in (stored, stored.removeprefix(system.adjoint_mark))}
        return Tensor(free_name(f"{self.adjoint.tensor.name}{MARK}", taken), self.adjoint.tensor.axes, Role.ADJOINT)

    def choices(self, terms: list[Expr]) -> list[dict[Expr, int]]:
        """What the adjoint may be scaled by: its divisors, or else a probability that is in them, as in p/(p + q)."""
        own = self.divisors(terms)
        below = [part.base for term in terms for part in Mul.make_args(term) if _is_divisor(part)]
        name = self.adjoint.tensor.name
        is_inside = any(name in names_read(base) and not _is_above_0(base) for base in below)
        is_probability = is_inside and Logarithms(self.derivation.system).of(self.own) is not None
        # 1/(1 − 2 p) is none that a sigmoid's slope multiplies by, 1/(1 − p) beside it is.
        both = {base: power for base, power in own.items() if base in (self.own, 1 - self.own)}
        tried = (own, both, {self.own: 1} if is_probability else {})
        return [choice for place, choice in enumerate(tried) if choice and choice not in tried[:place]]

    def divisors(self, terms: list[Expr]) -> dict[Expr, int]:
        """What is divided by and made of the tensor's own entry alone, with the largest power."""
        found: dict[Expr, int] = {}
        for part in (part for term in terms for part in Mul.make_args(term) if _is_divisor(part)):
            if set(names_read(part.base)) == {self.adjoint.tensor.name} and _entries(part.base, self.adjoint.tensor.name) == {self.own}:
                found[part.base] = max(found.get(part.base, 0), -int(part.exp))
        return found

    def read_otherwise(self, expression: Expr, divisors: dict[Expr, int], scaled: Tensor, value: Expr | None) -> Expr | None:
        """The expression with the scaled adjoint in place of the adjoint times its divisors; None where one of these is missing."""
        whole = []
        for term in _terms(expression, self.name):
            read = _reads(term, self.name)
            if not read:
                whole.append(term)
                continue
            if len(read) > 1:
                return None
            (entry,) = read
            taken = _product_around(term, entry)
            if taken is None:
                return None
            over, factors = taken
            places = dict(zip(self.adjoint.tensor.axes, entry.indices, strict=True)) if isinstance(entry, Indexed) else {}
            for base, power in divisors.items():
                left = _divided(factors, substitute(base, places), power)
                if left is None and base == self.own and power == 1:
                    left = self.by_definition(factors, places)
                if left is None and power == 1:
                    left = with_share(factors, substitute(base, places), self.derivation.system)
                if left is None:
                    return None
                factors = left
            new = scaled_entry(scaled, self.derivation, entry) if value is None else substitute(value, places)
            whole.append(Term(over, (*factors, new)).expression())
        return Add(*whole)

    def by_definition(self, factors: list[Expr], places: dict[Symbol, Expr]) -> list[Expr] | None:
        """r over p = c r is 1/c."""
        defined = self.derivation.system.definition.get(self.adjoint.tensor.name)
        if defined is None or not isinstance(defined.expression, Mul | Pow):
            return None
        product, divisor = Mul(*factors), substitute(defined.expression, places)
        shared = {part.as_base_exp()[0] for part in Mul.make_args(product)} & {part.as_base_exp()[0] for part in Mul.make_args(divisor)}
        if not any(not base.is_number for base in shared):
            return None
        # As letters: what is written in cases has a power by cases, 1/0 among them, and cancels with nothing.
        cases = {case: Dummy() for case in product.atoms(Piecewise) | divisor.atoms(Piecewise)}
        left = Mul.make_args(product.xreplace(cases) / divisor.xreplace(cases))
        if any(_is_divisor(part) and part.atoms(Dummy).intersection(cases.values()) for part in left):
            return None
        written = {letter: case for case, letter in cases.items()}
        return [part.xreplace(written) for part in left]

    def shortened(self, expression: Expr, tensor: Tensor) -> Expr:
        return turn_signs(cancel(expression, Facts(self.derivation.system, frozenset(tensor.axes))))


def scaled_entry(scaled: Tensor, derivation: Derivation, like: Expr) -> Expr:
    """The scaled adjoint where the adjoint was read."""
    tensor = Tensor(derivation.system.adjoint_name(scaled.name), scaled.axes, Role.ADJOINT)
    return tensor.at(*(like.indices if isinstance(like, Indexed) else ()))


def _entries(expression: Expr, name: str) -> set[Expr]:
    """Every place at which a tensor is read."""
    if isinstance(expression, Indexed):
        return {expression} if expression.base.name == name else set()
    if isinstance(expression, Symbol):
        return {expression} if str(expression.name) == name else set()
    inside = expression.args[:1] if isinstance(expression, Sum) else expression.args
    return set().union(*(_entries(part, name) for part in inside)) if inside else set()


def _reads(expression: Expr, name: str) -> list[Expr]:
    return sorted(_entries(expression, name), key=str)


def _terms(expression: Expr, name: str) -> list[Expr]:
    """The terms of an expression, brackets and sums around a read of a tensor multiplied out."""
    return [term for part in Add.make_args(expression) for term in _multiplied_out(part, name)]


def _multiplied_out(term: Expr, name: str) -> Iterator[Expr]:
    factors = Mul.make_args(term)
    for place, factor in enumerate(factors):
        rest = factors[:place] + factors[place + 1 :]
        if isinstance(factor, Add) and (_entries(factor, name) or _divides(factor)):
            for part in factor.args:
                yield from _multiplied_out(Mul(*rest, part), name)
            return
        if isinstance(factor, Sum) and _entries(factor, name):
            parts = _terms(factor.function, name)
            if len(parts) > 1:
                for part in parts:
                    yield Mul(*rest, factor.func(part, *factor.limits))
                return
    yield term


def _divides(total: Expr) -> bool:
    return any(isinstance(part, Pow) and part.exp.is_negative for term in total.args for part in Mul.make_args(term))


def _at_own_place(term: Expr, own: Expr) -> Expr:
    """δ(2, t)/(1 − h[2]) with h[t], and every divisor with the sign of its first term turned so that equal ones are the same."""
    factors = Mul.make_args(term)
    if isinstance(own, Indexed):
        for delta in [factor for factor in factors if isinstance(factor, KroneckerDelta)]:
            for letter, place in (delta.args, delta.args[::-1]):
                if letter in own.indices:
                    there = own.xreplace({letter: place})
                    term = Mul(*(part if part == delta else part.xreplace({there: own}) for part in Mul.make_args(term)))
    return Mul(*(_turned(part) for part in Mul.make_args(term)))


def _is_above_0(base: Expr) -> bool:
    """Whether a number is added, beside which a probability may vanish."""
    return isinstance(base, Add) and any(term.is_number for term in base.args)


def _is_divisor(part: Expr) -> bool:
    return isinstance(part, Pow) and bool(part.exp.is_Integer and part.exp.is_negative)


def _turned(part: Expr) -> Expr:
    """1/(2 o − 2) as −1/2 · 1/(1 − o)."""
    if _is_divisor(part) and isinstance(part.base, Add):
        content, primitive = part.base.primitive()
        if primitive.as_coeff_Add()[0].is_negative:
            content, primitive = -content, -primitive
        return Mul(content**part.exp, primitive**part.exp)
    return part


def _product_around(term: Expr, entry: Expr) -> tuple[tuple[Symbol, ...], list[Expr]] | None:
    """Σ over letters of a product in which the entry is one factor: the letters and the other factors."""
    over: tuple[Symbol, ...] = ()
    factors = list(Mul.make_args(term))
    while entry not in factors:
        around = next((factor for factor in factors if isinstance(factor, Sum) and entry in _entries(factor, entry_name(entry))), None)
        own = tuple(limit[0] for limit in around.limits) if around is not None else ()
        if around is None or any(free_letters(factor) & set(own) for factor in factors if factor is not around):
            return None
        factors.remove(around)
        factors += Mul.make_args(around.function)
        over += own
    factors.remove(entry)
    return None if any(_entries(factor, entry_name(entry)) for factor in factors) else (over, factors)


def _divided(factors: list[Expr], divisor: Expr, power: int) -> list[Expr] | None:
    """The factors without a power of one of them."""
    product = Mul(*factors)
    for sign in (1, -1):
        for part in Mul.make_args(product):
            base, exponent = part.as_base_exp()
            if base == sign * divisor and exponent.is_number and exponent >= power:
                return list(Mul.make_args(sign**power * product / base**power))
    return None
