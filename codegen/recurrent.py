"""A recurrence as a loop: what does not depend on it is computed before, for all steps at once; the rest step by step.

Inside the loop the recurrent letter is a number, so a tensor read at t or t − 1 is a slice; slices get placeholder names, and the printer
is told how each is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Expr, Indexed, KroneckerDelta, Symbol

from symbolic.axes import axis_name
from symbolic.equations import Equation
from symbolic.letters import is_letter, names_read
from symbolic.recurrence import Group
from symbolic.tensors import entry, scalar


@dataclass(frozen=True, slots=True)
class Loop:
    """Over which letter, how many steps there are as source, in which direction, and what a step computes."""

    letter: str
    count: str
    backwards: bool
    names: tuple[str, ...]

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
    if isinstance(expression, Indexed):
        return _slice(expression, letter, written)
    if isinstance(expression, KroneckerDelta) and letter in expression.free_symbols:
        left, right = expression.args
        if any(is_letter(part) and part != letter for node in (left, right) for part in node.free_symbols):
            # Compared with every place of another letter: t == np.arange(N).
            return expression.xreplace({letter: scalar(str(letter.name))})
        name = f"step_is_{letter}_{right - left + letter}".replace("-", "minus_").replace(" ", "")
        written[name] = f"({letter} == {letter - left + right if left.has(letter) else letter - right + left})"
        return scalar(name)
    if not expression.args or not expression.has(letter):
        return expression
    return expression.func(*(one_step(part, letter, written) for part in expression.args))


def _slice(node: Indexed, letter: Symbol, written: dict[str, str]) -> Expr:
    indices = [one_step(part, letter, written) if isinstance(part, Indexed) else part for part in node.indices]
    found = [place for place, part in enumerate(indices) if part.has(letter)]
    if not found:
        return node
    (place,) = found
    shift = indices[place] - letter
    name = str(node.base.label)
    placeholder = f"{name}_at_{letter}{'' if shift == 0 else f'_{shift}'.replace('-', 'minus_')}"
    if shift == 0:
        written[placeholder] = f"{name}[{':, ' * place}{letter}]"
    else:
        sign, distance = ("+", shift) if shift > 0 else ("-", -shift)
        written[placeholder] = f"step({name}, {place}, {letter} {sign} {distance})"
    others = tuple(part for position, part in enumerate(indices) if position != place)
    return entry(placeholder, others, bool(node.base.is_integer))


def target(equation: Equation, letter: Symbol) -> tuple[str, tuple[Symbol, ...]]:
    """What a step assigns to, z[:, t], and the letters of its dimensions."""
    own = next(part for part in equation.indices if axis_name(part) == axis_name(letter))
    place = equation.indices.index(own)
    return f"{equation.tensor.name}[{':, ' * place}{own}]", tuple(part for part in equation.indices if part != own)
