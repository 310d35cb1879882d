"""A recurrence as a loop: what does not depend on it is computed before, for all steps at once; the rest step by step.

Inside the loop the recurrent letter is a number, so a tensor read at t or t − 1 is a slice; slices get placeholder names, and the printer
is told how each is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Expr, Indexed, Symbol

from symbolic.axes import axis_name
from symbolic.equations import Equation
from symbolic.letters import is_letter, names_read
from symbolic.recurrence import Group
from symbolic.tensors import entry, scalar


@dataclass(frozen=True, slots=True)
class Loop:
    """Over which letter, how many steps there are as source, and in which direction."""

    letter: str
    count: str
    backwards: bool

    @property
    def header(self) -> str:
        steps = f"range({self.count})"
        return f"for {self.letter} in {f'reversed({steps})' if self.backwards else steps}:"


@dataclass(frozen=True, slots=True)
class Split:
    """An equation's terms that stay outside of the loop (None where all are inside), and those inside."""

    outside: Expr | None
    inside: Expr


def split_terms(equation: Equation, group: Group) -> Split:
    """What can leave the loop leaves it: terms that read nothing of the group."""
    terms = Add.make_args(equation.expression)
    outside = [term for term in terms if not group.names & set(names_read(term))]
    inside = [term for term in terms if group.names & set(names_read(term))]
    return Split(Add(*outside) if outside and inside else None, Add(*inside) if inside else equation.expression)


def one_step(expression: Expr, letter: Symbol, written: dict[str, str]) -> Expr:
    """The expression at one step; `written` receives how each slice is written."""
    if not expression.has(letter):
        return expression
    if expression == letter:
        return scalar(str(letter.name))
    if isinstance(expression, Indexed):
        return _at_step(expression, letter, written)
    return expression.func(*(one_step(part, letter, written) for part in expression.args))


def _at_step(node: Indexed, letter: Symbol, written: dict[str, str]) -> Expr:
    """A tensor read along one axis at t, or some steps from it, and else at letters, is a slice; any other read is at computed places."""
    found = [place for place, part in enumerate(node.indices) if part.has(letter)]
    shift = node.indices[found[0]] - letter
    others = tuple(part for place, part in enumerate(node.indices) if place not in found)
    is_slice = len(found) == 1 and shift.is_Integer and all(map(is_letter, others)) and len(set(others)) == len(others)
    is_integer = bool(node.base.is_integer)
    if not is_slice:
        return entry(str(node.base.label), tuple(one_step(part, letter, written) for part in node.indices), is_integer)
    return _slice(str(node.base.label), is_integer, found[0], letter, int(shift), others, written)


def _slice(name: str, is_integer: bool, place: int, letter: Symbol, shift: int, others: tuple[Expr, ...], written: dict[str, str]) -> Expr:
    placeholder = f"{name}_at_{place}_{letter}_{shift}".replace("-", "minus_")
    if shift == 0:
        written[placeholder] = f"{name}[{':, ' * place}{letter}]"
    else:
        written[placeholder] = f"step({name}, {place}, {letter} {'+' if shift > 0 else '-'} {abs(shift)})"
    return entry(placeholder, others, is_integer)


def target(equation: Equation, letter: Symbol) -> tuple[str, tuple[Symbol, ...]]:
    """What a step assigns to, z[:, t], and the letters of its dimensions."""
    own = next(part for part in equation.indices if axis_name(part) == axis_name(letter))
    place = equation.indices.index(own)
    return f"{equation.tensor.name}[{':, ' * place}{own}]", tuple(part for part in equation.indices if part != own)
