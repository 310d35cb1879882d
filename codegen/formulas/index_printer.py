"""Expressions as formulas in a given notation, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from sympy import Add, Expr, Indexed, Integer, Symbol

from chainrule.codegen.document.node_walk import nodes
from chainrule.codegen.document.nodes import (
    THIN,
    Fenced,
    Fraction,
    Function,
    Letter,
    Node,
    Number,
    Scripts,
    Text,
    bracketed,
    counted,
    derivative,
    fraction,
    row,
    scripted,
    separated,
    total,
)
from chainrule.codegen.words.sentences import text_of
from chainrule.symbolic.derivation.implicit_equations import ImplicitEquation
from chainrule.symbolic.index.axes import axis_of_size
from chainrule.symbolic.index.functions import ELEMENTARY, NAMES
from chainrule.symbolic.index.index_letters import is_letter, names_read
from chainrule.symbolic.index.tensors import entry_name
from chainrule.symbolic.system.inverse_matrix import named_inverses
from chainrule.symbolic.system.system import System

from .formula_printer import FormulaPrinter, Written
from .function_signs import INVERSE, called, distinction, function_name
from .joined_cases import Branch, of_places
from .letters import index_letter, is_single, upright
from .notation import Notation
from .printed_number import signed
from .printer import Precedence, whole_matrix


class IndexPrinter(FormulaPrinter):
    """Index notation: w^{(1)}_{ji}, and ∂C/∂w for the adjoint of w; `node` is the entry point."""

    def __init__(self, system: System, notation: Notation, examples: int | None = None) -> None:
        """With one example, its index is left out: w^{(1)}_{12} x_2."""
        self.system = system
        self.notation = notation
        self.examples = examples
        #: Names that stand for σ′ at a pre-activation, which a view may have.
        self.slopes: Mapping[str, str] = {}
        #: What was written of the formula that is being written, and how deep in it the printer is.
        self._written: dict[Expr, Written] = {}
        self._depth = 0

    def write(self, node: Expr) -> Written:
        """Each part of a formula once, though several rules ask how it looks."""
        if (known := self._written.get(node)) is not None:
            return known
        self._depth += 1
        try:
            found = self._written[node] = self._newly_written(node)
            return found
        finally:
            self._depth -= 1
            if not self._depth:
                self._written.clear()

    def _newly_written(self, node: Expr) -> Written:
        """A number that all terms share stands in front of or below them, 2 (a − y) and (1 + s)/2, which SymPy multiplies out."""
        if isinstance(node, Add) and not node.is_number and (shared := _shared_number(node)) != 1:
            if shared.is_Integer:
                return row(self.node(shared), THIN, self.brackets(self.node(node / shared))), Precedence.PRODUCT
            return self.quotient([node / shared], [1 / shared])
        return super().write(node)

    def power_of_ten(self, exponent: int) -> Written:
        return scripted("10", above=signed(str(exponent))), Precedence.POWER

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        if self.is_adjoint(name):
            return self.gradient(self.system.adjoint_of[name], indices)
        if spelled := self.spelled(name, indices):
            return spelled
        if name not in self.system.tensors:
            return self.notation.learning_rate if name == "eta" else self.notation.constant(name)
        if name in self.inverses:
            inverse = scripted(self.entry(self.inverses[name], ()), above=INVERSE)
            return scripted(bracketed(inverse), self.lowered(name, indices)) if indices else inverse
        symbol = self.notation.symbol(name, whole=False)
        return scripted(symbol.letter, self.lowered(name, indices), self.above(symbol.layer))

    def gradient(self, name: str, indices: tuple[Expr, ...]) -> Node:
        """∂C/∂w, or dw, or δ where that is the letter for it."""
        if error := self.notation.error_of(name):
            layer = self.notation.symbol(name, whole=False).layer
            return scripted(error, self.lowered(name, indices), self.above(layer))
        if self.notation.entry_gradients == "d":
            return row(self.notation.gradient_mark, self.entry(name, indices))
        return derivative(self.cost, self.entry(name, indices))

    def spelled(self, name: str, indices: tuple[Expr, ...]) -> Node | None:
        """How a view writes a tensor in its own way; nothing where it is written as usual."""
        return None

    def name_of(self, tensor: str) -> Node:
        """A tensor without indices."""
        return self.spelled(tensor, ()) or self.entry(tensor, ())

    def above(self, layer: str) -> Node | None:
        return self.notation.raised(self.layer(layer)) if layer else None

    def lowered(self, name: str, indices: tuple[Expr, ...]) -> Node | None:
        """The indices below; of a single example, its own is left out."""
        if self.examples == 1 and indices:
            axes = self.system.tensors[name].axes
            indices = tuple(index for axis, index in zip(axes, indices, strict=True) if str(axis) != self.system.batch)
        return self.subscript(indices) if indices else None

    def is_sensitivity(self, factor: Expr) -> bool:
        """Whether a factor is the gradient of what comes later, and not the local derivative that it is multiplied with."""
        return any(self.is_adjoint(name) for name in names_read(factor))

    def is_adjoint(self, name: str) -> bool:
        return name in self.system.adjoint_of

    @property
    def cost(self) -> Node:
        return self.entry(self.system.cost.tensor.name, ())

    def layer(self, suffix: str) -> Node:
        return Number(suffix) if suffix.isdigit() else upright(suffix)

    @cached_property
    def inverses(self) -> dict[str, str]:
        """The tensors that are written as inverses of others."""
        return named_inverses(self.system)

    @cached_property
    def e_is_taken(self) -> bool:
        """Whether a quantity of the network is called e, beside which e^z would be one too many."""
        return any(self.notation.symbol(name, whole=False).letter == Letter("e") for name in (*self.system.tensors, *self.system.constants))

    @cached_property
    def first(self) -> int:
        """What the first place is called: 1 on paper, and 0 where places are computed or are labels, since these count from 0."""
        return 0 if self.system.has_integers or self.system.computes_places else 1

    def subscript(self, indices: tuple[Expr, ...]) -> Node:
        """ji, or with commas where an index is more than a letter."""
        written = [self.place(part) for part in indices]
        return row(*written) if all(map(is_single, written)) else separated(written, ",")

    def place(self, index: Expr) -> Node:
        if isinstance(index, Integer):
            return self.number(str(int(index) + self.first))
        return self.node(index)

    def letter(self, letter: Symbol) -> Node:
        return index_letter(self.notation.place(self.system.spelled(letter)))

    def size(self, symbol: Symbol) -> Node:
        axis = self.system.axes.get(axis_of_size(symbol))
        return Number(str(axis.size)) if axis and axis.size is not None else self.size_letter(symbol)

    def size_shown(self, size: Expr) -> Node:
        """A size of a shape: a count, or a letter."""
        return counted(int(size)) if isinstance(size, Integer) else self.node(size)

    def size_letter(self, symbol: Symbol) -> Node:
        axis = axis_of_size(symbol)
        return scripted("N", None if axis == "n" else self.letter(Symbol(axis)))

    def product(self, factors: list[Expr]) -> Node:
        return super().product(sorted(factors, key=self.is_sensitivity) if self.notation.local_factor_first else factors)

    def quotient(self, above: list[Expr], below: list[Expr]) -> Written:
        """A fraction; a sum, or a derivative that is a fraction itself, stands beside it: 1/N Σ_n …."""
        tall = [factor for factor in above if self.is_tall(factor)]
        flat = [factor for factor in above if not self.is_tall(factor)]
        over = self.product(flat) if len(flat) > 1 else (self.node(flat[0]) if flat else Number("1"))
        under = self.product(below) if len(below) > 1 else self.node(below[0])
        # The tall factors keep their own order behind the fraction.
        return row(fraction(over, under), *((THIN, self.product(tall)) if tall else ())), Precedence.PRODUCT

    def is_tall(self, factor: Expr) -> bool:
        """Sums, case distinctions and derivatives: fractions of their own or as high as one."""
        if isinstance(factor, Indexed) and self.is_adjoint(str(factor.base.label)):
            return isinstance(self.node(factor), Fraction)
        return self.write(factor)[1] == Precedence.PRODUCT or bool(factor.is_Piecewise)

    def power(self, base: Expr, exponent: Expr) -> Node:
        function = ELEMENTARY.get(NAMES.get(type(base), ""))
        if function and function.is_raised and exponent.is_Integer:
            return row(scripted(function_name(function.name), above=self.node(exponent)), self.brackets(self.node(base.args[0])))
        written, level = self.write(base)
        # a^{(1)} has a superscript already: the square goes outside of brackets.
        has_superscript = any(isinstance(part, Scripts) and part.above is not None for part in nodes(written))
        is_plain = level == Precedence.ATOM and not has_superscript and not isinstance(written, Fraction)
        return Scripts(written if is_plain else self.brackets(written), above=self.node(exponent))

    def function(self, name: str, arguments: tuple[Expr, ...]) -> Written:
        if name == "exp" and _is_short(arguments[0]) and not self.e_is_taken:
            return scripted("e", above=self.node(arguments[0])), Precedence.ATOM
        return super().function(name, arguments)

    def solved(self, form: ImplicitEquation, node: Expr) -> Written:
        """On paper it is enough that a quantity stands on both sides."""
        if form.factored is None and form.right is None:
            return self.write(node.args[1])
        return super().solved(form, node)

    def total(self, letters: list[Symbol], body: Expr) -> Written:
        return row(*map(self.total_sign, letters), self.bracketed(body, Precedence.PRODUCT)), Precedence.PRODUCT

    def total_sign(self, letter: Symbol) -> Node:
        """The sign of a sum over a letter."""
        return total(self.letter(letter))

    def extreme(self, name: str, letter: Symbol, body: Expr) -> Written:
        sign = Function("max" if name == "max" else "arg max")
        return row(Scripts(sign, self.letter(letter)), self.bracketed(body, Precedence.PRODUCT)), Precedence.PRODUCT

    def determinant(self, letters: list[Symbol], body: Expr) -> Written:
        if whole_matrix(letters, body) is not None:
            return row(Function("det"), self.entry(body.base.name, ())), Precedence.PRODUCT
        sign = Scripts(Function("det"), row(*map(self.letter, letters)))
        return called(sign, [self.node(body)]), Precedence.ATOM

    def cases(self, branches: list[Branch]) -> Written:
        if (place := of_places(branches)) is not None:
            return self.indicator(self.condition(place)), Precedence.ATOM
        rows = ((self.node(value), self.condition(tests) if tests else None) for value, tests in branches)
        return distinction(rows), Precedence.ATOM

    def together(self, comparisons: list[Node]) -> Node:
        return separated(comparisons, ",", THIN)

    def delta(self, first: Expr, second: Expr) -> Node:
        if is_letter(first) and is_letter(second):
            return scripted(self.notation.kronecker, row(self.node(first), self.node(second)))
        # y = 0, not 0 = y.
        left, right = (second, first) if first.is_number else (first, second)
        return self.indicator(row(self.node(left), "=", self.node(right)))

    def partial(self, of: Expr, by: Expr) -> Node:
        written = derivative(self.node(of), self.node(by))
        if self.is_direct(of, by):
            return scripted(Fenced("", written, "|"), Text(text_of("formula.direct")))
        return written

    def is_direct(self, of: Expr, by: Expr) -> bool:
        """Whether a derivative of the cost is that of its own equation alone, where other equations read the quantity too."""
        return entry_name(of) == self.system.cost.tensor.name and len(self.system.readers.get(entry_name(by), ())) > 1


def _shared_number(total: Add) -> Expr:
    """The whole number above 1 that every term is a multiple of once, up to its sign, or the 1/n if one term is a number; else 1.

    (o₁ − t₁)²/2 + (o₂ − t₂)²/2 stays as it is.
    """
    (shared, *others) = {abs(term.as_coeff_Mul()[0]) for term in total.args}
    has_number = any(term.is_number for term in total.args)
    is_written = shared.is_Rational and shared.p == 1 if has_number else shared.is_Integer
    return shared if is_written and not others else Integer(1)


def _is_short(expression: Expr) -> bool:
    """Whether an exponent can stand raised: −z, not a fraction or a sum of three."""
    core = -expression if expression.could_extract_minus_sign() else expression
    return isinstance(core, Indexed | Symbol | Integer)
