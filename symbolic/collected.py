"""An adjoint in one line: the adjoints on the way to another one put into each other, and the whole simplified.

Batch normalisation in six equations has six adjoints between the one of its output and the one of its input. Put in one after another,
the furthest from the cost first, with the sums that are 0 or 1 by the network's own equations left out, they are the formula of the paper:

    dx[n] = γ r (N dy[n] − Σ_n dy[n] − x̂[n] Σ_n dy[n] x̂[n]) / N
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sympy import Expr

from .algebra import operations
from .collecting import rewritten
from .common_front import with_common_front
from .equations import Equation
from .failures import InvalidDescription
from .kinds import kind_of
from .letters import letters, names_read
from .put_in import with_definition
from .recurrence import grouped
from .rewrites import Facts
from .steps import Step
from .tensors import Role, Tensor

if TYPE_CHECKING:
    from .derivation import Adjoint, Derivation

#: Adjoints that are put in, operations of a formula and its letters, at most: beyond, a line is no shorter than what it replaces.
MOST_PUT_IN = 24
LARGEST = 600
MOST_LETTERS = 12
#: A formula that is so many times as long as all that it stands for gets no shorter any more.
HOPELESS = 3
#: A form is worth a line of its own where it does without so many adjoints.
LEAST_PUT_IN = 2


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


def collected(derivation: Derivation, name: str, through: str | None = None) -> Collected:
    """The adjoint of the tensor `name` in terms of the adjoint of `through`, which every path to the cost passes.

    Without `through`, the adjoints that nothing else needs are put in, as long as the whole gets shorter; that may lead to the cost.

    Raises:
        InvalidDescription: where some path avoids `through`, or no formula gets shorter.
    """
    way = _Way(Graph(derivation), derivation.adjoint(name))
    if through is not None:
        return way.to(through)
    found = way.shortest()
    if found is None:
        raise InvalidDescription(f"the gradient of {name!r} has no collected form: it gets no shorter with other adjoints put in")
    return found


def collected_forms(derivation: Derivation) -> tuple[Collected, ...]:
    """The collected forms that a reader wants to see, from the cost back; of equal layers, the one nearest to the cost.

    They are those of tensors from which several paths lead on, at once or behind, that do without two adjoints or more. Of a tensor and
    another on its paths, the one whose form spares more; the nearer to the cost in a tie.
    """
    graph = Graph(derivation)
    found: dict[str, Collected] = {}
    of_kind: dict[tuple[object, ...], Collected | None] = {}
    spared: dict[str, int] = {}
    without: set[str] = set()
    for name, adjoint in derivation.adjoints.items():
        way = _Way(graph, adjoint)
        if len(way.removable) < LEAST_PUT_IN or not way.branches or way.is_weight_of(without):
            continue
        kind = way.kind
        is_first = kind not in of_kind
        form = of_kind.setdefault(kind, way.shortest() if is_first else None)
        if form is None or len(form.put_in) < LEAST_PUT_IN:
            without.add(name)
            continue
        spared[name] = form.spared
        inside = [other for other in form.put_in if other in spared]
        if is_first and form.spared > max((spared[other] for other in inside), default=0):
            for other in inside:
                found.pop(other, None)
            found[name] = form
    return tuple(found.values())


def form_of(derivation: Derivation, name: str) -> Collected | None:
    """The collected form of one tensor, where it does without several adjoints and spares more than that of a tensor on its paths."""
    graph = Graph(derivation)
    form = _Way(graph, derivation.adjoint(name)).shortest()
    if form is None or len(form.put_in) < LEAST_PUT_IN:
        return None
    inside = (_Way(graph, derivation.adjoint(other)).shortest() for other in form.put_in)
    return form if form.spared > max(other.spared if other else 0 for other in inside) else None


class Graph:
    """Which adjoints read which, and which tensors; the same for all tensors of a derivation."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.system = derivation.system
        self.adjoints = derivation.adjoints
        #: Tensors by the names of their adjoints, from the cost back.
        self.names = {adjoint.as_tensor.name: name for name, adjoint in self.adjoints.items()}
        #: Tensor → tensors whose adjoints its own adjoint reads.
        self.reads = {name: self.read_by(adjoint.expression) for name, adjoint in self.adjoints.items()}
        #: Tensor → tensors whose adjoints read its own.
        self.consumers: dict[str, set[str]] = {}
        for adjoint in derivation.needed:
            for read in self.reads[adjoint.tensor.name]:
                self.consumers.setdefault(read, set()).add(adjoint.tensor.name)
        groups = [group for group in grouped(self.system.equations) if group.letter is not None]
        self.recurrent = frozenset(name for group in groups for name in group.names)

    def read_by(self, expression: Expr) -> list[str]:
        """Tensors whose adjoints an expression reads."""
        return [self.names[read] for read in names_read(expression) if read in self.names]

    def readers(self, name: str) -> list[str]:
        """The tensors on the way to the cost that are computed from a tensor; the cost is one of them."""
        following = [equation.tensor for equation in self.system.readers.get(name, ())]
        return [tensor.name for tensor in following if tensor.role is Role.COST or tensor.name in self.adjoints]


@dataclass(frozen=True)
class _Way:
    """From the adjoint of one tensor towards the cost."""

    graph: Graph
    adjoint: Adjoint

    @property
    def name(self) -> str:
        return self.adjoint.tensor.name

    def to(self, through: str) -> Collected:
        """With all adjoints between the two put in."""
        self.graph.derivation.adjoint(through)
        between = self.between(through)
        walk: _Walk | None = _Walk(self.adjoint, self.facts(between), self.formula(self.name))
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
        return next((step.before for step in adjoint.steps if step.rule == "put in"), adjoint.expression)

    def furthest(self, walk: _Walk, allowed: Iterable[str]) -> str | None:
        """Of the adjoints that may be put in, the furthest from the cost that the formula reads."""
        read = set(self.graph.read_by(walk.expression)) & set(allowed) - set(walk.put_in)
        return next((name for name in reversed(list(self.graph.adjoints)) if name in read), None)

    def shortest(self) -> Collected | None:
        """Adjoints that nothing else needs put in, one after another; the stage at which all that is computed is least."""
        walk: _Walk | None = _Walk(self.adjoint, self.facts(self.removable), self.adjoint.expression)
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

        Those that read a parameter are left out: x̂ is known by its name, but not γ x̂, as a gradient is written by its parameters.
        """
        names = {self.name, *between}
        names |= {read for name in names for read in self.graph.read_by(self.formula(name))}
        names -= {self.name, *self.graph.recurrent}
        parameters = {tensor.name for tensor in self.graph.system.parameters}
        equations = tuple(
            equation for equation in self.graph.system.equations if equation.tensor.name in names and parameters.isdisjoint(equation.reads)
        )
        return Facts(self.graph.system, frozenset(self.adjoint.tensor.axes), equations, frozenset(self.graph.names))

    @property
    def kind(self) -> tuple[object, ...]:
        """The same for tensors whose forms are the same up to names."""
        parts = [self.adjoint.tensor.own_entry]
        for equation in self.facts(self.removable).equations:
            parts += [equation.tensor.own_entry, equation.expression]
        for name in [self.name, *self.removable]:
            parts += [self.graph.adjoints[name].as_tensor.own_entry, self.graph.adjoints[name].expression]
        return kind_of(parts, self.graph.system)[0]


def _route(came_from: Mapping[str, str], last: str) -> list[str]:
    names = [last]
    while came_from[names[-1]] != names[-1]:
        names.append(came_from[names[-1]])
    return names[::-1]


@dataclass(frozen=True)
class _Walk:
    """A formula on its way, multiplied out; `replaced` counts the operations of the formulas that it stands for."""

    adjoint: Adjoint
    facts: Facts
    expression: Expr
    steps: tuple[Step, ...] = ()
    put_in: tuple[str, ...] = ()
    replaced: int = 0

    def with_adjoint(self, adjoint: Adjoint, formula: Expr) -> _Walk | None:
        """One more adjoint put in, and the formula rewritten; None where it gets too long."""
        longer = with_definition(self.expression, Equation(adjoint.as_tensor, formula), self.facts.outside)
        if len(self.put_in) >= MOST_PUT_IN or operations(longer) > LARGEST:
            return None
        steps = [*self.steps, Step("put in adjoint", self.expression, longer)]
        steps += [Step(rewrite.name, before, after) for rewrite, before, after in rewritten(longer, self.facts)]
        if len(letters(steps[-1].after)) > MOST_LETTERS:
            return None
        put_in = (*self.put_in, adjoint.tensor.name)
        return _Walk(self.adjoint, self.facts, steps[-1].after, tuple(steps), put_in, self.replaced + operations(adjoint.expression))

    def collected(self) -> Collected:
        """The formula with what its terms share in front."""
        last = with_common_front(self.expression, self.facts.adjoints)
        own = self.adjoint.as_tensor.own_entry
        steps = [Step("derived", own, self.steps[0].before if self.steps else self.expression), *self.steps]
        if last != self.expression:
            steps.append(Step("common front", self.expression, last))
        spared = operations(self.adjoint.expression) + self.replaced - operations(last)
        return Collected(self.adjoint, last, tuple(steps), self.put_in, spared)
