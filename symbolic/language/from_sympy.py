"""Equations given as SymPy expressions, written in the equation language: from there on they are read as any text is.

    z, W, x, b = map(IndexedBase, "zWxb");  n, j, k = map(Idx, "njk")
    Eq(z[n, j], Sum(W[j, k]*x[n, k], (k, 0, K - 1)) + b[j])

A sum runs over an axis from its first place, so only the letter of its limits counts, and the end where that is a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import sympy
from sympy import Add, Basic, Expr, Idx, Indexed, Integer, Mul, Pow, Rational, Sum, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from chainrule.symbolic.index.failures import InvalidDescription, shown
from chainrule.symbolic.index.functions import ELEMENTARY, NAMES

RELATIONS: dict[type[Basic], str] = {
    sympy.StrictGreaterThan: ">",
    sympy.GreaterThan: ">=",
    sympy.StrictLessThan: "<",
    sympy.LessThan: "<=",
    sympy.Equality: "==",
    sympy.Unequality: "!=",
}
#: What has no meaning here, and what to write instead.
REMEDIES: dict[type[Basic], str] = {
    sympy.Heaviside: "write Piecewise((1, u > 0), (0, True)), which says what holds at 0",
    sympy.Derivative: "derivatives are what this tool finds; write the function itself",
    sympy.Integral: "a sum over an axis is Sum",
}
SymPyEquation: TypeAlias = "sympy.Eq | tuple[Expr, Expr]"


def text_of_equations(equations: Sequence[SymPyEquation]) -> tuple[str, dict[str, int]]:
    """The equations as text, one a line, and the sizes that limits of sums and ranges of indices say.

    Raises:
        InvalidDescription: with the number of the equation, at a part that has no meaning in the equation language.
    """
    writer = _Writer()
    lines = []
    for number, equation in enumerate(equations, 1):
        writer.number = number
        sides = equation.args if isinstance(equation, sympy.Eq) else equation
        if not (isinstance(sides, tuple) and len(sides) == 2 and isinstance(sides[0], Indexed | Symbol)):
            raise writer.refusal(f"Eq(z[n, j], …) or a pair (z[n, j], …) was expected, found {shown(equation)}")
        left, right = sides
        if isinstance(right, int | float) and not isinstance(right, bool):
            right = sympy.sympify(right)
        if not isinstance(right, Expr):
            raise writer.refusal(f"a SymPy expression was expected on the right, found {shown(right)}")
        lines.append(f"{writer.text(left)} = {writer.text(right)}")
    return "\n".join(lines), writer.sizes


@dataclass
class _Writer:
    """Writes expressions with all brackets; nobody reads them."""

    number: int = 0
    sizes: dict[str, int] = field(default_factory=dict)

    def refusal(self, message: str) -> InvalidDescription:
        return InvalidDescription(f"equation {self.number}: {message}", ("equations", self.number - 1))

    def text(self, node: Basic) -> str:
        match node:
            case Indexed():
                return f"{node.base.label}[{', '.join(self.text(part) for part in node.indices)}]"
            case Idx():
                return self.letter(node)
            case Symbol():
                return str(node.name)
            case Integer():
                return str(node) if node >= 0 else f"({node})"
            case Rational():
                return f"({node.p}/{node.q})"
            case sympy.Float():
                return f"({float(node)!r})"
            case Add():
                return f"({' + '.join(self.text(part) for part in node.args)})"
            case Mul():
                return self.product(node)
            case Pow():
                return f"({self.text(node.base)})**({self.text(node.exp)})"
            case Sum() | sympy.Product():
                return self.total(node)
            case sympy.KroneckerDelta():
                return f"[{self.text(node.args[0])} == {self.text(node.args[1])}]"
            case sympy.Piecewise():
                return self.cases(node)
            case _ if node == sympy.pi:
                return "pi"
            case _ if node == sympy.E:
                return "exp(1)"
            case sympy.Max() | sympy.Min():
                return self.pairs(NAMES[type(node)], [self.text(part) for part in _numbers_last(node)])
            case _ if type(node) in NAMES and len(node.args) == 1:
                return f"{NAMES[type(node)]}({self.text(node.args[0])})"
            case AppliedUndef() if str(node.func) in ELEMENTARY:
                # What SymPy has not, Function("stop")(u), is called as it is here.
                return f"{node.func}({', '.join(self.text(part) for part in node.args)})"
            case _:
                remedy = REMEDIES.get(type(node), "it is not part of the equation language")
                raise self.refusal(f"{type(node).__name__} in {shown_expression(node)}: {remedy}")

    def product(self, node: Mul) -> str:
        above: list[str] = []
        below: list[str] = []
        for part in node.args:
            inverted = isinstance(part, Pow) and part.exp.is_Rational and part.exp.is_negative
            (below if inverted else above).append(self.text(part.base**-part.exp if inverted else part))
        written = "*".join(above) or "1"
        return f"({written}/({'*'.join(below)}))" if below else f"({written})"

    def letter(self, node: Idx) -> str:
        """An index with a range says the size of its axis."""
        if node.lower is not None and node.lower != 0:
            raise self.refusal(f"the index {node} begins at {node.lower}; places are counted from 0")
        if node.upper is not None and node.upper.is_Integer:
            self.remember(str(node.label), int(node.upper) + 1)
        return str(node.label)

    def remember(self, letter: str, size: int) -> None:
        if self.sizes.setdefault(letter, size) != size:
            raise self.refusal(f"{letter} runs over {size} places here and over {self.sizes[letter]} elsewhere")

    def total(self, node: Sum | sympy.Product) -> str:
        letters = []
        for limit in node.limits:
            letter, *ends = limit
            if len(ends) == 2:
                if ends[0] != 0:
                    raise self.refusal(f"what runs over {letter} begins at {ends[0]}; places are counted from 0")
                if ends[1].is_Integer:
                    self.remember(str(letter), int(ends[1]) + 1)
            letters.append(self.text(letter))
        return f"{'sum' if isinstance(node, Sum) else 'prod'}({', '.join(letters)}, {self.text(node.function)})"

    def cases(self, node: sympy.Piecewise) -> str:
        *branches, (last, always) = node.args
        if always != sympy.true:
            raise self.refusal(f"the case distinction {shown_expression(node)} says nothing otherwise; end it with (u, True)")
        written = self.text(last)
        for value, condition in reversed(branches):
            if not isinstance(condition, Relational) or type(condition) not in RELATIONS:
                raise self.refusal(f"the condition {shown_expression(condition)} is no comparison with <, <=, >, >=, == or !=")
            left, right = condition.args
            written = f"where({self.text(left)} {RELATIONS[type(condition)]} {self.text(right)}, {self.text(value)}, {written})"
        return written

    def pairs(self, function: str, parts: list[str]) -> str:
        """A maximum of many as one of two, of two, …"""
        written = parts[0]
        for part in parts[1:]:
            written = f"{function}({written}, {part})"
        return written


def _numbers_last(node: Expr) -> list[Expr]:
    return sorted(node.args, key=lambda part: (bool(part.is_number), str(part)))


def shown_expression(node: Basic) -> str:
    written = str(node)
    return written if len(written) <= 80 else f"{written[:77]}…"
