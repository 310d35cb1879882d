"""Expressions as formulas in matrix notation: dW^{(1)} = (dZ^{(1)})ᵀ X, with the shapes under the factors where wanted."""

from __future__ import annotations

from dataclasses import replace

from sympy import Integer, Symbol

from chainrule.codegen.document.formula import Formula
from chainrule.codegen.document.nodes import (
    MEDIUM,
    MINUS,
    THIN,
    Braced,
    Form,
    Function,
    Letter,
    Node,
    Scripts,
    Sign,
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
    is_entrywise,
    is_product_of_entries,
)
from chainrule.symbolic.forms.step_form import StepForm
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.system.system import System

from .function_signs import ONE, applied, distinction, indicator
from .index_printer import INVERSE, IndexPrinter, Written
from .letters import name_as_letter, upright
from .notation import Notation
from .printer import Precedence

COMPARISONS = {"greater": ">", "greater_equal": "≥", "less": "<", "less_equal": "≤", "equal": "="}
TRANSPOSED = "⊤"
#: What functions of a matrix are called.
OF_MATRICES = {"determinant": "det", "cholesky": "chol"}


class MatrixPrinter:
    """Prints matrix forms; `node` is the entry point."""

    def __init__(self, system: System, notation: Notation, index: IndexPrinter | None = None) -> None:
        """`index` prints what is written by index: a view's own printer, where it has one."""
        self.system = system
        self.notation = notation
        self.index = index or IndexPrinter(system, notation)

    def name(self, tensor: str, transposed: bool = False) -> Node:
        """A whole array: W^{(1)}, or dW^{(1)} and its like for a gradient."""
        if self.index.is_adjoint(tensor):
            return self.gradient(self.index.system.adjoint_of[tensor], transposed)
        if tensor in self.index.inverses:
            return scripted(self.name(self.index.inverses[tensor]), above=row(MINUS, TRANSPOSED) if transposed else INVERSE)
        if spelled := self.index.spelled(tensor, ()):
            return self.turned(spelled) if transposed else spelled
        if tensor not in self.system.tensors:
            return self.raised(name_as_letter(tensor), "", transposed)
        symbol = self.notation.symbol(tensor, whole=len(self.system.tensors[tensor].axes) > 1)
        return self.raised(symbol.letter, symbol.layer, transposed)

    def gradient(self, tensor: str, transposed: bool) -> Node:
        if error := self.notation.error_of(tensor):
            return self.raised(error, self.notation.symbol(tensor, whole=True).layer, transposed)
        if self.notation.array_gradients == "partial":
            written = derivative(self.index.cost, self.name(tensor))
            return self.turned(self.index.brackets(written)) if transposed else written
        if spelled := self.index.spelled(tensor, ()):
            return row(self.notation.gradient_mark, self.turned(spelled) if transposed else spelled)
        symbol = self.notation.symbol(tensor, whole=len(self.system.tensors[tensor].axes) > 1)
        return self.raised(row(self.notation.gradient_mark, symbol.letter), symbol.layer, transposed)

    def raised(self, letter: Node, layer: str, transposed: bool) -> Node:
        """The layer and the sign of a transpose above; without marks around the layer, the transpose stands outside of brackets."""
        above = self.index.above(layer)
        if not transposed:
            return scripted(letter, above=above)
        if above and not self.notation.layer_marks:
            return self.turned(bracketed(scripted(letter, above=above)))
        return scripted(letter, above=row(*([above] if above else []), TRANSPOSED))

    def turned(self, written: Node) -> Node:
        """The transpose of what has nothing above."""
        return scripted(written, above=TRANSPOSED)

    def shape(self, matrix: Matrix) -> Node:
        return separated([self.index.node(self.system.axis(letter).size_expression) for letter in matrix.letters], "×")

    def node(self, matrix: Matrix, shapes: bool = False) -> Node:
        return self.write(matrix, shapes)[0]

    def formula(self, matrix: Matrix, shapes: bool = False) -> Formula:
        """The same, as a document holds it."""
        return Formula(self.node(matrix, shapes), (matrix,))

    def with_shape(self, written: Node, matrix: Matrix) -> Node:
        return Braced(written, self.shape(matrix)) if matrix.letters else written

    def write(self, matrix: Matrix, shapes: bool) -> Written:
        match matrix:
            case Stored():
                written = self.at_step(self.name(matrix.name, matrix.transposed), matrix)
                return self.with_shape(written, matrix) if shapes else written, Precedence.ATOM
            case MatrixFunction(function="inverse"):
                return self.inverse(matrix, shapes), Precedence.ATOM
            case MatrixFunction():
                inside = self.index.brackets(self.node(matrix.operand, shapes))
                return row(Function(OF_MATRICES[matrix.function]), inside), Precedence.ATOM
            case Constant():
                return self.index.write(matrix.value)
            case OneHot():
                written = scripted(ONE, self.at_step(self.name(matrix.labels), matrix))
                return self.with_shape(written, matrix) if shapes else written, Precedence.ATOM
            case Identity():
                return self.with_shape(Letter("I"), matrix) if shapes else Letter("I"), Precedence.ATOM
            case Transposed():
                return self.turned(self.index.brackets(self.node(matrix.operand, shapes))), Precedence.ATOM
            case StepSum():
                signs = map(self.index.total_sign, matrix.over)
                return row(*signs, self.within(matrix.operand, shapes, Precedence.ATOM)), Precedence.PRODUCT
            case MatrixProduct():
                left, right = (self.factor(part, shapes) for part in (matrix.left, matrix.right))
                # Shapes below are wider than their factors.
                return row(left, *self.space(shapes), right), Precedence.PRODUCT
            case OuterProduct():
                return self.outer(matrix, shapes), Precedence.PRODUCT
            case SumOver() if len(matrix.over) == 1 and len(matrix.operand.letters) == 2:
                return self.lines_added(matrix, shapes), Precedence.PRODUCT
            case SumOver():
                signs = map(self.index.total_sign, matrix.over)
                return row(*signs, self.within(matrix.operand, shapes, Precedence.PRODUCT)), Precedence.PRODUCT
            case Spread():
                return self.spread(matrix, shapes)
            case Entrywise():
                return self.entrywise(matrix, shapes)
        raise NotExpressible(f"matrix notation has no sign for {type(matrix).__name__}")

    def inverse(self, matrix: MatrixFunction, shapes: bool) -> Node:
        """A^{-1}, of what has nothing above; A^{-⊤} for the inverse of the transpose."""
        match matrix.operand:
            case Stored(transposed=transposed) as stored:
                operand = self.node(replace(stored, transposed=False))
                is_plain = not isinstance(operand, Scripts) or operand.above is None
                base = operand if is_plain else self.index.brackets(operand)
                written = scripted(base, above=row(MINUS, TRANSPOSED) if transposed else INVERSE)
                return self.with_shape(written, matrix) if shapes else written
            case operand:
                return scripted(self.index.brackets(self.node(operand, shapes)), above=INVERSE)

    def quotient(self, above: Matrix, below: Matrix) -> Node:
        """One number divided by another, in lowest terms where both are known."""
        if isinstance(above, Constant) and isinstance(below, Constant):
            return self.index.node(above.value / below.value)
        return fraction(self.node(above), self.node(below))

    def step(self, name: str, form: StepForm) -> Node:
        """The left side where the right is one step of it."""
        return self.node(Stored(name, False, form.matrix.letters, form.places))

    def at_step(self, name: Node, matrix: Stored | OneHot) -> Node:
        """The places of one step below: h_{t − 1}."""
        places = [self.index.place(place) for place in matrix.places if place is not None]
        return scripted(name, below=separated(places, ",")) if places else name

    def outer(self, matrix: OuterProduct, shapes: bool) -> Node:
        """u vᵀ: a row is written as a column's transpose."""
        line = matrix.right
        if isinstance(line, Stored):
            right = self.node(replace(line, transposed=True), shapes)
        else:
            right = self.turned(self.index.brackets(self.node(line, shapes)))
        return row(self.factor(matrix.left, shapes), *self.space(shapes), right)

    def space(self, shapes: bool) -> tuple[Node, ...]:
        """Between the factors of a product."""
        return (MEDIUM, MEDIUM) if shapes else (THIN,)

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
        return row(self.turned(self.index.brackets(self.node(operand, shapes))), THIN, self.ones(matrix.over[0]))

    def ones(self, letter: Symbol, transposed: bool = False) -> Node:
        """1_N, the column of ones along an axis, by its size: so long is what it adds up, or how often it repeats."""
        return scripted(ONE, self.index.node(self.system.axis(letter).size_expression), TRANSPOSED if transposed else None)

    def spread(self, matrix: Spread, shapes: bool) -> Written:
        """1_N bᵀ where rows are examples, b 1_Nᵀ where columns are; a value for each row alike."""
        inner = matrix.operand
        if isinstance(inner, Stored) and inner.letters == matrix.letters[-1:]:
            return row(self.ones(matrix.letters[0]), THIN, self.node(replace(inner, transposed=True), shapes)), Precedence.PRODUCT
        written = self.within(inner, shapes, Precedence.PRODUCT)
        if inner.letters == matrix.letters[-1:]:
            return row(self.ones(matrix.letters[0]), THIN, self.turned(self.index.brackets(written))), Precedence.PRODUCT
        column = written if isinstance(inner, Stored) else self.index.brackets(written)
        return row(column, THIN, self.ones(matrix.letters[1], transposed=True)), Precedence.PRODUCT

    def within(self, matrix: Matrix, shapes: bool, least: Precedence) -> Node:
        written, level = self.write(matrix, shapes)
        return written if level >= least else self.index.brackets(written)

    def factor(self, matrix: Matrix, shapes: bool) -> Node:
        """A factor of a product of matrices: A ⊙ B C could be read as A ⊙ (B C)."""
        return self.within(matrix, shapes, Precedence.ATOM if is_entrywise(matrix) else Precedence.PRODUCT)

    def entrywise(self, matrix: Entrywise, shapes: bool) -> Written:
        arguments = matrix.arguments
        match matrix.function:
            case "add" | "subtract":
                sign = "+" if matrix.function == "add" else "−"
                right = self.within(arguments[1], shapes, Precedence.PRODUCT if sign == "−" else Precedence.SUM)
                return row(self.within(arguments[0], shapes, Precedence.SUM), sign, right), Precedence.SUM
            case "multiply":
                is_entrywise_product = all(part.letters for part in arguments)
                parts = []
                # A slope σ′(z) stands behind what it is multiplied with.
                for part in sorted(arguments, key=lambda part: isinstance(part, Stored) and part.name in self.index.slopes):
                    written, level = self.write(part, shapes)
                    mixed = is_entrywise_product and not is_product_of_entries(part)
                    parts.append(self.index.brackets(written) if level < Precedence.PRODUCT or mixed else written)
                return separated(parts, self.notation.entrywise_product if is_entrywise_product else THIN), Precedence.PRODUCT
            case "divide" if not arguments[1].letters:
                factor, rest = _number_apart(arguments[0])
                number = self.quotient(factor or Constant(Integer(1)), arguments[1])
                return row(number, THIN, self.within(rest, shapes, Precedence.PRODUCT)), Precedence.PRODUCT
            case "divide":
                return separated([self.within(part, shapes, Precedence.ATOM) for part in arguments], "⊘"), Precedence.PRODUCT
            case "negative":
                return row(MINUS, self.within(arguments[0], shapes, Precedence.PRODUCT)), Precedence.SUM
            case "power":
                above = row(Sign("⊙", Form.PREFIX), self.node(arguments[1]))
                return scripted(self.index.brackets(self.node(arguments[0], shapes)), above=above), Precedence.POWER
            case "greater" | "greater_equal" | "less" | "less_equal" | "equal":
                return separated([self.node(part) for part in arguments], COMPARISONS[matrix.function]), Precedence.COMPARISON
            case "where" if arguments[2] == Constant(Integer(0)):
                chosen = self.within(arguments[1], shapes, Precedence.PRODUCT)
                test = indicator(self.node(arguments[0]))
                if arguments[1] == Constant(Integer(1)):
                    return test, Precedence.ATOM
                return row(chosen, self.notation.entrywise_product, test), Precedence.PRODUCT
            case "where":
                test, yes, no = map(self.node, arguments)
                return distinction([(yes, test), (no, None)]), Precedence.ATOM
            case _:
                return applied(matrix.function, [self.node(part, shapes) for part in arguments]), Precedence.ATOM


def _number_apart(matrix: Matrix) -> tuple[Matrix | None, Matrix]:
    """2 A as 2 and A."""
    match matrix:
        case Entrywise(function="multiply", arguments=(number, rest)) if not number.letters and rest.letters:
            return number, rest
        case _:
            return None, matrix
