"""Matrix notation as readable Unicode: dW1 = dz1ᵀ x."""

from __future__ import annotations

from sympy import Integer

from symbolic.equations import System
from symbolic.failures import NotExpressible
from symbolic.matrix_form import Constant, Entrywise, Matrix, MatrixProduct, OneHot, OuterProduct, Spread, Stored, SumOver

from .plain_text import PlainText
from .printer import Level, Text

SIGNS = {
    "add": ("+", Level.SUM),
    "subtract": ("-", Level.SUM),
    "divide": ("/", Level.PRODUCT),
    "greater": (">", Level.COMPARISON),
    "greater_equal": (">=", Level.COMPARISON),
    "less": ("<", Level.COMPARISON),
    "less_equal": ("<=", Level.COMPARISON),
    "equal": ("=", Level.COMPARISON),
}


class MatrixText:
    """Prints matrix forms; `text` is the entry point."""

    def __init__(self, system: System) -> None:
        self.index = PlainText(system)

    def text(self, matrix: Matrix) -> str:
        return self.write(matrix)[0]

    def write(self, matrix: Matrix) -> Text:
        match matrix:
            case Stored():
                return matrix.name + ("ᵀ" if matrix.transposed else ""), Level.ATOM
            case Constant():
                return self.index.write(matrix.value)
            case OneHot():
                return f"onehot({matrix.labels})", Level.ATOM
            case MatrixProduct():
                return f"{self.within(matrix.left, Level.PRODUCT)} {self.within(matrix.right, Level.PRODUCT)}", Level.PRODUCT
            case OuterProduct():
                return f"{self.within(matrix.left, Level.PRODUCT)} {self.within(matrix.right, Level.POWER)}ᵀ", Level.PRODUCT
            case SumOver():
                letters = ",".join(self.index.letter(letter) for letter in matrix.over)
                return f"Σ_{letters} {self.within(matrix.operand, Level.PRODUCT)}", Level.PRODUCT
            case Spread():
                # NumPy and most books repeat a vector silently.
                return self.write(matrix.operand)
            case Entrywise():
                return self.entrywise(matrix)
        raise NotExpressible(f"matrix notation has no sign for {type(matrix).__name__}")

    def within(self, matrix: Matrix, least: Level) -> str:
        written, level = self.write(matrix)
        return written if level >= least else f"({written})"

    def entrywise(self, matrix: Entrywise) -> Text:
        function, arguments = matrix.function, matrix.arguments
        match function:
            case "multiply":
                sign = " ⊙ " if all(part.letters for part in arguments) else " "
                parts = [
                    self.within(part, Level.ATOM if isinstance(part, SumOver | MatrixProduct) else Level.PRODUCT) for part in arguments
                ]
                return sign.join(parts), Level.PRODUCT
            case _ if function in SIGNS:
                sign, level = SIGNS[function]
                right = Level(level + 1) if function in ("subtract", "divide") else level
                return f"{self.within(arguments[0], level)} {sign} {self.within(arguments[1], right)}", level
            case "negative":
                return f"-{self.within(arguments[0], Level.PRODUCT)}", Level.SUM
            case "power":
                return f"{self.within(arguments[0], Level.ATOM)}^{self.within(arguments[1], Level.ATOM)}", Level.POWER
            case "where" if arguments[2] == Constant(Integer(0)):
                return f"{self.within(arguments[1], Level.PRODUCT)} ⊙ [{self.text(arguments[0])}]", Level.PRODUCT
            case "where":
                test, yes, no = (self.text(part) for part in arguments)
                return f"({yes} where {test} else {no})", Level.ATOM
            case "sqrt":
                return f"√{self.within(arguments[0], Level.ATOM)}", Level.ATOM
            case "abs":
                return f"|{self.text(arguments[0])}|", Level.ATOM
            case "sigmoid":
                return f"σ({self.text(arguments[0])})", Level.ATOM
            case _:
                return f"{function}({', '.join(self.text(part) for part in arguments)})", Level.ATOM
