"""Expressions as formulas in matrix notation: dW^{(1)} = (dZ^{(1)})ᵀ X, with the shapes under the factors where wanted."""

from __future__ import annotations

from dataclasses import replace

from sympy import Integer, Symbol

from chainrule.codegen.document.nodes import (
    MEDIUM,
    THIN,
    Braced,
    Function,
    Node,
    Scripts,
    bracketed,
    derivative,
    fraction,
    row,
    scripted,
    separated,
)
from chainrule.symbolic.forms.matrices import (
    Constant,
    Entrywise,
    Matrix,
    MatrixFunction,
    MatrixProduct,
    OneHot,
    OuterProduct,
    Spread,
    StepSum,
    Stored,
    SumOver,
    is_entrywise,
    is_product_of_entries,
    operands,
)
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.system import System

from .formula_printer import Written
from .function_signs import ENTRYWISE_POWER, INVERSE, ONE, distinction
from .index_printer import IndexPrinter
from .letters import upright
from .notation import Notation
from .plain_matrix_printer import TRANSPOSED, TURNED_INVERSE, PlainMatrixPrinter
from .printer import Precedence


class MatrixPrinter(PlainMatrixPrinter):
    """In a notation."""

    def __init__(self, system: System, notation: Notation, index: IndexPrinter | None = None) -> None:
        """`index` prints what is written by index: a view's own printer, where it has one."""
        super().__init__(system)
        self.notation = notation
        self.by_index = index or IndexPrinter(system, notation)

    @property
    def index(self) -> IndexPrinter:
        return self.by_index

    def name(self, tensor: str, transposed: bool = False) -> Node:
        """A whole array: W^{(1)}, or dW^{(1)} and its like for a gradient."""
        if self.index.is_adjoint(tensor):
            return self.gradient(self.index.system.adjoint_of[tensor], transposed)
        if tensor in self.index.inverses:
            return scripted(self.name(self.index.inverses[tensor]), above=TURNED_INVERSE if transposed else INVERSE)
        if spelled := self.index.spelled(tensor, ()):
            return self.transpose(spelled) if transposed else spelled
        if tensor not in self.system.tensors:
            return self.raised(self.notation.constant(tensor), "", transposed)
        symbol = self.notation.symbol(tensor, whole=len(self.system.tensors[tensor].axes) > 1)
        return self.raised(symbol.letter, symbol.layer, transposed)

    def gradient(self, tensor: str, transposed: bool) -> Node:
        if error := self.notation.error_of(tensor):
            return self.raised(error, self.notation.symbol(tensor, whole=True).layer, transposed)
        if self.notation.array_gradients == "partial":
            written = derivative(self.index.cost, self.name(tensor))
            return self.transpose(self.index.brackets(written)) if transposed else written
        if spelled := self.index.spelled(tensor, ()):
            return row(self.notation.gradient_mark, self.transpose(spelled) if transposed else spelled)
        symbol = self.notation.symbol(tensor, whole=len(self.system.tensors[tensor].axes) > 1)
        return self.raised(row(self.notation.gradient_mark, symbol.letter), symbol.layer, transposed)

    def raised(self, letter: Node, layer: str, transposed: bool) -> Node:
        """The layer and the sign of a transpose above; without marks around the layer, the transpose stands outside of brackets."""
        above = self.index.above(layer)
        if not transposed:
            return scripted(letter, above=above)
        if above and not self.notation.layer_marks:
            return self.transpose(bracketed(scripted(letter, above=above)))
        return scripted(letter, above=row(*([above] if above else []), TRANSPOSED))

    def transpose(self, written: Node) -> Node:
        """Of what has nothing above."""
        return scripted(written, above=TRANSPOSED)

    def turned(self, matrix: Matrix, shapes: bool) -> Node:
        return self.transpose(self.index.brackets(self.node(matrix, shapes)))

    def shape(self, matrix: Matrix) -> Node:
        return separated([self.index.size_shown(self.system.axis(letter).size_expression) for letter in matrix.letters], "×")

    def defined(self, tensor: Tensor) -> Node:
        return self.name(tensor.name)

    def with_shape(self, written: Node, matrix: Matrix, shapes: bool) -> Node:
        return Braced(written, self.shape(matrix)) if shapes and matrix.letters else written

    def stored(self, matrix: Stored) -> Node:
        return self.at_step(self.name(matrix.name, matrix.transposed), matrix)

    def inverse(self, matrix: MatrixFunction, shapes: bool) -> Node:
        """A^{-1}, of what has nothing above; A^{-⊤} for the inverse of the transpose."""
        match matrix.operand:
            case Stored(transposed=transposed) as stored:
                operand = self.node(replace(stored, transposed=False))
                is_plain = not isinstance(operand, Scripts) or operand.above is None
                base = operand if is_plain else self.index.brackets(operand)
                return self.with_shape(scripted(base, above=TURNED_INVERSE if transposed else INVERSE), matrix, shapes)
            case operand:
                return scripted(self.index.brackets(self.node(operand, shapes)), above=INVERSE)

    def quotient(self, above: Matrix, below: Matrix) -> Node:
        """One number divided by another, in lowest terms where both are known."""
        if isinstance(above, Constant) and isinstance(below, Constant):
            return self.index.node(above.value / below.value)
        return fraction(self.node(above), self.node(below))

    def one_hot(self, matrix: OneHot) -> Node:
        return scripted(ONE, self.at_step(self.name(matrix.labels), matrix))

    def at_step(self, name: Node, matrix: Stored | OneHot) -> Node:
        """The places of one step below: h_{t − 1}."""
        places = [self.index.place(place) for place in matrix.places if place is not None]
        return scripted(name, below=separated(places, ",")) if places else name

    def line(self, column: Matrix, shapes: bool) -> Node:
        return self.node(replace(column, transposed=True), shapes) if isinstance(column, Stored) else self.turned(column, shapes)

    def space(self, shapes: bool) -> tuple[Node, ...]:
        """Shapes below are wider than their factors."""
        return (MEDIUM, MEDIUM) if shapes else (THIN,)

    def total(self, matrix: SumOver | StepSum, shapes: bool) -> Node:
        if isinstance(matrix, SumOver) and len(matrix.over) == 1 and len(matrix.operand.letters) == 2:
            return self.lines_added(matrix, shapes)
        least = Precedence.PRODUCT if isinstance(matrix, SumOver) else Precedence.ATOM
        return row(*map(self.index.total_sign, matrix.over), self.within(matrix.operand, shapes, least))

    def lines_added(self, matrix: SumOver, shapes: bool) -> Node:
        """Mᵀ 1_N, the sum of the rows of M as a column, or M 1_K, the sum of its columns: Σ_n M would have no index to run over."""
        operand = matrix.operand
        if self.notation.sums_over_examples == "sum":
            axis = operand.letters.index(matrix.over[0])
            return row(Function("sum"), self.index.brackets(row(self.node(operand, shapes), ",", THIN, upright("axis"), "=", str(axis))))
        if matrix.over[0] == operand.letters[1]:
            # A ⊙ B 1 could be read as A ⊙ (B 1).
            least = Precedence.PRODUCT if isinstance(operand, MatrixProduct) else Precedence.POWER
            return row(self.within(operand, shapes, least), THIN, self.ones(matrix.over[0]))
        if isinstance(operand, Stored):
            turned = replace(operand, transposed=not operand.transposed, letters=operand.letters[::-1])
            return row(self.node(turned, shapes), THIN, self.ones(matrix.over[0]))
        return row(self.turned(operand, shapes), THIN, self.ones(matrix.over[0]))

    def ones(self, letter: Symbol, transposed: bool = False) -> Node:
        """1_N, the column of ones along an axis, by its size: so long is what it adds up, or how often it repeats."""
        return scripted(ONE, self.index.size_shown(self.system.axis(letter).size_expression), TRANSPOSED if transposed else None)

    def spread(self, matrix: Spread, shapes: bool) -> Written:
        """1_N bᵀ where rows are examples, b 1_Nᵀ where columns are; a value for each row alike; c 1_N for a number as every entry."""
        inner = matrix.operand
        # Σ_n x 1 could be read as Σ_n (x 1).
        written = self.within(inner, shapes, Precedence.PRODUCT if inner.letters or _is_of_numbers(inner) else Precedence.ATOM)
        if not inner.letters:
            ones = [self.ones(letter, transposed=place > 0) for place, letter in enumerate(matrix.letters)]
            return separated(ones if inner == Constant(Integer(1)) else [written, *ones], THIN), Precedence.PRODUCT
        if inner.letters == matrix.letters[-1:]:
            if isinstance(inner, Stored):
                turned = self.node(replace(inner, transposed=True), shapes)
            else:
                turned = self.transpose(self.index.brackets(written))
            return row(self.ones(matrix.letters[0]), THIN, turned), Precedence.PRODUCT
        column = written if isinstance(inner, Stored) else self.index.brackets(written)
        return row(column, THIN, self.ones(matrix.letters[1], transposed=True)), Precedence.PRODUCT

    def factor(self, matrix: Matrix, shapes: bool) -> Node:
        return self.within(matrix, shapes, Precedence.ATOM if is_entrywise(matrix) else Precedence.PRODUCT)

    def multiplied(self, matrix: Entrywise, shapes: bool) -> Node:
        is_entrywise_product = all(part.letters for part in matrix.arguments)
        parts = []
        # A slope σ′(z) stands behind what it is multiplied with.
        for part in sorted(matrix.arguments, key=lambda part: isinstance(part, Stored) and part.name in self.index.slopes):
            parts.append(self.beside_entries(part, shapes) if is_entrywise_product else self.within(part, shapes, Precedence.PRODUCT))
        return separated(parts, self.notation.entrywise_product if is_entrywise_product else THIN)

    def beside_entries(self, matrix: Matrix, shapes: bool) -> Node:
        """What ⊙ stands beside: a product of another kind has brackets."""
        return self.within(matrix, shapes, Precedence.PRODUCT if is_product_of_entries(matrix) else Precedence.ATOM)

    def divided(self, matrix: Entrywise, shapes: bool) -> Node:
        """A fraction of arrays is one of every entry, and has one shape; but where one is a product, with those of its factors."""
        above, below = matrix.arguments
        if below.letters:
            inside = shapes and any(map(_has_product, matrix.arguments))
            written = fraction(self.node(above, inside), self.node(below, inside))
            return written if inside else self.with_shape(written, matrix, shapes)
        if isinstance(above, Constant):
            return self.quotient(above, below)
        factor, rest = _number_apart(above)
        number = self.quotient(factor or Constant(Integer(1)), below)
        return row(number, THIN, self.within(rest, shapes, Precedence.PRODUCT))

    def power(self, base: Matrix, exponent: Matrix, shapes: bool) -> Node:
        """A^{⊙2}, with the shape below it where that is the shape of A as it is stored."""
        above = row(*((ENTRYWISE_POWER,) if base.letters else ()), self.node(exponent))
        written = self.node(base, shapes and not isinstance(base, Stored))
        is_plain = isinstance(base, Stored) and not base.places and (not isinstance(written, Scripts) or written.above is None)
        raised = scripted(written if is_plain else self.index.brackets(written), above=above)
        return self.with_shape(raised, base, shapes) if isinstance(base, Stored) else raised

    def chosen(self, test: Matrix, yes: Matrix, no: Matrix, shapes: bool) -> Written:
        if no != Constant(Integer(0)):
            return distinction([(self.node(yes), self.node(test)), (self.node(no), None)]), Precedence.ATOM
        indicator = self.index.indicator(self.node(test))
        if yes == Constant(Integer(1)):
            return indicator, Precedence.ATOM
        return row(self.beside_entries(yes, shapes), self.notation.entrywise_product, indicator), Precedence.PRODUCT


def _is_of_numbers(matrix: Matrix) -> bool:
    """Whether no array is part of it."""
    match matrix:
        case Entrywise():
            return all(map(_is_of_numbers, matrix.arguments))
        case _:
            return isinstance(matrix, Stored | Constant) and not matrix.letters


def _has_product(matrix: Matrix) -> bool:
    return isinstance(matrix, MatrixProduct | OuterProduct) or any(map(_has_product, operands(matrix)))


def _number_apart(matrix: Matrix) -> tuple[Matrix | None, Matrix]:
    """2 A as 2 and A, 2 b c of numbers as 2 and b c."""
    match matrix:
        case Entrywise(function="multiply", arguments=(number, rest)) if isinstance(number, Constant) or (
            not number.letters and rest.letters
        ):
            return number, rest
        case Entrywise(function="multiply", arguments=(first, second), letters=letters):
            apart, others = _number_apart(first)
            return apart, (matrix if apart is None else Entrywise("multiply", (others, second), letters))
        case _:
            return None, matrix
