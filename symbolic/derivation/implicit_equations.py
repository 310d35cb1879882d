"""How an equation x = f(x, …) is solved: by the linear system (1 − ∂f/∂x) Δx = f(x) − x, once where f is linear in x.

Its rows and columns are the axes along which other entries of x are read; everything else is a system by itself. A triangular L with
L Lᵀ = A is known to NumPy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Indexed, KroneckerDelta, Mul, S, Symbol

from chainrule.symbolic.index.axes import fresh
from chainrule.symbolic.index.implicit import body
from chainrule.symbolic.index.index_letters import letters, names_read, nodes, substitute, tidy
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.rewriting.deltas import eliminate_deltas
from chainrule.symbolic.system.factored_matrix import factored_matrix
from chainrule.symbolic.system.system import Equation

from .differentiation import differentiated


@dataclass(frozen=True)
class ImplicitEquation:
    """An equation that its tensor solves; `stored` are the tensors by name, with their axes."""

    equation: Equation
    stored: Mapping[str, Tensor]

    @cached_property
    def own(self) -> Expr:
        return self.equation.tensor.own_entry

    @cached_property
    def value(self) -> Expr:
        """f(x, …)."""
        return body(self.equation.expression)

    @cached_property
    def reads(self) -> tuple[Expr, ...]:
        """Where f reads x."""
        if not isinstance(self.own, Indexed):
            return (self.own,)
        return tuple(dict.fromkeys(node for node in nodes(self.value) if isinstance(node, Indexed) and node.base == self.own.base))

    @cached_property
    def rows(self) -> tuple[Symbol, ...]:
        """The letters of x in whose place f reads x elsewhere too."""
        own = self.equation.indices
        return tuple(
            letter
            for place, letter in enumerate(own)
            if any(isinstance(read, Indexed) and read.indices[place] != letter for read in self.reads)
        )

    @cached_property
    def system(self) -> tuple[tuple[Symbol, ...], Expr]:
        """A letter for each row, and 1 − ∂f/∂x at the letters of x and at these: the columns."""
        taken = letters(self.value) | set(self.equation.indices)
        apart: dict[Symbol, Symbol] = {}
        for letter in self.rows:
            apart[letter] = fresh(letter, taken | set(apart.values()))
        wanted = self.equation.tensor.at(*(apart.get(letter, letter) for letter in self.equation.indices))
        outside = frozenset(self.equation.indices) | set(apart.values())
        slope = eliminate_deltas(differentiated(self.value, wanted), self.stored, outside, outside)
        matrix = Mul(*(KroneckerDelta(row, column) for row, column in apart.items())) - slope
        columns: list[Symbol] = []
        for letter in self.rows:
            columns.append(fresh(letter, {*self.equation.indices, *columns}))
        found = tidy(substitute(matrix, dict(zip(apart.values(), columns, strict=True))), frozenset({*self.equation.indices, *columns}))
        return tuple(columns), found

    @property
    def columns(self) -> tuple[Symbol, ...]:
        return self.system[0]

    @property
    def matrix(self) -> Expr:
        return self.system[1]

    @cached_property
    def right(self) -> Expr | None:
        """b of M x = b, where f is x + b − M x; nothing where it is not linear in x."""
        name = self.equation.tensor.name
        if name in names_read(self.matrix):
            return None
        return self.value.xreplace(dict.fromkeys(self.reads, S.Zero))

    @cached_property
    def factored(self) -> Expr | None:
        """A, where the equation is L Lᵀ = A with zeros above the diagonal."""
        return factored_matrix(self.equation)
