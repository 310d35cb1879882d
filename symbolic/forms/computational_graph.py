"""A system taken apart into nodes of a computational graph: every equation is one primitive operation on entries.

    a = 1/(1 + exp(−z))   becomes   a_1 = −z,  a_2 = exp(a_1),  a_3 = 1 + a_2,  a = 1/a_3

Parts that occur several times are one node, so the paths that meet there are added by the chain rule. Derivatives of nodes are found by
`derive` like all others: the nodes are a system.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import sympy
from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Pow, Sum, Symbol

from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name, index
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, is_letter, names_read, nodes
from chainrule.symbolic.index.named_functions import BINDERS, bound_letters, written_out
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.rewriting.deltas import eliminate_deltas
from chainrule.symbolic.rewriting.rule import DIFFERENTIATING, Rule
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import Equation, System

Namer = Callable[[str, int], str]
#: What the derivative of a single operation has more, at most, than the same through its output.
FEW_NODES = 8


@dataclass(frozen=True)
class Graph:
    """The nodes as a system, and for each of the first system's equations the names of its nodes, its own last."""

    system: System
    nodes_of: dict[str, tuple[str, ...]]


def computational_graph(system: System, namer: Namer = lambda tensor, number: f"{tensor}_{number}") -> Graph:
    """Every equation as nodes, which `namer` names by the equation's tensor and a number from 1."""
    return _Expansion(system, namer).graph()


def node_gradients(derivation: Derivation, name: str) -> tuple[Equation, Equation]:
    """The gradient of a node from those of the nodes that read it: with the local derivatives as they are, and as derived.

    The second may be written through the output of a node, exp(x₁) as x₂, which is known already.
    """
    adjoint = derivation.adjoint(name)
    plain, derived = _plain(adjoint, derivation), _derived(adjoint)
    # A whole equation that is one node, as in a recurrence, is no single operation: its plain derivative says nothing.
    shown = plain if _length(plain) <= 2 * _length(derived) + FEW_NODES else derived
    return Equation(adjoint.as_tensor, shown), Equation(adjoint.as_tensor, derived)


def _length(expression: Expr) -> int:
    return sum(1 for _ in nodes(expression))


def _derived(adjoint: Adjoint) -> Expr:
    """Before the gradient of a later node was put in, as each node has its own."""
    return next((step.before for step in adjoint.steps if step.rule is Rule.PUT_IN), adjoint.expression)


def _plain(adjoint: Adjoint, derivation: Derivation) -> Expr:
    """Σ v̄ ∂v/∂u with each local derivative as SymPy found it, the deltas used up."""
    terms = []
    chain = adjoint.steps[0].after
    for path in adjoint.paths:
        found = [step for step in path.steps if step.rule in (*DIFFERENTIATING, Rule.DELTA)][-1].after
        terms.append((path.steps[0].before, found))
    outside = frozenset((*adjoint.tensor.axes, *derivation.system.held))
    return eliminate_deltas(chain.xreplace(dict(terms)), derivation.system.stored, outside)


class _Expansion:
    """A system on its way to nodes; equal parts have the same key, whatever their letters are."""

    def __init__(self, system: System, namer: Namer) -> None:
        self.system = system
        self.namer = namer
        self.equations: list[Equation] = []
        self.tensors: dict[str, Tensor] = dict(system.tensors)
        self.known: dict[Expr, Tensor] = {}
        self.nodes_of: dict[str, tuple[str, ...]] = {}
        #: For each node the name in it that the source writes first: z_1 + b stands in the order of Σ_i W[j,i] x[i] + b[j].
        self.first_names: dict[str, str] = {}
        self.number = 0
        self.owner: Equation = system.equations[0]

    def graph(self) -> Graph:
        recurrent = {name for group in grouped(self.system.equations) if group.is_of_steps for name in group.names}
        for equation in self.system.equations:
            before = len(self.equations)
            self.owner, self.number = equation, 0
            # What depends on an earlier step stays one node: its parts have no order of their own.
            whole = equation.expression if equation.tensor.name in recurrent else self.operation(written_out(equation.expression))
            self.equations.append(Equation(equation.tensor, whole))
            self.nodes_of[equation.tensor.name] = tuple(node.tensor.name for node in self.equations[before:])
            self.known.setdefault(self.key(whole)[0], equation.tensor)
        order = self.system.source_order.with_names(self.first_names)
        system = replace(self.system, tensors=self.tensors, equations=tuple(self.equations), source_order=order)
        return Graph(system, self.nodes_of)

    def operation(self, node: Expr) -> Expr:
        """One operation on entries and numbers; what it works on are nodes already."""
        match node:
            case _ if _is_leaf(node):
                return node
            case Add():
                return self.added(self.system.order.terms(node))
            case Mul():
                return self.multiplied(node)
            case Pow() if node.exp.is_number:
                return self.node(node.base) ** node.exp
            case Sum() if _is_product_of_entries(node.function):
                return node
            case Sum():
                return bound_sum(self.node(node.function), *(limit[0] for limit in node.limits))
            case _ if isinstance(node, BINDERS):
                return node.func(self.node(node.args[0]), *node.args[1:])
            case KroneckerDelta():
                # Its places are no numbers to be differentiated by.
                return node
            case sympy.Piecewise():
                return sympy.Piecewise(*((self.node(value), test) for value, test in node.args))
            case _:
                return node.func(*(self.node(part) for part in node.args))

    def added(self, terms: list[Expr]) -> Expr:
        """One plus after the other; a term that is taken away is a minus."""
        total = self.signed(terms[0])
        for place, term in enumerate(terms[1:], 1):
            left = self.named(total) if place > 1 or not _is_leaf(total) else total
            total = left - self.node(-term) if term.could_extract_minus_sign() and not term.is_number else left + self.node(term)
        return total

    def signed(self, term: Expr) -> Expr:
        return self.node(term)

    def multiplied(self, node: Mul) -> Expr:
        sign, above, below = self.system.order.fraction(node)
        if below:
            over = self.node(Mul(*above)) if above else Integer(1)
            quotient = over / self.node(Mul(*below))
            return quotient if sign > 0 else -self.named(quotient)
        if sign < 0:
            return -self.node(Mul(*above))
        total = above[0]
        for place, factor in enumerate(above[1:], 1):
            left = self.named(total) if place > 1 else self.node(total)
            total = left * self.node(factor)
        return total

    def node(self, part: Expr) -> Expr:
        """An entry that stands for the part: itself, or that of its own node."""
        if _is_leaf(part):
            return part
        return self.named(self.operation(part))

    def named(self, operation: Expr) -> Expr:
        """The operation as a node of its own, or the one that computes it already."""
        if _is_leaf(operation):
            return operation
        key, letters = self.key(operation)
        if key not in self.known:
            self.number += 1
            name = self.namer(self.owner.tensor.name, self.number)
            tensor = Tensor(name, tuple(letters.values()), Role.INTERMEDIATE)
            self.tensors[name] = tensor
            self.known[key] = tensor
            self.first_names[name] = self.first_name(key)
            self.equations.append(Equation(tensor, key))
        inverse = {own: actual for actual, own in letters.items()}
        return self.known[key].at(*(inverse.get(own, own) for own in self.known[key].axes))

    def first_name(self, operation: Expr) -> str:
        ranks = self.system.source_order.ranks
        names = [self.first_names.get(name, name) for name in names_read(operation)]
        return min(names, key=lambda name: ranks.get(name, len(ranks)), default="")

    def key(self, operation: Expr) -> tuple[Expr, dict[Symbol, Symbol]]:
        """The operation at the axes' own letters, and which letter became which; in the order of the system's axes."""
        free = sorted(free_letters(operation), key=lambda letter: (list(self.system.axes).index(axis_name(letter)), str(letter.name)))
        names = [axis_name(letter) for letter in free]
        letters = {letter: index(name) if names.count(name) == 1 else letter for letter, name in zip(free, names, strict=True)}
        bound = set(letters.values())
        renamed = operation.xreplace({old: new for old, new in letters.items() if old != new})
        return (operation, {letter: letter for letter in free}) if bound & _bound_letters(operation) else (renamed, letters)


def _is_leaf(node: Expr) -> bool:
    return isinstance(node, Indexed | Symbol) or node.is_number or (not names_read(node) and not node.has(Sum) and _of_letters(node))


def _of_letters(node: Expr) -> bool:
    return all(is_letter(symbol) or symbol.is_integer for symbol in node.free_symbols)


def _is_product_of_entries(node: Expr) -> bool:
    """Σ_i W[j,i] x[i] is one node: the product of matrices."""
    return isinstance(node, Mul) and len(node.args) == 2 and all(isinstance(factor, Indexed) for factor in node.args)


def _bound_letters(operation: Expr) -> set[Symbol]:
    found = {limit[0] for part in operation.atoms(Sum) for limit in part.limits}
    return found | {letter for part in operation.atoms(*BINDERS) for letter in bound_letters(part)}
