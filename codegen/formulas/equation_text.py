"""Equations in the language of descriptions: what is printed here can be read back in.

Bound letters that are primed twins of an axis (`k_`) run over the same axis there too, and are printed as they are. Placements and boundary
values are printed as the equations that they were.
"""

from __future__ import annotations

from sympy import Expr, Indexed, Integer, Mul, Sum, Symbol

from chainrule.symbolic.index.axes import axis_of_size, letter_size
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import bound_sum, letters, nodes
from chainrule.symbolic.index.named_functions import of_determinant, written_out
from chainrule.symbolic.language.starts import written_apart
from chainrule.symbolic.system.boundaries import Boundary, without_boundaries
from chainrule.symbolic.system.placements import Placement, placements_in
from chainrule.symbolic.system.system import Equation, System

from .joined_cases import Branch
from .printer import Precedence, Printer, outer_first

WrittenText = tuple[str, Precedence]


class LanguageText(Printer[str]):
    """ASCII in the grammar of `chainrule.symbolic.language.expression_reader`; `text` is the entry point."""

    def __init__(self, system: System) -> None:
        self.system = system
        #: Whether letters may be called as the user calls them, in the equation that is being printed.
        self.are_linked = False

    def text(self, expression: Expr) -> str:
        """The whole expression; raises as `whole` does."""
        return self.whole(expression)

    def number(self, digits: str) -> str:
        return digits

    def power_of_ten(self, exponent: int) -> WrittenText:
        return f"1e{exponent}", Precedence.ATOM

    def constant(self, name: str) -> str:
        return name

    def negated(self, written: str) -> str:
        return f"-{written}"

    def added(self, terms: list[tuple[bool, str]]) -> str:
        (negative, first), *others = terms
        return (f"-{first}" if negative else first) + "".join(f" {'-' if negative else '+'} {term}" for negative, term in others)

    def brackets(self, written: str) -> str:
        return f"({written})"

    def compared(self, left: str, relation: str, right: str) -> str:
        return f"{left} {relation} {right}"

    def entry(self, name: str, indices: tuple[Expr, ...]) -> str:
        return f"{name}[{','.join(self.text(part) for part in indices)}]" if indices else name

    def letter(self, letter: Symbol) -> str:
        return self.system.spelled(letter) if self.are_linked else str(letter.name)

    def size(self, symbol: Symbol) -> str:
        axis = self.system.axes[axis_of_size(symbol)]
        return str(axis.size) if axis.size is not None else str(symbol.name)

    def fraction(self, node: Expr) -> tuple[int, list[Expr], list[Expr]]:
        """As it stands: what a mean is divided by is looked for among the sizes."""
        return self.term_order.fraction(node)

    def product(self, factors: list[Expr]) -> str:
        return "*".join(self.bracketed(factor, Precedence.PRODUCT) for factor in factors)

    def quotient(self, above: list[Expr], below: list[Expr]) -> WrittenText:
        for total in above:
            if isinstance(total, Sum) and (counted := self.averaged(total, below)):
                return self.mean(counted, total, above, below)
        under = self.bracketed(below[0], Precedence.POWER) if len(below) == 1 else self.brackets(self.product(below))
        return f"{self.product(above)}/{under}", Precedence.PRODUCT

    def averaged(self, total: Sum, below: list[Expr]) -> list[Symbol]:
        """The letters of a sum by whose number of terms it is divided."""
        return [letter for letter in outer_first([limit[0] for limit in total.limits]) if letter_size(letter) in below]

    def mean(self, counted: list[Symbol], total: Sum, above: list[Expr], below: list[Expr]) -> WrittenText:
        """sum(n, u)/N as mean(n, u)."""
        others = [limit[0] for limit in total.limits if limit[0] not in counted]
        inside = self.text(bound_sum(total.function, *others))
        written = f"mean({', '.join(map(self.letter, counted))}, {inside})"
        sizes = [letter_size(letter) for letter in counted]
        rest = Mul(*(factor for factor in above if factor is not total)) / Mul(*(factor for factor in below if factor not in sizes))
        return (written, Precedence.ATOM) if rest == 1 else (f"{self.bracketed(rest, Precedence.PRODUCT)}*{written}", Precedence.PRODUCT)

    def power(self, base: Expr, exponent: Expr) -> str:
        return f"{self.bracketed(base, Precedence.ATOM)}**{self.bracketed(exponent, Precedence.ATOM)}"

    def function(self, name: str, arguments: tuple[Expr, ...]) -> WrittenText:
        if name == "log" and (inside := of_determinant(arguments[0])) is not None:
            return f"log{self.text(inside)}", Precedence.ATOM
        return f"{name}({', '.join(self.text(part) for part in arguments)})", Precedence.ATOM

    def linear_solution(self, letters: list[Symbol], matrix: Expr, right: Expr) -> WrittenText:
        inside = [*map(self.letter, letters), self.text(matrix), self.text(right)]
        return f"solve({', '.join(inside)})", Precedence.ATOM

    def total(self, letters: list[Symbol], body: Expr) -> WrittenText:
        return f"sum({', '.join(self.letter(letter) for letter in letters)}, {self.text(body)})", Precedence.ATOM

    def extreme(self, name: str, letter: Symbol, body: Expr) -> WrittenText:
        if name != "max":
            raise NotExpressible("the equation language has no argmax")
        return f"max({self.letter(letter)}, {self.text(body)})", Precedence.ATOM

    def determinant(self, letters: list[Symbol], body: Expr) -> WrittenText:
        return f"det({', '.join(map(self.letter, letters))}, {self.text(body)})", Precedence.ATOM

    def cases(self, branches: list[Branch]) -> WrittenText:
        (value, tests), *rest = branches
        if not tests:
            return self.write(value)
        return f"where({self.condition(tests)}, {self.text(value)}, {self.cases(rest)[0]})", Precedence.ATOM

    def together(self, comparisons: list[str]) -> str:
        return " and ".join(comparisons)

    def delta(self, first: Expr, second: Expr) -> str:
        return f"[{self.text(first)} = {self.text(second)}]"

    def partial(self, of: Expr, by: Expr) -> str:
        raise NotExpressible("the equation language has no derivatives")

    def equations(self) -> str:
        """All equations of the system, a line each, boundary values after the equation to which they belong."""
        lines = []
        for equation in self.system.equations:
            lines += self.equation_lines(equation)
            lines += [self.boundary_line(boundary) for boundary in self.system.boundaries if boundary.tensor.name == equation.tensor.name]
        return "\n".join(lines)

    def equation_lines(self, equation: Equation) -> list[str]:
        """One line, or as many as there are placements."""
        expression = written_out(without_boundaries(equation.expression, self.system.boundaries))
        self.are_linked = _are_linked(expression, equation.indices)
        apart = written_apart(expression, equation.tensor)
        if apart is not None:
            return [f"{self.entry(equation.tensor.name, indices)} = {self.text(value)}" for indices, value in apart]
        placements = placements_in(expression, equation.indices)
        if placements is None or not all(self.says_a_size(placement, equation.indices) for placement in placements):
            return [f"{self.text(equation.tensor.own_entry)} = {self.text(expression)}"]
        name = equation.tensor.name
        return [f"{self.entry(name, placement.indices)} = {self.text(placement.value)}" for placement in placements]

    def says_a_size(self, placement: Placement, axes: tuple[Symbol, ...]) -> bool:
        """Whether the left side is one that says how long axes are; a bracket [k = n + 1] leaves that to the arrays."""
        own = zip(axes, placement.indices, strict=True)
        placed = [self.system.axis(letter) for letter, place in own if letter != place and not place.has(Indexed)]
        return all(axis.rule is not None or axis.size is not None for axis in placed)

    def boundary_line(self, boundary: Boundary) -> str:
        indices = list(boundary.tensor.axes)
        indices[boundary.place] = Integer(boundary.at)
        self.are_linked = _are_linked(boundary.value, boundary.letters)
        return f"{self.entry(boundary.tensor.name, tuple(indices))} = {self.text(written_out(boundary.value))}"


def _are_linked(expression: Expr, own: tuple[Symbol, ...]) -> bool:
    """Whether every letter is an index of a tensor somewhere, so that its axis is known whatever it is called."""
    indexed = {place for node in nodes(expression) if isinstance(node, Indexed) for place in node.indices}
    return letters(expression) <= indexed | set(own)
