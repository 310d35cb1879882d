"""Matrix notation in the names of the module: dW1 = dz1ᵀ x. Every line has one meaning:

    v, h[t-1], h[:,t]     an array by its name, or one step of it, as NumPy takes it (0 out of range); a vector is a column
    Aᵀ, (A + B)ᵀ          rows for columns
    A B, A v, u vᵀ        products of matrices; what is a number may stand in front, or behind a /
    A ⊙ B, A / B, A^⊙2    entry by entry, as are functions, √A, |A|, and [A > 0], which is 1 or 0; a number is repeated for every entry
    v 1ᵀ, 1 vᵀ            the vector as every column, and as every row
    I                     1 where both places are the same, else 0; its shape is that of what it is added to, or else of the left side
    onehot(y)             1 at the place that the label says, else 0
    A⁻¹, A⁻ᵀ, det(A)      the inverse of a square matrix, the inverse of Aᵀ, the determinant; chol(A) is the lower L with L Lᵀ = A
    Σ_k A                 the factor behind it, added up over its axis k; over Σ_t′ where t is the first axis and the second; over the
                          steps where A is an array for each step

ᵀ, ⁻¹ and ^ come before products and /, which go from left to right, and these before + and -. Beside ⊙, and beside a / by an array, a
product of matrices stands in brackets.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Integer, Symbol

from chainrule.codegen.document.formula import Formula
from chainrule.codegen.document.nodes import (
    MINUS,
    THIN,
    Function,
    Letter,
    Node,
    Primed,
    Scripts,
    Text,
    bracketed,
    node,
    row,
    separated,
    total,
)
from chainrule.symbolic.forms.matrices import (
    Constant,
    Entrywise,
    Identity,
    Matrix,
    MatrixFunction,
    MatrixProduct,
    OneHot,
    OuterProduct,
    Spread,
    StepSum,
    Stored,
    SumOver,
    Transposed,
    is_product_of_entries,
)
from chainrule.symbolic.forms.step_form import StepForm
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.inverse_matrix import named_inverses
from chainrule.symbolic.system.system import System

from .formula_printer import FormulaPrinter, Written
from .function_signs import ENTRYWISE_POWER, INVERSE, called
from .letters import upright
from .plain_printer import PlainPrinter, shape_text
from .printer import Precedence

TRANSPOSED = "⊤"
#: Signs between two arrays.
SIGNS = {
    "add": ("+", Precedence.SUM),
    "subtract": ("−", Precedence.SUM),
    "greater": (">", Precedence.COMPARISON),
    "greater_equal": ("≥", Precedence.COMPARISON),
    "less": ("<", Precedence.COMPARISON),
    "less_equal": ("≤", Precedence.COMPARISON),
    "equal": ("=", Precedence.COMPARISON),
}


#: What functions of a matrix are called.
OF_MATRICES = {"determinant": "det", "cholesky": "chol"}
TURNED_INVERSE = row(MINUS, TRANSPOSED)


class PlainMatrixPrinter:
    """Prints matrix forms; `node` is the entry point. A notation writes in its own way, with `shapes` those of the factors too."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.inverses = named_inverses(system)

    @property
    def index(self) -> FormulaPrinter:
        """Prints what is written by index."""
        return PlainPrinter(self.system)

    def node(self, matrix: Matrix, shapes: bool = False) -> Node:
        """The whole matrix; raises `NotExpressible` where there is no sign for something."""
        return self.write(matrix, shapes)[0]

    def formula(self, matrix: Matrix, shapes: bool = False) -> Formula:
        """The same, as a document holds it."""
        return Formula(self.node(matrix, shapes), (matrix,))

    def step(self, name: str, form: StepForm) -> Node:
        """The left side where the right is one step of it."""
        return self.node(Stored(name, False, form.matrix.letters, form.places))

    def write(self, matrix: Matrix, shapes: bool = False) -> Written:
        match matrix:
            case Stored():
                return self.with_shape(self.stored(matrix), matrix, shapes), Precedence.ATOM
            case MatrixFunction(function="inverse"):
                return self.inverse(matrix, shapes), Precedence.ATOM
            case MatrixFunction():
                return called(Function(OF_MATRICES[matrix.function]), [self.node(matrix.operand, shapes)]), Precedence.ATOM
            case Constant():
                return self.index.write(matrix.value)
            case OneHot():
                return self.with_shape(self.one_hot(matrix), matrix, shapes), Precedence.ATOM
            case Identity():
                return self.with_shape(Letter("I"), matrix, shapes), Precedence.ATOM
            case Transposed():
                return self.turned(matrix.operand, shapes), Precedence.ATOM
            case MatrixProduct():
                return row(self.factor(matrix.left, shapes), *self.space(shapes), self.factor(matrix.right, shapes)), Precedence.PRODUCT
            case OuterProduct():
                return row(self.factor(matrix.left, shapes), *self.space(shapes), self.line(matrix.right, shapes)), Precedence.PRODUCT
            case SumOver() | StepSum():
                return self.total(matrix, shapes), Precedence.PRODUCT
            case Spread():
                return self.spread(matrix, shapes)
            case Entrywise(function, arguments) if function in SIGNS:
                sign, level = SIGNS[function]
                right = Precedence(level + 1) if function == "subtract" else level
                return row(self.within(arguments[0], shapes, level), sign, self.within(arguments[1], shapes, right)), level
            case Entrywise("negative", (operand,)):
                return row(MINUS, self.within(operand, shapes, Precedence.PRODUCT)), Precedence.SUM
            case Entrywise("multiply"):
                return self.multiplied(matrix, shapes), Precedence.PRODUCT
            case Entrywise("divide"):
                return self.divided(matrix, shapes), Precedence.PRODUCT
            case Entrywise("power", (base, exponent)):
                return self.power(base, exponent, shapes), Precedence.POWER
            case Entrywise("where", (test, yes, no)):
                return self.chosen(test, yes, no, shapes)
            case Entrywise(function, arguments):
                return self.index.applied(function, [self.node(part, shapes) for part in arguments]), Precedence.ATOM
        raise NotExpressible(f"matrix notation has no sign for {type(matrix).__name__}")

    def within(self, matrix: Matrix, shapes: bool, least: Precedence) -> Node:
        """In brackets where it holds together less tightly than its surroundings need."""
        written, level = self.write(matrix, shapes)
        return written if level >= least else self.index.brackets(written)

    def with_shape(self, written: Node, matrix: Matrix, shapes: bool) -> Node:
        return written

    def space(self, shapes: bool) -> tuple[Node, ...]:
        """Between the factors of a product."""
        return (THIN,)

    def name(self, tensor: str, transposed: bool = False) -> Node:
        """A whole array."""
        return _turned(upright(tensor), transposed)

    def defined(self, tensor: Tensor) -> Node:
        """A whole array as the left side of its equation: dW1 (5, 3)."""
        return row(self.name(tensor.name), THIN, Text(shape_text(self.system, tensor)))

    def stored(self, matrix: Stored) -> Node:
        """An array, or one step of it."""
        if matrix.name in self.inverses:
            return Scripts(upright(self.inverses[matrix.name]), above=TURNED_INVERSE if matrix.transposed else INVERSE)
        return _turned(row(upright(matrix.name), *self.places(matrix)), matrix.transposed)

    def inverse(self, matrix: MatrixFunction, shapes: bool) -> Node:
        """A⁻¹, and A⁻ᵀ for the inverse of the transpose."""
        match matrix.operand:
            case Stored(transposed=True) as stored:
                return Scripts(self.node(replace(stored, transposed=False)), above=TURNED_INVERSE)
            case operand:
                return Scripts(self.within(operand, shapes, Precedence.ATOM), above=INVERSE)

    def one_hot(self, matrix: OneHot) -> Node:
        labels = self.system.tensors[matrix.labels]
        is_turned = len(matrix.letters) == 2 and axis_name(matrix.letters[1]) in map(axis_name, labels.axes)
        return _turned(called(Function("onehot"), [row(upright(matrix.labels), *self.places(matrix))]), is_turned)

    def turned(self, matrix: Matrix, shapes: bool) -> Node:
        """Rows for columns."""
        return _turned(self.within(matrix, shapes, Precedence.ATOM))

    def line(self, column: Matrix, shapes: bool) -> Node:
        """The row vᵀ of an outer product u vᵀ."""
        return self.turned(column, shapes)

    def total(self, matrix: SumOver | StepSum, shapes: bool) -> Node:
        # Σ_k A ⊙ B could be read as (Σ_k A) ⊙ B.
        letters = separated([self.summed(letter, matrix) for letter in matrix.over], ",")
        return row(total(letters), THIN, self.within(matrix.operand, False, Precedence.ATOM))

    def spread(self, matrix: Spread, shapes: bool) -> Written:
        """A number is one for every entry: the left side has its shape beside it."""
        if not matrix.operand.letters:
            return self.write(matrix.operand)
        if matrix.operand.letters == matrix.letters[-1:]:
            return row("1", THIN, self.turned(matrix.operand, shapes)), Precedence.PRODUCT
        return row(self.within(matrix.operand, False, Precedence.ATOM), THIN, _turned(node("1"))), Precedence.PRODUCT

    def places(self, stored: Stored | OneHot) -> tuple[Node, ...]:
        """One step of an array, as NumPy takes it: h[:,t - 1]."""
        written = [node(":") if place is None else self.index.node(place) for place in stored.places]
        while written and written[-1] == node(":"):
            written.pop()
        return (bracketed(separated(written, ","), "[]"),) if written else ()

    def summed(self, letter: Symbol, matrix: SumOver | StepSum) -> Node:
        """The axis; the second of two of one kind has a prime, as in P[t,t′]."""
        name = axis_name(letter)
        letters = matrix.operand.letters
        is_second = len(letters) == 2 and letter == letters[1] and axis_name(letters[0]) == name
        return Primed(upright(name)) if is_second and isinstance(matrix, SumOver) else upright(name)

    def indicator(self, test: Matrix) -> Written:
        """1 where it holds, else 0; a test of rows or columns is repeated as they are."""
        if not isinstance(test, Spread):
            return self.index.indicator(self.node(test)), Precedence.ATOM
        inside = self.index.indicator(self.node(test.operand))
        is_row = test.operand.letters == test.letters[-1:]
        return row("1", THIN, _turned(inside)) if is_row else row(inside, THIN, _turned(node("1"))), Precedence.PRODUCT

    def factor(self, matrix: Matrix, shapes: bool) -> Node:
        """A factor of a product of matrices: A ⊙ B C could be read as A ⊙ (B C)."""
        return self.within(matrix, False, Precedence.PRODUCT if isinstance(matrix, MatrixProduct) else Precedence.POWER)

    def operand(self, matrix: Matrix) -> Node:
        """What ⊙ or / stands behind, for the same reason."""
        return self.within(matrix, False, Precedence.PRODUCT if is_product_of_entries(matrix) else Precedence.POWER)

    def multiplied(self, matrix: Entrywise, shapes: bool) -> Node:
        first, second = matrix.arguments
        if first.letters:
            return row(self.operand(first), "⊙", self.within(second, False, Precedence.POWER))
        # A number in front of whatever it is that it multiplies.
        number = self.within(first, False, Precedence.POWER if isinstance(first, SumOver) else Precedence.PRODUCT)
        return row(number, THIN, self.within(second, False, Precedence.PRODUCT))

    def divided(self, matrix: Entrywise, shapes: bool) -> Node:
        above, below = matrix.arguments
        over = self.operand(above) if below.letters else self.within(above, False, Precedence.PRODUCT)
        return row(over, "/", self.within(below, False, Precedence.POWER))

    def power(self, base: Matrix, exponent: Matrix, shapes: bool) -> Node:
        sign = (ENTRYWISE_POWER,) if base.letters else ()
        written, above = (self.within(part, False, Precedence.ATOM) for part in (base, exponent))
        return Scripts(written, above=row(*sign, above))

    def chosen(self, test: Matrix, yes: Matrix, no: Matrix, shapes: bool) -> Written:
        """One of two by a test, entry by entry."""
        if no == Constant(Integer(0)):
            written, level = self.indicator(test)
            if yes == Constant(Integer(1)):
                return written, level
            return row(self.operand(yes), "⊙", written if level >= Precedence.POWER else self.index.brackets(written)), Precedence.PRODUCT
        said = self.indicator(test)[0] if isinstance(test, Spread) else self.node(test)
        return self.index.brackets(row(self.node(yes), Text(" where "), said, Text(" else "), self.node(no))), Precedence.ATOM


def _turned(written: Node, is_turned: bool = True) -> Node:
    return Scripts(written, above=node(TRANSPOSED)) if is_turned else written
