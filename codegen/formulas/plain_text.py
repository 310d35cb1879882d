"""Formulas as readable Unicode, for comments in generated code and for the terminal: dW1[j,i] = Σ_n dz1[n,j] x[n,i]."""

from __future__ import annotations

from sympy import Expr, Integer, Piecewise, Symbol
from sympy.core.relational import Relational

from chainrule.symbolic.derivation.scaled_equation import ScaledEquation
from chainrule.symbolic.index.axes import axis_of_size
from chainrule.symbolic.index.index_letters import is_letter
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.inverse_matrix import named_inverses
from chainrule.symbolic.system.system import Equation, System

from .printer import Precedence, of_places, whole_matrix
from .text_printer import TextPrinter, WrittenText

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class PlainText(TextPrinter):
    """Unicode on one line; sizes that are fixed are shown as numbers."""

    pi = "π"
    infinity = "∞"

    def __init__(self, system: System | None = None, counted_from_one: bool = False) -> None:
        """Whole-number indices are counted from 0 as in code, or from 1 as on paper."""
        self.system = system
        self.first = 1 if counted_from_one else 0
        self.inverses = named_inverses(system) if system else {}

    def entry(self, name: str, indices: tuple[Expr, ...]) -> str:
        written = [str(int(part) + self.first) if isinstance(part, Integer) else self.text(part) for part in indices]
        if name in self.inverses:
            name = f"{self.inverses[name]}⁻¹"
        return f"{name}[{','.join(written)}]" if indices else name

    def letter(self, letter: Symbol) -> str:
        name = self.system.spelled(letter) if self.system else str(letter.name)
        return name.replace("_", "′")

    def size(self, symbol: Symbol) -> str:
        axis = self.system.axes.get(axis_of_size(symbol)) if self.system else None
        return str(axis.size_expression) if axis else str(symbol.name)

    def product(self, factors: list[Expr]) -> str:
        texts = []
        for place, factor in enumerate(factors):
            written, level = self.write(factor)
            # A sum reaches as far as it can: it needs brackets unless it is last.
            open_ended = level == Precedence.PRODUCT and place < len(factors) - 1
            text = self.brackets(written) if level < Precedence.PRODUCT or open_ended else written
            texts.append(f"· {text}" if place and text[:1].isdigit() else text)
        return " ".join(texts)

    def quotient(self, above: list[Expr], below: list[Expr]) -> WrittenText:
        over = self.bracketed(above[0], Precedence.PRODUCT) if len(above) == 1 else self.product(above)
        under = self.bracketed(below[0], Precedence.POWER) if len(below) == 1 else self.brackets(self.product(below))
        return f"{over} / {under}", Precedence.PRODUCT

    def power(self, base: Expr, exponent: Expr) -> str:
        under = self.bracketed(base, Precedence.ATOM)
        if isinstance(exponent, Integer):
            return under + str(exponent).translate(SUPERSCRIPTS)
        return f"{under}^{self.bracketed(exponent, Precedence.ATOM)}"

    def function(self, name: str, arguments: tuple[Expr, ...]) -> WrittenText:
        inside = ", ".join(self.text(part) for part in arguments)
        match name:
            case "abs":
                return f"|{inside}|", Precedence.ATOM
            case "sqrt":
                return "√" + self.bracketed(arguments[0], Precedence.ATOM), Precedence.ATOM
            case "sigmoid":
                return f"σ({inside})", Precedence.ATOM
            case _:
                return f"{name}({inside})", Precedence.ATOM

    def linear_solution(self, letters: list[Symbol], matrix: Expr, right: Expr) -> WrittenText:
        under = ",".join(self.letter(letter) for letter in letters)
        return f"solve{'_' if under else ''}{under}({self.text(matrix)}, {self.text(right)})", Precedence.ATOM

    def total(self, letters: list[Symbol], body: Expr) -> WrittenText:
        under = ",".join(self.letter(letter) for letter in letters)
        return f"Σ_{under} {self.bracketed(body, Precedence.PRODUCT)}", Precedence.PRODUCT

    def extreme(self, name: str, letter: Symbol, body: Expr) -> WrittenText:
        return f"{name}_{self.letter(letter)} {self.bracketed(body, Precedence.PRODUCT)}", Precedence.PRODUCT

    def determinant(self, letters: list[Symbol], body: Expr) -> WrittenText:
        if (name := whole_matrix(letters, body)) is not None:
            return f"det({name})", Precedence.ATOM
        return f"det_{','.join(map(self.letter, letters))}({self.text(body)})", Precedence.ATOM

    def cases(self, branches: list[tuple[Expr, Relational | None]]) -> WrittenText:
        if (place := of_places(branches)) is not None:
            return f"[{self.condition(place)}]", Precedence.ATOM
        texts = [f"{self.text(value)} if {self.condition(test)}" if test is not None else self.text(value) for value, test in branches]
        return f"({' else '.join(texts)})", Precedence.ATOM

    def delta(self, first: Expr, second: Expr) -> str:
        if is_letter(first) and is_letter(second):
            return f"δ({self.text(first)},{self.text(second)})"
        return f"[{self.text(first)} = {self.text(second)}]"

    def partial(self, of: Expr, by: Expr) -> str:
        return f"∂{self.text(of)}/∂{self.text(by)}"

    def equation(self, equation: Equation) -> str:
        """Left side = right side."""
        return " = ".join(self.sides(equation))

    def sides(self, equation: Equation) -> list[str]:
        """What is equal: the entry, and the expression behind it."""
        right = self.text(equation.expression)
        if isinstance(equation.expression, Piecewise):
            right = right[1:-1]
        product = [self.text(equation.product)] if isinstance(equation, ScaledEquation) else []
        return [self.text(equation.tensor.own_entry), *product, right]


def shape_text(system: System, tensor: Tensor) -> str:
    """(N, 10), as Python writes a tuple."""
    sizes = [str(system.axis(letter).size_expression) for letter in tensor.axes]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def equation_with_shape(system: System, equation: Equation) -> str:
    """z[n,j] = Σ_i W[j,i] x[n,i]    (N, 5); a single number has no shape."""
    shape = shape_text(system, equation.tensor)
    return PlainText(system).equation(equation) + (f"    {shape}" if shape != "()" else "")
