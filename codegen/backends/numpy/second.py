"""The functions of the second derivatives as the module's template prints them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.codegen.formulas.plain_printer import shape_text
from chainrule.codegen.program.program import Program
from chainrule.codegen.program.second_program import SecondDerivatives, SecondFunction, SecondProgram
from chainrule.symbolic.derivation.hessian import HessianBlock
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.system import System

from .arguments import later_lines, quoted, sample_sizes, used_by
from .lines import CodeLine, lines_of, wrapped_call
from .statements import statements

#: A block of the Hessian has as many columns as its parameter has entries; the self-check leaves larger ones out.
MOST_CHECKED_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class TitledLines:
    """Assignments under a title."""

    title: str
    assignments: tuple[CodeLine, ...]


@dataclass(frozen=True, slots=True)
class SecondBody:
    """A function: what it unpacks and checks, its assignments in sections, and what it returns."""

    preparation: tuple[str, ...]
    sections: tuple[TitledLines, ...]
    result: tuple[str, ...]
    uses: frozenset[str]


@dataclass(frozen=True, slots=True)
class BlockText:
    """One block of the Hessian: its parameter, its shape and its function."""

    parameter: str
    shape: str
    function: SecondBody


@dataclass(frozen=True, slots=True)
class SecondText:
    """All functions; `default` is the value of the argument that says by which parameter, where there is only one, `first` a parameter.

    `uses` names functions of the module that they call.
    """

    hessian: bool
    hessian_vector: SecondBody | None
    blocks: tuple[BlockText, ...]
    default: str
    first: str
    checked_blocks: str
    uses: frozenset[str]


def second_text(second: SecondProgram, program: Program, hessian: bool) -> SecondText:
    """The functions of the second derivatives of one module."""
    system = program.system
    blocks = tuple(_block(block, function, program) for block, function in second.blocks)
    hessian_vector = _hessian_vector(second.hessian_vector, second, program) if second.hessian_vector else None
    functions = [*([hessian_vector] if hessian_vector else []), *(block.function for block in blocks)]
    return SecondText(
        hessian,
        hessian_vector,
        blocks,
        f" = {quoted(blocks[0].parameter)}" if len(blocks) == 1 else "",
        _described_parameters(system)[0],
        _listed([block for block, _ in second.blocks], system),
        frozenset().union(*(function.uses for function in functions)),
    )


def checked_blocks(system: System, second: SecondDerivatives) -> str:
    """The parameters by which the Hessian is checked, as Python writes a tuple."""
    return _listed(second.blocks, system)


def _listed(blocks: Sequence[HessianBlock], system: System) -> str:
    names = [quoted(system.described_name(block.parameter.name)) for block in blocks if _is_checked(block.parameter, system)]
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})" if names else ""


def checked_names(system: System, second: SecondDerivatives | None) -> list[str]:
    """What the self-check of a module returns of parameters, by name."""
    names = [tensor.name for tensor in system.parameters]
    found = list(names)
    if second is None:
        return found
    if second.hessian_vector:
        found += [f"hessian_vector_product {name}" for name in names]
    return found + [f"hessian {block.parameter.name}" for block in second.blocks if _is_checked(block.parameter, system)]


def _is_checked(parameter: Tensor, system: System) -> bool:
    sizes = sample_sizes(system)
    return math.prod(sizes[axis_name(letter)] for letter in parameter.axes) <= MOST_CHECKED_COLUMNS


def _hessian_vector(function: SecondFunction, program: SecondProgram, first: Program) -> SecondBody:
    zeros = tuple(
        CodeLine(f"no second derivative depends on {parameter}", f"{name} = np.zeros_like(params.{parameter})")
        for parameter, name in zip(_described_parameters(first.system), program.results, strict=True)
        if name in program.zero
    )
    return _body(function, first, zeros, wrapped_call("return Parameters", program.results))


def _described_parameters(system: System) -> list[str]:
    return [system.described_name(tensor.name) for tensor in system.parameters]


def _block(block: HessianBlock, function: SecondFunction, program: Program) -> BlockText:
    name = program.system.described_name(block.parameter.name)
    shape = shape_text(program.system, Tensor(name, (*block.parameter.axes, *block.twins), block.parameter.role))
    if block.is_zero:
        result = f"return np.zeros(2 * params.{name}.shape, params.{name}.dtype)"
    else:
        result = f"return {block.equations[-1].tensor.name}"
    return BlockText(name, shape, _body(function, program, (), (result,)))


def _body(function: SecondFunction, program: Program, zeros: tuple[CodeLine, ...], result: tuple[str, ...]) -> SecondBody:
    system = program.system
    gradient, second = statements(function.gradient, system), statements(function.second, function.system)
    unpacking = later_lines((*gradient, *second), program)
    preparation = unpacking.lines
    if "cache" in unpacking.holders:
        arguments = "".join(f", {tensor.name}" for tensor in system.inputs)
        preparation.insert(0, f"cache = forward(params{arguments})")
    for parameter, direction in function.directions:
        name = system.described_name(parameter)
        preparation.append(f'{direction.name} = _expect("direction.{name}", direction.{name}, *params.{name}.shape)')
    sections = [TitledLines("The gradient, as far as it is needed.", lines_of(gradient, system))] if gradient else []
    if second or zeros:
        sections.append(TitledLines("Second derivatives.", (*lines_of(second, function.system), *zeros)))
    return SecondBody(tuple(preparation), tuple(sections), result, used_by((*gradient, *second)))
