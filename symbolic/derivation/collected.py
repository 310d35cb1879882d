"""An adjoint in one line: the adjoints on the way to another one put into each other, and the whole simplified.

Batch normalisation in six equations has six adjoints between the one of its output and the one of its input. Put in one after another,
the furthest from the cost first, with the sums that are 0 or 1 by the network's own equations left out, they are the formula of the paper:

    dx[n] = γ r (N dy[n] − Σ_n dy[n] − x̂[n] Σ_n dy[n] x̂[n]) / N
"""

from __future__ import annotations

from chainrule.symbolic.index.failures import InvalidDescription

from .adjoint_graph import AdjointGraph
from .elimination import Collected, Elimination

#: A form is worth a line of its own where it does without so many adjoints.
LEAST_PUT_IN = 2


def collected(graph: AdjointGraph, name: str, through: str | None = None) -> Collected:
    """The adjoint of the tensor `name` in terms of the adjoint of `through`, which every path to the cost passes.

    Without `through`, the adjoints that nothing else needs are put in, as long as the whole gets shorter; that may lead to the cost.

    Raises:
        InvalidDescription: where some path avoids `through`, or no formula gets shorter.
    """
    way = Elimination(graph, graph.adjoints[name])
    if through is not None:
        return way.to(through)
    found = way.shortest()
    if found is None:
        raise InvalidDescription(f"the gradient of {name!r} has no collected form: it gets no shorter with other adjoints put in")
    return found


def collected_forms(graph: AdjointGraph) -> tuple[Collected, ...]:
    """The collected forms that a reader wants to see, from the cost back; of equal layers, the one nearest to the cost.

    They are those of tensors from which several paths lead on, at once or behind, that do without two adjoints or more. Of a tensor and
    another on its paths, the one whose form says more; the nearer to the cost in a tie.
    """
    found: dict[str, Collected] = {}
    of_kind: dict[str, Collected | None] = {}
    without: set[str] = set()
    for name, adjoint in graph.adjoints.items():
        way = Elimination(graph, adjoint)
        if len(way.removable) < LEAST_PUT_IN or not way.branches or way.is_weight_of(without):
            continue
        kind = way.kind
        is_first = kind not in of_kind
        form = of_kind.setdefault(kind, way.shortest() if is_first else None)
        if form is None or len(form.put_in) < LEAST_PUT_IN:
            without.add(name)
            continue
        inside = [found.get(other) for other in form.put_in if other in found]
        if is_first and all(_says_more(form, other) for other in inside):
            for other in form.put_in:
                found.pop(other, None)
            found[name] = form
    return tuple(found.values())


def _says_more(form: Collected, inside: Collected | None) -> bool:
    """Whether a form makes one further inside superfluous: it spares more, or does without several more for nearly as much."""
    if inside is None:
        return True
    further = len(form.put_in) >= len(inside.put_in) + LEAST_PUT_IN
    return form.spared > inside.spared or (further and 4 * form.spared >= 3 * inside.spared)


def collected_form(graph: AdjointGraph, name: str) -> Collected | None:
    """The collected form of one tensor, where it does without several adjoints and says more than that of a tensor on its paths."""
    form = Elimination(graph, graph.adjoints[name]).shortest()
    if form is None or len(form.put_in) < LEAST_PUT_IN:
        return None
    inside = (Elimination(graph, graph.adjoints[other]).shortest() for other in form.put_in)
    return form if all(_says_more(form, other) for other in inside) else None
