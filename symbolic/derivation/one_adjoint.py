"""The adjoint of one tensor from the equations that read it, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Pow, Symbol

from chainrule.symbolic.index.axes import fresh
from chainrule.symbolic.index.implicit import body, implicit
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, letters, names_read, nodes, renamed, substitute
from chainrule.symbolic.index.tensors import Role, Tensor, entry
from chainrule.symbolic.rewriting.algebra import operations
from chainrule.symbolic.rewriting.deltas import eliminate_deltas, linear_terms
from chainrule.symbolic.rewriting.deviations import is_mean
from chainrule.symbolic.rewriting.output_form import output_form
from chainrule.symbolic.rewriting.recognition import RECOGNISABLE, recognised
from chainrule.symbolic.rewriting.rewrites import ABSOLUTE_VALUE, rewrite_until_stable
from chainrule.symbolic.rewriting.rule import Facts, Rule
from chainrule.symbolic.rewriting.substitution import substituted
from chainrule.symbolic.system.system import Equation, System

from .adjoint import Adjoint, Path, Step
from .differentiation import differentiated, rule_of_derivative
from .partial_derivative import PartialDerivative

#: Operations of a formula that is put in for an adjoint of a held entry; larger ones keep their names.
MOST_PASSED_ON = 60


def _sensitivity(reader: Equation, system: System, adjoints: Mapping[str, Adjoint]) -> Expr:
    """v̄ at the reader's own letters, by its name where its formula is not a mere number or direction; 1 for the cost itself."""
    if reader.tensor.role is Role.COST:
        return Integer(1)
    known = adjoints.get(reader.tensor.name)
    if known is not None and (
        known.expression.is_number or _is_direction(known.expression, system) or _is_at_held(known.expression, system)
    ):
        # The adjoint has the reader's own letters.
        return known.expression
    return entry(system.adjoint_name(reader.tensor.name), (*reader.indices, *system.held))


def _is_direction(expression: Expr, system: System) -> bool:
    """An entry of a direction along which a derivative is taken: vW[j,k] needs no second name."""
    return any(expression == direction.own_entry for direction in system.directions)


def _is_at_held(expression: Expr, system: System) -> bool:
    """What is 0 except where a letter is one of those held, δ(n,n′) f: the sum over that letter uses it up."""
    if not system.held or operations(expression) > MOST_PASSED_ON:
        return False
    return all(any(_holds(factor, system) for factor in term.factors) for term in linear_terms(expression))


def _holds(factor: Expr, system: System) -> bool:
    return isinstance(factor, KroneckerDelta) and not free_letters(factor).isdisjoint(system.held)


def relevant(reader: Equation, tensor: Tensor) -> Equation:
    """The reader; of a total such as the cost, whose terms may be as many as the layers, only the terms that read the tensor."""
    if isinstance(reader.expression, implicit):
        # Both sides are differentiated: that x stands on the right too makes a further way, through x itself.
        return Equation(reader.tensor, body(reader.expression))
    if reader.indices or not isinstance(reader.expression, Add):
        return reader
    return Equation(reader.tensor, Add(*(term for term in reader.expression.args if tensor.name in names_read(term))))


@dataclass(frozen=True)
class OneAdjoint:
    """One tensor, the equations that read it, and what is known already."""

    tensor: Tensor
    readers: tuple[Equation, ...]
    system: System
    adjoints: Mapping[str, Adjoint]
    active: set[str]

    @property
    def parts(self) -> list[Expr]:
        """Everything on which the derivation depends."""
        found = [self.tensor.own_entry, self.target]
        for reader in self.readers:
            found += [reader.tensor.own_entry, reader.expression, _sensitivity(reader, self.system, self.adjoints)]
        for mean in self.means:
            found += [mean.tensor.own_entry, mean.expression]
        replaceable = self.replaceable
        return [*found, replaceable.expression, Integer(self.is_only_reader(replaceable))] if replaceable else found

    @cached_property
    def means(self) -> tuple[Equation, ...]:
        """The definitions of means that the readers read: Σ_n (u[n] − m) is 0 by the definition of m alone."""
        names = dict.fromkeys(name for reader in self.readers for name in names_read(reader.expression))
        definitions = (self.system.definition[name] for name in names if name in self.system.definition)
        return tuple(equation for equation in definitions if is_mean(equation.expression))

    @property
    def target(self) -> Expr:
        return entry(self.system.adjoint_name(self.tensor.name), (*self.tensor.axes, *self.system.held))

    @property
    def is_implicit(self) -> bool:
        """Whether the tensor solves its equation; then its adjoint does too."""
        own = self.system.definition.get(self.tensor.name)
        return own is not None and isinstance(own.expression, implicit)

    @property
    def outside(self) -> frozenset[Symbol]:
        """The letters of the result: no sum inside of it may use one of them for its own."""
        return frozenset((*self.tensor.axes, *self.system.held))

    @cached_property
    def facts(self) -> Facts:
        return Facts(self.system, self.outside, self.means, frozenset(self.system.adjoint_of))

    @property
    def replaceable(self) -> Adjoint | None:
        """The reader's adjoint, where there is one reader; putting its formula in may shorten both."""
        return self.adjoints.get(self.readers[0].tensor.name) if len(self.readers) == 1 else None

    def is_only_reader(self, adjoint: Adjoint) -> bool:
        """Whether nothing else needs that adjoint once its formula is put in here."""
        reads = self.system.definition[adjoint.tensor.name].reads
        return sum(name in self.active for name in reads) == 1

    def solve(self) -> Adjoint:
        paths, chain, local = [], [], []
        for reader in self.readers:
            path, sensitivity, own = self.path(reader)
            paths.append(path)
            chain.append(bound_sum(sensitivity * path.steps[0].before, *own))
            local.append(bound_sum(sensitivity * path.local_derivative, *own))
        steps = [Step(Rule.CHAIN_RULE, self.target, Add(*chain))]
        self.move(steps, Rule.LOCAL_DERIVATIVE, Add(*local))
        self.move(steps, Rule.DELTA, eliminate_deltas(Add(*local), self.system.stored, self.outside))
        self.rewrite(steps)
        steps = self.with_formula_put_in(steps)
        if self.is_implicit and self.system.adjoint_name(self.tensor.name) in names_read(steps[-1].after):
            self.move(steps, Rule.IMPLICIT, implicit(self.target, steps[-1].after))
        return Adjoint(self.tensor, steps[-1].after, tuple(paths), tuple(steps), mark=self.system.adjoint_mark, held=self.system.held)

    def path(self, reader: Equation) -> tuple[Path, Expr, tuple[Expr, ...]]:
        """The local derivative of one reader, its letters kept apart from the tensor's own."""
        apart = _apart(reader, self.outside)
        at = tuple(apart.get(letter, letter) for letter in reader.indices)
        # Of the cost the entry that is held is differentiated, of any other tensor every one.
        own = () if reader.tensor.role is Role.COST else at
        equation = Equation(Tensor(reader.tensor.name, at, reader.tensor.role), renamed(reader.expression, apart))
        wanted = self.tensor.own_entry
        derivative = differentiated(equation.expression, wanted)
        through = reader.tensor.at(*at)
        steps = [Step(rule_of_derivative(equation, self.tensor.name), PartialDerivative(through, wanted), derivative)]
        is_whole = reader.expression == body(self.system.definition[reader.tensor.name].expression)
        steps = self.without_deltas(steps, equation, own, is_whole)
        return Path(through, tuple(steps)), substitute(_sensitivity(reader, self.system, self.adjoints), apart), own

    def without_deltas(self, steps: list[Step], equation: Equation, own: tuple[Expr, ...], is_whole: bool) -> list[Step]:
        """The steps with the deltas used up and what is left in short.

        δ(w, c[n]) σ′(V[c[n]]) is δ(w, c[n]) σ′(V[w]), in which p[n] = σ(V[c[n]]) is not recognised; p[n] (1 − p[n]) is put first where
        that is shorter.
        """
        outside, stored = self.outside | set(own), self.system.stored
        ways: list[list[Step]] = []
        for sifting in (True, False):
            way = list(steps)
            self.move(way, Rule.DELTA, eliminate_deltas(way[-1].after, stored, outside, frozenset(own), sifting=sifting))
            if ways and way == ways[0][: len(way)]:
                break
            self.move(way, ABSOLUTE_VALUE.rule, ABSOLUTE_VALUE.apply(way[-1].after, self.facts))
            self.in_short(way, equation, outside, is_whole)
            ways.append(way)
        return min(ways, key=lambda way: operations(way[-1].after))

    def in_short(self, steps: list[Step], equation: Equation, outside: frozenset[Symbol], is_whole: bool) -> None:
        """The local derivative through the equation's own output, or with a function recognised, where that is shorter."""
        start = steps[-1].after
        # Some terms of a total are not its value.
        forms = {Rule.OUTPUT_FORM: output_form(start, equation, outside) if is_whole else start}
        if forms[Rule.OUTPUT_FORM].has(*RECOGNISABLE):
            forms[Rule.RECOGNISE] = recognised(start)
        rule = min(forms, key=lambda rule: operations(forms[rule]))
        self.move(steps, rule, forms[rule])

    def move(self, steps: list[Step], rule: str, after: Expr) -> None:
        if after != steps[-1].after:
            steps.append(Step(rule, steps[-1].after, after))

    def rewrite(self, steps: list[Step]) -> None:
        for rewrite, before, after in rewrite_until_stable(steps[-1].after, self.facts):
            steps.append(Step(rewrite.rule, before, after))

    def with_formula_put_in(self, steps: list[Step]) -> list[Step]:
        """The steps with the reader's adjoint replaced by its formula, where both together become cheaper."""
        replaceable = self.replaceable
        # Where others read that adjoint too, it is computed anyway.
        if replaceable is None or replaceable.expression.is_number or not self.is_only_reader(replaceable):
            return steps
        if isinstance(replaceable.expression, implicit):
            return steps
        longer = list(steps)
        self.move(longer, Rule.PUT_IN, substituted(steps[-1].after, replaceable.equation, self.outside, self.system))
        self.rewrite(longer)
        spared = operations(replaceable.expression)
        before, after = operations(steps[-1].after), operations(longer[-1].after)
        # A division by an output that cancels is gone for good: the output may be 0.
        cancelled = _divides_by_entries(replaceable.expression) and not _divides_by_entries(longer[-1].after)
        # Otherwise half of what is spared, so that two plain formulas are not folded into one that is hardly shorter.
        shorter = after <= before + spared if cancelled else after < before + spared // 2
        return longer if shorter else steps


def _divides_by_entries(expression: Expr) -> bool:
    return any(isinstance(node, Pow) and node.exp.is_negative and node.base.has(Indexed) for node in nodes(expression))


def _apart(reader: Equation, outside: frozenset[Symbol]) -> dict[Symbol, Expr]:
    """New letters for those of the reader that the result has itself; the left side's get the fewest primes."""
    own = () if reader.tensor.role is Role.COST else reader.indices
    everything = letters(reader.expression) | set(own)
    taken = set(outside)
    ordered = [*own, *sorted(everything - set(reader.indices), key=lambda letter: letter.name)]
    renamed: dict[Symbol, Symbol] = {}
    for letter in ordered:
        renamed[letter] = letter if letter not in taken else fresh(letter, taken)
        taken.add(renamed[letter])
    return {old: new for old, new in renamed.items() if old != new}
