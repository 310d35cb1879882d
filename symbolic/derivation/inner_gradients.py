"""Gradients inside of a network, grad(L, W[o,i]): the adjoint equations of L are equations of the network too, and are derived again.

    G[o,i] = grad(L, W[o,i])        dL_dz[n,o] = …, dL_dW[o,i] = Σ_n dL_dz[n,o] x[n,i], G[o,i] = dL_dW[o,i]

So penalties on gradients and steps of descent inside of a cost have derivatives by the one rule, as often as they are put in each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sympy import Expr, Indexed, Symbol

from chainrule.symbolic.index.index_letters import nodes, substitute
from chainrule.symbolic.index.named_functions import gradient
from chainrule.symbolic.index.tensors import Role, Tensor, entry, entry_name
from chainrule.symbolic.system.dependence import leading_to
from chainrule.symbolic.system.norms import where_norms_are_positive
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import Equation, System

from .adjoint import Adjoint

#: What finds the adjoints of a system on which its parameters' gradients depend.
Derive = Callable[[System], Iterable[Adjoint]]


def with_gradients_put_in(system: System, derive: Derive) -> System:
    """The system with the adjoint equations of every gradient that it reads."""
    if not any(equation.expression.has(gradient) for equation in system.equations):
        return system
    sources: dict[str, dict[str, None]] = {}
    for equation in system.equations:
        for node in _gradients(equation.expression):
            sources.setdefault(str(node.args[0]), {})[entry_name(node.args[1])] = None
    known: dict[str, Mapping[str, Expr | str]] = {}
    equations: list[Equation] = []
    for equation in system.equations:
        for node in _gradients(equation.expression):
            of = str(node.args[0])
            if of not in known:
                known[of], further = _adjoints(of, sources[of], _made_of(equations, system), derive)
                equations += further
        found = {node: _entry(known[str(node.args[0])][entry_name(node.args[1])], node.args[1]) for node in _gradients(equation.expression)}
        equations.append(Equation(equation.tensor, equation.expression.xreplace(found)))
    return _without_needless(_made_of(_with_their_names(equations, set(system.definition)), system), system)


def _without_needless(derived: System, written: System) -> System:
    """Without what the cost needed for a gradient's sake alone, where the adjoint equations do not read it: L of grad(L, W)."""
    cost = [written.cost.tensor.name]
    needless = (leading_to(cost, written.definition) - leading_to(cost, derived.definition)) & written.definition.keys()
    equations = tuple(equation for equation in derived.equations if equation.tensor.name not in needless)
    return replace(derived, equations=equations, tensors={name: tensor for name, tensor in derived.tensors.items() if name not in needless})


def _made_of(equations: Sequence[Equation], system: System) -> System:
    """The system with these equations, and with the tensors that they define: adjoints that were put in are among them."""
    own = {equation.tensor.name: equation.tensor for equation in equations}
    return replace(system, equations=tuple(equations), tensors={**system.tensors, **own})


def _with_their_names(equations: Sequence[Equation], written: Collection[str]) -> list[Equation]:
    """The equations with the name of a tensor that is nothing but a gradient in place of the gradient's own: G[o,i] for dL_dW[o,i]."""
    readers = Counter(name for equation in equations for name in equation.reads)
    definition = {equation.tensor.name: equation for equation in equations}
    found: list[Equation] = []
    for equation in equations:
        right = equation.expression
        name = entry_name(right) if isinstance(right, Symbol | Indexed) else ""
        places = right.indices if isinstance(right, Indexed) else ()
        if name in definition and name not in written and readers[name] == 1 and set(places) == set(equation.indices):
            alone = definition[name]
            found.remove(alone)
            equation = Equation(equation.tensor, substitute(alone.expression, dict(zip(alone.indices, places, strict=True))))
        found.append(equation)
    return found


def _gradients(expression: Expr) -> list[gradient]:
    return [node for node in nodes(expression) if isinstance(node, gradient)]


def _entry(adjoint: Expr | str, by: Expr) -> Expr:
    """The entry of an adjoint where its tensor is read, or the number that it is."""
    return entry(adjoint, tuple(by.indices) if isinstance(by, Indexed) else ()) if isinstance(adjoint, str) else adjoint


def _adjoints(of: str, sources: Iterable[str], system: System, derive: Derive) -> tuple[dict[str, Expr | str], list[Equation]]:
    """The adjoint of each source, a tensor's name or a number, and the equations that these need."""
    definition = {equation.tensor.name: equation for equation in system.equations}
    # What no other source leads to is given here: it matters how the number depends on it, and not on what it depends itself.
    given = {name for name in sources if leading_to([name], definition).isdisjoint(set(sources) - {name})}
    inside = leading_to([of], {name: equation for name, equation in definition.items() if name not in given})
    tensors = {name: _role(tensor, given) for name, tensor in system.tensors.items() if name in inside}
    tensors[of] = replace(system.tensors[of], role=Role.COST)
    equations = [
        replace(equation, tensor=tensors[equation.tensor.name])
        for equation in system.equations
        if equation.tensor.name in inside - given - {of}
    ]
    mark = _free_mark(f"d{of}_d", inside, system)
    last = Equation(tensors[of], definition[of].expression)
    inner = replace(system, tensors=tensors, equations=(*equations, last), adjoint_mark=mark, wrt=(), boundaries=())
    found = {adjoint.tensor.name: adjoint for adjoint in derive(inner)}
    kept = [
        Equation(
            Tensor(adjoint.as_tensor.name, adjoint.tensor.axes, Role.INTERMEDIATE), where_norms_are_positive(adjoint.expression, inner)
        )
        for adjoint in found.values()
        if not adjoint.expression.is_number
    ]
    own = {name: found[name].expression if found[name].expression.is_number else found[name].as_tensor.name for name in sources}
    return own, [equation for group in grouped(kept) for equation in group.equations]


def _role(tensor: Tensor, given: Iterable[str]) -> Tensor:
    """What is given here is differentiated by; the other parameters are data."""
    if tensor.name in given:
        return replace(tensor, role=Role.PARAMETER)
    return replace(tensor, role=Role.INPUT) if tensor.role is Role.PARAMETER else tensor


def _free_mark(mark: str, names: Iterable[str], system: System) -> str:
    """The mark, with underscores where a name that it makes would be taken."""
    taken = {*system.tensors, *map(system.adjoint_name, system.tensors), *system.axes, *system.constants}
    while any(mark + name in taken for name in names):
        mark += "_"
    return mark
