"""A derivation as a program: which equation is computed in which function, each with its comment, shape and NumPy line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Indexed, Piecewise, Sum

from symbolic.array_form import array_form
from symbolic.arrays import Array, Gather, Read, everything
from symbolic.axes import axis_name
from symbolic.derivation import Derivation
from symbolic.equations import Equation, System
from symbolic.letters import free_letters, nodes
from symbolic.recurrence import Group, grouped
from symbolic.tensors import Tensor

from .numpy_source import ELEMENT_TYPE, NumpySource, size_name
from .plain_text import PlainText
from .recurrent import Loop, one_step, split_terms, target
from .stability import stable


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = source`, under the equation it computes and the shape of the result.

    In a recurrence that is the start, and `step` the statement of each step; assignments with the same `loop` share it.
    """

    name: str
    equation: str
    shape: str
    source: str
    reads: tuple[str, ...]
    written_otherwise: bool
    step: str = ""
    loop: Loop | None = None


@dataclass(frozen=True)
class Program:
    """The forward pass, the cost and the backward pass, and what the module must define for them."""

    system: System
    forward: tuple[Assignment, ...]
    cost: tuple[Assignment, ...]
    backward: tuple[Assignment, ...]
    functions: tuple[str, ...]

    @property
    def cached(self) -> tuple[str, ...]:
        """What the forward pass keeps: the inputs and every intermediate value."""
        return (*(tensor.name for tensor in self.system.inputs), *(assignment.name for assignment in self.forward))


def lower(derivation: Derivation) -> Program:
    """Every needed equation as a line of NumPy.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    system = derivation.system
    source, text = NumpySource(system), PlainText(system)

    def assigned(equation: Equation) -> Assignment:
        safe = stable(equation.expression, system)
        array = array_form(safe)
        reads = tuple(dict.fromkeys(_reads(array)))
        return Assignment(
            equation.tensor.name,
            text.equation(equation),
            shape_text(system, equation.tensor),
            source.line(array, equation.indices),
            reads,
            safe != equation.expression,
        )

    def in_loop(equation: Equation, group: Group, loop: Loop) -> Assignment:
        assert group.letter is not None
        split = split_terms(equation, group)
        # Each equation has a letter of its own for the axis; inside of the loop there is one number.
        (own,) = (letter for letter in equation.indices if axis_name(letter) == axis_name(group.letter))
        inside = array_form(stable(one_step(split.inside, own, source.written), system))
        left, order = target(equation, own)
        shape = shape_text(system, equation.tensor)
        if split.outside is None:
            start, sign = f"np.zeros({shape}, {ELEMENT_TYPE})", "="
            for name in _open_sizes(system, equation.tensor):
                source.used.add(name)
        else:
            start, sign = source.line(array_form(stable(split.outside, system)), equation.indices), "+="
        reads = tuple(name for name in equation.reads if name not in system.constants)
        text_of = text.equation(equation)
        return Assignment(equation.tensor.name, text_of, shape, start, reads, False, f"{left} {sign} {source.line(inside, order)}", loop)

    def program_of(equations: Sequence[Equation]) -> tuple[Assignment, ...]:
        found: list[Assignment] = []
        for group in grouped(equations):
            if group.letter is None:
                found += [assigned(equation) for equation in group.equations]
            else:
                loop = Loop(str(group.letter), source.size(axis_name(group.letter)), group.backwards)
                found += [in_loop(equation, group, loop) for equation in group.equations]
        return tuple(found)

    before_targets, after_targets = _split(system)
    forward, cost = program_of(before_targets), program_of(after_targets)
    adjoints = program_of([adjoint.equation for adjoint in derivation.needed if not adjoint.expression.is_number])
    backward = (*_recomputed(cost, adjoints), *adjoints)
    return Program(system, forward, cost, backward, tuple(sorted(source.used)))


def _recomputed(cost: tuple[Assignment, ...], adjoints: tuple[Assignment, ...]) -> tuple[Assignment, ...]:
    """What the backward pass reads of the quantities that only the cost computes."""
    wanted = {name for assignment in adjoints for name in assignment.reads}
    kept = []
    for assignment in reversed(cost):
        if assignment.name in wanted:
            kept.append(assignment)
            wanted |= set(assignment.reads)
    return tuple(reversed(kept))


def _reads(array: Array) -> list[str]:
    return [part.name for part in everything(array) if isinstance(part, Read | Gather)]


def _split(system: System) -> tuple[list[Equation], list[Equation]]:
    """Equations of the forward pass, and those that need targets or, like a penalty, are read by the cost only."""
    later = {tensor.name for tensor in system.targets} | {system.cost.tensor.name}
    while True:
        found = {
            equation.tensor.name for equation in system.equations if later.intersection(equation.reads) or _is_penalty(equation, system)
        }
        if found <= later:
            break
        later |= found
    forward = [equation for equation in system.equations if equation.tensor.name not in later]
    return forward, [equation for equation in system.equations if equation.tensor.name in later]


def _is_penalty(equation: Equation, system: System) -> bool:
    """A single number that only the cost reads."""
    return not equation.indices and all(reader is system.cost for reader in system.readers.get(equation.tensor.name, ()))


def _open_sizes(system: System, tensor: Tensor) -> list[str]:
    return [size_name(axis_name(letter)) for letter in tensor.axes if system.axis(letter).size is None]


def shape_text(system: System, tensor: Tensor) -> str:
    """(N, 10), as Python writes a tuple."""
    sizes = [str(size) for size in system.shape(tensor)]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


#: Where a size is not fixed.
FAN_IN = 4


def initial_variance(system: System, parameter: Tensor) -> Fraction:
    """The variance of a parameter's first values; 0 for a bias.

    1/fan-in keeps the size of values from layer to layer (LeCun, 1998); 2/fan-in where half of them are cut off by a case
    distinction such as relu (He, 2015).
    """
    reader = system.readers[parameter.name][0] if parameter.name in system.readers else None
    if reader is None or len(parameter.axes) < 2:
        return Fraction(0)
    summed = {place for node in nodes(reader.expression) if isinstance(node, Sum) for place in _summed_places(node, parameter)}
    fan_in = math.prod(system.axis(parameter.axes[place]).size or FAN_IN for place in sorted(summed))
    followers = system.readers.get(reader.tensor.name, ())
    gain = 2 if any(follower.expression.has(Piecewise) for follower in followers) else 1
    return Fraction(gain, fan_in)


def _summed_places(total: Sum, parameter: Tensor) -> list[int]:
    """Which indices of a parameter a sum runs over; in a recurrence another sum may run over the same axis."""
    bound = {limit[0] for limit in total.limits}
    entries = [node for node in nodes(total.function) if isinstance(node, Indexed) and str(node.base.label) == parameter.name]
    return [place for entry in entries for place, index in enumerate(entry.indices) if free_letters(index) & bound]
