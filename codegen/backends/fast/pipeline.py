"""From a derivation to the source of both passes: one pass after the other, each of which can be left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from chainrule.codegen.backends.fast.ir.array_program import Equations, array_program
from chainrule.codegen.backends.fast.ir.operations import ArrayProgram, Operation
from chainrule.codegen.backends.fast.ir.slices import Order, with_locals
from chainrule.codegen.backends.fast.passes.convolutions import convolutions
from chainrule.codegen.backends.fast.passes.dead_work import without_dead_work
from chainrule.codegen.backends.fast.passes.exponent_shifts import with_needed_shifts
from chainrule.codegen.backends.fast.passes.full_operands import with_full_operands
from chainrule.codegen.backends.fast.passes.hoisting import hoisted
from chainrule.codegen.backends.fast.passes.layouts import layouts
from chainrule.codegen.backends.fast.passes.memory import Memory, memory
from chainrule.codegen.backends.fast.passes.needless_copies import without_needless_copies
from chainrule.codegen.backends.fast.passes.product_forms import with_copies
from chainrule.codegen.backends.fast.passes.split_sums import with_split_sums
from chainrule.codegen.backends.fast.passes.stacking import Stacked, stacked
from chainrule.codegen.backends.fast.scalar.code import ScalarCode
from chainrule.codegen.backends.fast.source.calls import PassesSource, Statement, Stop
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.system.system import System


@dataclass(frozen=True)
class Fast:
    """A program after all passes, and where its arrays lie. `program.operations` are those that the equations give, before the passes."""

    program: ArrayProgram
    system: System
    operations: tuple[Operation, ...]
    memory: Memory
    source: PassesSource
    statements: tuple[Statement, ...]
    #: What one example of a tiny network is computed with, or why not.
    scalar: ScalarCode | str = ""


def fast(
    derivation: Derivation,
    taken: Collection[str] = (),
    without: Collection[str] = frozenset(),
    scalar: ScalarCode | str = "",
    known: Equations | None = None,
) -> Fast:
    """The pipeline: operations, without dead work, laid out, copied where they must be, stacked, put into memory, printed.

    `taken` are names that the source may not use; `without` names passes of the table in `passes.py` that are left out. `scalar`
    code reads parameters from memory as they are declared. What is `known` of the equations is not worked out again.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    program = array_program(derivation, "sharing" not in without, "product-order" not in without, known)
    parameters = {}
    if isinstance(scalar, ScalarCode):
        parameters = {tensor.name: tuple(range(len(tensor.axes))) for tensor in derivation.system.parameters}
    made = _compiled(derivation, program, (program.cost,), parameters, taken, without)
    # Who wants only the cost, or the output, stops there: the same lines serve them.
    stops = {program.cost: Stop("cost", derivation.system.cost.tensor.name)}
    if derivation.output is not None:
        stops[program.tensors[derivation.output].name] = Stop("output", derivation.output)
    return replace(made, statements=tuple(made.source.statements(made.operations, stops)), scalar=scalar)


def fast_parts(
    derivation: Derivation, taken: Collection[str], without: Collection[str], whole: Fast, known: Equations
) -> tuple[Fast, Fast]:
    """The same for the forward and the backward pass by themselves, with every tensor of the forward pass kept."""
    program = array_program(derivation, "sharing" not in without, "product-order" not in without, known, is_parted=True)
    parameters = {tensor.name: whole.source.layouts.orders[tensor.name] for tensor in derivation.system.parameters}
    made = _compiled(derivation, program, program.kept, parameters, taken, without)
    is_first = [operation.equation in made.program.sections[0].equations for operation in made.operations]
    parts = []
    for which in (True, False):
        operations = tuple(operation for operation, first in zip(made.operations, is_first, strict=True) if first is which)
        parts.append(replace(made, operations=operations, statements=tuple(made.source.statements(operations))))
        made.source.begin_function()
    return parts[0], parts[1]


def _compiled(
    derivation: Derivation,
    program: ArrayProgram,
    kept: tuple[str, ...],
    parameters: Mapping[str, Order],
    taken: Collection[str],
    without: Collection[str],
) -> Fast:
    """A program after all passes; `kept` are there at the end, beside the gradients."""
    system = replace(derivation.system, axes={**derivation.system.axes, **program.axes})
    # Also without it, what a loop reads step by step gets arrays of its own.
    program = hoisted(program, system, is_on="hoisting" not in without)
    wanted = (*program.outputs, *kept)
    operations = program.operations if "dead-work" in without else without_dead_work(program.operations, wanted, program.values)
    program = with_locals(program, operations)
    blocked = convolutions(program, operations, system, by_rows="convolution" not in without)
    program, operations = program.with_values(blocked.values), blocked.operations
    if "dead-work" not in without:
        operations = without_dead_work(operations, wanted, program.values)
    decided = {**blocked.decided, **parameters}
    laid_out = layouts(program, operations, system, decided, blocked.wished, as_declared="layout" in without)
    named = {*wanted, *(entry.name for entry in program.tensors.values())}
    operations = without_needless_copies(operations, program.values, laid_out, named)
    operations, values, laid_out = with_split_sums(operations, program.values, laid_out)
    operations, values, laid_out = with_copies(operations, values, laid_out, program.sections[0].equations if program.kept else ())
    operations = with_needed_shifts(operations, values, system, only_needed="exponent-shifts" not in without)
    if "full-operands" not in without:
        operations, values, laid_out = with_full_operands(operations, values, laid_out)
    program = program.with_values(values)
    at_once = Stacked(operations, {}, {}) if "stacking" in without else stacked(operations, program, laid_out, system)
    operations = at_once.operations
    if program.kept:
        # What can be computed at once comes early, but not in another function.
        operations = tuple(sorted(operations, key=lambda operation: operation.equation not in program.sections[0].equations))
    memory_of = memory(
        operations,
        values,
        laid_out,
        system,
        program.outputs,
        kept,
        at_once.places,
        in_place="in-place" not in without,
        reuse="reuse" not in without,
    )
    source = PassesSource(program, system, laid_out, memory_of, at_once, sorted(taken))
    return Fast(program, system, operations, memory_of, source, ())
