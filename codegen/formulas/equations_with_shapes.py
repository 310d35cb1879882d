"""Equations as comments have them; those of equal layers are written once, with the names of each put in."""

from __future__ import annotations

from collections.abc import Hashable

from sympy import Symbol

from chainrule.codegen.document.nodes import Letter, Node, Number, primed
from chainrule.symbolic.derivation.equal_equations import ExpressionNames, written_alike
from chainrule.symbolic.index.axes import axis_of_size, size_symbol
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.tensors import entry_name
from chainrule.symbolic.system.system import Equation, System

from .letters import upright
from .plain_printer import PlainPrinter, shape_text

#: Under what a system has the texts of its equations, and those of their kinds.
TEXTS, KINDS = "equations with shapes", "equations without names"
#: From where on characters stand for names, one each: nobody writes them, and each range has room for 6,000 and more.
TENSORS, LETTERS, SIZES = 0xF0000, 0x100000, 0xE000


def equation_with_shape(system: System, equation: Equation) -> str:
    """z[n,j] = Σ_i W[j,i] x[n,i]    (N, 5); a single number has no shape. Written once for an equation of a system."""
    kept: dict[Equation, str] = vars(system).setdefault(TEXTS, {})
    found = kept.get(equation)
    if found is None:
        shape = shape_text(system, equation.tensor)
        kept[equation] = found = _text(system, equation) + (f"    {shape}" if shape != "()" else "")
    return found


def _text(system: System, equation: Equation) -> str:
    """Left side = right side, as PlainPrinter writes it."""
    kind, names = written_alike(equation, system)
    tensors = [*map(entry_name, names.tensors)]
    usual = PlainPrinter(system)
    # An inverse is written with the name of its matrix.
    if type(equation) is not Equation or isinstance(equation.expression, implicit) or not usual.inverses.keys().isdisjoint(tensors):
        return usual.equation(equation)
    spelled = [*map(system.spelled, names.letters)]
    stems = [letter.rstrip("_") for letter in spelled]
    kept: dict[Hashable, str] = vars(system).setdefault(KINDS, {})
    key = kind, tuple(len(letter) - len(stem) for letter, stem in zip(spelled, stems, strict=True))
    if key not in kept:
        kept[key] = _OpenPrinter(system, names).equation(equation)
    put_in = dict(enumerate(map(system.described_name, tensors), TENSORS))
    put_in |= enumerate(stems, LETTERS)
    put_in |= enumerate((size_symbol(axis).name for axis in names.axes), SIZES)
    return kept[key].translate(put_in)


class _OpenPrinter(PlainPrinter):
    """Leaves names open: it writes a character for each."""

    def __init__(self, system: System, names: ExpressionNames) -> None:
        super().__init__(system)
        self.tensors = {entry_name(tensor): chr(place) for place, tensor in enumerate(names.tensors, TENSORS)}
        self.letters = {letter: chr(place) for place, letter in enumerate(names.letters, LETTERS)}
        self.axes = {axis: chr(place) for place, axis in enumerate(names.axes, SIZES)}

    def name(self, name: str) -> Node:
        return upright(self.tensors[name])

    def letter(self, letter: Symbol) -> Node:
        assert self.system is not None
        spelled = self.system.spelled(letter)
        return primed(Letter(self.letters[letter]), len(spelled) - len(spelled.rstrip("_")))

    def size(self, symbol: Symbol) -> Node:
        usual = super().size(symbol)
        return usual if isinstance(usual, Number) else upright(self.axes[axis_of_size(symbol)])
