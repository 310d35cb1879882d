"""The function of a module that gives the gradient of the cost in its inputs: the backward pass, one equation further."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.codegen.formulas.plain_printer import shape_text
from chainrule.codegen.program.program import Program
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.system.system import System

from .arguments import later_lines, quoted, used_by
from .line_breaking import broken
from .lines import INDENT, Body, CodeLine, lines_of, wrapped_call
from .statements import statements


@dataclass(frozen=True, slots=True)
class GivenArray:
    """An input with a gradient: its name, its shape, and its place among what the functions take beside the parameters."""

    name: str
    shape: str
    place: int


@dataclass(frozen=True, slots=True)
class InputGradientsText:
    """What the module's template prints; `uses` names functions of the module that the lines call."""

    arrays: tuple[GivenArray, ...]
    body: Body
    uses: frozenset[str]

    @property
    def places(self) -> str:
        """The names with their places, as Python writes pairs."""
        return f"[{', '.join(f'({quoted(array.name)}, {array.place})' for array in self.arrays)}]"


def input_gradients_text(program: Program, derivation: Derivation) -> InputGradientsText:
    """The function of one module."""
    system = program.system
    printed = statements(program.inputs, system)
    unpacking = later_lines(printed, program)
    if "cache" in unpacking.holders:
        arguments = "".join(f", {tensor.name}" for tensor in system.inputs)
        unpacking.lines.insert(0, f"cache = forward(params{arguments})")
    zeros = [
        CodeLine(f"{system.described_name(name)} does not reach the cost", f"{system.adjoint_name(name)} = np.zeros_like({name})")
        for name in system.wrt
        if name not in derivation.adjoints
    ]
    names = [system.adjoint_name(name) for name in system.wrt]
    lines = (*lines_of(printed, system), *zeros)
    body = Body(tuple(broken(line, INDENT) for line in unpacking.lines), lines, wrapped_call("return InputGradients", names))
    return InputGradientsText(_arrays(system), body, used_by(printed))


def _arrays(system: System) -> tuple[GivenArray, ...]:
    places = [tensor.name for tensor in (*system.inputs, *system.targets)]
    return tuple(
        GivenArray(system.described_name(name), shape_text(system, system.tensors[name]), places.index(name)) for name in system.wrt
    )


def checked_inputs(system: System) -> list[str]:
    """What the self-check of a module returns of them, by name."""
    return [f"input_gradients {name}" for name in system.wrt]
