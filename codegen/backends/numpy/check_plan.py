"""How a module's gradients are compared with differences of its cost: entry by entry, or along random directions.

With all parameters moved by t v the cost changes by t ⟨∇C, v⟩: one direction tries every entry of every parameter, at the price of a few
forward passes, and an error of any of them shows. So entries are moved one by one where that is cheap, parameters one by one where that is,
and else groups of parameters, so many that the passes stay affordable; a group that fails is halved until the parameter is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10, prod
from typing import Literal

from sympy import Abs, Expr, Indexed, KroneckerDelta, Piecewise, Sum, Symbol, sign

from chainrule.symbolic.checking.tensor_draw import DRAWS, TensorDraw
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import holds, is_letter, letters, nodes
from chainrule.symbolic.index.named_functions import axis_max, clip
from chainrule.symbolic.index.step_functions import StepFunction, stop
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import System

from .arguments import sample_sizes

#: Entries of all parameters up to which each is moved by itself.
MOST_ENTRIES = 200
#: Multiplications that the differences may take in one check, and those that a call of NumPy takes the time of.
MOST_WORK = 1_000_000_000
WORK_OF_A_CALL = 10_000
#: Forward passes of one difference: two steps, each there and back.
PASSES = 4
#: Steps relative to the size of a parameter's entries, where nothing is in the way of long ones; where kinks are, so short ones that
#: hardly any of the values that the forward pass computes changes its sign.
LONGEST_STEP, SHORTEST_STEP = 1e-3, 1e-8
#: Weights small beside biases of 2: few values are near 0, where most kinks are, and some are still on the other side.
AWAY_FROM_KINKS = TensorDraw(0.3, 2.0)

MovedTogether = Literal["entries", "parameters", "groups", "together"]


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """What is moved at a time, in how many groups, and the longest step of a difference along a direction."""

    way: MovedTogether
    groups: int
    step: float
    #: Of the axes whose sizes the network leaves open.
    open_sizes: tuple[tuple[str, int], ...]

    @property
    def is_of_groups(self) -> bool:
        """Whether several parameters are moved at once, so that a difference is theirs together."""
        return self.way in ("groups", "together")

    @property
    def by_entry(self) -> bool:
        return self.way == "entries"

    @property
    def is_costly(self) -> bool:
        """Whether even one difference takes longer than all that smaller networks are tried with."""
        return self.way == "together"

    @property
    def has_kinks(self) -> bool:
        """Whether the network has them, and so many values that few steps cross none."""
        return self.step < LONGEST_STEP

    @property
    def moves_again(self) -> bool:
        """Whether a parameter that differs is moved along other lines too, as a kink may be near: a wrong gradient differs on each."""
        return self.has_kinks and not self.is_costly

    @property
    def draws(self) -> tuple[TensorDraw, ...]:
        """In the order in which random parameters are tried.

        Among tens of millions of values some change their side within any step that rounding leaves; where a pass takes long, those at
        which few do come first, as a difference that is none takes many more of them.
        """
        return tuple(sorted(DRAWS, key=lambda draw: draw != AWAY_FROM_KINKS)) if self.is_costly and self.has_kinks else DRAWS


def check_plan(system: System) -> CheckPlan:
    """The way that a network's size allows."""
    sizes = sample_sizes(system)
    entries = sum(_entries(tensor, sizes) for tensor in system.parameters)
    count = len(system.parameters)
    open_sizes = tuple((name, sizes[name]) for name, axis in system.axes.items() if axis.size is None)
    affordable = MOST_WORK // (PASSES * forward_work(system, sizes))
    if entries <= min(MOST_ENTRIES, affordable):
        return CheckPlan("entries", count, LONGEST_STEP, open_sizes)
    groups = max(1, min(count, affordable))
    way: MovedTogether = "parameters" if groups == count else "together" if groups == 1 else "groups"
    return CheckPlan(way, groups, _first_step(system, sizes), open_sizes)


def forward_work(system: System, sizes: Mapping[str, int]) -> int:
    """Multiplications of a forward pass, those of sums and of results; a step of a recurrence is a call by itself."""
    total = 0
    for group in grouped(system.equations):
        calls = group.rounds(sizes)
        for equation in group.equations:
            inside = sum(prod(sizes[axis_name(letter)] for letter in _multiplied(part)) for part in _sums(equation.expression))
            total += _entries(equation.tensor, sizes) + inside + calls * WORK_OF_A_CALL
    return total


def _sums(expression: Expr) -> list[Expr]:
    return [node for node in nodes(expression) if isinstance(node, Sum)]


def _multiplied(part: Expr) -> frozenset[Symbol]:
    """The letters over which products are formed; where something is placed, δ(i, 2 h + p), i follows from the others."""
    placed = {place for node in nodes(part) if isinstance(node, KroneckerDelta) for place in node.args if is_letter(place)}
    return letters(part) - placed


def _has_kinks(system: System) -> bool:
    """Whether a value may be on either side of a kink; a case distinction of places alone, u > t, is the same everywhere.

    What is stopped does not move.
    """
    found = [node for equation in system.equations for node in nodes(equation.expression, closed=(stop,))]
    cases = (condition for node in found if isinstance(node, Piecewise) for _, condition in node.args)
    kinds = (Abs, sign, axis_max, StepFunction, clip)
    return any(holds(condition, Indexed) for condition in cases) or any(isinstance(node, kinds) for node in found)


def _entries(tensor: Tensor, sizes: Mapping[str, int]) -> int:
    return prod(sizes[axis_name(letter)] for letter in tensor.axes)


def _first_step(system: System, sizes: Mapping[str, int]) -> float:
    if not _has_kinks(system):
        return LONGEST_STEP
    values = sum(_entries(equation.tensor, sizes) for equation in system.equations)
    return max(SHORTEST_STEP, min(LONGEST_STEP, 10.0 ** -round(log10(values))))
