"""Adjoints put into each other, from one tensor towards the cost, the formula rewritten after each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.rewriting.algebra import operations
from chainrule.symbolic.rewriting.collecting_rewrites import rewritten
from chainrule.symbolic.rewriting.factoring import with_common_front
from chainrule.symbolic.rewriting.rule import Facts, Rule
from chainrule.symbolic.rewriting.substitution import substituted
from chainrule.symbolic.system.system import Equation

from .adjoint import Adjoint, Step
from .adjoint_graph import AdjointGraph
from .equal_equations import canonical_form

#: Adjoints that are put in, operations of a formula and its letters, at most: beyond, a line is no shorter than what it replaces.
MOST_PUT_IN = 24
LARGEST = 600
MOST_LETTERS = 12
#: A formula that is so many times as long as all that it stands for gets no shorter any more.
HOPELESS = 3


@dataclass(frozen=True)
class Collected:
    """The adjoint of `tensor` without the adjoints of the tensors `put_in`; the steps lead from the chain rule's result to it."""

    adjoint: Adjoint
    expression: Expr
    steps: tuple[Step, ...]
    put_in: tuple[str, ...]
    #: Operations of the formulas that this one stands for, less its own.
    spared: int

    @property
    def tensor(self) -> Tensor:
        return self.adjoint.tensor

    @property
    def equation(self) -> Equation:
        """An equation as any other, to be printed or computed."""
        return Equation(self.adjoint.as_tensor, self.expression)


@dataclass(frozen=True)
class Elimination:
    """From the adjoint of one tensor towards the cost."""

    graph: AdjointGraph
    adjoint: Adjoint

    @property
    def name(self) -> str:
        return self.adjoint.tensor.name

    def to(self, through: str) -> Collected:
        """With all adjoints between the two put in."""
        between = self.between(through)
        walk: Walk | None = Walk(self.adjoint, self.facts([*between, through]), self.formula(self.name))
        while walk is not None and (following := self.furthest(walk, between)) is not None:
            walk = walk.with_adjoint(self.graph.adjoints[following], self.formula(following))
        if walk is None:
            raise InvalidDescription(f"the gradient of {self.name!r} through {through!r} is too long for one line")
        return walk.collected()

    def between(self, through: str) -> list[str]:
        """The tensors on the paths from one to the other.

        Raises:
            InvalidDescription: where a path avoids `through`, or runs through a recurrence.
        """
        cost = self.graph.system.cost.tensor.name
        came_from = {self.name: self.name}
        waiting = [self.name] if through != self.name else []
        reached = False
        for current in waiting:
            for following in self.graph.readers(current):
                reached = reached or following == through
                if following != through and following not in came_from:
                    came_from[following] = current
                    waiting += [following] if following != cost else []
        if not reached:
            raise InvalidDescription(f"no path from {self.name!r} to the cost leads through {through!r}")
        if cost in came_from:
            route = " → ".join(_route(came_from, cost))
            raise InvalidDescription(f"the gradient of {self.name!r} is not one through {through!r}: {route} is a path beside it")
        if recurrent := self.graph.recurrent & set(waiting):
            written = ", ".join(sorted(recurrent))
            raise InvalidDescription(f"the gradient of {self.name!r} has no collected form: {written} depends on an earlier step")
        return waiting[1:]

    def formula(self, name: str) -> Expr:
        """An adjoint as the chain rule gave it, in terms of its readers' adjoints."""
        adjoint = self.graph.adjoints[name]
        return next((step.before for step in adjoint.steps if step.rule is Rule.PUT_IN), adjoint.expression)

    def furthest(self, walk: Walk, allowed: Iterable[str]) -> str | None:
        """Of the adjoints that may be put in, the furthest from the cost that the formula reads."""
        read = set(self.graph.read_by(walk.expression)) & set(allowed) - set(walk.put_in)
        return next((name for name in reversed(list(self.graph.adjoints)) if name in read), None)

    def shortest(self) -> Collected | None:
        """Adjoints that nothing else needs put in, one after another; the stage at which all that is computed is least."""
        walk: Walk | None = Walk(self.adjoint, self.facts(self.removable), self.adjoint.expression)
        best: Collected | None = None
        while walk is not None and (following := self.furthest(walk, self.removable)) is not None:
            adjoint = self.graph.adjoints[following]
            walk = walk.with_adjoint(adjoint, adjoint.expression)
            if walk is None or operations(walk.expression) > HOPELESS * (operations(self.adjoint.expression) + walk.replaced):
                break
            form = walk.collected()
            best = form if form.spared > 0 and (best is None or form.spared >= best.spared) else best
        return best

    @cached_property
    def removable(self) -> list[str]:
        """The tensors whose adjoints this one alone needs, at most so many; none where a recurrence is among them."""
        found: list[str] = []
        known = {self.name}
        waiting = [self.name]
        while waiting and len(found) < MOST_PUT_IN:
            following = [read for name in waiting for read in self.graph.reads[name]]
            waiting = []
            for name in dict.fromkeys(following):
                if name not in known and self.graph.consumers.get(name, known) <= known:
                    known.add(name)
                    waiting.append(name)
            # An adjoint with several consumers is met again behind the last of them.
            found += waiting
        return [] if known & self.graph.recurrent else found

    def is_weight_of(self, names: set[str]) -> bool:
        """Whether it is a parameter that one of these tensors alone reads, and so has no form where that one has none."""
        return self.adjoint.tensor.role is Role.PARAMETER and names.issuperset(self.graph.reads[self.name])

    @property
    def branches(self) -> bool:
        """Whether several paths lead on from the tensor, or from one behind it."""
        return any(len(self.graph.adjoints[name].derived_paths) > 1 for name in [self.name, *self.removable])

    def facts(self, between: Iterable[str]) -> Facts:
        """What may be relied on: the equations between, and of what the adjoints between are computed from.

        Those that read another parameter are left out: x̂ is known by its name, but not γ x̂, as a gradient is written by its parameters.
        """
        names = {self.name, *between}
        names |= {read for name in names for read in self.graph.reads[name]}
        names -= {self.name, *self.graph.recurrent}
        parameters = {tensor.name for tensor in self.graph.system.parameters} - {self.name}
        equations = tuple(
            equation for equation in self.graph.system.equations if equation.tensor.name in names and parameters.isdisjoint(equation.reads)
        )
        return Facts(self.graph.system, frozenset(self.adjoint.tensor.axes), equations, frozenset(self.graph.names))

    @property
    def kind(self) -> str:
        """The same for tensors whose forms are the same up to names."""
        parts = [self.adjoint.tensor.own_entry]
        for equation in self.facts(self.removable).equations:
            parts += [equation.tensor.own_entry, equation.expression]
        for name in [self.name, *self.removable]:
            parts += [self.graph.adjoints[name].as_tensor.own_entry, self.graph.adjoints[name].expression]
        return canonical_form(parts, self.graph.system)[0]


def _route(came_from: Mapping[str, str], last: str) -> list[str]:
    names = [last]
    while came_from[names[-1]] != names[-1]:
        names.append(came_from[names[-1]])
    return names[::-1]


@dataclass(frozen=True)
class Walk:
    """A formula on its way, multiplied out; `replaced` counts the operations of the formulas that it stands for."""

    adjoint: Adjoint
    facts: Facts
    expression: Expr
    steps: tuple[Step, ...] = ()
    put_in: tuple[str, ...] = ()
    replaced: int = 0

    def with_adjoint(self, adjoint: Adjoint, formula: Expr) -> Walk | None:
        """One more adjoint put in, and the formula rewritten; None where it gets too long."""
        longer = substituted(self.expression, Equation(adjoint.as_tensor, formula), self.facts.outside, self.facts.system)
        if len(self.put_in) >= MOST_PUT_IN or operations(longer) > LARGEST:
            return None
        steps = [*self.steps, Step(Rule.PUT_IN_ADJOINT, self.expression, longer)]
        steps += [Step(rewrite.rule, before, after) for rewrite, before, after in rewritten(longer, self.facts)]
        if len(letters(steps[-1].after)) > MOST_LETTERS:
            return None
        put_in = (*self.put_in, adjoint.tensor.name)
        return Walk(self.adjoint, self.facts, steps[-1].after, tuple(steps), put_in, self.replaced + operations(adjoint.expression))

    def collected(self) -> Collected:
        """The formula with what its terms share in front."""
        last = with_common_front(self.expression, self.facts.adjoints)
        own = self.adjoint.as_tensor.own_entry
        steps = [Step(Rule.DERIVED, own, self.steps[0].before if self.steps else self.expression), *self.steps]
        if last != self.expression:
            steps.append(Step(Rule.COMMON_FRONT, self.expression, last))
        spared = operations(self.adjoint.expression) + self.replaced - operations(last)
        return Collected(self.adjoint, last, tuple(steps), self.put_in, spared)
