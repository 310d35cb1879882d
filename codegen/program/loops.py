"""A recurrence as a loop: what does not depend on it is computed before, for all steps at once; the rest step by step.

Inside the loop the recurrent letter is a number, so a tensor read at t or t − 1 is a slice; slices get placeholder names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from sympy import Add, Expr, Indexed, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import free_letters, is_letter, names_read
from chainrule.symbolic.index.tensors import Role, Tensor, entry, scalar
from chainrule.symbolic.system.recurrence import Group
from chainrule.symbolic.system.system import Equation


@dataclass(frozen=True, slots=True)
class Loop:
    """Over which letter and along which axis, in which direction, and what is computed in each step."""

    letter: str
    axis: str
    backwards: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoopSlice:
    """A tensor cut along one of its axes, `shift` steps away from the present one; inside, if that has the positions of the loop."""

    tensor: str
    along: int
    letter: Symbol
    shift: int = 0
    is_inside: bool = True


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


def loop_invariants(group: Group, taken: Collection[str]) -> tuple[list[Equation], list[Equation]]:
    """The sums inside of a recurrence's formulas that read nothing of it, as equations of their own, and the formulas that read those.

    σ(Σ_i W[j,i] x[n,t,i] + Σ_k U[j,k] h[n,t−1,k]) keeps only the second sum: the first is one product for all steps.
    """
    before: list[Equation] = []
    inside: list[Equation] = []
    for equation in group.equations:
        terms = Add.make_args(equation.expression)
        replaced: dict[Expr, Expr] = {}
        for node in (part for term in terms if not isinstance(term, Sum) for part in _outermost_sums(term)):
            letters = tuple(letter for letter in equation.indices if letter in free_letters(node))
            if node in replaced or group.names & set(names_read(node)) or free_letters(node) - set(letters):
                continue
            name = f"{equation.tensor.name}_before"
            while name in taken or name in {other.tensor.name for other in before}:
                name += "_"
            before.append(Equation(Tensor(name, letters, Role.INTERMEDIATE), node))
            replaced[node] = entry(name, letters)
        inside.append(Equation(equation.tensor, equation.expression.xreplace(replaced)))
    return before, inside


def _outermost_sums(expression: Expr) -> list[Sum]:
    if isinstance(expression, Sum):
        return [expression]
    return [found for part in expression.args for found in _outermost_sums(part)]


@dataclass(frozen=True)
class LoopStep:
    """One step of a loop over `letter`: `axes` says which axes a tensor has.

    `slices` receives, by placeholder, what each stands for.
    """

    letter: Symbol
    axes: Callable[[str], tuple[str, ...] | None]
    slices: dict[str, LoopSlice] = field(default_factory=dict)
    #: Behind the placeholders' names.
    mark: str = ""

    def of(self, expression: Expr) -> Expr:
        """The expression at this step."""
        if not expression.has(self.letter):
            return expression
        if expression == self.letter:
            return scalar(str(self.letter.name))
        if isinstance(expression, Indexed):
            return self.read(expression)
        return expression.func(*map(self.of, expression.args))

    def read(self, node: Indexed) -> Expr:
        """A tensor read along one axis at t, or some steps from it, and else at its own letters, is a slice."""
        name, axes = node.base.name, self.axes(node.base.name)
        found = [place for place, part in enumerate(node.indices) if part.has(self.letter)]
        others = tuple(part for place, part in enumerate(node.indices) if place not in found)
        own = tuple(axis for place, axis in enumerate(axes or ()) if place not in found)
        is_plain = all(map(is_letter, others)) and len(set(others)) == len(others) and tuple(map(axis_name, others)) == own
        shift = node.indices[found[0]] - self.letter
        if not (len(found) == 1 and is_plain and shift.is_Integer):
            return entry(name, tuple(map(self.of, node.indices)), bool(node.base.is_integer))
        is_inside = shift == 0 and axes is not None and axes[found[0]] == axis_name(self.letter)
        placeholder = f"{name}_at_{found[0]}_{self.letter}_{int(shift)}{self.mark}".replace("-", "minus_")
        self.slices[placeholder] = LoopSlice(name, found[0], self.letter, int(shift), is_inside)
        return entry(placeholder, others, bool(node.base.is_integer))
