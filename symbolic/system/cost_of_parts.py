"""Is the cost of all examples known from the costs of parts of them? Proved from the equations, or one that joins examples is named.

Every expression is one of four things, by rules that lead from what is given to the cost:

    shared      it reads no example: parameters, constants, inputs that all examples have
    own         it reads one example alone, that of a letter
    total       (Σ_n own[n])/divisor + shared
    inverse     1/divisor: 1/N, or 1/Σ_n own[n] of what is given, such as the entries that a mask leaves

Of a total C with a divisor D, of which parts have the shares D_p, C = Σ_p (D_p/D) C_p, and ∂C/∂w = Σ_p (D_p/D) ∂C_p/∂w. The shares add up
to 1, so what is shared, as a penalty is, counts once. Of a sum without a divisor C = Σ_p C_p, but for what is shared, which every C_p has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import NoReturn, TypeAlias

from sympy import Add, Basic, Expr, Indexed, Mul, Pow, S, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name, index, size_symbol
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import free_letters, is_letter, names_read
from chainrule.symbolic.index.named_functions import BINDERS, bound_letters
from chainrule.symbolic.index.tensors import Role, entry_indices, entry_name

from .system import Equation, System


class ExamplesJoined(InvalidDescription):
    """The cost of one example depends on another: by `equation`, or by the `reader` of what that computes of several."""

    def __init__(self, equation: Equation, reader: Equation) -> None:
        self.said = f"{equation}" if reader is equation else f"{equation}, which {reader.tensor.own_entry} reads"
        super().__init__(f"the cost is no sum over examples: they mix in {self.said}")


@dataclass(frozen=True, slots=True)
class CostOfParts:
    """The cost is a sum over the examples over a `divisor`: 1 for a sum, N for a mean, or another sum over them of what is given.

    `has_shared_terms` where something is added that is of no example, such as a penalty.
    """

    divisor: Expr
    has_shared_terms: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """The same whatever the examples are."""


@dataclass(frozen=True, slots=True)
class Own:
    """Of the example at a letter."""

    letter: Symbol


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over all examples, over a divisor."""

    divisor: Expr
    has_shared_terms: bool = False


@dataclass(frozen=True, slots=True)
class Inverse:
    """One over a divisor."""

    divisor: Expr


Kind: TypeAlias = Shared | Own | Total | Inverse


def cost_of_parts(system: System) -> CostOfParts:
    """How the cost of all examples follows from the costs of parts of them.

    Raises:
        ExamplesJoined: where it doesn't, with the equation.
        InvalidDescription: where there is no axis of examples.
    """
    if system.batch is None or system.batch not in system.axes:
        raise InvalidDescription('the network has no axis of examples; batch = "n" names it')
    return _Proof(system, system.batch).found()


class _Proof:
    def __init__(self, system: System, batch: str) -> None:
        self.system, self.batch, self.size = system, batch, size_symbol(batch)
        #: The axes that have more positions where there are more examples.
        self.counted = {batch, *(name for name, axis in system.axes.items() if axis.rule is not None and axis.rule.has(self.size))}
        self.learned = system.depending_on(tensor.name for tensor in (*system.parameters, *system.directions))
        self.kinds: dict[str, Kind] = {}
        #: What was read before its equation was looked at, as recurrences do.
        self.read_early: set[str] = set()
        self.waiting = {equation.tensor.name for equation in system.equations}
        self.equation = system.cost

    def found(self) -> CostOfParts:
        self.take_for_granted()
        for equation in self.system.equations:
            self.follow(equation)
        cost = self.kinds[self.system.cost.tensor.name]
        if not isinstance(cost, Total):
            self.refuse(self.system.cost)
        return CostOfParts(cost.divisor, cost.has_shared_terms)

    def take_for_granted(self) -> None:
        """What has the axis of examples is one example's own at each place of it; of computed tensors that is seen in their equations."""
        system = self.system
        with_examples = system.depending_on(tensor.name for tensor in system.tensors.values() if tensor.place_of(self.batch) is not None)
        for name, tensor in system.tensors.items():
            counted = [axis_name(letter) for letter in tensor.axes if axis_name(letter) in self.counted]
            if counted and (counted != [self.batch] or tensor.role is Role.PARAMETER):
                self.equation = next(iter(system.readers.get(name, ())), system.cost)
                self.refuse(system.definition.get(name, self.equation))
            if counted or name not in with_examples:
                self.kinds[name] = Own(index(self.batch)) if counted else Shared()

    def follow(self, equation: Equation) -> None:
        self.equation = equation
        kind, name, place = self.of(equation.expression), equation.tensor.name, equation.tensor.place_of(self.batch)
        if place is not None:
            self.expect(kind, equation.indices[place])
        elif isinstance(kind, Own) or (name in self.read_early and kind != Shared()):
            self.refuse(equation)
        else:
            self.kinds[name] = kind
        self.waiting.discard(name)

    def of(self, expression: Basic) -> Kind:
        match expression:
            case _ if isinstance(expression, Indexed) or (isinstance(expression, Symbol) and expression.name in self.system.tensors):
                return self.of_entry(expression)
            case Symbol():
                if expression == self.size:
                    return Total(S.One)
                is_counted = is_letter(expression) and axis_name(expression) in self.counted
                return self.refuse(self.equation) if is_counted or expression in map(size_symbol, self.counted) else Shared()
            case Sum():
                return self.of_sum(expression)
            case Add():
                return reduce(self.added, map(self.of, expression.args))
            case Mul():
                return reduce(self.multiplied, map(self.of, expression.args))
            case Pow() if expression.exp == -1 and self.of(expression.base) == Total(S.One):
                return Inverse(self.divisor(expression.base))
            case _ if isinstance(expression, BINDERS):
                if any(axis_name(letter) in self.counted for letter in bound_letters(expression)):
                    self.refuse(self.equation)
                return self.together(expression.args[:1])
            case _:
                return self.together(expression.args)

    def of_entry(self, entry: Expr) -> Kind:
        """Of the example at which it is read; of one without the axis of examples, what its equation has shown."""
        name, places = entry_name(entry), entry_indices(entry)
        if name not in self.kinds:
            self.refuse(self.equation)
        if name in self.waiting:
            self.read_early.add(name)
        kind, own = self.kinds[name], self.system.tensors[name].place_of(self.batch)
        others = self.together(place for at, place in enumerate(places) if at != own)
        if own is None:
            return others if kind == Shared() else kind if others == Shared() else self.refuse(self.system.definition[name])
        letter = places[own]
        if not is_letter(letter) or axis_name(letter) != self.batch:
            self.refuse(self.equation)
        self.expect(others, letter)
        return Own(letter)

    def of_sum(self, expression: Sum) -> Kind:
        kind = self.of(expression.function)
        over = [limit[0] for limit in expression.limits if axis_name(limit[0]) in self.counted]
        if not over:
            return kind
        if len(over) > 1 or axis_name(over[0]) != self.batch:
            self.refuse(self.equation)
        self.expect(kind, over[0])
        return Total(S.One)

    def added(self, one: Kind, other: Kind) -> Kind:
        match one, other:
            case Total(), Total() if one.divisor == other.divisor:
                return Total(one.divisor, one.has_shared_terms or other.has_shared_terms)
            case (Total() as total, Shared()) | (Shared(), Total() as total):
                return Total(total.divisor, True)
            case _:
                return self.either(one, other)

    def multiplied(self, one: Kind, other: Kind) -> Kind:
        match one, other:
            case (Total() | Inverse() as kind, Shared()) | (Shared(), Total() | Inverse() as kind):
                return kind
            case (Total(S.One, False), Inverse() as kind) | (Inverse() as kind, Total(S.One, False)):
                return Total(kind.divisor)
            case _:
                return self.either(one, other)

    def together(self, parts: Iterable[Basic]) -> Kind:
        """Of any function of the parts."""
        nothing: Kind = Shared()
        return reduce(self.either, map(self.of, parts), nothing)

    def either(self, one: Kind, other: Kind) -> Kind:
        """Of any function of two, both of one example at most."""
        kinds = {one, other} - {Shared()}
        if len(kinds) > 1 or any(not isinstance(kind, Own) for kind in kinds):
            self.refuse(self.mixing())
        return kinds.pop() if kinds else Shared()

    def expect(self, kind: Kind, letter: Symbol) -> None:
        if kind not in (Shared(), Own(letter)):
            self.refuse(self.mixing())

    def divisor(self, expression: Expr) -> Expr:
        """By what a mean divides: without factors that all parts share, and with the definitions of single numbers put in."""
        while totals := [name for name in names_read(expression) if isinstance(self.kinds.get(name), Total)]:
            definitions = {self.system.tensors[name].own_entry: self.system.definition[name].expression for name in totals}
            expression = expression.xreplace(definitions)
        if free_letters(expression) or not self.learned.isdisjoint(names_read(expression)):
            self.refuse(self.mixing())
        return Mul(*(factor for factor in Mul.make_args(expression) if self.of(factor) != Shared()))

    def mixing(self) -> Equation:
        """The equation that computes something of several examples: of those that this one reads, or itself."""
        totals = [name for name in self.equation.reads if isinstance(self.kinds.get(name), (Total, Inverse))]
        return self.system.definition[totals[0]] if totals else self.equation

    def refuse(self, equation: Equation) -> NoReturn:
        raise ExamplesJoined(equation, self.equation)
