"""A derivation as a program: which equation is computed in which function, each with its comment, shape and NumPy line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from sympy import Piecewise, Sum

from symbolic.array_form import array_form
from symbolic.arrays import Read, everything
from symbolic.axes import axis_name
from symbolic.derivation import Derivation
from symbolic.equations import Equation, System
from symbolic.letters import nodes
from symbolic.tensors import Role, Tensor

from .numpy_source import NumpySource
from .plain_text import PlainText
from .stability import stable


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = source`, under the equation it computes and the shape of the result."""

    name: str
    equation: str
    shape: str
    source: str
    reads: tuple[str, ...]
    written_otherwise: bool


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
        reads = tuple(dict.fromkeys(part.name for part in _reads(array)))
        return Assignment(
            equation.tensor.name,
            text.equation(equation),
            shape_text(system, equation.tensor),
            source.line(array, equation.indices),
            reads,
            safe != equation.expression,
        )

    before_targets, after_targets = _split(system)
    forward = tuple(assigned(equation) for equation in before_targets)
    cost = tuple(assigned(equation) for equation in after_targets)
    backward = tuple(assigned(adjoint.equation) for adjoint in derivation.needed if not adjoint.expression.is_number)
    return Program(system, forward, cost, backward, tuple(sorted(source.used)))


def _reads(array: object) -> list[Read]:
    return [part for part in everything(array) if isinstance(part, Read)]  # type: ignore[arg-type]


def _split(system: System) -> tuple[list[Equation], list[Equation]]:
    """Equations that follow from the inputs alone, and those that need targets or belong to the cost only."""
    from_inputs = {tensor.name for tensor in system.inputs}
    from_targets = {tensor.name for tensor in system.targets}
    forward, rest = [], []
    for equation in system.equations:
        reads = set(equation.reads)
        if reads & from_inputs and not reads & from_targets and equation.tensor.role is not Role.COST:
            from_inputs.add(equation.tensor.name)
            forward.append(equation)
        else:
            from_targets.add(equation.tensor.name)
            rest.append(equation)
    return forward, rest


def shape_text(system: System, tensor: Tensor) -> str:
    """(N, 10), as Python writes a tuple."""
    sizes = [str(size) for size in system.shape(tensor)]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def initial_variance(system: System, parameter: Tensor) -> Fraction:
    """The variance of a parameter's first values; 0 for a bias.

    1/fan-in keeps the size of values from layer to layer (LeCun, 1998); 2/fan-in where half of them are cut off by a case
    distinction such as relu (He, 2015).
    """
    reader = system.readers[parameter.name][0] if parameter.name in system.readers else None
    if reader is None or len(parameter.axes) < 2:
        return Fraction(0)
    summed = {axis_name(limit[0]) for node in nodes(reader.expression) if isinstance(node, Sum) for limit in node.limits}
    fan_in = math.prod(system.axis(letter).size or 1 for letter in parameter.axes if axis_name(letter) in summed)
    followers = system.readers.get(reader.tensor.name, ())
    gain = 2 if any(follower.expression.has(Piecewise) for follower in followers) else 1
    return Fraction(gain, fan_in)
