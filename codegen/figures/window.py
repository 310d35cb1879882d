"""The window of a convolution, from an equation's places that are sums of two letters: 2 i + p − 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from sympy import Indexed, Mul, Sum, Symbol

from chainrule.symbolic.index.affine_index import affine
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.system.system import Equation, System

#: Cells along one axis beyond which nothing is seen.
MOST_CELLS = 16


@dataclass(frozen=True, slots=True)
class WindowAxis:
    """Along one axis output o and place p of the window meet at step · o + spread · p + start of what is read."""

    outputs: int
    places: int
    read: int
    step: int
    spread: int = 1
    start: int = 0

    def met(self, output: int, place: int) -> int:
        return self.step * output + self.spread * place + self.start

    def shown(self, most: int) -> int:
        """How many outputs are drawn."""
        return next((count for count in range(min(self.outputs, most), 1, -1) if len(self.cells(count)) <= MOST_CELLS), 1)

    def cells(self, outputs: int) -> range:
        """What so many outputs read, and what stands before it; places outside of 0 … read − 1 count as 0."""
        ends = [self.met(output, place) for output in (0, outputs - 1) for place in (0, self.places - 1)]
        rest = self.read if outputs == self.outputs else 0
        return range(min(0, *ends), max(*ends, rest - 1) + 1)


@dataclass(frozen=True, slots=True)
class Window:
    """The equation of `output` reads `read` through a window and multiplies what it sees by `kernel`; one or two axes."""

    output: str
    read: str
    kernel: str
    axes: tuple[WindowAxis, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """How large the window is."""
        return tuple(axis.places for axis in self.axes)

    @property
    def steps(self) -> tuple[int, ...]:
        """How far it moves from one output to the next."""
        return tuple(axis.step for axis in self.axes)

    @property
    def reads_outside(self) -> bool:
        return any(not (0 <= cell < axis.read) for axis in self.axes for cell in axis.cells(axis.outputs))


def window_of(system: System, equation: Equation, sizes: Mapping[str, int]) -> Window | None:
    """The window of a sum whose terms read one tensor at a · i + b · p + c, i of the output and p of the kernel; None without one."""
    for whole in nodes(equation.expression):
        if isinstance(whole, Sum):
            bound = {limit[0] for limit in whole.limits}
            reads = [factor for factor in Mul.make_args(whole.function) if isinstance(factor, Indexed)]
            for kernel, read in product(reads, repeat=2):
                axes = _axes(system, equation, kernel, read, bound, sizes)
                if 1 <= len(axes) <= 2 and all(len(axis.cells(1)) <= MOST_CELLS for axis in axes):
                    return Window(equation.tensor.name, read.base.name, kernel.base.name, axes)
    return None


def _axes(
    system: System, equation: Equation, kernel: Indexed, read: Indexed, bound: set[Symbol], sizes: Mapping[str, int]
) -> tuple[WindowAxis, ...]:
    found: list[WindowAxis] = []
    for place, letter in zip(read.indices, system.tensors[read.base.name].axes, strict=True):
        shifted = affine(place)
        if shifted is None or len(shifted.steps) != 2:
            continue
        steps = dict(shifted.steps)
        own = [each for each in steps if each in equation.indices and each not in bound]
        of_window = [each for each in steps if each in bound and each in kernel.indices]
        if len(own) == len(of_window) == 1 and own[0] not in kernel.indices:
            outputs, places, read_size = (sizes[axis_name(each)] for each in (own[0], of_window[0], letter))
            found.append(WindowAxis(outputs, places, read_size, steps[own[0]], steps[of_window[0]], shifted.start))
    return tuple(found)
