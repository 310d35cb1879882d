"""Formulas of a view of the network: one neuron, one example, any layer l; letters and layers are written as the view wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sympy import Add, Expr, Function, Indexed, Mul, Sum, Symbol

from chainrule.codegen.document.node_walk import is_derivative, leaves, nodes
from chainrule.codegen.document.nodes import MINUS, THIN, Braced, Node, Scripts, bracketed, fraction, primed, row, scripted, separated
from chainrule.symbolic.derivation.partial_derivative import PartialDerivative
from chainrule.symbolic.forms.computational_graph import Graph
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.tensors import entry_name
from chainrule.symbolic.system.system import System

from .formula_printer import Written
from .index_printer import IndexPrinter
from .letters import upright
from .notation import Notation
from .printer import Precedence, outer_first


@dataclass(frozen=True)
class Spelling:
    """How a view writes: another node for a layer's number, for an axis's letter, for a tensor; `under` stands below a factor.

    Where `bare`, indices and sums over them are left out, as in ∂C/∂a · ∂a/∂z; `single` are axes of one position, which need no letter.
    """

    layers: Mapping[str, Node] = field(default_factory=dict)
    letters: Mapping[str, Node] = field(default_factory=dict)
    names: Mapping[str, Node] = field(default_factory=dict)
    under: Mapping[Expr, Node] = field(default_factory=dict)
    single: frozenset[str] = frozenset()
    bare: bool = False
    is_total: bool = False


class ViewPrinter(IndexPrinter):
    """The printer of a view; `slopes` gives each slope's name the argument of the activation, a1' the z1."""

    def __init__(self, system: System, notation: Notation, spelling: Spelling, slopes: Mapping[str, str]) -> None:
        super().__init__(system, notation)
        self.spelling = spelling
        self.slopes = slopes
        self.order = {equation.tensor.name: place for place, equation in enumerate(system.equations)}

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        if name in self.slopes:
            return self.slope(self.entry(self.slopes[name], indices))
        if self.spelling.bare and not self.is_adjoint(name) and name in self.system.tensors and name not in self.spelling.names:
            symbol = self.notation.symbol(name, whole=len(self.system.tensors[name].axes) > 1)
            return scripted(symbol.letter, above=self.above(symbol.layer))
        return super().entry(name, indices)

    def slope(self, argument: Node) -> Node:
        return row(primed(self.notation.activation), bracketed(argument))

    def spelled(self, name: str, indices: tuple[Expr, ...]) -> Node | None:
        if name in self.slopes:
            return self.slope(self.name_of(self.slopes[name]))
        if name not in self.spelling.names:
            return None
        return with_place(self.spelling.names[name], self.lowered(name, indices))

    def name_of(self, tensor: str) -> Node:
        """A tensor without indices."""
        return self.spelled(tensor, ()) or super().entry(tensor, ())

    def lowered(self, name: str, indices: tuple[Expr, ...]) -> Node | None:
        if self.spelling.bare or not indices:
            return None
        axes = self.system.tensors[name].axes if name in self.system.tensors else ()
        pairs = zip(axes, indices, strict=False)
        shown = tuple(index for axis, index in pairs if axis_name(axis) not in self.spelling.single)
        return super().lowered(name, shown) if axes else super().lowered(name, indices)

    def layer(self, suffix: str) -> Node:
        return self.spelling.layers.get(suffix) or super().layer(suffix)

    def letter(self, letter: Symbol) -> Node:
        name = axis_name(letter)
        if name not in self.spelling.letters:
            return super().letter(letter)
        return primed(self.spelling.letters[name], len(str(letter.name)) - len(name))

    def brackets(self, written: Node) -> Node:
        """Square ones around a sum of derivatives, as it holds fractions."""
        return bracketed(written, "[]" if any(map(is_derivative, nodes(written))) else "()", grows=True)

    def write(self, node: Expr) -> Written:
        written, level = super().write(node)
        if node in self.spelling.under:
            return Braced(written, self.spelling.under[node]), Precedence.ATOM
        return written, level

    def terms(self, node: Add) -> Node:
        """Of terms with functions the shorter come first; negative ones have their sign in front: −(y log ŷ + (1 − y) log(1 − ŷ))."""
        signs = {term.could_extract_minus_sign() for term in node.args}
        negative = signs == {True}
        if not negative and (True in signs or not all(term.has(Function) for term in node.args)):
            return super().terms(node)
        shown = sorted((self.bracketed(-term if negative else term, Precedence.PRODUCT) for term in node.args), key=leaves)
        inside = separated(shown, "+")
        return row(MINUS, bracketed(inside, grows=True)) if negative else inside

    def total(self, letters: list[Symbol], body: Expr) -> Written:
        shown = [letter for letter in letters if axis_name(letter) not in self.spelling.single]
        if self.spelling.bare or not shown:
            return super().write(body)
        return super().total(outer_first(shown), body)

    def partial(self, of: Expr, by: Expr) -> Node:
        is_total = self.spelling.is_total and len(self.system.definition[entry_name(of)].reads) == 1
        sign = upright("d") if is_total else "∂"
        return fraction(row(sign, self.node(of)), row(sign, self.node(by)))

    def product(self, factors: list[Expr]) -> Node:
        """A chain of derivatives in the order of the notation: from the parameter to the cost, or from the cost back."""
        if self.spelling.bare:
            factors = [part for factor in factors for part in _flat(factor)]
        linked = [factor for factor in factors if self.distance(factor) is not None]
        if not linked or len(factors) < 2:
            return super().product(sorted(factors, key=lambda factor: isinstance(factor, Add) + 2 * isinstance(factor, Function)))
        rest = [factor for factor in factors if self.distance(factor) is None]
        linked.sort(key=lambda factor: self.distance(factor) or 0.0, reverse=self.notation.chain_from_cost)
        ordered = rest + linked if self.notation.local_factor_first else linked + rest
        return separated([self.bracketed(factor, Precedence.POWER) for factor in ordered], THIN if rest else "·")

    def distance(self, factor: Expr) -> float | None:
        """How far on the way to the cost a derivative stands; None for what is no derivative."""
        if isinstance(factor, PartialDerivative):
            return float(self.order.get(entry_name(factor.of), -1))
        if isinstance(factor, Indexed | Symbol) and self.is_adjoint(entry_name(factor)):
            return self.order.get(self.system.adjoint_of[entry_name(factor)], -1) + 0.5
        return None


def with_place(name: Node, below: Node | None) -> Node:
    """A name with the place of an entry: x_1 at k is x_{1,k}, as a second place below does not exist."""
    if below and isinstance(name, Scripts) and name.below:
        return replace(name, below=row(name.below, ",", below))
    return scripted(name, below)


def node_names(graph: Graph, printer: IndexPrinter) -> dict[str, Node]:
    """a1_2 is the second node on the way to a^{(1)}; its number stands below, before the index of the entry."""
    return {
        name: scripted(printer.entry(owner, ()), name.rsplit("_", 1)[1])
        for owner, names in graph.nodes_of.items()
        for name in names
        if name != owner
    }


def _flat(factor: Expr) -> list[Expr]:
    if isinstance(factor, Sum):
        return _flat(factor.function)
    if isinstance(factor, Mul):
        return [part for each in factor.args for part in _flat(each)]
    return [factor]
