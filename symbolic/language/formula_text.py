"""A formula in `z`, or in `a` and `y`, written for the entries of a network: z*tanh(z) as z1[n,j]*tanh(z1[n,j])."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr

from chainrule.symbolic.index.axes import PRIME, index
from chainrule.symbolic.index.kink import Kink
from chainrule.symbolic.index.tensors import entry, scalar

from .expression_reader import Scope, parse_expression
from .functions import REDUCTIONS
from .kinks import at_kinks
from .shorthand import Shorthands
from .syntax import syntax_of


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """What a name of a formula stands for: a tensor at letters, of which `unit` gives way to an index of the formula, as in `z[k]`."""

    tensor: str
    letters: tuple[str, ...]
    unit: str | None = None

    def at(self, place: str | None = None) -> str:
        """The entry as text, at its own unit or at another place."""
        written = [place if place is not None and letter == self.unit else letter for letter in self.letters]
        return f"{self.tensor}[{','.join(written)}]" if written else self.tensor


def written_for(
    formula: str, entries: Mapping[str, NamedEntry], constants: Mapping[str, str], kink: Kink | None = None, meeting: bool = False
) -> str:
    """A formula that was read without complaint, its names replaced by entries and constants of a network.

    The letters of its sums run over the axis of the unit, and are called after it: j_, j__. Its kinks have the slope of `kink`, also
    those in which the cases of a where(…) are `meeting`.
    """
    unit = next((entry.unit for entry in entries.values() if entry.unit), "")
    tree = Shorthands(at_kinks(syntax_of(formula), kink, constants, meeting)).written().tree
    return ast.unparse(_Writer(entries, constants, unit).visit(tree))


def with_slopes(equation: str, kink: Kink | None) -> str:
    """An equation whose functions have the slope of `kink` at their kinks."""
    left, right = equation.split(" = ", 1)
    return equation if kink is None else f"{left} = {ast.unparse(at_kinks(syntax_of(right), kink).tree)}"


@dataclass
class _Writer(ast.NodeTransformer):
    entries: Mapping[str, NamedEntry]
    constants: Mapping[str, str]
    unit: str
    bound: dict[str, str] = field(default_factory=dict)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.bound:
            return ast.Name(self.bound[node.id])
        if node.id in self.entries:
            return _expression(self.entries[node.id].at())
        return ast.Name(self.constants.get(node.id, node.id))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        assert isinstance(node.value, ast.Name)
        return _expression(self.entries[node.value.id].at(ast.unparse(self.visit(node.slice))))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        if node.func.id not in REDUCTIONS:
            return ast.Call(node.func, [self.visit(argument) for argument in node.args], [])
        outer = dict(self.bound)
        *letters, body = node.args
        for letter in letters:
            assert isinstance(letter, ast.Name)
            self.bound[letter.id] = self.unit + PRIME * (len(self.bound) + 1)
        written = [ast.Name(self.bound[letter.id]) for letter in letters if isinstance(letter, ast.Name)]
        call = ast.Call(node.func, [*written, self.visit(body)], [])
        self.bound = outer
        return call


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class Formulas:
    """Formulas as they are read by themselves, each once, so that what is wrong with one is said in its own words."""

    def __init__(self) -> None:
        self.read: dict[tuple[object, ...], Expr] = {}

    def checked(self, text: str, names: tuple[str, ...], constants: Mapping[str, str], labels: bool = False) -> Expr:
        """A formula as it is read by itself, so that what is wrong with it is said in its own words.

        `names` are entries of the unit j. Beside an output a, the target y is one number an example; with `labels`, a place of the unit.
        """
        key = (text, names, tuple(constants), labels)
        if key not in self.read:
            n, j = index("n"), index("j")
            entries = {name: entry(name, (n, j)) for name in names}
            values: dict[str, Expr] = {name: scalar(name) for name in constants}
            if "a" in names and "y" not in names:
                values["y"] = entry("y", (n,), labels)
            self.read[key] = parse_expression(text, Scope(values=values, entries=entries, unit=j))
        return self.read[key]
