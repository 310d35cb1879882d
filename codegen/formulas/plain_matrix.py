"""Matrix notation as readable Unicode: dW1 = dz1ᵀ x. Every line has one meaning:

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
from chainrule.codegen.document.nodes import Text
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
from chainrule.symbolic.system.system import System

from .plain_text import PlainText
from .printer import Precedence
from .text_printer import WrittenText

SIGNS = {
    "add": ("+", Precedence.SUM),
    "subtract": ("-", Precedence.SUM),
    "greater": (">", Precedence.COMPARISON),
    "greater_equal": (">=", Precedence.COMPARISON),
    "less": ("<", Precedence.COMPARISON),
    "less_equal": ("<=", Precedence.COMPARISON),
    "equal": ("=", Precedence.COMPARISON),
}
#: What functions of a matrix are called.
OF_MATRICES = {"determinant": "det", "cholesky": "chol"}


class MatrixText:
    """Prints matrix forms; `text` is the entry point."""

    def __init__(self, system: System) -> None:
        self.index = PlainText(system)

    def text(self, matrix: Matrix) -> str:
        return self.write(matrix)[0]

    def formula(self, matrix: Matrix) -> Formula:
        """The same, as a document holds it."""
        return Formula(Text(self.text(matrix)), (matrix,))

    def step(self, name: str, form: StepForm) -> str:
        """The left side where the right is one step of it: dh[t]."""
        return self.text(Stored(name, False, form.matrix.letters, form.places))

    def write(self, matrix: Matrix) -> WrittenText:
        match matrix:
            case Stored() if matrix.name in self.index.inverses:
                return self.index.inverses[matrix.name] + ("⁻ᵀ" if matrix.transposed else "⁻¹"), Precedence.ATOM
            case Stored():
                return matrix.name + self.places(matrix) + ("ᵀ" if matrix.transposed else ""), Precedence.ATOM
            case MatrixFunction(function="inverse", operand=Stored(transposed=True) as operand):
                return f"{self.text(replace(operand, transposed=False))}⁻ᵀ", Precedence.ATOM
            case MatrixFunction(function="inverse"):
                return f"{self.within(matrix.operand, Precedence.ATOM)}⁻¹", Precedence.ATOM
            case MatrixFunction():
                return f"{OF_MATRICES[matrix.function]}({self.text(matrix.operand)})", Precedence.ATOM
            case Constant():
                return self.index.write(matrix.value)
            case OneHot():
                labels = self.index.system.tensors[matrix.labels] if self.index.system else None
                is_turned = labels is not None and len(matrix.letters) == 2 and axis_name(matrix.letters[1]) in map(axis_name, labels.axes)
                return f"onehot({matrix.labels}{self.places(matrix)})" + ("ᵀ" if is_turned else ""), Precedence.ATOM
            case Identity():
                return "I", Precedence.ATOM
            case Transposed():
                return f"{self.within(matrix.operand, Precedence.ATOM)}ᵀ", Precedence.ATOM
            case MatrixProduct():
                return f"{self.factor(matrix.left)} {self.factor(matrix.right)}", Precedence.PRODUCT
            case OuterProduct():
                return f"{self.factor(matrix.left)} {self.row(matrix.right)}", Precedence.PRODUCT
            case SumOver() | StepSum():
                # Σ_k A ⊙ B could be read as (Σ_k A) ⊙ B.
                letters = ",".join(self.summed(letter, matrix) for letter in matrix.over)
                return f"Σ_{letters} {self.within(matrix.operand, Precedence.ATOM)}", Precedence.PRODUCT
            case Spread() if matrix.operand.letters == matrix.letters[-1:]:
                return f"1 {self.row(matrix.operand)}", Precedence.PRODUCT
            case Spread():
                return f"{self.within(matrix.operand, Precedence.ATOM)} 1ᵀ", Precedence.PRODUCT
            case Entrywise():
                return self.entrywise(matrix)
        raise NotExpressible(f"matrix notation has no sign for {type(matrix).__name__}")

    def places(self, stored: Stored | OneHot) -> str:
        """One step of an array, as NumPy takes it: h[:,t - 1]."""
        written = [":" if place is None else self.index.text(place) for place in stored.places]
        while written and written[-1] == ":":
            written.pop()
        return f"[{','.join(written)}]" if written else ""

    def summed(self, letter: Symbol, matrix: SumOver | StepSum) -> str:
        """The axis; the second of two of one kind has a prime, as in P[t,t′]."""
        name = axis_name(letter)
        letters = matrix.operand.letters
        is_second = len(letters) == 2 and letter == letters[1] and axis_name(letters[0]) == name
        return name + ("′" if is_second and isinstance(matrix, SumOver) else "")

    def indicator(self, test: Matrix) -> WrittenText:
        """1 where it holds, else 0; a test of rows or columns is repeated as they are."""
        if not isinstance(test, Spread):
            return f"[{self.text(test)}]", Precedence.ATOM
        inside = f"[{self.text(test.operand)}]"
        return (f"1 {inside}ᵀ" if test.operand.letters == test.letters[-1:] else f"{inside} 1ᵀ"), Precedence.PRODUCT

    def row(self, vector: Matrix) -> str:
        return f"{self.within(vector, Precedence.ATOM)}ᵀ"

    def within(self, matrix: Matrix, least: Precedence) -> str:
        written, level = self.write(matrix)
        return written if level >= least else f"({written})"

    def factor(self, matrix: Matrix) -> str:
        """A factor of a product of matrices: A ⊙ B C could be read as A ⊙ (B C)."""
        return self.within(matrix, Precedence.PRODUCT if isinstance(matrix, MatrixProduct) else Precedence.POWER)

    def operand(self, matrix: Matrix) -> str:
        """What ⊙ or / stands behind, for the same reason."""
        return self.within(matrix, Precedence.PRODUCT if is_product_of_entries(matrix) else Precedence.POWER)

    def entrywise(self, matrix: Entrywise) -> WrittenText:
        function, arguments = matrix.function, matrix.arguments
        match function:
            case "multiply" if not arguments[0].letters:
                # A number in front of whatever it is that it multiplies.
                number = self.within(arguments[0], Precedence.POWER if isinstance(arguments[0], SumOver) else Precedence.PRODUCT)
                return f"{number} {self.within(arguments[1], Precedence.PRODUCT)}", Precedence.PRODUCT
            case "multiply":
                return f"{self.operand(arguments[0])} ⊙ {self.within(arguments[1], Precedence.POWER)}", Precedence.PRODUCT
            case "divide":
                above = self.operand(arguments[0]) if arguments[1].letters else self.within(arguments[0], Precedence.PRODUCT)
                return f"{above} / {self.within(arguments[1], Precedence.POWER)}", Precedence.PRODUCT
            case _ if function in SIGNS:
                sign, level = SIGNS[function]
                right = Precedence(level + 1) if function == "subtract" else level
                return f"{self.within(arguments[0], level)} {sign} {self.within(arguments[1], right)}", level
            case "negative":
                return f"-{self.within(arguments[0], Precedence.PRODUCT)}", Precedence.SUM
            case "power":
                sign = "^⊙" if arguments[0].letters else "^"
                return f"{self.within(arguments[0], Precedence.ATOM)}{sign}{self.within(arguments[1], Precedence.ATOM)}", Precedence.POWER
            case "where" if arguments[1:] == (Constant(Integer(1)), Constant(Integer(0))):
                return self.indicator(arguments[0])
            case "where" if arguments[2] == Constant(Integer(0)):
                written, level = self.indicator(arguments[0])
                return f"{self.operand(arguments[1])} ⊙ {written if level >= Precedence.POWER else f'({written})'}", Precedence.PRODUCT
            case "where":
                test = self.indicator(arguments[0])[0] if isinstance(arguments[0], Spread) else self.text(arguments[0])
                return f"({self.text(arguments[1])} where {test} else {self.text(arguments[2])})", Precedence.ATOM
            case "sqrt":
                return f"√{self.within(arguments[0], Precedence.ATOM)}", Precedence.ATOM
            case "abs":
                return f"|{self.text(arguments[0])}|", Precedence.ATOM
            case "sigmoid":
                return f"σ({self.text(arguments[0])})", Precedence.ATOM
            case _:
                return f"{function}({', '.join(self.text(part) for part in arguments)})", Precedence.ATOM
