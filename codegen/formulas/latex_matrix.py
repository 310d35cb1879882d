"""Matrix notation as LaTeX: dW^{(1)} = (dZ^{(1)})ᵀ X, with the shapes under the factors where wanted."""

from __future__ import annotations

from sympy import Integer

from chainrule.codegen.document.formula import Formula
from chainrule.symbolic.forms.matrix_form import (
    Constant,
    Entrywise,
    Matrix,
    MatrixProduct,
    OneHot,
    OuterProduct,
    Spread,
    Stored,
    SumOver,
    is_entrywise,
)
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.system.system import System

from .latex import Latex, command, otherwise, whole_number
from .notation import Notation, latex_letter
from .printer import Precedence, Text

COMPARISONS = {"greater": ">", "greater_equal": r"\ge", "less": "<", "less_equal": r"\le", "equal": "="}


class LatexMatrix:
    """Prints matrix forms; `text` is the entry point."""

    def __init__(self, system: System, notation: Notation, index: Latex | None = None) -> None:
        """`index` prints what is written by index: a view's own printer, where it has one."""
        self.system = system
        self.notation = notation
        self.index = index or Latex(system, notation)

    def name(self, tensor: str, transposed: bool = False) -> str:
        """A whole array: W^{(1)}, or dW^{(1)} and its like for a gradient."""
        if self.index.is_adjoint(tensor):
            return self.gradient(self.index.system.adjoint_of[tensor], transposed)
        if spelled := self.index.spelled(tensor, ()):
            return rf"{spelled}^{{\top}}" if transposed else spelled
        if tensor not in self.system.tensors:
            return self.raised(latex_letter(tensor), "", transposed)
        symbol = self.notation.symbol(tensor, whole=len(self.system.tensors[tensor].axes) > 1)
        return self.raised(symbol.letter, symbol.layer, transposed)

    def gradient(self, tensor: str, transposed: bool) -> str:
        if self.notation.is_pre_activation(tensor):
            return self.raised(self.notation.error_letter, self.notation.symbol(tensor, whole=True).layer, transposed)
        if self.notation.array_gradients == "partial":
            written = rf"\frac{{\partial {self.index.cost}}}{{\partial {self.name(tensor)}}}"
            return rf"\left({written}\right)^{{\top}}" if transposed else written
        if spelled := self.index.spelled(tensor, ()):
            return f"{self.notation.gradient_mark}{spelled}" + (r"^{\top}" if transposed else "")
        symbol = self.notation.symbol(tensor, whole=len(self.system.tensors[tensor].axes) > 1)
        return self.raised(f"{self.notation.gradient_mark}{symbol.letter}", symbol.layer, transposed)

    def raised(self, letter: str, layer: str, transposed: bool) -> str:
        """The layer and the sign of a transpose above; without marks around the layer, the transpose stands outside of brackets."""
        above = self.notation.raised(self.index.layer(layer)) if layer else ""
        if not transposed:
            return f"{letter}^{{{above}}}" if above else letter
        if above and not self.notation.layer_marks[0]:
            return rf"({letter}^{{{above}}})^{{\top}}"
        return rf"{letter}^{{{above}\top}}"

    def shape(self, matrix: Matrix) -> str:
        sizes = [self.index.text(self.system.axis(letter).size_expression) for letter in matrix.letters]
        return r" \times ".join(sizes) if len(sizes) > 1 else (sizes[0] if sizes else "")

    def text(self, matrix: Matrix, shapes: bool = False) -> str:
        return self.write(matrix, shapes)[0]

    def formula(self, matrix: Matrix, shapes: bool = False) -> Formula:
        """The same, as a document holds it."""
        return Formula(self.text(matrix, shapes), (matrix,))

    def write(self, matrix: Matrix, shapes: bool) -> Text:
        match matrix:
            case Stored():
                written = self.name(matrix.name, matrix.transposed)
                # The outer braces: an underbrace alone counts as an operator to TeX and takes the space from a sign behind it.
                return (
                    rf"{{\underbrace{{{written}}}_{{{self.shape(matrix)}}}}}" if shapes and matrix.letters else written
                ), Precedence.ATOM
            case Constant():
                return self.index.write(matrix.value)
            case OneHot():
                written = rf"\mathbf{{1}}_{{{self.name(matrix.labels)}}}"
                return (rf"{{\underbrace{{{written}}}_{{{self.shape(matrix)}}}}}" if shapes else written), Precedence.ATOM
            case MatrixProduct():
                left, right = (self.factor(part, shapes) for part in (matrix.left, matrix.right))
                # Shapes below are wider than their factors.
                return rf"{left} {self.space(shapes)} {right}", Precedence.PRODUCT
            case OuterProduct():
                return self.outer(matrix, shapes), Precedence.PRODUCT
            case SumOver() if len(matrix.over) == 1 and len(matrix.operand.letters) == 2:
                return self.lines_added(matrix, shapes), Precedence.PRODUCT
            case SumOver():
                signs = "".join(rf"\sum_{{{self.index.letter(letter)}}} " for letter in matrix.over)
                return f"{signs}{self.within(matrix.operand, shapes, Precedence.PRODUCT)}", Precedence.PRODUCT
            case Spread():
                return self.spread(matrix, shapes)
            case Entrywise():
                return self.entrywise(matrix, shapes)
        raise NotExpressible(f"matrix notation has no sign for {type(matrix).__name__}")

    def outer(self, matrix: OuterProduct, shapes: bool) -> str:
        """u vᵀ: a row is written as a column's transpose."""
        row = matrix.right
        if isinstance(row, Stored):
            right = self.write(Stored(row.name, True, row.letters), shapes)[0]
        else:
            right = rf"{self.index.brackets(self.text(row, shapes))}^{{\top}}"
        return rf"{self.factor(matrix.left, shapes)} {self.space(shapes)} {right}"

    def space(self, shapes: bool) -> str:
        """Between the factors of a product."""
        return r"\;\;" if shapes else r"\,"

    def lines_added(self, matrix: SumOver, shapes: bool) -> str:
        """Mᵀ 1, the sum of the rows of M as a column, or M 1, the sum of its columns: Σ_n M would have no index to run over."""
        ones = r"\mathbf{1}"
        operand = matrix.operand
        if self.notation.sums_over_examples == "sum":
            axis = operand.letters.index(matrix.over[0])
            return rf"\operatorname{{sum}}\left({self.text(operand, shapes)},\, \mathrm{{axis}} = {axis}\right)"
        if matrix.over[0] == operand.letters[1]:
            # A ⊙ B 1 could be read as A ⊙ (B 1).
            least = Precedence.PRODUCT if isinstance(operand, MatrixProduct) else Precedence.ATOM
            return rf"{self.within(operand, shapes, least)} \, {ones}"
        if isinstance(operand, Stored):
            turned = Stored(operand.name, not operand.transposed, operand.letters[::-1])
            return rf"{self.write(turned, shapes)[0]} \, {ones}"
        return rf"{self.index.brackets(self.text(operand, shapes))}^{{\top}} \, {ones}"

    def spread(self, matrix: Spread, shapes: bool) -> Text:
        """1 bᵀ where rows are examples, b 1ᵀ where columns are; a value for each row alike."""
        inner = matrix.operand
        ones = r"\mathbf{1}"
        if isinstance(inner, Stored) and inner.letters == matrix.letters[-1:]:
            return rf"{ones} \, {self.write(Stored(inner.name, True, inner.letters), shapes)[0]}", Precedence.PRODUCT
        written = self.within(inner, shapes, Precedence.PRODUCT)
        if inner.letters == matrix.letters[-1:]:
            return rf"{ones} \, {self.index.brackets(written)}^{{\top}}", Precedence.PRODUCT
        return rf"{self.index.brackets(written) if not isinstance(inner, Stored) else written} \, {ones}^{{\top}}", Precedence.PRODUCT

    def within(self, matrix: Matrix, shapes: bool, least: Precedence) -> str:
        written, level = self.write(matrix, shapes)
        return written if level >= least else self.index.brackets(written)

    def factor(self, matrix: Matrix, shapes: bool) -> str:
        """A factor of a product of matrices: A ⊙ B C could be read as A ⊙ (B C)."""
        return self.within(matrix, shapes, Precedence.ATOM if is_entrywise(matrix) else Precedence.PRODUCT)

    def entrywise(self, matrix: Entrywise, shapes: bool) -> Text:
        arguments = matrix.arguments
        match matrix.function:
            case "add" | "subtract":
                sign = "+" if matrix.function == "add" else "-"
                right = self.within(arguments[1], shapes, Precedence.PRODUCT if sign == "-" else Precedence.SUM)
                return f"{self.within(arguments[0], shapes, Precedence.SUM)} {sign} {right}", Precedence.SUM
            case "multiply":
                entrywise = f" {self.notation.entrywise_product} "
                sign = entrywise if all(part.letters for part in arguments) else r" \, "
                parts = []
                # A slope σ′(z) stands behind what it is multiplied with.
                for part in sorted(arguments, key=lambda part: isinstance(part, Stored) and part.name in self.index.slopes):
                    written, level = self.write(part, shapes)
                    mixed = sign == entrywise and isinstance(part, MatrixProduct | SumOver | Spread)
                    parts.append(self.index.brackets(written) if level < Precedence.PRODUCT or mixed else written)
                return sign.join(parts), Precedence.PRODUCT
            case "divide" if not arguments[1].letters:
                return (
                    rf"\frac{{1}}{{{self.text(arguments[1])}}} \, {self.within(arguments[0], shapes, Precedence.PRODUCT)}",
                    Precedence.PRODUCT,
                )
            case "divide":
                above, below = (self.within(part, shapes, Precedence.ATOM) for part in arguments)
                return rf"{above} \oslash {below}", Precedence.PRODUCT
            case "negative":
                return f"-{self.within(arguments[0], shapes, Precedence.PRODUCT)}", Precedence.SUM
            case "power":
                return rf"{self.index.brackets(self.text(arguments[0]))}^{{\odot {self.text(arguments[1])}}}", Precedence.POWER
            case "greater" | "greater_equal" | "less" | "less_equal" | "equal":
                return f"{self.text(arguments[0])} {COMPARISONS[matrix.function]} {self.text(arguments[1])}", Precedence.COMPARISON
            case "where" if arguments[2] == Constant(Integer(0)):
                chosen = self.within(arguments[1], shapes, Precedence.PRODUCT)
                return rf"{chosen} {self.notation.entrywise_product} \mathbf{{1}}[{self.text(arguments[0])}]", Precedence.PRODUCT
            case "where":
                yes, no, test = self.text(arguments[1]), self.text(arguments[2]), self.text(arguments[0])
                return rf"\begin{{cases}}{yes} & {test} \\ {no} & {otherwise()}\end{{cases}}", Precedence.ATOM
            case "abs":
                return rf"\left|{self.text(arguments[0], shapes)}\right|", Precedence.ATOM
            case "floor" | "ceil":
                return whole_number(matrix.function, self.text(arguments[0], shapes)), Precedence.ATOM
            case "sqrt":
                return rf"\sqrt{{{self.text(arguments[0], shapes)}}}", Precedence.ATOM
            case _:
                inside = ",\\, ".join(self.text(part, shapes) for part in arguments)
                return rf"{command(matrix.function)}\left({inside}\right)", Precedence.ATOM
