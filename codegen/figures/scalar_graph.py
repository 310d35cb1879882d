"""The computational graph of single entries: which is computed from which, and which weights lie on the ways between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, Mul, Symbol

from chainrule.symbolic.forms.scalar_form import ScalarEquation
from chainrule.symbolic.index.tensors import Role, entry_name
from chainrule.symbolic.system.system import System


@dataclass(frozen=True, slots=True)
class EntryEdge:
    """From one entry to an entry computed from it; `weight` is the parameter that it is multiplied with on the way."""

    start: Expr
    end: Expr
    weight: Expr | None = None


@dataclass(frozen=True)
class EntryGraph:
    """Entries in columns, each computed from entries of the column before, and parameters that are added at an entry."""

    columns: tuple[tuple[Expr, ...], ...]
    edges: tuple[EntryEdge, ...]
    added: tuple[tuple[Expr, Expr], ...]
    computed: frozenset[Expr]

    def from_column(self, number: int) -> tuple[EntryEdge, ...]:
        """The ways that start in a column."""
        return tuple(way for way in self.edges if way.start in self.columns[number])


def scalar_graph(system: System, forward: Sequence[ScalarEquation]) -> EntryGraph | None:
    """The graph of a forward pass; None where a way goes past a column, as it does beside a residual connection."""
    computed = [equation.entry for equation in forward]
    edges: list[EntryEdge] = []
    added: list[tuple[Expr, Expr]] = []
    for equation in forward:
        for term in Add.make_args(equation.expression):
            _read(system, term, equation.entry, edges, added)
    depths: dict[Expr, int] = {}
    for entry in computed:
        depths[entry] = max((depths.get(way.start, 0) + 1 for way in edges if way.end == entry), default=1)
    given = dict.fromkeys(way.start for way in edges if way.start not in depths)
    depths |= {entry: min(depths[way.end] for way in edges if way.start == entry) - 1 for entry in given}
    if any(depths[way.end] != depths[way.start] + 1 for way in edges):
        return None
    ordered = [*computed, *given]
    columns = tuple(tuple(entry for entry in ordered if depths[entry] == depth) for depth in range(max(depths.values()) + 1))
    return EntryGraph(columns, tuple(dict.fromkeys(edges)), tuple(dict.fromkeys(added)), frozenset(computed))


def _read(system: System, term: Expr, entry: Expr, edges: list[EntryEdge], added: list[tuple[Expr, Expr]]) -> None:
    """What one term of an equation reads: a weighted entry is one way."""
    reads = [node for node in _entries(term) if entry_name(node) in system.tensors]
    parameters = [node for node in reads if system.tensors[entry_name(node)].role is Role.PARAMETER]
    others = [node for node in reads if node not in parameters]
    if len(parameters) == len(others) == 1 and term == Mul(*parameters, *others):
        edges.append(EntryEdge(others[0], entry, parameters[0]))
        return
    edges.extend(EntryEdge(node, entry) for node in others)
    added.extend((node, entry) for node in parameters)


def _entries(expression: Expr) -> list[Expr]:
    """Entries in the order in which they stand in the expression, each once."""
    if isinstance(expression, Indexed | Symbol):
        return [expression]
    return list(dict.fromkeys(found for part in expression.args for found in _entries(part)))
