"""A recurrence as a loop: what does not depend on it is computed before, for all steps at once; the rest step by step.

Inside the loop the recurrent letter is a number, so a tensor read at t or t − 1 is a slice; slices get placeholder names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from sympy import Add, Expr, Indexed, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.index_letters import bound_apart, free_letters, is_letter, names_read
from chainrule.symbolic.index.named_functions import BINDERS, arg_max
from chainrule.symbolic.index.tensors import Role, Tensor, entry, scalar
from chainrule.symbolic.system.recurrence import Group
from chainrule.symbolic.system.system import Equation

#: What is one number for many places; which place is the first of the largest is none that is computed with.
REDUCTIONS = (Sum, *(kind for kind in BINDERS if kind is not arg_max))


@dataclass(frozen=True, slots=True)
class Loop:
    """Over which letter and along which axis, in which direction, what is computed in each step, and the loop in each, if there is one."""

    letter: str
    axis: str
    backwards: bool
    names: tuple[str, ...]
    inner: Loop | None = None

    @staticmethod
    def of(group: Group) -> Loop:
        """The loops of a recurrence, the outermost one."""
        names = tuple(equation.tensor.name for equation in group.equations)
        loop: Loop | None = None
        for direction in reversed(group.directions):
            loop = Loop(str(direction.letter), direction.axis, direction.backwards, names, loop)
        assert loop is not None
        return loop

    @property
    def nested(self) -> tuple[Loop, ...]:
        """The loop and those inside of it, the innermost last."""
        return (self, *(self.inner.nested if self.inner else ()))


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
    """Sums and maxima in a recurrence's formulas that read nothing of it, as equations of their own, and the formulas that read those.

    σ(Σ_i W[j,i] x[n,t,i] + Σ_k U[j,k] h[n,t−1,k]) keeps only the second sum: the first is one product for all steps.
    """
    before: list[Equation] = []
    inside: list[Equation] = []
    for equation in group.equations:
        terms = Add.make_args(equation.expression)
        replaced: dict[Expr, Expr] = {}
        for node in (part for term in terms if not isinstance(term, REDUCTIONS) for part in _outermost_reductions(term)):
            letters = tuple(letter for letter in equation.indices if letter in free_letters(node))
            if node in replaced or group.names & set(names_read(node)) or free_letters(node) - set(letters):
                continue
            name = free_name(f"{equation.tensor.name}_before", {*taken, *(other.tensor.name for other in before)})
            before.append(Equation(Tensor(name, letters, Role.INTERMEDIATE), node))
            replaced[node] = entry(name, letters)
        inside.append(Equation(equation.tensor, equation.expression.xreplace(replaced)))
    return before, inside


def _outermost_reductions(expression: Expr) -> list[Expr]:
    if isinstance(expression, REDUCTIONS):
        return [expression]
    return [found for part in expression.args for found in _outermost_reductions(part)]


@dataclass(frozen=True)
class LoopStep:
    """One step of loops over `letters`, the outermost first: `axes` says which axes a tensor has.

    `slices` receives, by placeholder, what each stands for: a slice of a tensor, or of another slice.
    """

    letters: tuple[Symbol, ...]
    axes: Callable[[str], tuple[str, ...] | None]
    slices: dict[str, LoopSlice] = field(default_factory=dict)
    #: Behind the placeholders' names.
    mark: str = ""

    def of(self, expression: Expr) -> Expr:
        """The expression at this step; a letter that is bound is another one than that of the loop, however it is called."""
        return self.placed(bound_apart(expression, set(self.letters)))

    def placed(self, expression: Expr) -> Expr:
        if not expression.has(*self.letters):
            return expression
        if expression in self.letters:
            return scalar(str(expression.name))
        if isinstance(expression, Indexed):
            return self.read(expression)
        return expression.func(*map(self.placed, expression.args))

    def read(self, node: Indexed) -> Expr:
        """A tensor read along an axis at t, or some steps from it, and else at its own letters, is a slice."""
        name, axes = node.base.name, self.axes(node.base.name)
        left = list(enumerate(node.indices))
        cuts: list[tuple[int, Symbol]] = []
        for letter in self.letters:
            along = [place for place, part in left if part.has(letter)]
            cuts += [(place, letter) for place in along]
            left = [(place, part) for place, part in left if place not in along]
        others = tuple(part for _, part in left)
        own = tuple(axes[place] for place, _ in left) if axes is not None else ()
        is_plain = all(map(is_letter, others)) and len(set(others)) == len(others) and tuple(map(axis_name, others)) == own
        shifts = [node.indices[place] - letter for place, letter in cuts]
        is_cut_once = len({letter for _, letter in cuts}) == len(cuts)
        if not (is_cut_once and is_plain and all(shift.is_Integer for shift in shifts)):
            return entry(name, tuple(map(self.placed, node.indices)), bool(node.base.is_integer))
        before: list[int] = []
        for (place, letter), shift in zip(cuts, shifts, strict=True):
            along_slice = place - sum(cut < place for cut in before)
            is_inside = shift == 0 and axes is not None and axes[place] == axis_name(letter)
            placeholder = f"{name}_at_{along_slice}_{letter}_{int(shift)}{self.mark}".replace("-", "minus_")
            self.slices[placeholder] = LoopSlice(name, along_slice, letter, int(shift), is_inside)
            name = placeholder
            before.append(place)
        return entry(name, others, bool(node.base.is_integer))
