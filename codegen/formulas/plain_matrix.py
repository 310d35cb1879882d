"""Matrix notation as readable Unicode: dW1 = dz1ᵀ x."""

from __future__ import annotations

from sympy import Integer

from chainrule.codegen.document.formula import Formula
from chainrule.codegen.document.nodes import Text
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
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.system.system import System

from .plain_text import PlainText
from .printer import Precedence
from .text_printer import WrittenText

SIGNS = {
    "add": ("+", Precedence.SUM),
    "subtract": ("-", Precedence.SUM),
    "divide": ("/", Precedence.PRODUCT),
    "greater": (">", Precedence.COMPARISON),
    "greater_equal": (">=", Precedence.COMPARISON),
    "less": ("<", Precedence.COMPARISON),
    "less_equal": ("<=", Precedence.COMPARISON),
    "equal": ("=", Precedence.COMPARISON),
}


class MatrixText:
    """Prints matrix forms; `text` is the entry point."""

    def __init__(self, system: System) -> None:
        self.index = PlainText(system)

    def text(self, matrix: Matrix) -> str:
        return self.write(matrix)[0]

    def formula(self, matrix: Matrix) -> Formula:
        """The same, as a document holds it."""
        return Formula(Text(self.text(matrix)), (matrix,))

    def write(self, matrix: Matrix) -> WrittenText:
        match matrix:
            case Stored():
                return matrix.name + ("ᵀ" if matrix.transposed else ""), Precedence.ATOM
            case Constant():
                return self.index.write(matrix.value)
            case OneHot():
                return f"onehot({matrix.labels})", Precedence.ATOM
            case MatrixProduct():
                return f"{self.factor(matrix.left)} {self.factor(matrix.right)}", Precedence.PRODUCT
            case OuterProduct():
                return f"{self.factor(matrix.left)} {self.within(matrix.right, Precedence.POWER)}ᵀ", Precedence.PRODUCT
            case SumOver():
                # Σ_k A ⊙ B could be read as (Σ_k A) ⊙ B.
                letters = ",".join(dict.fromkeys(axis_name(letter) for letter in matrix.over))
                return f"Σ_{letters} {self.within(matrix.operand, Precedence.ATOM)}", Precedence.PRODUCT
            case Spread() if matrix.operand.letters == matrix.letters[-1:]:
                # NumPy and most books repeat a row silently.
                return self.write(matrix.operand)
            case Spread():
                return f"{self.within(matrix.operand, Precedence.ATOM)} 1ᵀ", Precedence.PRODUCT
            case Entrywise():
                return self.entrywise(matrix)
        raise NotExpressible(f"matrix notation has no sign for {type(matrix).__name__}")

    def within(self, matrix: Matrix, least: Precedence) -> str:
        written, level = self.write(matrix)
        return written if level >= least else f"({written})"

    def factor(self, matrix: Matrix) -> str:
        """A factor of a product of matrices: A ⊙ B C could be read as A ⊙ (B C)."""
        return self.within(matrix, Precedence.ATOM if is_entrywise(matrix) else Precedence.PRODUCT)

    def operand(self, matrix: Matrix) -> str:
        """What ⊙ stands before or behind, for the same reason."""
        inner = matrix.operand if isinstance(matrix, Spread) and matrix.operand.letters == matrix.letters[-1:] else matrix
        return self.within(matrix, Precedence.PRODUCT if isinstance(inner, Entrywise | Constant) else Precedence.ATOM)

    def entrywise(self, matrix: Entrywise) -> WrittenText:
        function, arguments = matrix.function, matrix.arguments
        match function:
            case "multiply":
                sign = " ⊙ " if all(part.letters for part in arguments) else " "
                return sign.join(map(self.operand, arguments)), Precedence.PRODUCT
            case _ if function in SIGNS:
                sign, level = SIGNS[function]
                right = Precedence(level + 1) if function in ("subtract", "divide") else level
                return f"{self.within(arguments[0], level)} {sign} {self.within(arguments[1], right)}", level
            case "negative":
                return f"-{self.within(arguments[0], Precedence.PRODUCT)}", Precedence.SUM
            case "power":
                return f"{self.within(arguments[0], Precedence.ATOM)}^{self.within(arguments[1], Precedence.ATOM)}", Precedence.POWER
            case "where" if arguments[2] == Constant(Integer(0)):
                return f"{self.operand(arguments[1])} ⊙ [{self.text(arguments[0])}]", Precedence.PRODUCT
            case "where":
                test, yes, no = (self.text(part) for part in arguments)
                return f"({yes} where {test} else {no})", Precedence.ATOM
            case "sqrt":
                return f"√{self.within(arguments[0], Precedence.ATOM)}", Precedence.ATOM
            case "abs":
                return f"|{self.text(arguments[0])}|", Precedence.ATOM
            case "sigmoid":
                return f"σ({self.text(arguments[0])})", Precedence.ATOM
            case _:
                return f"{function}({', '.join(self.text(part) for part in arguments)})", Precedence.ATOM
