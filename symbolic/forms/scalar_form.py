"""A small network written out: one equation for every single weight, bias and unit, and the cost as one expression of them.

The adjoints of units (the δ's) are equations of their own and shared, so the number of equations grows with the number of entries and
not with the number of paths through the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Piecewise, S, Symbol

from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.sizes import evaluated, in_order
from chainrule.symbolic.system.system import Equation, System

from .over_positions import written_out_over

#: More entries than this nobody reads one by one.
MOST_ENTRIES = 400


@dataclass(frozen=True, slots=True)
class ScalarEquation:
    """`entry` is a tensor's entry at whole-number indices (counted from 0); `expression` reads such entries only."""

    tensor: str
    entry: Expr
    expression: Expr


@dataclass(frozen=True)
class ScalarForm:
    """Forward equations, the cost among them, then the adjoints that are needed, from the cost back."""

    forward: tuple[ScalarEquation, ...]
    backward: tuple[ScalarEquation, ...]

    def gradient(self, entry: Expr) -> Expr:
        """The expression of one entry of an adjoint, such as dW1[0, 1]."""
        return next(equation.expression for equation in self.backward if equation.entry == entry)


def scalar_form(derivation: Derivation, examples: int = 1) -> ScalarForm:
    """The whole system entry by entry, for a given number of examples.

    Raises:
        NotExpressible: where there are too many entries to read.
    """
    system, backward = derivation.system, [adjoint.equation for adjoint in derivation.needed]
    sizes = _readable_sizes([*system.equations, *backward], system, examples)
    return ScalarForm(tuple(entries_in_order(system.equations, system, sizes)), tuple(entries_in_order(backward, system, sizes)))


def entries_of(equations: Sequence[Equation], system: System, examples: int = 1) -> tuple[ScalarEquation, ...]:
    """Every entry of some equations, for a given number of examples.

    Raises:
        NotExpressible: where there are too many entries to read.
    """
    return tuple(entries_in_order(equations, system, _readable_sizes(equations, system, examples)))


def _readable_sizes(equations: Sequence[Equation], system: System, examples: int) -> dict[str, int]:
    sizes = fixed_sizes(system, examples)
    entries = sum(_count(equation, sizes) for equation in equations)
    if entries > MOST_ENTRIES:
        raise NotExpressible(f"the scalar form would have {entries} equations; up to {MOST_ENTRIES} are written out")
    return sizes


def closed_form(system: System, examples: int = 1, longest: int = 4_000) -> Expr:
    """The cost as one expression of inputs, targets and parameters.

    Raises:
        NotExpressible: where it has more than `longest` nodes, or case distinctions within the tests of others.
    """
    sizes = fixed_sizes(system, examples)
    known: dict[Expr, Expr] = {}
    lengths: dict[Expr, int] = {}
    for part in entries_in_order(system.equations, system, sizes):
        expression = part.expression.xreplace(_chosen_entries(part.expression, system, sizes))
        length = 1 + sum(lengths.get(read, 1) for read in _occurrences(expression))
        if length > longest:
            raise NotExpressible(f"the cost as one expression has more than {longest} terms")
        if _has_cases_within_tests(expression, known):
            raise NotExpressible("the tests of case distinctions would have case distinctions of their own")
        lengths[part.entry] = length
        known[part.entry] = expression.xreplace(known)
    return known[system.cost.tensor.own_entry]


def _chosen_entries(expression: Expr, system: System, sizes: Mapping[str, int]) -> dict[Expr, Expr]:
    """Computed entries of which a label says which one they are, each as a sum over all that it may be."""
    read = {entry for entry in expression.atoms(Indexed) if entry.base.name in system.definition}
    return {entry: _chosen(entry, system, sizes) for entry in read if not all(map(_is_fixed, entry.indices))}


def _is_fixed(place: Expr) -> bool:
    return bool(place.is_Integer)


def _chosen(read: Indexed, system: System, sizes: Mapping[str, int]) -> Expr:
    """a[0, y[0]] as [y[0] = 0] a[0, 0] + [y[0] = 1] a[0, 1] + …"""
    tensor = system.tensors[read.base.name]
    ranges = (
        [place] if _is_fixed(place) else map(Integer, range(sizes[axis_name(letter)]))
        for place, letter in zip(read.indices, tensor.axes, strict=True)
    )
    terms = []
    for places in product(*ranges):
        found = [KroneckerDelta(place, own) for place, own in zip(places, read.indices, strict=True)]
        terms.append(Mul(*found) * tensor.at(*places))
    return Add(*terms)


def _has_cases_within_tests(expression: Expr, known: Mapping[Expr, Expr]) -> bool:
    """Whether a test reads what is given case by case itself: as one expression nobody could read it, and SymPy takes minutes."""
    tests = (test for distinction in expression.atoms(Piecewise) for _, test in distinction.args)
    return any(known[entry].has(Piecewise) for test in tests for entry in test.atoms(Indexed, Symbol) if entry in known)


def fixed_sizes(system: System, examples: int) -> dict[str, int]:
    """Positions along every axis; `examples` along the axis of the examples."""
    unknown = [name for name, axis in system.axes.items() if axis.size is None and axis.rule is None and name != system.batch]
    if unknown:
        raise NotExpressible(f"the size of {', '.join(unknown)} is read from the arrays; single entries need it fixed")
    sizes = {name: examples if axis.size is None else axis.size for name, axis in system.axes.items()}
    for name in in_order(system.axes):
        axis = system.axes[name]
        if axis.size is None and axis.rule is not None:
            sizes[name] = max(0, evaluated(axis.rule, sizes))
    return sizes


def entries_in_order(equations: Sequence[Equation], system: System, sizes: Mapping[str, int]) -> Iterator[ScalarEquation]:
    """Every entry after those that it reads: of a recurrence all equations of one step, then those of the next."""
    for group in grouped(equations):
        if group.is_of_steps and not group.is_recurrence:
            raise NotExpressible(f"{group.equations[0].tensor.name} solves its equation, all of its entries together")
        parts = [entry_by_entry(equation, system, sizes) for equation in group.equations]
        for step in group.places(sizes):
            for equation, entries in zip(group.equations, parts, strict=True):
                along = [equation.indices.index(letter) for letter in group.own_letters(equation)]
                here = dict(zip(along, step, strict=True))
                yield from (part for part in entries if all(part.entry.indices[place] == at for place, at in here.items()))


def entry_by_entry(equation: Equation, system: System, sizes: Mapping[str, int]) -> tuple[ScalarEquation, ...]:
    """One equation for every position of the left side."""
    counts = {axis.size_symbol: Integer(sizes[name]) for name, axis in system.axes.items()}
    expression = equation.expression.xreplace(counts)
    ranges = [range(sizes[axis_name(letter)]) for letter in equation.indices]
    found = []
    for positions in product(*ranges):
        here = {letter: Integer(position) for letter, position in zip(equation.indices, positions, strict=True)}
        entry = equation.tensor.own_entry.xreplace(here)
        written_out = written_out_over(expression.xreplace(here), sizes)
        found.append(ScalarEquation(equation.tensor.name, entry, _zero_outside(written_out, system, sizes)))
    return tuple(found)


def _zero_outside(expression: Expr, system: System, sizes: Mapping[str, int]) -> Expr:
    """The expression with 0 for every entry that is out of range."""
    replaced = {}
    for node in expression.atoms(Indexed):
        tensor = system.stored.get(node.base.name)
        if tensor is not None and any(
            place.is_Integer and not 0 <= place < sizes[axis_name(letter)] for place, letter in zip(node.indices, tensor.axes, strict=True)
        ):
            replaced[node] = S.Zero
    return expression.xreplace(replaced) if replaced else expression


def _count(equation: Equation, sizes: Mapping[str, int]) -> int:
    total = 1
    for letter in equation.indices:
        total *= sizes[axis_name(letter)]
    return total


def _occurrences(expression: Expr) -> list[Expr]:
    """Every entry read, as often as it is read."""
    if isinstance(expression, Indexed | Symbol):
        return [expression]
    return [found for part in expression.args for found in _occurrences(part)]
