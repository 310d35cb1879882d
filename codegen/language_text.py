"""Equations in the language of descriptions: what is printed here can be read back in.

Bound letters that are primed twins of an axis (`k_`) are plain names there, and are printed as they are.
"""

from __future__ import annotations

from sympy import Expr, Mul, Sum, Symbol
from sympy.core.relational import Relational

from symbolic.axes import axis_name, size_symbol
from symbolic.equations import System
from symbolic.failures import NotExpressible
from symbolic.letters import bound_sum
from symbolic.named_functions import written_out

from .printer import Level, Printer, Text, axis_of_size, outer_first


class LanguageText(Printer):
    """ASCII in the grammar of `symbolic.language`."""

    def __init__(self, system: System) -> None:
        self.system = system

    def entry(self, name: str, indices: tuple[Expr, ...]) -> str:
        return f"{name}[{','.join(self.text(part) for part in indices)}]" if indices else name

    def letter(self, letter: Symbol) -> str:
        return str(letter.name)

    def size(self, symbol: Symbol) -> str:
        """The language has no name for a size; it is a count, which a sum of ones gives."""
        axis = self.system.axes[axis_of_size(symbol)]
        return str(axis.size) if axis.size is not None else f"sum({axis.name}, 1)"

    def product(self, factors: list[Expr]) -> str:
        return "*".join(self.bracketed(factor, Level.PRODUCT) for factor in factors)

    def quotient(self, above: list[Expr], below: list[Expr]) -> Text:
        for total in above:
            if isinstance(total, Sum) and (counted := self.averaged(total, below)):
                return self.mean(counted, total, above, below)
        under = self.bracketed(below[0], Level.POWER) if len(below) == 1 else self.brackets(self.product(below))
        return f"{self.product(above)}/{under}", Level.PRODUCT

    def averaged(self, total: Sum, below: list[Expr]) -> list[Symbol]:
        """The letters of a sum by whose number of terms it is divided."""
        return [letter for letter in outer_first([limit[0] for limit in total.limits]) if _size(letter) in below]

    def mean(self, counted: list[Symbol], total: Sum, above: list[Expr], below: list[Expr]) -> Text:
        """sum(n, u)/N as mean(n, u)."""
        others = [limit[0] for limit in total.limits if limit[0] not in counted]
        inside = self.text(bound_sum(total.function, *others))
        written = f"mean({', '.join(map(self.letter, counted))}, {inside})"
        sizes = [_size(letter) for letter in counted]
        rest = Mul(*(factor for factor in above if factor is not total)) / Mul(*(factor for factor in below if factor not in sizes))
        return (written, Level.ATOM) if rest == 1 else (f"{self.bracketed(rest, Level.PRODUCT)}*{written}", Level.PRODUCT)

    def power(self, base: Expr, exponent: Expr) -> str:
        return f"{self.bracketed(base, Level.ATOM)}**{self.bracketed(exponent, Level.ATOM)}"

    def function(self, name: str, arguments: tuple[Expr, ...]) -> Text:
        return f"{name}({', '.join(self.text(part) for part in arguments)})", Level.ATOM

    def total(self, letters: list[Symbol], body: Expr) -> Text:
        return f"sum({', '.join(self.letter(letter) for letter in letters)}, {self.text(body)})", Level.ATOM

    def extreme(self, name: str, letter: Symbol, body: Expr) -> Text:
        if name != "max":
            raise NotExpressible("the equation language has no argmax")
        return f"max({self.letter(letter)}, {self.text(body)})", Level.ATOM

    def cases(self, branches: list[tuple[Expr, Relational | None]]) -> Text:
        (value, test), *rest = branches
        if test is None:
            return self.write(value)
        return f"where({self.condition(test)}, {self.text(value)}, {self.cases(rest)[0]})", Level.ATOM

    def delta(self, first: Expr, second: Expr) -> str:
        raise NotExpressible("the equation language has no Kronecker delta")

    def partial(self, of: Expr, by: Expr) -> str:
        raise NotExpressible("the equation language has no derivatives")

    def equations(self) -> str:
        """All equations of the system, a line each."""
        lines = []
        for equation in self.system.equations:
            left = self.text(equation.tensor.own_entry)
            lines.append(f"{left} = {self.text(written_out(equation.expression))}")
        return "\n".join(lines)


def _size(letter: Symbol) -> Expr:
    return size_symbol(axis_name(letter))
